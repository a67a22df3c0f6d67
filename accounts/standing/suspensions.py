"""Suspension with due process: a reason, what it rests on, a notice that says how to appeal, and a way back."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.standings import Standing
from accounts.appeals import operations as appeals
from accounts.audit import operations as audit
from accounts.standing import notices
from accounts.standing.models import LONGEST_EVIDENCE, LONGEST_WORDS, Subject, Suspension, keys
from accounts.standing.reasons import Suspended
from accounts.standing.vetting import locked_subject, require_other
from kit.errors import DomainError, Invalid
from kit.text import required_text

S = Standing


class AlreadyLifted(DomainError):
    """Nothing to do: it does not hold any more."""

    code = "already_lifted"
    title = "This suspension is lifted"


@transaction.atomic
def suspend(
    *, subject: Subject, reason: Suspended, words: str, evidence: str, by: Actor, at: datetime
) -> Suspension:
    """Nothing new from now on, at every door: no application, offer, booking or publishing. What is earned is paid.

    The booked sessions are a higher room's to answer for. Raises Forbidden, OwnStanding (403), IllegalMove (409) unless
    approved, Invalid (422) without reason, words or evidence.
    """
    require_other(subject, by)
    if reason not in Suspended.values:
        raise Invalid.field("reason", "Choose a reason.", code="not_a_choice")
    said = required_text(
        words, field="words", missing="Say what happened; they read it.", longest=LONGEST_WORDS
    )
    shown = required_text(
        evidence, field="evidence", missing="Say what it rests on; they read it.", longest=LONGEST_EVIDENCE
    )
    subject = locked_subject(subject)
    audit.move(subject, S.SUSPENDED, by=by, at=at, reason=f"{reason}: {said}")
    suspension = Suspension.objects.create(
        **keys(subject),
        reason=reason,
        words=said,
        evidence=shown,
        suspended_by_id=by.user_id,
        suspended_at=at,
    )
    notices.suspended(suspension, at=at)
    return suspension


@transaction.atomic
def reinstate(*, suspension: Suspension, reason: str, by: Actor, at: datetime) -> Suspension:
    """Lift it, with a reason that is told; an appeal that waits has its answer thereby.

    Raises Forbidden, OwnStanding (403), AlreadyLifted (409), Invalid (422) without a reason.
    """
    require_other(suspension.subject, by)
    said = required_text(reason, missing="Say why; they read it.", longest=LONGEST_WORDS)
    suspension = _lift(suspension, said, by=by, at=at)
    appeals.settle(subject=suspension.public_id, text=said, by=by, at=at)
    return suspension


@transaction.atomic
def reinstate_on_appeal(*, subject: str, reason: str, by: Actor, at: datetime) -> None:
    """The suspension with the public id `subject` is taken back. Raises AlreadyLifted (409)."""
    _lift(Suspension.objects.get(public_id=subject), reason, by=by, at=at)


def _lift(suspension: Suspension, reason: str, *, by: Actor, at: datetime) -> Suspension:
    subject = locked_subject(suspension.subject)
    rows = Suspension.objects.select_for_update(of=("self",)).select_related("performer__user", "company")
    suspension = rows.get(pk=suspension.pk)
    if suspension.lifted_at is not None:
        raise AlreadyLifted("It was lifted meanwhile.")
    audit.move(subject, S.APPROVED, by=by, at=at, reason=reason)
    suspension.lifted_by_id, suspension.lifted_at, suspension.lift_reason = by.user_id, at, reason
    suspension.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
    notices.reinstated(suspension, at=at)
    return suspension
