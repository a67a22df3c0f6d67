"""A frozen run is signed by as many people as its total asks for, each over what they saw; with the last it is approved."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.identity.models import User
from accounts.identity.queries import get_person
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import tell_staff
from kit.crash import crash_point
from kit.errors import DomainError
from kit.instants import in_words
from kit.money import Money
from payments.payroll import limits, queries
from payments.payroll.models import PayItem, PayRun, RunSignature
from payments.payroll.operations import refuse_own_pay
from payments.payroll.states import RUN, RunState


class SamePersonTwice(DomainError):
    """Ask someone else in finance to approve the run that you froze."""

    code = "approver_is_creator"
    status = 403
    title = "Another person approves"


class AboveYourLimit(DomainError):
    """Ask a colleague in finance who signs for as much, or administration to raise your limit."""

    code = "above_your_limit"
    status = 403
    title = "This is more than you sign for"


class ContentChanged(DomainError):
    """Read the run again, and approve what it is now."""

    code = "run_content_changed"
    title = "This is not the run that you looked at"


class AlreadyApproved(DomainError):
    """Nothing is left to approve; read the run to see how it stands."""

    code = "run_already_approved"
    title = "This run is approved already"


class NotSigned(DomainError):
    """Nothing to take back; read the run to see who has signed it."""

    code = "not_signed"
    title = "You have not signed this run"


def approve(*, run: PayRun, seen_hash: str, by: Actor, at: datetime) -> PayRun:
    """Another person than who froze it signs, over the hash they looked at, having just proved who they are.

    The run goes out once as many have signed as it needs; those count who are in finance still. The same person's second press
    returns the run as it is. Raises Forbidden, OwnPay, SamePersonTwice, AboveYourLimit, StaleProof (403), AlreadyApproved,
    ContentChanged, IllegalMove (409). A key can never sign.
    """
    by.require_finance()
    person_id = by.require_person("Only a person in finance approves a pay run.")
    by.require_proof(StepUp.APPROVE_PAY, at=at)
    with transaction.atomic():
        run = PayRun.objects.select_for_update().get(pk=run.pk)
        standing = signatures(run).filter(by_id=person_id, signed_hash=seen_hash).exists()
        if standing and run.state not in (RunState.FROZEN, RunState.CANCELLED):
            return run
        _refuse_approved(run, by)
        refuse_signing(run, by)
        if seen_hash != run.content_hash or queries.content_hash(run) != run.content_hash:
            raise ContentChanged(
                "The run's content is not what was frozen. Look at it again before you approve."
            )
        RUN.check(run.state, RunState.APPROVED)
        signature = None if standing else _sign(run, person_id, by=by, at=at)
        # Counted anew at each press: whoever had left finance may be back.
        if (missing := still_missing(run)) > 0:
            if signature is not None:
                _tell(MoneyKind.RUN_SIGNED, signature, missing, by=by, at=at)
            return run
        audit.move(
            run,
            RunState.APPROVED,
            by=by,
            at=at,
            approved_by_id=person_id,
            approved_at=at,
            approved_hash=seen_hash,
        )
        crash_point("approve.before_commit")
    return run


@transaction.atomic
def take_back(*, run: PayRun, by: Actor, at: datetime) -> PayRun:
    """Take one's own signature back while others are still missing. An approved run is cancelled instead.

    Raises Forbidden (403), NotSigned, AlreadyApproved, IllegalMove (409).
    """
    by.require_finance()
    person_id = by.require_person("Whoever signed takes it back.")
    run = PayRun.objects.select_for_update().get(pk=run.pk)
    _refuse_approved(run, by)
    RUN.check(run.state, RunState.APPROVED)
    signature = signatures(run).filter(by_id=person_id).first()
    if signature is None:
        raise NotSigned("You have not signed this run, or have taken it back.")
    RunSignature.objects.filter(pk=signature.pk).update(taken_back_at=at)
    audit.record(verb="pay_run.signature_taken_back", thing=run, by=by, at=at)
    _tell(MoneyKind.SIGNATURE_TAKEN_BACK, signature, still_missing(run), by=by, at=at)
    return run


def signatures(run: PayRun) -> QuerySet[RunSignature]:
    """Those of a run that stand, in their order."""
    return RunSignature.objects.filter(run=run, taken_back_at=None).order_by("id")


def still_missing(run: PayRun) -> int:
    """How many more must sign. Those count who are in finance still: the others' are for somebody else to give."""
    counts = signatures(run).filter(signed_hash=run.content_hash, by__in=limits.in_finance())
    return max(run.signatures_needed - counts.count(), 0)


def refuse_signing(run: PayRun, by: Actor) -> None:
    """Raise why this person is none of those who sign this run: SamePersonTwice, OwnPay, AboveYourLimit (403)."""
    if by.user_id is not None and run.frozen_by_id == by.user_id:
        raise SamePersonTwice("You froze this run, so someone else in finance approves it.")
    refuse_own_pay(run, by)
    limit = limits.limit_of(by.user_id, run.currency) if by.user_id is not None else None
    if limit is not None and (weight := limits.weight_minor(run, run.total_minor)) > limit:
        most, said = (Money(minor, run.currency).display() for minor in (limit, weight))
        beside = " with the others beside this week" if weight != run.total_minor else ""
        raise AboveYourLimit(f"You sign for at most {most}, and this run is {said}{beside}.")


def who_can(run: PayRun) -> list[User]:
    """Who else in finance can sign a frozen run, by name. Nobody: administration invites someone or raises a limit."""
    signed = set(signatures(run).values_list("by_id", flat=True))
    paid = set(
        PayItem.objects.filter(run=run, performer__user__in=limits.in_finance()).values_list(
            "performer__user_id", flat=True
        )
    )
    weight = limits.weight_minor(run, run.total_minor)
    return [
        signer.user
        for signer in limits.signers(currency=run.currency)
        if signer.user.pk not in signed | paid | {run.frozen_by_id}
        and (signer.limit_minor is None or weight <= signer.limit_minor)
    ]


def _refuse_approved(run: PayRun, by: Actor) -> None:
    if run.approved_by and run.approved_at and run.state != RunState.CANCELLED:
        when = in_words(run.approved_at, by.zone)
        raise AlreadyApproved(f"It was approved already by {run.approved_by.name}, {when}.")


def _sign(run: PayRun, person_id: int, *, by: Actor, at: datetime) -> RunSignature:
    # One of an earlier content stands no more.
    signatures(run).filter(by_id=person_id).update(taken_back_at=at)
    made = RunSignature.objects.create(
        run=run,
        by_id=person_id,
        signed_hash=run.content_hash,
        limit_minor=limits.limit_of(person_id, run.currency),
        signed_at=at,
    )
    audit.record(verb="pay_run.signed", thing=run, by=by, at=at, content_hash=run.content_hash)
    return made


def _tell(kind: MoneyKind, signature: RunSignature, missing: int, *, by: Actor, at: datetime) -> None:
    run = signature.run
    tell_staff(
        kind=kind,
        key=f"{kind.name.lower()}:{signature.pk}",
        about={
            "amount": Money(run.total_minor, run.currency),
            "missing": "one more signature" if missing == 1 else f"{missing} more signatures",
            "who": get_person(by).name,
        },
        where={"run_id": run.public_id},
        at=at,
    )
