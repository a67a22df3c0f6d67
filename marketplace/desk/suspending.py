"""Suspending somebody with what it means here: a company's gigs leave the board, booked sessions are answered for."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.standing import suspensions
from accounts.standing.models import Subject, Suspension
from accounts.standing.reasons import Suspended
from kit.errors import Invalid
from marketplace.gigs import reviewing
from marketplace.sessions import suspended
from marketplace.sessions.models import Session


class Answer(TextChoices):
    """What becomes of a booked session with a suspended side."""

    KEEP = "keep", "It takes place"
    CALL_OFF = "call_off", "It is called off"


@transaction.atomic
def suspend(
    *, subject: Subject, reason: Suspended, words: str, evidence: str, by: Actor, at: datetime
) -> Suspension:
    """Suspend a performer or a company; a company's gigs are paused with it.

    Raises Forbidden, OwnStanding (403), IllegalMove (409), Invalid (422).
    """
    suspension = suspensions.suspend(
        subject=subject, reason=reason, words=words, evidence=evidence, by=by, at=at
    )
    if isinstance(subject, Company):
        reviewing.pause_all(company=subject, by=by, at=at)
    return suspension


@transaction.atomic
def answer_for(
    *,
    suspension: Suspension,
    sessions: Sequence[Session],
    answer: Answer,
    reason: str,
    by: Actor,
    at: datetime,
) -> Suspension:
    """Say of booked sessions whether they take place, all or none of them; both sides are told.

    Raises Forbidden, OwnStanding (403), NothingToAnswer, TooLate (409), Invalid (422).
    """
    if answer not in Answer.values:
        raise Invalid.field("answer", "Keep them, or call them off.", code="not_a_choice")
    if not sessions:
        raise Invalid.field("sessions", "Choose at least one session.", code="required")
    act = suspended.keep if answer == Answer.KEEP else suspended.call_off
    # In one order, so that two who answer wait for each other.
    for session in sorted(sessions, key=lambda each: each.pk):
        act(session=session, suspension=suspension, reason=reason, by=by, at=at)
    return suspension
