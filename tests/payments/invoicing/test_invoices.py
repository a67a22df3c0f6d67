"""A week's invoice is what the week's accrual charged, to the cent; what changes later is a document of its own."""

import csv
import io
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.companies.models import Company
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from kit.errors import Forbidden, NotFound
from marketplace.agreements.paper import printed
from marketplace.timekeeping.models import TimeLine
from payments.inbox.models import Finding
from payments.invoicing import numbers, operations, queries, sheets
from payments.invoicing.models import BilledRun, Document, DocumentLine, NumberCounter
from payments.ledger.models import Posting
from payments.payroll import accrual, off_cycle
from payments.payroll import operations as payroll
from payments.payroll.models import Earning, PayRun
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.database import together
from tests.payments.funding.test_withdrawals import company_of, pays_in, sweeps, takes_out
from tests.payments.world import World, a_company, a_week, usd

NEXT_MONDAY = stories.MONDAY + timedelta(days=7)
K = Document.Kind


def charged_minor(company: Company) -> int:
    """What the ledger took of the company for work, over all its accounts."""
    legs = Posting.objects.filter(
        account__owner=company.public_id, account__kind__in=["company_wallet", "company_receivable"]
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM payments_entry WHERE key LIKE 'earning:%%'")
        earned = [entry_id for (entry_id,) in cursor.fetchall()]
    return int(legs.filter(entry_id__in=earned).aggregate(total=Sum("amount_minor"))["total"] or 0)


def closes_next_week(world: World) -> PayRun:
    world.now += timedelta(days=7)
    return world.an_approved_run(a_week(NEXT_MONDAY))


def pays_beside(world: World, performer: Performer) -> PayRun:
    run = off_cycle.open_run(
        performers=[performer], currency="usd", reason="Rent.", by=world.freezer, at=world.now
    )
    return world.approves(payroll.freeze(run=run, by=world.freezer, at=world.now))


def of(company: Company) -> list[Document]:
    return list(Document.objects.filter(company=company).order_by("id"))


@pytest.fixture
def closed(world: World) -> World:
    """Two were paid by one company, one of them by another too; the week's run is signed by two."""
    ada = world.performer("Ada")
    world.earns(ada, "74.00", "37.50")
    world.earns(world.performer("Bea"), "100.01")
    world.an_approved_run()
    return world


class TestTheWeeksInvoice:
    def test_is_what_the_ledger_charged_line_by_line(self, closed: World) -> None:
        assert operations.issue_due(at=closed.now) == 1
        (invoice,) = of(closed.company)
        assert (invoice.kind, invoice.number) == (K.INVOICE, "INV-2026-000001")
        assert invoice.total_minor == charged_minor(closed.company) == invoice.from_wallet_minor
        assert (invoice.owed_minor, invoice.paid_minor) == (0, invoice.total_minor)
        lines = [(row.line_id, row.pay_minor, row.fee_minor) for row in queries.lines(invoice)]
        assert lines == list(
            Earning.objects.order_by("id").values_list("line_id", "amount_minor", "fee_minor")
        )
        assert [row.position for row in queries.lines(invoice)] == [1, 2, 3]
        told = Notification.objects.get(user=closed.company.memberships.get().user, kind="invoice")
        assert told.body.endswith("It was paid from your wallet and what was set aside.")
        assert invoice.total_minor == sum(row.cost_minor for row in queries.lines(invoice))

    def test_twice_is_once_and_nothing_is_issued_before_two_have_signed(self, world: World) -> None:
        world.earns(world.performer("Ada"), "74.00")
        run = world.a_frozen_run()
        assert operations.issue_due(at=world.now) == 0
        world.approves(run)
        assert [operations.issue_due(at=world.now) for _ in range(3)] == [1, 0, 0]
        assert operations.bill(run=run, at=world.now) == 0

    def test_a_run_that_is_called_off_after_all_is_not_billed_again(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        run = PayRun.objects.get()
        payroll.cancel(run=run, reason="The bank is closed.", by=closed.freezer, at=closed.now)
        closed.approves(closed.a_frozen_run())
        assert operations.issue_due(at=closed.now) == 0
        assert Document.objects.count() == 1

    def test_each_company_has_its_own(self, closed: World) -> None:
        first = closed.company
        closed.company = a_company()
        closed.earns(closed.performer("Cy"), "10.00", monday=NEXT_MONDAY)
        closes_next_week(closed)
        assert operations.issue_due(at=closed.now) == 2
        assert [each.total_minor for each in of(closed.company)] == [1150]
        assert [each.week.starts_on for each in of(first) if each.week] == [stories.MONDAY]

    def test_says_what_is_owed_where_the_wallet_was_too_small(self, world: World) -> None:
        world.company = a_company(wallet=usd("50.00"))
        world.earns(world.performer("Ada"), "100.00")
        world.an_approved_run()
        operations.issue_due(at=world.now)
        (invoice,) = of(world.company)
        assert (invoice.total_minor, invoice.paid_minor, invoice.owed_minor) == (11_500, 5_000, 6_500)
        assert "Owed" in sheets.html_of(invoice)
        told = Notification.objects.get(user=world.company.memberships.get().user, kind="invoice")
        assert "65.00 USD had no money behind it" in told.body
        assert told.path == f"/company/{world.company.public_id}/invoices/{invoice.public_id}/"

    def test_what_is_earned_after_the_freeze_waits_for_the_next_close(self, closed: World) -> None:
        closed.now += timedelta(hours=1)
        (late,) = closed.earns(closed.performer("Cy"), "20.00")
        accrual.accrue(at=closed.now)
        assert [operations.issue_due(at=closed.now) for _ in range(2)] == [1, 0]
        closes_next_week(closed)
        assert operations.issue_due(at=closed.now) == 1
        first, second = of(closed.company)
        assert (second.kind, second.corrects, second.week) == (K.INVOICE, first, first.week)
        assert [row.line_id for row in queries.lines(second)] == [late.pk]

    def test_of_a_week_that_runs_beside_it_paid_comes_at_its_close_and_once(self, world: World) -> None:
        """Though no run of its own will ever be signed: there is nothing left for it to pay."""
        closes = a_week().close_at
        world.now = closes - timedelta(days=1)
        ada, bea = world.performer("Ada"), world.performer("Bea")
        world.earns(ada, "74.00")
        world.earns(bea, "37.50")
        pays_beside(world, ada)
        world.now = closes
        assert operations.issue_due(at=closes) == 0, (
            "Bea's share waits for the week's own run, or another one beside"
        )
        pays_beside(world, bea)
        assert operations.issue_due(at=closes - timedelta(seconds=1)) == 0
        assert [operations.issue_due(at=closes) for _ in range(3)] == [1, 0, 0]
        (invoice,) = of(world.company)
        assert (invoice.week, invoice.corrects, invoice.total_minor) == (a_week(), None, 12_823)
        assert BilledRun.objects.count() == 2
        # What comes later is billed with a later week's run, and names it.
        world.earns(world.performer("Cy"), "20.00")
        closes_next_week(world)
        assert operations.issue_due(at=world.now) == 1
        assert of(world.company)[-1].corrects == invoice

    def test_of_a_week_that_its_own_run_pays_too_comes_with_that_run(self, world: World) -> None:
        ada = world.performer("Ada")
        world.earns(ada, "74.00")
        world.earns(world.performer("Bea"), "37.50")
        pays_beside(world, ada)
        run = world.a_frozen_run()
        assert operations.issue_due(at=world.now) == 0
        world.approves(run)
        assert [operations.issue_due(at=world.now) for _ in range(2)] == [1, 0]
        assert BilledRun.objects.count() == 2

    def test_a_correction_is_a_credit_note_that_names_the_invoice(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        line = DocumentLine.objects.order_by("position")[0].line
        assert line is not None
        closed.now += timedelta(hours=1)
        correction = closed.corrects(line, "10.00", monday=NEXT_MONDAY)
        closed.earns(closed.performer("Cy"), "30.00", monday=NEXT_MONDAY)
        closes_next_week(closed)
        assert operations.issue_due(at=closed.now) == 2
        first, second, note = of(closed.company)
        assert (second.kind, second.corrects) == (K.INVOICE, None)
        assert (note.kind, note.number, note.corrects) == (K.CREDIT_NOTE, "CRN-2026-000001", first)
        assert (note.total_minor, note.from_wallet_minor) == (-1150, -1150)
        assert [row.line_id for row in queries.lines(note)] == [correction.pk]
        assert sum(each.total_minor for each in of(closed.company)) == charged_minor(closed.company)
        closed.now += timedelta(hours=1)
        closed.corrects(correction, "1.00", monday=NEXT_MONDAY + timedelta(days=7))
        closed.now += timedelta(days=7)
        closed.earns(closed.performer("Di"), "30.00", monday=NEXT_MONDAY + timedelta(days=7))
        closed.an_approved_run(a_week(NEXT_MONDAY + timedelta(days=7)))
        operations.issue_due(at=closed.now)
        assert of(closed.company)[-1].corrects == first, "what corrects a correction names the invoice too"

    def test_where_the_ledger_charged_otherwise_nothing_is_issued_and_finance_is_told(
        self, closed: World
    ) -> None:
        with transaction.atomic():
            _is_earned_past_the_ledger(*closed.earns(closed.performer("Cy"), "1.00"))
            assert [operations.issue_due(at=closed.now) for _ in range(2)] == [0, 0]
            assert Document.objects.count() == NumberCounter.objects.count() == 0
            said = Finding.objects.get(code="invoice_differs").detail
            assert "cost 244.39 USD; the ledger charged 243.24 USD" in said
            closed.now += timedelta(days=7)
            closed.earns(closed.performer("Di"), "10.00", monday=NEXT_MONDAY)
            closed.an_approved_run(a_week(NEXT_MONDAY))
            assert operations.issue_due(at=closed.now) == 1, "the next week's does not wait for it"
            assert operations.issue_due(at=closed.now) == 0
            transaction.set_rollback(True)  # the audit after the test would find it too


def _is_earned_past_the_ledger(line: TimeLine) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_earning
              (book, public_id, line_id, performer_id, company_id, amount_minor, fee_minor, currency, accrued_at)
            SELECT book, callboard_uuid7(), %s, performer_id, company_id, 100, 15, currency, accrued_at
            FROM payments_earning ORDER BY id LIMIT 1
            """,
            [line.pk],
        )


class TestNumbers:
    def test_a_document_that_fails_leaves_no_gap(self, world: World) -> None:
        def fails() -> None:
            with transaction.atomic():
                numbers.give(Document(kind=K.INVOICE), at=world.now)
                raise OSError

        with pytest.raises(OSError):  # noqa: PT011 -- the one that was raised above
            fails()
        made = numbers.give(Document(kind=K.INVOICE), at=world.now)
        assert made.number == "INV-2026-000001"
        assert numbers.give(Document(kind=K.RECEIPT), at=world.now).number == "RCP-2026-000001"
        in_a_year = world.now + timedelta(days=60)
        assert numbers.give(Document(kind=K.INVOICE), at=in_a_year).number == "INV-2027-000001"

    def test_the_year_is_that_of_the_house(self, world: World) -> None:
        late = world.now.replace(year=2027, month=1, day=1, hour=4, minute=59)
        assert numbers.give(Document(kind=K.INVOICE), at=late).year == 2026
        assert numbers.give(Document(kind=K.INVOICE), at=late + timedelta(minutes=1)).year == 2027

    def test_the_database_refuses_a_gap_a_change_and_an_end(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        for change in ({"total_minor": 1}, {"billed_to": "Somebody else"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Document.objects.filter(pk=invoice.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentLine.objects.update(pay_minor=0)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM payments_document")
        skipping = model_to_dict(invoice, exclude=["id", "company", "week", "corrects", "movement"]) | {
            "company": invoice.company,
            "week": invoice.week,
            "corrects": invoice,
            "sequence": 3,
            "number": "INV-2026-000003",
            "issued_at": closed.now,
        }
        with pytest.raises(IntegrityError, match="does not follow"), transaction.atomic():
            Document.objects.create(**skipping)

    def test_a_new_name_does_not_change_what_was_issued(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        before = of(closed.company)[0].billed_to
        Company.objects.filter(pk=closed.company.pk).update(legal_name="Another Inc.")
        assert of(closed.company)[0].billed_to == before != ""
        assert "Another Inc." not in sheets.html_of(of(closed.company)[0])


def test_many_at_once_issue_each_once_and_leave_no_gap(committed_world: World) -> None:
    world = committed_world
    for name in ("Ada", "Bea", "Cy"):
        world.company = a_company()
        world.earns(world.performer(name), "20.00")
    world.an_approved_run()
    together([lambda: operations.issue_due(at=world.now) for _ in range(6)])
    operations.issue_due(at=world.now)
    invoices = Document.objects.filter(kind=K.INVOICE)
    assert sorted(invoices.values_list("sequence", flat=True)) == [1, 2, 3]
    assert invoices.values("company").distinct().count() == 3


def test_numbers_that_are_given_at_once_differ(committed_world: World) -> None:
    def gives() -> int:
        with transaction.atomic():
            given = numbers.give(Document(kind=K.RECEIPT), at=committed_world.now).sequence
            time.sleep(0.05)
        return given

    assert sorted(map(str, together([gives] * 6))) == [str(number) for number in range(1, 7)]


class TestReceipts:
    def test_one_for_each_payment_that_landed_and_a_note_for_what_was_given_back(self, world: World) -> None:
        owner = stories.proved(stories.owner_of(stories.a_company()), at=world.now)
        paid = pays_in(world, owner, "50.00")
        assert [operations.issue_due(at=world.now) for _ in range(2)] == [1, 0]
        takes_out(world, owner, "20.00")
        sweeps(world)
        assert [operations.issue_due(at=world.now) for _ in range(2)] == [1, 0]
        receipt, note = of(company_of(owner))
        assert (receipt.kind, receipt.number, receipt.total_minor) == (K.RECEIPT, "RCP-2026-000001", 5_000)
        assert (note.kind, note.number, note.total_minor) == (K.REFUND_NOTE, "RFN-2026-000001", -2_000)
        assert receipt.total_minor + note.total_minor == paid.left_minor
        assert paid.public_id in sheets.html_of(note)

    def test_what_has_not_landed_has_none(self, world: World) -> None:
        owner = stories.proved(stories.owner_of(stories.a_company()), at=world.now)
        paid = pays_in(world, owner, "50.00", by="pm_card_visa")
        assert paid.landed_at is None
        assert operations.issue_due(at=world.now) == 0


class TestDoors:
    def test_a_companys_people_read_and_take_it_and_another_company_does_not(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        owner = closed.company.memberships.get().user
        mine, path = logs_in(owner), f"/company/{closed.company.public_id}/invoices/"
        assert invoice.number in mine.get(path).content.decode()
        page = mine.get(f"{path}{invoice.public_id}/").content.decode()
        assert "243.24" in page
        assert mine.get(f"{path}{invoice.public_id}/document.pdf").content.startswith(b"%PDF-")
        rows = read(mine.get(f"{path}{invoice.public_id}/document.csv").content)
        assert [row["Cost"] for row in rows] == ["85.10", "43.13", "115.01", "243.24"]
        said = body_of(Api(owner).get(f"invoices/{invoice.public_id}"))
        assert (said["total"]["amount_minor"], said["owed"]["amount_minor"]) == (24_324, 0)
        lines = body_of(Api(owner).get(f"invoices/{invoice.public_id}/lines"))["data"]
        assert sum(row["pay"]["amount_minor"] + row["fee"]["amount_minor"] for row in lines) == 24_324
        stranger = stories.owner_of(stories.a_company())
        other = logs_in(stories.person(stranger))
        for door in ("", "document.pdf", "document.csv"):
            assert other.get(f"{path}{invoice.public_id}/{door}").status_code == 404
        assert Api(stories.person(stranger)).get(f"invoices/{invoice.public_id}").status_code == 404
        with pytest.raises(NotFound):
            queries.get(stranger, invoice.public_id)

    def test_finance_finds_it_by_number_company_and_week(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        finance = logs_in(stories.person(closed.freezer))
        for asked in ("q=inv-2026-000001", f"q={closed.company.public_id}", f"week={stories.MONDAY}", ""):
            assert invoice.number in finance.get(f"/invoices/?{asked}").content.decode(), asked
        for asked in ("q=INV-2027", f"week={NEXT_MONDAY}"):
            assert "None is like that" in finance.get(f"/invoices/?{asked}").content.decode()
        assert finance.get("/invoices/?week=2026-02-30").status_code == 422
        found = body_of(Api(stories.person(closed.freezer)).get("invoices?q=INV-2026"))["data"]
        assert [row["number"] for row in found] == [invoice.number]
        with pytest.raises(Forbidden):
            queries.found(stories.owner_of(closed.company))

    def test_a_hostile_title_is_text_and_many_lines_are_summed_on_paper(
        self, closed: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        row = queries.lines(invoice)[0]
        row.gig_title = "=HYPERLINK(A1)"
        monkeypatch.setattr(queries, "lines", lambda _: _Rows([row]))
        assert b",'=HYPERLINK(A1)," in sheets.csv_of(invoice)
        monkeypatch.undo()
        monkeypatch.setattr(sheets, "MOST_PRINTED", 2)
        html = sheets.html_of(invoice)
        assert "too many lines for paper" in html
        assert printed(html).startswith(b"%PDF-")


class _Rows(list[DocumentLine]):
    def iterator(self, **_: object) -> "_Rows":
        return self


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


AMOUNTS = st.lists(st.integers(1, 9_000), min_size=0, max_size=3)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(weeks=st.lists(st.tuples(AMOUNTS, st.lists(st.integers(1, 100), max_size=2)), min_size=1, max_size=3))
def test_every_charge_is_on_one_document_and_all_are_what_the_ledger_charged(
    world: World, weeks: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> None:
    """Whatever is earned and corrected, week by week."""
    with transaction.atomic():
        _plays(world, weeks)
        transaction.set_rollback(True)


def _plays(world: World, weeks: Sequence[tuple[Sequence[int], Sequence[int]]]) -> None:
    began = world.now
    performer, first = world.performer("Ada", account=False), stories.MONDAY
    world.company = a_company(wallet=usd("60.00"))
    earned: list[TimeLine] = []
    for number, (amounts, corrections) in enumerate(weeks):
        monday = first + timedelta(days=7 * number)
        for line, cents in zip(earned[-len(corrections) :], corrections, strict=False):
            world.corrects(line, f"{min(cents, line.amount_minor) / 100:.2f}", monday=monday)
        earned += [
            world.earns(performer, f"{cents / 100:.2f}", monday=monday)[0] for cents in (*amounts, 500)
        ]
        world.an_approved_run(a_week(monday))
        operations.issue_due(at=world.now)
        world.now += timedelta(days=7)
    documents = of(world.company)
    assert sum(each.total_minor for each in documents) == charged_minor(world.company)
    assert DocumentLine.objects.count() == Earning.objects.count()
    for kind in (K.INVOICE, K.CREDIT_NOTE):
        sequences = [each.sequence for each in documents if each.kind == kind]
        assert sequences == list(range(1, len(sequences) + 1))
    assert all(each.kind == K.INVOICE or each.corrects for each in documents)
    world.now = began
