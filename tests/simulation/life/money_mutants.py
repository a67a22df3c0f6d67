"""Planted bugs of money after the fact: each takes one decision of `payments` away."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from django.db.models import Sum

from accounts.companies import operations as companies
from kit.money import Money
from payments.adjustments import entries
from payments.dunning import reminders
from payments.funding import debts, following, withdrawals
from payments.funding.models import Funding, FundingMovement
from payments.funding.purses import Purse
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.operations import Leg
from payments.payouts import bank, returns, reversals, settling
from payments.payouts.models import Transfer
from payments.payroll import operations as payroll
from payments.payroll import recoveries
from payments.payroll.models import PayItem
from payments.reconciliation import house
from payments.terms import calculate, drawing
from payments.terms.queries import TermsNow

MK = FundingMovement.Kind


def _nothing(*_: Any, **__: Any) -> None:
    """Takes an act away."""


def _refunds_book_twice() -> Any:
    book = following._book

    def twice(funding: Funding, movements: Sequence[Any], purse: Purse, *, at: Any) -> Any:
        fresh = book(funding, movements, purse, at=at)
        for row in fresh:
            facts = next(each for each in movements if each.id == row.stripe_id)
            if facts.kind == MK.REFUND and not facts.withdrawal:
                again = following._draft(funding, facts, purse, at=at)
                ledger.post([replace(again, key=f"{again.key}:again")], at=at)
        return fresh

    return patch.object(following, "_book", twice)


def _unheard(*kinds: str) -> Any:
    """What Stripe says of these movements is passed over."""
    book = following._book

    def but(funding: Funding, movements: Sequence[Any], purse: Purse, *, at: Any) -> Any:
        return book(funding, [each for each in movements if each.kind not in kinds], purse, at=at)

    return patch.object(following, "_book", but)


def _disputes_in_full() -> Any:
    draft = following._draft

    def in_full(funding: Funding, facts: Any, purse: Purse, *, at: Any) -> Any:
        whole = replace(facts, amount_minor=-funding.amount_minor) if facts.kind == MK.DISPUTE else facts
        return draft(funding, whole, purse, at=at)

    return patch.object(following, "_draft", in_full)


def _lands_whole() -> Any:
    """What was taken back before it landed lands all the same."""
    return patch.object(Funding, "left_minor", property(lambda self: self.amount_minor))


def _claimed_twice() -> Any:
    """What came back is decided over again, whatever was decided."""

    def all_that_came_back(item: PayItem) -> int:
        back = Transfer.objects.filter(item=item).aggregate(total=Sum("reversed_minor"))["total"]
        return int(back or 0)

    return patch.object(returns, "undecided_minor", all_that_came_back)


def _reversal_booked_twice() -> Any:
    post = reversals.post

    def again(*, stripe_id: str, at: Any) -> None:
        before = Transfer.objects.get(stripe_id=stripe_id).reversed_minor
        post(stripe_id=stripe_id, at=at)
        known = Transfer.objects.select_related("item__performer").get(stripe_id=stripe_id)
        if known.item is not None and known.reversed_minor > before:
            owner = known.item.performer.public_id
            ledger.move(
                debit=ledger.account(Kind.STRIPE_BALANCE, currency=known.currency),
                credit=ledger.account(Kind.PERFORMER_RETURNED, currency=known.currency, owner=owner),
                amount_minor=known.reversed_minor - before,
                key=f"reversal:{stripe_id}:{known.reversed_minor}:again",
                kind="reversal",
                book=known.item.book,
                at=at,
            )

    return patch.object(reversals, "post", again)


def _debt_settled_twice() -> Any:
    """What pays a debt stays in the wallet too, at the house's cost."""

    def arrive(self: Purse, amount_minor: int) -> list[Leg]:
        legs, left = self._repay(amount_minor)
        twice = amount_minor - left
        lost = [Leg(ledger.account(Kind.PLATFORM_LOSSES, currency=self.currency), twice)] if twice else []
        return legs + lost + self._refill_wallet(amount_minor)

    return patch.object(Purse, "arrive", arrive)


def _below_zero_twice() -> Any:
    found = settling._overpayments

    def doubled(items: list[PayItem], *, at: Any) -> Iterator[Any]:
        for each in found(items, at=at):
            each.amount_minor *= 2
            yield each

    return patch.object(settling, "_overpayments", doubled)


def _over_the_cap() -> Any:
    caps = recoveries.lowest_caps

    def none(earnings: Any, *, currency: str) -> dict[int, int]:
        return dict.fromkeys(caps(earnings, currency=currency), 10_000)

    return patch.object(recoveries, "lowest_caps", none)


def _wrong_refill() -> Any:
    """A correction of a closed gig's line goes back twice, to the house's cost."""
    correct = Purse.correct

    def more(self: Purse, gig_id: str, amount_minor: int) -> list[Leg]:
        legs = correct(self, gig_id, amount_minor)
        lost = Leg(ledger.account(Kind.PLATFORM_LOSSES, currency=self.currency), amount_minor)
        return [*legs, lost, *self._refill_wallet(amount_minor)]

    return patch.object(Purse, "correct", more)


def _given_back_past_the_debt() -> Any:
    def give_back(self: Purse, gig_id: str, amount_minor: int) -> list[Leg]:
        taken, _ = self._take_budget(self.budgets[gig_id], amount_minor)
        self._note(self.budgets[gig_id], taken)
        return taken + self._refill_wallet(sum(leg.amount_minor for leg in taken))

    return patch.object(Purse, "give_back", give_back)


def _cancelled_runs_stay() -> Any:
    """A run that is cancelled leaves its items as they are."""
    cancel = payroll.cancel

    def but_its_items(*, run: Any, **given: Any) -> Any:
        before = dict(PayItem.objects.filter(run=run).values_list("pk", "state"))
        done = cancel(run=run, **given)
        for key, state in before.items():
            PayItem.objects.filter(pk=key).update(state=state, due_at=given["at"])
        return done

    return patch.object(payroll, "cancel", but_its_items)


def _paid_again_double() -> Any:
    again = returns._pay_again

    def double(item: PayItem, run: Any, amount_minor: int, *, by: Any, at: Any) -> PayItem:
        made = again(item, run, amount_minor, by=by, at=at)
        PayItem.objects.filter(pk=made.pk).update(amount_minor=2 * amount_minor)
        return made

    return patch.object(returns, "_pay_again", double)


def _given_up_twice() -> Any:
    """An approval pressed twice is booked twice."""
    post = entries.post

    def again(adjustment: Any, *, at: Any) -> None:
        post(adjustment, at=at)
        if adjustment.what == "stray_company":
            owner = adjustment.company.public_id
            ledger.move(
                debit=ledger.account(Kind.SUSPENSE, currency=adjustment.currency),
                credit=ledger.account(Kind.COMPANY_WALLET, currency=adjustment.currency, owner=owner),
                amount_minor=abs(adjustment.amount_minor),
                key=f"again:{adjustment.public_id}",
                kind="stray",
                at=at,
            )

    return patch.object(entries, "post", again)


def _late_draws_on() -> Any:
    require = drawing.require_left

    def whoever(company: Any, amount: Money, *, at: Any) -> Any:
        with patch.object(TermsNow, "overdue", property(lambda self: Money(0, self.currency))):
            return require(company, amount, at=at)

    return patch.object(drawing, "require_left", whoever)


def _due_a_week_late() -> Any:
    due_on = calculate.due_on

    def later(drawn_on: date, *, pay_days: int) -> date:
        return due_on(drawn_on, pay_days=pay_days) + timedelta(days=7)

    return patch.object(calculate, "due_on", later)


def _free_money_stays_free() -> Any:
    """What becomes free goes to the wallet, whatever was drawn."""

    def refill(self: Purse, amount_minor: int) -> list[Leg]:
        self.wallet_minor += amount_minor
        return self._leg(Kind.COMPANY_WALLET, self.company_id, -amount_minor)

    return patch.object(Purse, "_refill_wallet", refill)


MONEY_MUTANTS: dict[str, Callable[[], Any]] = {
    "a refund is booked twice": _refunds_book_twice,
    "a failed debit is not heard": lambda: _unheard(MK.PAYMENT_FAILED),
    "a won dispute is not heard": lambda: _unheard(MK.DISPUTE_WON),
    "a dispute is booked in full": _disputes_in_full,
    "what was refunded lands": _lands_whole,
    "a reversal is claimed twice": _claimed_twice,
    "a reversal is booked twice": _reversal_booked_twice,
    "a debt is settled twice": _debt_settled_twice,
    "a debt is not noted": lambda: patch.object(companies, "record_debt", lambda **_: False),
    "money that arrives pays no debt": lambda: patch.object(
        Purse, "arrive", lambda self, minor: self._refill_wallet(minor)
    ),
    "a budget goes past the debt": _given_back_past_the_debt,
    "below zero is netted twice": _below_zero_twice,
    "a recovery goes over its cap": _over_the_cap,
    "a recovery begins at once": lambda: patch.object(recoveries, "TOLD_BEFORE", timedelta()),
    "a closed account is forgotten": lambda: patch.object(bank, "_note_what_is_left", _nothing),
    "a correction goes back twice": _wrong_refill,
    "a cancelled run stays": _cancelled_runs_stay,
    "what came back is paid double": _paid_again_double,
    "nobody is told that pay came back": lambda: patch.object(returns, "tell", _nothing),
    "a stray is in no books": lambda: patch.object(house, "suspend", _nothing),
    "a stray is a company's twice": _given_up_twice,
    "a withdrawal is taken twice": lambda: patch.object(withdrawals, "heard", _nothing),
    "who is late draws on": _late_draws_on,
    "a draw is due a week late": _due_a_week_late,
    "what becomes free pays no draw": _free_money_stays_free,
    "a draw is not written down": lambda: patch.object(drawing, "note", _nothing),
    "nobody is reminded of terms": lambda: patch.object(reminders, "remind_due", lambda **_: 0),
    "who owes is not told": lambda: patch.object(debts, "_tell", _nothing),
}
