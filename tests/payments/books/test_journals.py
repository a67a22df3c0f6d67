"""The summary journals: together what was posted, each balanced, in the form that each product takes, or refused."""

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Forbidden, Invalid
from payments.books import calendar, exporting, general_ledger, journals, mapping, summing, trial, weeks
from payments.books.chart import LABELS
from payments.books.journals import Journal, JournalLine
from payments.books.models import JournalSum, SummedWeek
from payments.payroll import accrual
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.payments.world import World, a_company

HOSTILE = "=HYPERLINK(A1)"


def names_all(world: World, **said: str) -> None:
    for number, kind in enumerate(LABELS):
        fields = {"code": str(200 + number), "name": f"Callboard:{kind}", "tax_rate": "Tax Exempt"} | said
        mapping.rename(kind=kind, by=world.freezer, at=world.now, **fields)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def over(world: World) -> SummedWeek:
    """Two companies had hours approved and a payday went out; the week of it is over and summed."""
    first = world.company
    world.earns(world.performer("Ada"), "74.00", "37.50")
    world.company = a_company()
    world.company.name = HOSTILE
    world.company.save()
    world.earns(world.performer("Bea"), "100.00")
    world.pays()
    world.company = first
    world.now += timedelta(days=9)
    weeks.sum_weeks(at=world.now)
    return SummedWeek.objects.get(starts_on=date(2026, 11, 16))


class TestTheJournals:
    def test_each_balances_and_all_are_what_was_posted(self, world: World, over: SummedWeek) -> None:
        found = journals.of_week(over)
        assert all(sum(line.amount_minor for line in journal.lines) == 0 for journal in found)
        summed: dict[str, int] = defaultdict(int)
        for journal in found:
            for line in journal.lines:
                summed[line.kind] += line.amount_minor
        monday = calendar.starts(over.starts_on)
        before, after = (
            {line.kind: line.balance_minor for book in trial.balance(at=at).books for line in book.lines}
            for at in (monday, monday + timedelta(days=7))
        )
        moved = {kind: minor - before.get(kind, 0) for kind, minor in after.items()}
        assert {kind: minor for kind, minor in summed.items() if minor} == {
            kind: minor for kind, minor in moved.items() if minor
        }

    def test_a_companys_says_hours_fees_and_pay(self, world: World, over: SummedWeek) -> None:
        mine = next(each for each in journals.of_week(over) if each.company_id == world.company.public_id)
        said = {line.description: line.amount_minor for line in mine.lines}
        assert said == {
            "Hours approved: Companies’ wallets": 12823,
            "Hours approved: Owed to performers": -11150,
            "Hours approved: Platform fees": -1673,
        }
        assert (mine.dated, len(mine.number) <= 21) == (date(2026, 11, 22), True)

    def test_what_is_no_companys_is_the_houses(self, over: SummedWeek) -> None:
        house = journals.of_week(over)[-1]
        assert (house.company, house.company_id) == (journals.HOUSE, "")
        assert {"transfer", "attempt"} <= {line.event for line in house.lines}

    def test_is_there_a_day_after_the_week_and_never_changes(self, world: World, over: SummedWeek) -> None:
        assert weeks.sum_weeks(at=world.now) == 0
        late = calendar.starts(date(2026, 11, 30)) + summing.SETTLES_AFTER
        assert weeks.sum_weeks(at=late - timedelta(seconds=1)) == 0
        assert weeks.sum_weeks(at=late) == 1
        before = list(JournalSum.objects.filter(week=over).values_list("debited_minor", flat=True))
        accrual.accrue(at=world.now)
        assert list(JournalSum.objects.filter(week=over).values_list("debited_minor", flat=True)) == before

    def test_costs_one_query(self, over: SummedWeek) -> None:
        with CaptureQueriesContext(connection) as asked:
            journals.of_week(over)
        assert len(asked) == 1

    def test_a_new_name_between_two_downloads_loses_no_journal(self, world: World, over: SummedWeek) -> None:
        before = [each.number for each in journals.of_week(over)]
        for name in ("AAA", "ZZZ"):
            world.company.name = name
            world.company.save()
            assert [each.number for each in journals.of_week(over)] == before
        assert sorted(before[:-1]) == before[:-1]


class TestXero:
    def test_lines_of_its_rules(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        name, content = export(world, over, "xero")
        assert name == "xero-2026-11-16-usd-1-of-1.csv"
        assert content.startswith(b"*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount,TrackingName1")
        rows = read(content)
        assert len(rows) <= 300
        assert {row["*Date"] for row in rows} == {"22 Nov 2026"}
        assert {row["*TaxRate"] for row in rows} == {"Tax Exempt"}
        by_journal: dict[str, int] = defaultdict(int)
        for row in rows:
            by_journal[row["*Narration"]] += int(row["*Amount"].replace(".", ""))
        assert set(by_journal.values()) == {0}
        assert len(by_journal) == 3

    def test_a_hostile_name_is_text(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        narrations = {row["*Narration"] for row in read(export(world, over, "xero")[1])}
        assert any(said.startswith(f"'{HOSTILE}") for said in narrations)
        assert not any(said.startswith("=") for said in narrations)


class TestQuickBooks:
    def test_lines_of_its_rules(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        mapping.rename(
            kind="performer_payable",
            name="Accounts Payable:Performers",
            role="payable",
            party="Performers",
            by=world.freezer,
            at=world.now,
        )
        mapping.rename(
            kind="company_wallet", name="A/R:Companies", role="receivable", by=world.freezer, at=world.now
        )
        rows = read(export(world, over, "quickbooks")[1])
        assert {row["Name"] for row in rows if row["AccountName"] == "Accounts Payable:Performers"} == {
            "Performers"
        }
        wallets = [row for row in rows if row["AccountName"] == "A/R:Companies"]
        assert all(row["Name"] for row in wallets)
        assert all(bool(row["Debits"]) != bool(row["Credits"]) for row in rows)
        assert {row["JournalDate"] for row in rows} == {"11/22/2026"}
        for number in {row["JournalNo"] for row in rows}:
            of_one = [row for row in rows if row["JournalNo"] == number]
            debit, credit = (sum(cents(row[side]) for row in of_one) for side in ("Debits", "Credits"))
            assert debit == credit != 0

    def test_a_line_of_what_a_performer_owes_names_whom_finance_wrote_down(
        self, world: World, over: SummedWeek
    ) -> None:
        names_all(world)
        over_paid = {"kind": "performer_overpaid", "name": "A/R:Performers", "role": "receivable"}
        mapping.rename(**over_paid, by=world.freezer, at=world.now)
        JournalSum.objects.create(
            week=over, company=world.company, currency="usd", event="overpaid", kind="performer_overpaid",
            debited_minor=100, credited_minor=0,
        )  # fmt: skip
        with pytest.raises(mapping.NotMapped, match="Overpaid to performers"):
            export(world, over, "quickbooks")
        mapping.rename(**over_paid, party="Performers", by=world.freezer, at=world.now)
        (line,) = [
            row
            for row in read(export(world, over, "quickbooks")[1])
            if row["AccountName"] == over_paid["name"]
        ]
        assert line["Name"] == "Performers"

    def test_a_company_that_is_called_the_house_is_a_company(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        mapping.rename(
            kind="company_wallet", name="A/R:Companies", role="receivable", by=world.freezer, at=world.now
        )
        world.company.name = "The house"
        world.company.save()
        rows = read(export(world, over, "quickbooks")[1])
        assert "The house" in {row["Name"] for row in rows if row["AccountName"] == "A/R:Companies"}


class TestRefusals:
    def test_what_is_missing_is_named_and_no_file_is_made(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        mapping.rename(kind="platform_fees", code="260", by=world.freezer, at=world.now)
        with pytest.raises(mapping.NotMapped) as refused:
            export(world, over, "xero")
        assert refused.value.detail == "Missing: Platform fees (its tax rate)."
        with pytest.raises(mapping.NotMapped, match="Platform fees"):
            export(world, over, "quickbooks")

    def test_payables_need_a_supplier(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        mapping.rename(kind="performer_payable", name="A/P", role="payable", by=world.freezer, at=world.now)
        with pytest.raises(mapping.NotMapped, match="whom its lines name"):
            export(world, over, "quickbooks")

    @pytest.mark.parametrize("name", ["=1", "+Sales", "-Sales", "@Sales", " =1", "a\nb"])
    def test_a_name_that_a_file_could_not_carry_is_refused(self, world: World, name: str) -> None:
        with pytest.raises(Invalid):
            mapping.rename(kind="suspense", name=name + "x", by=world.freezer, at=world.now)
        assert mapping.rename(kind="suspense", name="Sales", by=world.freezer, at=world.now).name == "Sales"

    def test_is_finances_alone(self, world: World, over: SummedWeek) -> None:
        nobody = stories.acting(world.performer())
        with pytest.raises(Forbidden):
            journals.weeks(nobody)
        with pytest.raises(Forbidden):
            mapping.all_names(nobody)


LINES = st.lists(st.integers(1, 14), min_size=1, max_size=40)


@given(st.lists(LINES, min_size=1, max_size=6), st.integers(15, 60))
def test_files_hold_the_limit_and_every_part_balances(sizes: list[list[int]], most: int) -> None:
    whole = [journal_of(number, of_one) for number, of_one in enumerate(sizes, start=1)]
    files = list(journals.split(whole, most_lines=most))
    assert all(sum(len(part.lines) for part in file) <= most for file in files)
    parts = [part for file in files for part in file]
    assert all(sum(line.amount_minor for line in part.lines) == 0 for part in parts)
    assert len({part.number for part in parts}) == len(parts)
    assert sorted(line.amount_minor for part in parts for line in part.lines) == sorted(
        line.amount_minor for each in whole for line in each.lines
    )


def journal_of(number: int, sizes: list[int]) -> Journal:
    kinds = list(LABELS)
    lines = []
    for event, size in enumerate(sizes):
        lines += [JournalLine(f"e{event}", kinds[place], 10) for place in range(size)]
        lines.append(JournalLine(f"e{event}", kinds[14], -10 * size))
    return Journal(date(2026, 11, 16), f"Company {number}", f"cmp_{number}", number, "usd", lines)


class TestGeneralLedger:
    def test_every_day_balances_and_all_is_the_trial_balance(self, world: World, over: SummedWeek) -> None:
        names_all(world)
        summing.sum_days(at=world.now)
        found = general_ledger.file_of(first=date(2026, 1, 1), last=date(2026, 11, 25), currency="usd")
        rows = read(found.content)
        by_day: dict[str, int] = defaultdict(int)
        for row in rows:
            by_day[row["Date"]] += cents(row["Debit"]) - cents(row["Credit"])
        assert set(by_day.values()) == {0}
        balance = trial.balance(at=world.now).books[0]
        assert sum(cents(row["Debit"]) for row in rows) == balance.debited_minor
        assert "2026-11-20" in by_day

    def test_says_through_which_day_it_goes(self, world: World, over: SummedWeek) -> None:
        """On the first of December the last of November has not been over for a day."""
        names_all(world)

        def november() -> general_ledger.GeneralLedger:
            return general_ledger.file_of(first=date(2026, 11, 1), last=date(2026, 11, 30), currency="usd")

        summing.sum_days(at=calendar.starts(date(2026, 12, 1)) + timedelta(hours=9))
        found = november()
        assert (found.through, found.name) == (
            date(2026, 11, 29),
            "general-ledger-2026-11-01-to-2026-11-29-usd.csv",
        )
        last = read(found.content)[-1]
        assert last["What happened"].startswith("This file goes through 2026-11-29")
        assert last["Debit"] == last["Credit"] == ""
        summing.sum_days(at=calendar.starts(date(2026, 12, 2)))
        found = november()
        assert found.name == "general-ledger-2026-11-01-to-2026-11-30-usd.csv"
        assert b"This file goes" not in found.content
        page = logs_in(stories.person(world.freezer)).get("/books/journals/").content.decode()
        assert "So far it goes through Mon 30 Nov" in page

    def test_days_that_are_not_over_are_refused_not_empty(self, world: World) -> None:
        with pytest.raises(general_ledger.NotSummedYet, match="Nothing is summed yet"):
            general_ledger.file_of(first=date(2026, 11, 1), last=date(2026, 11, 2), currency="usd")
        summing.sum_days(at=world.now)
        with pytest.raises(general_ledger.NotSummedYet, match="So far the books go through"):
            general_ledger.file_of(first=date(2026, 12, 1), last=date(2026, 12, 2), currency="usd")

    def test_days_are_in_order_and_at_most_a_year(self, world: World) -> None:
        with pytest.raises(Invalid):
            general_ledger.file_of(first=date(2026, 2, 1), last=date(2026, 1, 1), currency="usd")
        with pytest.raises(Invalid):
            general_ledger.file_of(first=date(2024, 1, 1), last=date(2026, 1, 1), currency="usd")


class TestByPageAndApi:
    def test_names_then_files(self, world: World, over: SummedWeek) -> None:
        finance = logs_in(stories.person(world.freezer))
        page = finance.get("/books/journals/2026-11-16/").content.decode()
        assert "Xero cannot be exported yet" in page
        refused = finance.get("/books/journals/2026-11-16/xero-usd-1.csv")
        assert refused.status_code in (302, 409)
        form: dict[str, str] = {}
        for kind in LABELS:
            form |= {
                f"{kind}-code": "200",
                f"{kind}-name": "Books:All",
                f"{kind}-tax_rate": "Tax Exempt",
                f"{kind}-role": "ordinary",
                f"{kind}-party": "",
            }
        assert finance.post("/books/names/", form).status_code == 302
        assert "xero-usd-1.csv" in finance.get("/books/journals/2026-11-16/").content.decode()
        assert finance.get("/books/journals/2026-11-16/xero-usd-1.csv").status_code == 200
        assert finance.get("/books/journals/2026-11-16/xero-usd-2.csv").status_code == 404
        assert finance.get("/books/journals/2026-11-17/").status_code == 404
        summing.sum_days(at=world.now)
        days = "first=2026-11-01&last=2026-11-30&currency=usd"
        assert finance.get(f"/books/general-ledger.csv?{days}").status_code == 200
        api = Api(stories.person(world.freezer))
        assert body_of(api.get("books/journals"))["data"][0]["week"] == "2026-11-16"
        for journal in body_of(api.get("books/journals/2026-11-16"))["data"]:
            assert sum(line["amount"]["amount_minor"] for line in journal["lines"]) == 0
        kept = body_of(api.send("PUT", "books/names/suspense", {"code": "999", "name": "Suspense"}))
        assert (kept["code"], kept["role"]) == ("999", "ordinary")
        named = {row["account"]: row["code"] for row in body_of(api.get("books/names"))["data"]}
        assert (named["suspense"], named["stripe_fees"]) == ("999", "200")


def export(world: World, week: SummedWeek, product: str) -> tuple[str, bytes]:
    return exporting.export(
        week=week, product=product, currency="usd", number=1, by=world.freezer, at=world.now
    )


def cents(text: str) -> int:
    return int(text.replace(".", "") or 0)


def test_a_week_is_monday_to_monday_in_the_payroll_zone() -> None:
    assert calendar.starts(date(2026, 11, 2)).astimezone(UTC) == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert replace(journal_of(1, [1]), part=2).number.endswith("-2")
