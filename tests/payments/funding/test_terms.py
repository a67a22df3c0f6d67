"""Net terms: agreed by two, drawn up to the limit, paid the oldest first, aged, reminded of, and shown on a statement."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.actors import Actor
from accounts.access.roles import Role
from accounts.access.standings import NotApproved, Standing
from accounts.companies.models import Company
from accounts.keys import acting
from accounts.notifications.models import Notification
from kit.errors import Forbidden, Invalid, NotFound
from kit.money import Money
from kit.transitions import IllegalMove
from marketplace.gigs.models import Gig
from payments.adjustments import operations as adjustments
from payments.control import audit
from payments.dunning import queries as dunning
from payments.dunning import reminders
from payments.funding import endings, following, purses
from payments.funding import operations as funding
from payments.funding.queries import wallet
from payments.invoicing import account
from payments.invoicing import operations as invoicing
from payments.ledger import operations as ledger
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.ledger.operations import Overdrawn
from payments.terms import calculate, drawing, operations, queries
from payments.terms.calculate import BANDS, Drawn
from payments.terms.drawing import BeyondTerms, TermsOverdue
from payments.terms.models import Draw, NetTerms
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, dollars, logs_in
from tests.database import together
from tests.payments.world import World, a_company, usd

LIMIT = "1000.00"


def money(text: str) -> Money:
    return Money(usd(text), "usd")


def an_owner(company: Company) -> Actor:
    return acting.of_user(company.memberships.get(role=Role.OWNER).user)


def proposed(
    world: World, company: Company, *, limit: str = LIMIT, days: int = 14, starts_on: date | None = None
) -> NetTerms:
    return operations.propose(
        company=company,
        limit=money(limit),
        pay_days=days,
        starts_on=starts_on,
        reason="A good year.",
        by=world.freezer,
        at=world.now,
    )


def agreed(
    world: World, company: Company, *, limit: str = LIMIT, days: int = 14, starts_on: date | None = None
) -> NetTerms:
    made = proposed(world, company, limit=limit, days=days, starts_on=starts_on)
    return operations.approve(terms=made, by=stories.proved(world.approver, at=world.now), at=world.now)


def sets_aside(world: World, gig: Gig, amount: str, *, press: str = "req_1") -> Gig:
    by = an_owner(gig.company)
    return funding.set_aside(gig=gig, amount=money(amount), by=by, at=world.now, request_id=press)


def pays_in(world: World, company: Company, amount: str) -> None:
    paid = funding.start(company=company, amount=money(amount), by=an_owner(company), at=world.now)
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
    following.refresh(funding=paid, at=world.now)


def has(company: Company) -> tuple[int, int, int]:
    """What is free, set aside, and drawn, in minor units."""
    found = wallet(company)
    return found["available"].minor, found["set_aside"].minor, found["drawn"].minor


def told(company: Company) -> list[str]:
    owner = company.memberships.get(role=Role.OWNER).user
    rows = Notification.objects.filter(user=owner, kind="net_terms").order_by("id")
    return list(rows.values_list("title", flat=True))


@pytest.fixture
def gig(world: World) -> Gig:
    """Of a company without money."""
    return stories.a_draft(a_company(wallet=0), funded_minor=0)


class TestAgreeing:
    def test_is_in_force_once_a_second_person_has_approved_it(self, world: World, gig: Gig) -> None:
        terms = proposed(world, gig.company)
        with pytest.raises(operations.SameTermsProposer):
            operations.approve(terms=terms, by=stories.proved(world.freezer, at=world.now), at=world.now)
        with pytest.raises(Overdrawn):
            sets_aside(world, gig, "10.00")
        for _ in range(2):
            terms = operations.approve(
                terms=terms, by=stories.proved(world.approver, at=world.now), at=world.now
            )
        assert (terms.state, terms.limit_minor) == ("in_force", usd(LIMIT))
        assert told(gig.company) == ["You may set aside 1,000.00 USD beyond your wallet"]
        sets_aside(world, gig, "10.00")

    def test_the_database_takes_no_approval_of_ones_own(self, world: World, gig: Gig) -> None:
        terms = proposed(world, gig.company)
        with pytest.raises(IntegrityError, match="net_terms_approved_by_another"), transaction.atomic():
            NetTerms.objects.filter(pk=terms.pk).update(
                state="in_force", decided_by=world.freezer.user_id, decided_at=world.now
            )

    def test_others_take_the_place_of_those_in_force(self, world: World, gig: Gig) -> None:
        first, second = agreed(world, gig.company), agreed(world, gig.company, limit="2000.00")
        first.refresh_from_db()
        assert (first.state, second.state) == ("ended", "in_force")
        sets_aside(world, gig, "2000.00")

    def test_but_those_that_begin_later_only_on_their_day(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        later = proposed(
            world, gig.company, limit="2.00", starts_on=queries.today(world.now) + timedelta(days=3)
        )
        by = stories.proved(world.approver, at=world.now)
        with pytest.raises(operations.TermsInForce):
            operations.approve(terms=later, by=by, at=world.now)
        world.wait(days=3)
        by = stories.proved(world.approver, at=world.now)
        assert operations.approve(terms=later, by=by, at=world.now).state == "in_force"

    def test_one_proposal_waits_at_a_time(self, world: World, gig: Gig) -> None:
        waits = proposed(world, gig.company)
        with pytest.raises(operations.TermsWait):
            proposed(world, gig.company)
        assert (
            operations.decline(terms=waits, answer="No.", by=world.approver, at=world.now).state == "declined"
        )
        again = proposed(world, gig.company)
        gone = operations.decline(terms=again, answer="Wrong.", by=world.freezer, at=world.now)
        assert gone.state == "withdrawn"
        with pytest.raises(IllegalMove):
            operations.approve(terms=gone, by=stories.proved(world.approver, at=world.now), at=world.now)

    @pytest.mark.parametrize(
        ("what", "value"), [("limit", "0.00"), ("days", 0), ("days", 61), ("starts_on", date(2020, 1, 1))]
    )
    def test_is_bounded(self, world: World, gig: Gig, what: str, value: object) -> None:
        with pytest.raises(Invalid):
            proposed(world, gig.company, **{what: value})  # type: ignore[arg-type] # each its own

    def test_only_with_a_company_that_is_approved(self, world: World, gig: Gig) -> None:
        Company.objects.filter(pk=gig.company_id).update(state=Standing.APPLIED)
        gig.company.refresh_from_db()
        with pytest.raises(NotApproved):
            proposed(world, gig.company)

    def test_one_lowers_and_ends_and_nobody_raises(self, world: World, gig: Gig) -> None:
        terms = agreed(world, gig.company)
        sets_aside(world, gig, "800.00")
        lowered = operations.lower(
            terms=terms, limit=money("500.00"), reason="A bad month.", by=world.freezer, at=world.now
        )
        assert (lowered.limit_minor, lowered.agreed_minor) == (usd("500.00"), usd(LIMIT))
        assert has(gig.company) == (0, usd("800.00"), usd("800.00")), "what was drawn stands"
        for limit in ("500.00", "501.00"):
            with pytest.raises(operations.NotLower):
                operations.lower(terms=terms, limit=money(limit), reason="?", by=world.freezer, at=world.now)
        with pytest.raises(IntegrityError, match="never raised"), transaction.atomic():
            NetTerms.objects.filter(pk=terms.pk).update(limit_minor=usd("501.00"))
        with pytest.raises(BeyondTerms):
            sets_aside(world, gig, "0.01", press="req_2")
        ended = operations.end(terms=terms, reason="It is over.", by=world.freezer, at=world.now)
        assert ended.state == "ended"
        with pytest.raises(Overdrawn):
            sets_aside(world, gig, "0.01", press="req_2")
        assert told(gig.company)[1:] == ["Your limit is 500.00 USD now", "Your terms of payment have ended"]
        assert has(gig.company)[2] == usd("800.00")

    def test_is_finances_and_the_company_reads_only_what_is_in_force(self, world: World, gig: Gig) -> None:
        owner = an_owner(gig.company)
        with pytest.raises(Forbidden):
            operations.propose(
                company=gig.company, limit=money("1.00"), pay_days=7, reason="?", by=owner, at=world.now
            )
        waits = proposed(world, gig.company)
        with pytest.raises(NotFound):
            queries.get(owner, waits.public_id)
        operations.approve(terms=waits, by=stories.proved(world.approver, at=world.now), at=world.now)
        assert queries.get(owner, waits.public_id) == waits
        with pytest.raises(NotFound):
            queries.get(an_owner(world.company), waits.public_id)


class TestDrawing:
    def test_takes_the_wallet_first_and_never_more_than_the_limit(self, world: World) -> None:
        company = a_company(wallet=usd("100.00"))
        gig = stories.a_draft(company, funded_minor=0)
        agreed(world, company)
        with pytest.raises(
            BeyondTerms, match=r"1,000.01 USD on terms; of the limit of 1,000.00 USD, 1,000.00"
        ):
            sets_aside(world, gig, "1100.01")
        assert has(company) == (usd("100.00"), 0, 0)
        for _ in range(2):
            sets_aside(world, gig, "1100.00")
        assert has(company) == (0, usd("1100.00"), usd("1000.00"))
        gig.refresh_from_db()
        assert gig.funded_minor == usd("1100.00")
        with pytest.raises(BeyondTerms):
            sets_aside(world, gig, "0.01", press="req_2")

    def test_only_from_their_first_day_on(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company, starts_on=queries.today(world.now) + timedelta(days=1))
        with pytest.raises(BeyondTerms, match="begin on"):
            sets_aside(world, gig, "1.00")
        world.wait(days=1)
        sets_aside(world, gig, "1.00")

    def test_not_by_a_company_that_is_suspended(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        Company.objects.filter(pk=gig.company_id).update(state=Standing.SUSPENDED)
        with pytest.raises(Exception, match="suspended"):
            sets_aside(world, gig, "1.00")

    def test_what_comes_in_pays_it_before_it_is_free(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        sets_aside(world, gig, "300.00")
        pays_in(world, gig.company, "200.00")
        assert has(gig.company) == (0, usd("300.00"), usd("100.00"))
        pays_in(world, gig.company, "150.00")
        assert has(gig.company) == (usd("50.00"), usd("300.00"), 0)

    def test_what_is_given_back_lowers_it_first(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        sets_aside(world, gig, "300.00")
        pays_in(world, gig.company, "100.00")
        funding.give_back(gig=gig, by=an_owner(gig.company), at=world.now, request_id="req_9")
        assert has(gig.company) == (usd("100.00"), 0, 0)

    def test_and_so_does_what_a_gig_gives_back_that_ended(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        sets_aside(world, gig, "300.00")
        Gig.objects.filter(pk=gig.pk).update(state="cancelled")
        assert endings.give_back_ended(at=world.now) == 1
        assert has(gig.company) == (0, 0, 0)

    def test_the_database_draws_nothing_beyond_the_limit(self, world: World, gig: Gig) -> None:
        terms = agreed(world, gig.company)
        with pytest.raises(IntegrityError, match="beyond the limit of terms"), transaction.atomic():
            posts_a_draw(world, terms, gig, minor=usd(LIMIT) + 1)
        with transaction.atomic():
            posts_a_draw(world, terms, gig, minor=usd(LIMIT))
        Gig.objects.filter(pk=gig.pk).update(funded_minor=usd(LIMIT))
        # Whatever was asked before: under terms that have ended, the database takes none.
        operations.end(terms=terms, reason="Over.", by=world.freezer, at=world.now)
        by, one = an_owner(gig.company), money("1.00")
        with pytest.raises(BeyondTerms):
            drawing.note(terms=terms, gig=gig, amount=one, entry_key="k", by=by, at=world.now)
        with pytest.raises(DatabaseError), transaction.atomic():
            Draw.objects.update(amount_minor=1)

    def test_a_draw_that_is_not_in_the_books_is_found(self, world: World, gig: Gig) -> None:
        terms = agreed(world, gig.company)
        with transaction.atomic():
            posts_a_draw(world, terms, gig, minor=500, noted=400)
            (found,) = (each for each in audit.run(at=world.now) if each.code == "draws_are_posted")
            assert found.violations == 1
            transaction.set_rollback(True)

    def test_two_at_once_stay_within_it(self, committed_world: World) -> None:
        world = committed_world
        gig = stories.a_draft(a_company(wallet=0), funded_minor=0)
        other = stories.a_draft(gig.company, funded_minor=0)
        agreed(world, gig.company)
        results = together(
            [
                lambda: sets_aside(world, gig, "600.00", press="req_1"),
                lambda: sets_aside(world, other, "600.00", press="req_2"),
                lambda: sets_aside(world, gig, "600.00", press="req_3"),
            ]
        )
        assert sum(isinstance(result, BeyondTerms) for result in results) == 2
        assert has(gig.company) == (0, usd("600.00"), usd("600.00"))

    def test_pays_performers_of_what_is_set_aside_whatever_is_overdue(self, world: World) -> None:
        company = world.company
        gig = stories.a_draft(company, funded_minor=0)
        agreed(world, company)
        sets_aside(world, gig, f"{has(company)[0] // 100 + 200}.00")
        world.wait(days=60)
        with pytest.raises(TermsOverdue):
            sets_aside(world, gig, "1.00", press="req_2")
        purse = purses.purses([company.pk], currency="usd")[company.pk]
        taken = purse.charge(gig.public_id, usd("85.10"))
        assert [(leg.account.kind, leg.amount_minor) for leg in taken] == [(Kind.GIG_BUDGET, usd("85.10"))]

    def test_what_is_never_paid_is_given_up_by_two(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        sets_aside(world, gig, "300.00")
        with pytest.raises(adjustments.MoreThanOwed):
            adjustments.propose_write_off(
                company=gig.company, amount=money("300.01"), reason="Gone.", by=world.freezer, at=world.now
            )
        made = adjustments.propose_write_off(
            company=gig.company, amount=money("300.00"), reason="Gone.", by=world.freezer, at=world.now
        )
        signs = stories.proved(world.approver, at=world.now)
        adjustments.approve(adjustment=made, by=signs, at=world.now)
        assert has(gig.company) == (0, usd("300.00"), 0)
        assert balances.total_minor(Kind.PLATFORM_LOSSES, currency="usd") == usd("300.00")


def posts_a_draw(world: World, terms: NetTerms, gig: Gig, *, minor: int, noted: int = 0) -> None:
    """As the operation would, without its questions."""
    owner = gig.company.public_id
    ledger.move(
        debit=ledger.account(Kind.COMPANY_TERMS, currency="usd", owner=owner),
        credit=ledger.account(Kind.GIG_BUDGET, currency="usd", owner=gig.public_id),
        amount_minor=minor,
        key=f"set_aside:{gig.public_id}:by_hand",
        kind="set_aside",
        at=world.now,
    )
    Draw.objects.create(
        terms=terms,
        company=gig.company,
        gig=gig,
        amount_minor=noted or minor,
        currency="usd",
        drawn_at=world.now,
        due_on=queries.today(world.now),
        entry_key=f"set_aside:{gig.public_id}:by_hand",
    )


class TestDue:
    def test_all_that_a_week_draws_is_due_on_one_day(self) -> None:
        monday = date(2026, 11, 2)
        for n in range(7):
            assert calculate.due_on(monday + timedelta(days=n), pay_days=14) == date(2026, 11, 23)
        assert calculate.due_on(monday + timedelta(days=7), pay_days=14) == date(2026, 11, 30)

    def test_is_told_before_on_the_day_and_weekly_each_once(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company, days=7)
        sets_aside(world, gig, "300.00")
        due = Draw.objects.get().due_on
        told_on: dict[int, str] = {}
        while queries.today(world.now) <= due + timedelta(days=15):
            before = len(told(gig.company))
            for _ in range(3):
                reminders.remind_due(at=world.now)
            for title in told(gig.company)[before:]:
                told_on[(queries.today(world.now) - due).days] = title
            world.wait(days=1)
        assert told_on == {
            -3: "300.00 USD is due soon",
            0: "300.00 USD is due",
            7: "300.00 USD is overdue",
            14: "300.00 USD is overdue",
        }

    def test_says_it_late_where_nothing_ran_on_the_day(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company, days=1)
        sets_aside(world, gig, "300.00")
        moves_to(world, Draw.objects.get().due_on + timedelta(days=2))
        for _ in range(2):
            reminders.remind_due(at=world.now)
            world.wait(days=1)
        assert told(gig.company)[1:] == ["300.00 USD is overdue"]

    def test_nothing_more_is_drawn_while_anything_is_overdue(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company, days=1)
        sets_aside(world, gig, "300.00")
        moves_to(world, Draw.objects.get().due_on)
        sets_aside(world, gig, "10.00", press="req_2")
        world.wait(days=1)
        with pytest.raises(TermsOverdue, match=r"300.00 USD is overdue"):
            sets_aside(world, gig, "10.00", press="req_3")
        pays_in(world, gig.company, "299.99")
        with pytest.raises(TermsOverdue):
            sets_aside(world, gig, "10.00", press="req_3")
        pays_in(world, gig.company, "10.00")
        sets_aside(world, gig, "10.00", press="req_3")

    def test_finance_sees_it_by_how_late_it_is_and_writes_once_a_day(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company, days=1)
        with pytest.raises(reminders.NothingDrawn):
            reminders.write(company=gig.company, words="Pay.", by=world.freezer, at=world.now)
        sets_aside(world, gig, "300.00")
        moves_to(world, Draw.objects.get().due_on + timedelta(days=31))
        pays_in(world, gig.company, "20.00")
        started = funding.start(
            company=gig.company, amount=money("50.00"), by=an_owner(gig.company), at=world.now
        )
        world.control(f"checkout/{started.checkout_id}/pay", payment_method="pm_card_visa")
        following.refresh(funding=started, at=world.now)
        (row,) = dunning.table(world.freezer, currency="usd", at=world.now).rows
        assert [band.minor for band in row.bands] == [0, 0, usd("280.00"), 0, 0]
        assert (row.exposure, row.coming) == (money("280.00"), money("50.00"))
        reminders.write(company=gig.company, words="Please pay.", by=world.freezer, at=world.now)
        with pytest.raises(reminders.WrittenToday):
            reminders.write(company=gig.company, words="Please pay.", by=world.freezer, at=world.now)
        assert told(gig.company)[-1] == "About the 280.00 USD that you drew"
        world.wait(days=1)
        reminders.write(company=gig.company, words="Please pay.", by=world.freezer, at=world.now)
        with pytest.raises(Forbidden):
            dunning.table(an_owner(gig.company), currency="usd", at=world.now)


def moves_to(world: World, day: date) -> None:
    world.wait(days=(day - queries.today(world.now)).days)


DRAWS = st.lists(
    st.builds(
        Drawn,
        amount_minor=st.integers(1, 10_000),
        due_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    ),
    max_size=12,
)


@given(newest_first=DRAWS, share=st.integers(0, 100), today=st.dates(date(2026, 1, 1), date(2027, 6, 1)))
def test_what_is_open_is_the_newest_and_every_band_adds_up(
    newest_first: list[Drawn], share: int, today: date
) -> None:
    total = sum(draw.amount_minor for draw in newest_first)
    owed = total * share // 100
    parts = calculate.open_parts(newest_first, owed_minor=owed)
    assert sum(part.minor for part in parts) == owed
    # The oldest are paid first, one after the other: what was paid, counted off from the oldest, leaves exactly these.
    left = total - owed
    by_hand = []
    for draw in reversed(newest_first):
        paid = min(left, draw.amount_minor)
        left -= paid
        if draw.amount_minor > paid:
            by_hand.append((draw.amount_minor - paid, draw.due_on))
    assert [(part.minor, part.due_on) for part in parts] == by_hand
    sums = calculate.ageing(parts, today=today)
    assert sum(sums) == owed
    assert len(sums) == len(BANDS)
    assert calculate.overdue_minor(parts, today=today) == owed - sums[0]
    for n, (_, upto) in enumerate(BANDS):
        least = BANDS[n - 1][1] if n else None
        late = sum(
            part.minor
            for part in parts
            if (upto is None or (today - part.due_on).days <= upto)
            and (least is None or (today - part.due_on).days > least)
        )
        assert sums[n] == late


class TestTheStatement:
    def test_adds_up_from_the_opening_to_the_closing_balance(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        gig.title = "=1+1"
        gig.save(update_fields=["title"])
        sets_aside(world, gig, "300.00")
        first_day = queries.today(world.now)
        world.wait(days=1)
        pays_in(world, gig.company, "120.00")
        sets_aside(world, gig, "20.00", press="req_2")
        funding.give_back(gig=gig, by=an_owner(gig.company), at=world.now, request_id="req_9")
        owner, today = an_owner(gig.company), queries.today(world.now)
        found = account.statement(owner, gig.company, account.days(first_day, today, at=world.now))
        minor = [line.amount.minor for line in found.lines if line.amount]
        assert minor == [usd("300.00"), -usd("120.00"), usd("20.00"), -usd("200.00")]
        assert [line.what for line in found.lines] == [
            "Drawn for “=1+1”",
            "Paid in",
            "Drawn for “=1+1”",
            "Given back from “=1+1”",
        ]
        assert (found.opening.minor, found.closing.minor) == (0, 0)
        later = account.statement(owner, gig.company, account.days(today, today, at=world.now))
        assert (later.opening.minor, len(later.lines)) == (usd("300.00"), 3)
        rows = list(csv.reader(io.StringIO(account.csv_of(later).decode("utf-8-sig"))))
        assert [row[5] for row in rows[1:]] == ["300.00", "180.00", "200.00", "0.00", "0.00"]
        assert sum(Decimal(row[3] or 0) - Decimal(row[4] or 0) for row in rows[1:]) == -300

    def test_names_the_receipt_and_the_invoice(self, world: World) -> None:
        company = world.company
        world.earns(world.performer(), "90000.00")
        world.an_approved_run()
        pays_in(world, company, "500.00")
        invoicing.issue_due(at=world.now)
        invoicing.issue_receipts(at=world.now)
        today = queries.today(world.now)
        asked = account.days(today - timedelta(days=40), today, at=world.now)
        found = account.statement(an_owner(company), company, asked)
        said = [
            (line.document.number[:3] if line.document else "", line.amount and line.amount.minor)
            for line in found.lines
        ]
        assert said == [("INV", usd("3500.00")), ("RCP", -usd("500.00")), ("INV", None)]
        assert found.closing == money("3000.00")

    def test_refuses_days_that_cannot_be(self, world: World) -> None:
        for first, last in ((date(2026, 2, 2), date(2026, 2, 1)), (date(2025, 1, 1), date(2026, 2, 1))):
            with pytest.raises(Invalid):
                account.days(first, last, at=world.now)
        assert account.days(date(2026, 2, 1), date(2026, 2, 1), at=world.now).until == date(2026, 2, 2)


class TestTheDoors:
    def test_the_owner_reads_the_terms_and_the_statement(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        owner, company = gig.company.memberships.get().user, gig.company.public_id
        api = Api(owner)
        sent = {"amount": dollars(usd("1000.01"))}
        assert code_of(api.post(f"gigs/{gig.public_id}/funding", sent)) == "beyond_terms"
        api.post(f"gigs/{gig.public_id}/funding", {"amount": dollars(usd("400.00"))})
        said = body_of(api.get(f"companies/{company}/net-terms"))
        assert said["terms"]["limit"] == dollars(usd(LIMIT))
        assert (said["drawn"], said["left"]) == (dollars(usd("400.00")), dollars(usd("600.00")))
        assert said["due"][0]["days_late"] == 0
        assert body_of(api.get(f"companies/{company}/account"))["closing"] == dollars(usd("400.00"))
        browser = logs_in(owner)
        page = browser.get(f"/company/{company}/wallet/").content.decode()
        assert "Terms of payment" in page
        assert "600.00 USD left to draw" in page
        page = browser.get(f"/company/{company}/account/").content.decode()
        assert "Drawn for" in page
        assert browser.get(f"/company/{company}/account/?first=2026-02-02&last=2026-02-01").status_code == 422
        assert b"400.00" in browser.get(f"/company/{company}/account.csv").content

    def test_finance_does_each_move_on_its_page(self, world: World, gig: Gig) -> None:
        one, other = (logs_in(stories.person(each)) for each in (world.freezer, world.approver))
        asked = {
            "company": gig.company.public_id,
            "limit": "500",
            "pay_days": "7",
            "starts_on": "",
            "reason": "Known to us.",
        }
        one.post("/pay/terms/propose/", asked)
        terms = NetTerms.objects.get()
        assert "Known to us." in one.get("/pay/terms/").content.decode()
        other.post(f"/pay/terms/{terms.public_id}/approve/")
        terms.refresh_from_db()
        assert terms.state == "in_force"
        sets_aside(world, gig, "100.00")
        page = one.get("/pay/terms/").content.decode()
        assert "Lower the limit" in page
        one.post(
            f"/pay/terms/company/{gig.company.public_id}/write/", {f"{gig.company.public_id}-words": "Hello."}
        )
        lowered = {f"{terms.public_id}-limit": "50", f"{terms.public_id}-reason": "Less."}
        one.post(f"/pay/terms/{terms.public_id}/lower/", lowered)
        one.post(f"/pay/terms/{terms.public_id}/end/", {f"end-{terms.public_id}-reason": "Over."})
        terms.refresh_from_db()
        assert (terms.state, terms.limit_minor) == ("ended", usd("50.00"))
        assert len(told(gig.company)) == 4
        said = body_of(Api(stories.person(world.freezer)).get("net-terms/ageing"))
        assert said["exposure"] == dollars(usd("100.00"))
