"""What a company has and owes, and in which order it pays: nothing is lost, nothing is below zero, each purse in its turn."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.funding.purses import Budget, Purse
from payments.ledger.chart import Kind
from payments.ledger.models import Account
from payments.ledger.operations import Leg

AMOUNTS = st.integers(min_value=0, max_value=10_000)
GIGS = ("gig_new", "gig_old", "gig_ended")


def a_purse(*, wallet: int = 0, owes: int = 0, drawn: int = 0, budgets: Sequence[int] = (0, 0, 0)) -> Purse:
    """Of a company with three gigs, the one opened last first; the third has ended."""
    purse = Purse(company_id="cmp", currency="usd", wallet_minor=wallet, owes_minor=owes, drawn_minor=drawn)
    for kind in (Kind.COMPANY_WALLET, Kind.COMPANY_RECEIVABLE, Kind.COMPANY_TERMS):
        purse.knows(Account(kind=kind, owner="cmp", currency="usd"))
    for gig, minor in zip(GIGS, budgets, strict=True):
        purse.knows(Account(kind=Kind.GIG_BUDGET, owner=gig, currency="usd"))
        purse.budgets[gig] = Budget(gig, minor, is_open=gig != "gig_ended")
    return purse


def moved(legs: Sequence[Leg]) -> dict[str, int]:
    return {
        leg.account.owner if leg.account.kind == Kind.GIG_BUDGET else leg.account.kind: leg.amount_minor
        for leg in legs
    }


def worth(purse: Purse) -> int:
    return (
        purse.wallet_minor
        + sum(each.minor for each in purse.budgets.values())
        - purse.owes_minor
        - purse.drawn_minor
    )


class TestOrder:
    def test_what_arrives_pays_what_is_owed_first(self) -> None:
        purse = a_purse(owes=30)
        assert moved(purse.arrive(100)) == {Kind.COMPANY_RECEIVABLE: -30, Kind.COMPANY_WALLET: -70}

    def test_what_leaves_takes_the_wallet_then_the_gig_opened_last_and_owes_the_rest(self) -> None:
        purse = a_purse(wallet=10, budgets=(20, 30, 40))
        taken = moved(purse.leave(45))
        assert taken == {Kind.COMPANY_WALLET: 10, "gig_new": 20, "gig_old": 15}
        assert purse.budget_deltas == {"gig_new": -20, "gig_old": -15}
        assert moved(purse.leave(100)) == {"gig_old": 15, "gig_ended": 40, Kind.COMPANY_RECEIVABLE: 45}

    def test_a_line_takes_its_own_budget_the_wallet_and_is_owed(self) -> None:
        purse = a_purse(wallet=10, budgets=(99, 20, 0))
        assert moved(purse.charge("gig_old", 50)) == {
            "gig_old": 20,
            Kind.COMPANY_WALLET: 10,
            Kind.COMPANY_RECEIVABLE: 20,
        }
        assert purse.budget_deltas == {}, "what work cost is no money taken from the gig"

    @pytest.mark.parametrize(("gig", "goes"), [("gig_old", "gig_old"), ("gig_ended", Kind.COMPANY_WALLET)])
    def test_a_correction_lowers_what_is_owed_then_refills_a_gig_that_is_open(
        self, gig: str, goes: str
    ) -> None:
        purse = a_purse(owes=20)
        assert moved(purse.correct(gig, 50)) == {Kind.COMPANY_RECEIVABLE: -20, goes: -30}

    def test_what_was_drawn_on_terms_is_paid_after_what_is_owed_and_before_anything_is_free(self) -> None:
        paid = moved(a_purse(owes=30, drawn=50).arrive(100))
        assert paid == {Kind.COMPANY_RECEIVABLE: -30, Kind.COMPANY_TERMS: -50, Kind.COMPANY_WALLET: -20}
        given_back = moved(a_purse(drawn=50, budgets=(60, 0, 0)).give_back("gig_new", 60))
        assert given_back == {"gig_new": 60, Kind.COMPANY_TERMS: -50, Kind.COMPANY_WALLET: -10}

    def test_a_correction_refills_an_open_gig_and_else_lowers_what_was_drawn(self) -> None:
        assert moved(a_purse(drawn=50).correct("gig_old", 40)) == {"gig_old": -40}
        assert moved(a_purse(drawn=50).correct("gig_ended", 40)) == {Kind.COMPANY_TERMS: -40}

    def test_what_is_set_aside_takes_the_wallet_and_draws_the_rest(self) -> None:
        purse = a_purse(wallet=30)
        legs, short = purse.set_aside("gig_new", 100)
        assert moved(legs) == {Kind.COMPANY_WALLET: 30, Kind.COMPANY_TERMS: 70, "gig_new": -100}
        assert (short, purse.drawn_minor, purse.wallet_minor) == (70, 70, 0)

    def test_a_budget_given_back_pays_what_is_owed_first(self) -> None:
        purse = a_purse(owes=5, budgets=(0, 0, 20))
        given_back = moved(purse.give_back("gig_ended", 20))
        assert given_back == {"gig_ended": 20, Kind.COMPANY_RECEIVABLE: -5, Kind.COMPANY_WALLET: -15}


@given(
    wallet=AMOUNTS, owes=AMOUNTS, drawn=AMOUNTS, budgets=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), data=st.data()
)
def test_nothing_is_lost_and_nothing_is_below_zero(
    wallet: int, owes: int, drawn: int, budgets: tuple[int, int, int], data: st.DataObject
) -> None:
    purse = a_purse(wallet=0 if drawn else wallet, owes=owes, drawn=drawn, budgets=budgets)
    for _ in range(8):
        amount, gig = data.draw(AMOUNTS), data.draw(st.sampled_from(GIGS))
        act = data.draw(st.sampled_from(("arrive", "leave", "charge", "correct")))
        before = worth(purse)
        legs = getattr(purse, act)(*([gig] if act in ("charge", "correct") else []), amount)
        sign = 1 if act in ("leave", "charge") else -1
        assert sum(leg.amount_minor for leg in legs) == sign * amount
        assert worth(purse) == before - sign * amount
        assert not (purse.wallet_minor and purse.drawn_minor), "what is free pays what was drawn"
        assert (
            min(
                purse.wallet_minor,
                purse.owes_minor,
                purse.drawn_minor,
                *(each.minor for each in purse.budgets.values()),
            )
            >= 0
        )
