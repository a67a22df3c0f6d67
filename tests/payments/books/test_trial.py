"""The trial balance of any moment: what was posted before it, both sides, to the cent, and what differs where it does."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kit.errors import Forbidden
from marketplace.timekeeping.weeks import payroll_day
from payments.books import accounts as drill
from payments.books import calendar, summing, trial
from payments.books.models import AccountAtMonth, DaySum, SummedDay, SummedMonth
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account, Entry, Posting
from payments.payroll import accrual
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.payments.world import World, usd


def moves(amount: int, *, at: datetime, key: str, currency: str = "usd", owner: str = "") -> None:
    ledger.move(
        debit=ledger.account(Kind.STRIPE_BALANCE, currency=currency),
        credit=ledger.account(Kind.COMPANY_WALLET, currency=currency, owner=owner or "cmp_x"),
        amount_minor=amount,
        key=key,
        kind="funding",
        at=at,
    )


def sides(at: datetime | None, currency: str = "usd") -> dict[str, tuple[int, int]]:
    (book,) = [book for book in trial.balance(at=at).books if book.currency == currency]
    return {line.kind: (line.debited_minor, line.credited_minor) for line in book.lines}


def by_hand(at: datetime | None, currency: str = "usd") -> dict[str, tuple[int, int]]:
    """Every posting looked at one by one."""
    found: dict[str, tuple[int, int]] = {}
    times = {(entry.book, entry.pk): entry.posted_at for entry in Entry.objects.all()}
    for leg in Posting.objects.filter(currency=currency).select_related("account"):
        if at is not None and times[leg.book, leg.entry_id] >= at:
            continue
        debited, credited = found.get(leg.account.kind, (0, 0))
        found[leg.account.kind] = (
            debited + max(leg.amount_minor, 0),
            credited + max(-leg.amount_minor, 0),
        )
    return found


class TestAnyMoment:
    def test_that_instant_itself_is_not_in_it(self, world: World) -> None:
        moves(5, at=world.now, key="one")
        just_before = sides(world.now).get(Kind.STRIPE_BALANCE, (0, 0))
        assert sides(world.now + timedelta(microseconds=1))[Kind.STRIPE_BALANCE][0] == just_before[0] + 5

    def test_is_the_same_summed_or_not(self, world: World) -> None:
        start = world.now
        for n in range(9):
            moves(100 + n, at=start + timedelta(hours=17 * n), key=f"k{n}")
            midnight = calendar.midnight_after(start + timedelta(days=n))
            moves(1_000, at=midnight, key=f"at {n}")
            moves(10_000, at=midnight + timedelta(minutes=30), key=f"after {n}")
        moments = [start + timedelta(hours=11 * n) for n in range(16)]
        moments += [calendar.midnight_after(start + timedelta(days=n)) for n in range(8)]
        before = [sides(moment) for moment in moments]
        assert before == [by_hand(moment) for moment in moments]
        assert summing.sum_days(at=start + timedelta(days=30)) > 5
        assert [sides(moment) for moment in moments] == before
        assert summing.sum_days(at=start + timedelta(days=30)) == 0
        assert sides(None) == by_hand(None)

    def test_a_day_is_summed_only_once_it_has_been_over_for_a_day(self, world: World) -> None:
        moves(7, at=world.now, key="now")
        summing.sum_days(at=world.now)
        last = SummedDay.objects.order_by("until").last()
        assert last is not None
        assert last.until + summing.SETTLES_AFTER <= world.now
        assert sides(None) == by_hand(None)

    def test_a_day_without_an_entry_is_summed_too(self, world: World) -> None:
        moves(1, at=world.now, key="one")
        moves(1, at=world.now + timedelta(days=5), key="two")
        summing.sum_days(at=world.now + timedelta(days=9))
        days = list(SummedDay.objects.order_by("until").values_list("until", flat=True))
        assert all(calendar.midnight_after(one) == other for one, other in pairwise(days))

    def test_days_are_those_of_the_payroll_zone_when_the_clock_goes_back(self) -> None:
        first = calendar.starts(date(2026, 11, 1))
        assert calendar.midnight_after(first) - first == timedelta(hours=24)
        assert (calendar.midnight_after(first).astimezone() - first.astimezone()) == timedelta(hours=25)

    def test_costs_the_same_queries_however_much_there_is(self, world: World) -> None:
        moves(1, at=world.now, key="one")
        with CaptureQueriesContext(connection) as few:
            trial.balance(at=None)
        for n in range(30):
            moves(1, at=world.now, key=f"more{n}", owner=f"cmp_{n}")
        with CaptureQueriesContext(connection) as many:
            trial.balance(at=None)
        assert len(few) == len(many) == 2


class TestAgreement:
    def test_currencies_are_never_added(self, world: World) -> None:
        moves(5, at=world.now, key="dollars")
        moves(700, at=world.now, key="euros", currency="eur")
        found = {book.currency: book for book in trial.balance(at=None).books}
        assert found["eur"].debit_minor == found["eur"].credit_minor == 700
        assert found["usd"].debit_minor == found["usd"].credit_minor != 0
        assert trial.balance(at=None).differs == []

    def test_what_is_dated_into_a_summed_day_is_named(self, world: World) -> None:
        moves(5, at=world.now - timedelta(days=5), key="then")
        summing.sum_days(at=world.now)
        moves(9, at=world.now - timedelta(days=5), key="backdated")
        said = " ".join(trial.balance(at=None).differs)
        assert "Balance at Stripe" in said
        assert "Companies’ wallets" in said

    def test_a_kept_balance_that_is_not_its_postings_is_named(self, world: World) -> None:
        moves(5, at=world.now, key="one")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE payments_balance SET amount_minor = amount_minor - 1 WHERE account_id = %s",
                [ledger.account(Kind.COMPANY_WALLET, currency="usd", owner="cmp_x").pk],
            )
        (said,) = trial.balance(at=None).differs
        assert said.startswith("Companies’ wallets: the postings make")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE payments_balance SET amount_minor = amount_minor + 1 WHERE account_id = %s",
                [ledger.account(Kind.COMPANY_WALLET, currency="usd", owner="cmp_x").pk],
            )

    def test_sides_that_differ_are_named(self, world: World) -> None:
        moves(5, at=world.now - timedelta(days=5), key="then")
        summing.sum_days(at=world.now)
        DaySum.objects.create(
            day=SummedDay.objects.latest("until"),
            currency="usd",
            event="lame",
            kind="suspense",
            debited_minor=1,
            credited_minor=0,
        )
        assert trial.balance(at=world.now).differs == ["Debits and credits in USD differ by 0.01 USD."]


class TestDrillingDown:
    def test_every_account_is_reached_and_adds_up_to_its_line(self, world: World) -> None:
        for name in ("Ada", "Bea"):
            world.earns(world.performer(name), "74.00")
        accrual.accrue(at=world.now)
        summing.sum_days(at=world.now + timedelta(days=3))
        at = world.now + timedelta(hours=1)
        for line in trial.balance(at=at).books[0].lines:
            rows = list(drill.accounts(world.freezer, kind=line.kind, currency="usd"))
            stands = drill.standings(rows, at=at)
            assert sum(each.balance_minor for each in stands) == line.balance_minor
            for each in stands:
                postings = drill.postings(each.account, at=at)
                assert sum(leg.amount_minor for leg in postings) == each.balance_minor

    def test_a_balance_of_the_past_is_what_was_posted_whatever_is_kept(self, world: World) -> None:
        start = world.now
        for n in range(12):
            moves(100 + n, at=start + timedelta(days=11 * n), key=f"k{n}", owner=f"cmp_{n % 3}")
            first = calendar.starts(calendar.next_month(calendar.first_of_month(payroll_day(start))))
        moves(7, at=first, key="the first of December", owner="cmp_0")
        moves(9, at=first - timedelta(microseconds=1), key="November's last", owner="cmp_0")
        rows = list(Account.objects.order_by("id"))
        moments = [start + timedelta(days=n) for n in range(0, 140, 9)] + [
            first,
            first + timedelta(microseconds=1),
        ]
        before = [stands(rows, moment) for moment in moments]
        summing.sum_days(at=start + timedelta(days=150))
        assert summing.sum_accounts(at=start + timedelta(days=150)) >= 3
        assert [stands(rows, moment) for moment in moments] == before
        assert summing.sum_accounts(at=start + timedelta(days=150)) == 0

    def test_a_balance_of_the_past_reads_no_history(self, world: World) -> None:
        for n in range(300):
            moves(1, at=world.now + timedelta(days=1), key=f"old{n}")
        moves(5, at=world.now + timedelta(days=60), key="new")
        summing.sum_days(at=world.now + timedelta(days=63))
        summing.sum_accounts(at=world.now + timedelta(days=63))
        month = SummedMonth.objects.latest("until")
        account = Account.objects.get(kind="company_wallet", owner="cmp_x")
        read = Posting.objects.filter(account=account, pk__gte=month.first_posting)
        assert read.count() == 1
        assert stands([account], world.now + timedelta(days=61)) == [-305]
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountAtMonth.objects.update(balance_minor=0)

    def test_an_entry_shows_all_its_sides_and_leads_to_its_line(self, world: World) -> None:
        performer = world.performer("Ada")
        (line,) = world.earns(performer, "74.00")
        accrual.accrue(at=world.now)
        account = drill.get_account(
            world.freezer, kind="performer_payable", currency="usd", owner=performer.public_id
        )
        (moved,) = drill.moved(list(drill.postings(account, at=None)))
        assert sum(side.amount_minor for side in moved.sides) == 0
        assert {side.label for side in moved.sides} == {
            "Companies’ wallets",
            "Owed to performers",
            "Platform fees",
        }
        assert (moved.cause.words, moved.cause.thing) == ("Hours approved", line.public_id)
        assert line.public_id in moved.cause.path
        assert body_of(Api(stories.person(world.freezer)).get(f"explain/{moved.cause.thing}"))["data"]

    def test_what_came_after_is_on_no_page_of_before(self, world: World) -> None:
        for n in range(4):
            moves(10 + n, at=world.now + timedelta(days=n), key=f"d{n}")
        summing.sum_days(at=world.now + timedelta(days=9))
        account = Account.objects.get(kind="company_wallet", owner="cmp_x")
        found = drill.postings(account, at=world.now + timedelta(days=2))
        assert sorted(-leg.amount_minor for leg in found) == [10, 11]

    def test_is_finances_alone(self, world: World) -> None:
        with pytest.raises(Forbidden):
            drill.accounts(stories.acting(world.performer()), kind="suspense", currency="usd")


class TestOnThePage:
    def test_the_file_is_what_the_page_shows(self, world: World) -> None:
        world.earns(world.performer(), "74.00")
        accrual.accrue(at=world.now)
        finance = logs_in(stories.person(world.freezer))
        page = " ".join(finance.get("/books/").content.decode().split())
        assert "It agrees" in page
        assert "Owed to performers" in page
        lines = finance.get("/books/trial-balance.csv").content.decode("utf-8-sig").splitlines()
        assert lines[0] == "Currency,Account,Debited,Credited,Debit balance,Credit balance"
        assert "USD,Owed to performers,0.00,74.00,0.00,74.00" in lines
        total = lines[-1].split(",")
        assert (total[1], total[4]) == ("Total", total[5])

    def test_of_a_moment_in_the_past(self, world: World) -> None:
        moves(usd("12.34"), at=world.now, key="new")
        finance = logs_in(stories.person(world.freezer))
        before = (world.now - timedelta(hours=1)).astimezone(calendar.zone())
        page = finance.get(f"/books/?at={before:%Y-%m-%dT%H:%M}").content.decode()
        assert "Balance at Stripe" not in page
        said = body_of(Api(stories.person(world.freezer)).get("books/trial-balance?at=2026-01-01T00:00:00Z"))
        assert (said["currencies"], said["differs"]) == ([], [])

    def test_pages_of_accounts_and_of_an_account(self, world: World) -> None:
        performer = world.performer("Ada")
        world.earns(performer, "74.00")
        accrual.accrue(at=world.now)
        finance = logs_in(stories.person(world.freezer))
        accounts = finance.get("/books/accounts/usd/performer_payable/").content.decode()
        assert f"/books/accounts/usd/performer_payable/{performer.public_id}/" in accounts
        account = finance.get(
            f"/books/accounts/usd/performer_payable/{performer.public_id}/"
        ).content.decode()
        assert "Hours approved" in account
        assert "74.00" in account
        api = Api(stories.person(world.freezer))
        (row,) = body_of(api.get("books/accounts/usd/performer_payable"))["data"]
        assert row["balance"]["amount_minor"] == -7400
        (entry,) = body_of(api.get(f"books/accounts/usd/performer_payable/{performer.public_id}"))["data"]
        assert sum(side["amount"]["amount_minor"] for side in entry["sides"]) == 0
        assert api.get("books/accounts/usd/nonsense").status_code == 404


def stands(rows: list[Account], at: datetime) -> list[int]:
    return [each.balance_minor for each in drill.standings(rows, at=at)]


def test_sums_stay_as_they_are(world: World) -> None:
    moves(1, at=world.now - timedelta(days=5), key="one")
    summing.sum_days(at=world.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        DaySum.objects.update(debited_minor=0)
