"""Books of before are brought to today's rules by new entries, each under a key of its own, and each once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import PLACE, tell_staff
from kit.crash import crash_point
from kit.errors import DomainError
from kit.instants import for_machines
from kit.text import required_text
from payments.adjustments.operations import SameProposer
from payments.gateway import checkout
from payments.gateway.checkout import MovementFacts
from payments.ledger import operations as ledger
from payments.restating import companies, performers
from payments.restating.companies import Movements, OfCompanies
from payments.restating.lines import Line, hash_of, shown, without_posted
from payments.restating.models import Restatement
from payments.restating.states import RestatementState

FOLLOW = {
    performers.RETURNED: performers.follow_returned,
    performers.BELOW_ZERO: performers.follow_below_zero,
}


class NothingToRestate(DomainError):
    """Nothing to do: the books stand by today's rules."""

    code = "nothing_to_restate"
    title = "The books stand as they should"


class RestatementWaits(DomainError):
    """Decide about the one that was proposed, or take it back."""

    code = "restatement_waits"
    title = "One waits for a second person"


class BooksMoved(DomainError):
    """Decline it, and propose anew over the books as they are now."""

    code = "books_moved"
    title = "It is not what was proposed any more"


@dataclass
class Plan:
    """What is to be posted, in this order, over books that are locked until the transaction ends."""

    lines: list[Line]
    of_companies: list[OfCompanies]


def preview() -> list[dict[str, Any]]:
    """What would be restated now; writes nothing. Asks Stripe about lost payments. Raises StripeUnavailable."""
    movements = _read_movements()
    with transaction.atomic():
        found = shown(_plan(movements).lines)
        transaction.set_rollback(True)
    return found


def propose(*, by: Actor, at: datetime) -> Restatement:
    """Write down what is to be restated, with its hash, for a second person. Raises Forbidden (403), NothingToRestate,
    RestatementWaits (409), StripeUnavailable."""
    by.require_finance()
    person_id = by.require_person("A person in finance proposes it.")
    movements = _read_movements()
    try:
        with transaction.atomic():
            plan, kept = _plan(movements), _as_json(movements)
            if not plan.lines:
                raise NothingToRestate("Nothing of before is left.")
            made = Restatement.objects.create(
                lines=shown(plan.lines),
                movements=kept,
                content_hash=hash_of(plan.lines, kept),
                proposed_by_id=person_id,
                proposed_at=at,
            )
            audit.record(verb="restatement.proposed", thing=made, by=by, at=at, hash=made.content_hash)
            _tell(made, at=at)
    except IntegrityError as error:
        if "one_restatement_waits" in str(error):
            raise RestatementWaits("Somebody has proposed one already.") from error
        raise
    return made


@transaction.atomic
def approve(*, restatement: Restatement, seen_hash: str, by: Actor, at: datetime) -> Restatement:
    """The second person, freshly proved, over the hash that they saw: it goes into the books. Twice is once.

    Raises Forbidden, SameProposer, StaleProof (403), IllegalMove, BooksMoved (409).
    """
    by.require_finance()
    person_id = by.require_person("Only a person in finance approves what moves money in the books.")
    by.require_proof(StepUp.MOVE_MONEY, at=at)
    restatement = Restatement.objects.select_for_update().get(pk=restatement.pk)
    if restatement.state == RestatementState.APPROVED and restatement.decided_by_id == person_id:
        return restatement
    if restatement.proposed_by_id == person_id:
        raise SameProposer("You proposed it, so someone else in finance approves it.")
    audit.move(restatement, RestatementState.APPROVED, by=by, at=at, decided_by_id=person_id, decided_at=at)
    movements = _from_json(restatement.movements)
    plan = _plan(movements)
    now = hash_of(plan.lines, restatement.movements)
    if not restatement.content_hash == seen_hash == now:
        raise BooksMoved("The books have moved since it was proposed; nothing was posted.")
    ledger.post([line.draft for line in plan.lines], at=at)
    crash_point("restatement.posted")
    for line in plan.lines:
        if line.what in FOLLOW:
            FOLLOW[line.what](line, at=at)
    for found in plan.of_companies:
        companies.follow(found, movements, at=at)
    return restatement


@transaction.atomic
def decline(*, restatement: Restatement, answer: str, by: Actor, at: datetime) -> Restatement:
    """It does not go into the books: the proposer takes it back, or another declines it. Raises Forbidden (403), Invalid (422)
    without a reason, IllegalMove (409)."""
    by.require_finance()
    person_id = by.require_person("A person in finance decides.")
    answer = required_text(answer, field="answer", missing="Say why.")
    restatement = Restatement.objects.select_for_update().get(pk=restatement.pk)
    own = restatement.proposed_by_id == person_id
    to = RestatementState.WITHDRAWN if own else RestatementState.DECLINED
    said = {"answer": answer, "decided_by_id": person_id, "decided_at": at}
    audit.move(restatement, to, by=by, at=at, reason=answer, **said)
    return restatement


def _plan(movements: Movements) -> Plan:
    of_performers = without_posted([*performers.returned(), *performers.below_zero()])
    found = [companies.plan(movements, currency=currency) for currency in settings.CURRENCIES]
    for each in found:
        each.lines = without_posted(each.lines)
    return Plan([*of_performers, *(line for each in found for line in each.lines)], found)


def _read_movements() -> Movements:
    """What Stripe says of each payment that was booked by its status; no transaction is open."""
    return {
        funding.public_id: checkout.payment(funding.payment_intent_id).movements
        for funding in companies.to_restate()
        if funding.payment_intent_id
    }


def _as_json(movements: Movements) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{**asdict(each), "created_at": for_machines(each.created_at)} for each in rows]
        for name, rows in movements.items()
    }


def _from_json(kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> Movements:
    return {
        name: [
            MovementFacts(**{**each, "created_at": datetime.fromisoformat(each["created_at"])})
            for each in rows
        ]
        for name, rows in kept.items()
    }


def _tell(restatement: Restatement, *, at: datetime) -> None:
    tell_staff(
        kind=MoneyKind.RESTATEMENT_PROPOSED,
        key=f"restatement:{restatement.public_id}",
        about={"count": str(len(restatement.lines))},
        where={PLACE: restatement.public_id},
        at=at,
    )
