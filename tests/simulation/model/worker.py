"""A worker: the product's way of one item as a generator that stands still at each crash point."""

from collections.abc import Callable, Iterator

from tests.simulation.model.answers import Answer
from tests.simulation.model.house import Claim, House
from tests.simulation.model.stripe import Stripe

NOTHING = "nothing due"


def work(house: House, stripe: Stripe, now: Callable[[], int]) -> Iterator[str]:
    """Sweep for ever; the names are the product's crash points."""
    rules = house.rules
    while True:
        yield "claim.before_commit"
        claim = house.claim(now())
        if claim is None:
            yield NOTHING
            continue
        yield "send.claimed"
        at = now()
        if not rules.may_send(claim, at):
            continue
        if rules.must_look_up(claim, at):
            yield from _look_up(claim, at, house, stripe, now)
            continue
        if rules.peeks(claim.sends):
            found = stripe.in_group(claim.n)
            yield "peek.listed"
            if found:
                yield "record.before_commit"
                house.record(claim, Answer.MADE, found[0], now())
                continue
            if not rules.may_send_after_peek(claim, now()):
                continue
        key = rules.key_of_sending(claim.key, claim.sends)
        answer, transfer = stripe.create(key, (claim.n, claim.generation))
        yield "send.called"
        yield "record.before_commit"
        house.record(claim, answer, transfer, now())
        yield "send.recorded"


def _look_up(claim: Claim, at: int, house: House, stripe: Stripe, now: Callable[[], int]) -> Iterator[str]:
    found = stripe.in_group(claim.n)
    if found is None:
        yield "record.before_commit"
        house.undecided(claim, at)
        return
    yield "lookup.listed"
    found = house.rules.sees(found)
    if found:
        yield "record.before_commit"
        house.record(claim, Answer.MADE, found[0], at)
    else:
        yield "lookup.given_back"
        house.absent(claim, at)
