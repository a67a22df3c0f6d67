"""Drawn up to the limit, paid the oldest first, due from its week, aged and reminded of."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.standings import Standing
from accounts.companies.models import Company
from kit.errors import Forbidden
from marketplace.gigs.models import Gig
from marketplace.timekeeping.weeks import payroll_day
from payments.adjustments import operations as adjustments
from payments.control import audit
from payments.dunning import queries as dunning
from payments.dunning import reminders
from payments.funding import endings, following, purses
from payments.funding import operations as funding
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.terms import calculate, drawing, operations
from payments.terms.calculate import BANDS, Drawn
from payments.terms.drawing import BeyondTerms, TermsOverdue
from payments.terms.models import Draw
from tests import stories
from tests.database import together
from tests.payments.terms.agreed import (
    LIMIT,
    agreed,
    an_owner,
    has,
    money,
    moves_to,
    pays_in,
    posts_a_draw,
    sets_aside,
    told,
)
from tests.payments.world import World, a_company, usd


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
        agreed(world, gig.company, starts_on=payroll_day(world.now) + timedelta(days=1))
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
        while payroll_day(world.now) <= due + timedelta(days=15):
            before = len(told(gig.company))
            for _ in range(3):
                reminders.remind_due(at=world.now)
            for title in told(gig.company)[before:]:
                told_on[(payroll_day(world.now) - due).days] = title
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
