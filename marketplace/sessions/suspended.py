"""Booked sessions with a suspended side: talent operations say of each whether it takes place. Sessions under way go on."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.access.actors import Actor
from accounts.access.standings import Standing, Suspended
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.operations import notify
from accounts.notifications.standing_kinds import StandingKind as Kind
from accounts.standing.models import Subject, Suspension
from accounts.standing.vetting import require_other
from kit.errors import DomainError
from kit.text import required_text
from marketplace.sessions import calling_off, operations
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Cancelled, Seat, Session, SessionQuerySet
from marketplace.sessions.states import BEFORE


class NothingToAnswer(DomainError):
    """Nothing to do: none of its sides is suspended, it was answered for, or it is over."""

    code = "nothing_to_answer"
    title = "This session asks for no answer"


@dataclass(frozen=True)
class Borne:
    """What calling off some booked sessions costs one company now, and how many they are. A house that calls them off takes
    nothing: those who were booked are paid by the notice out of the gigs' budgets, as when their company calls off."""

    company: Company
    sessions: int
    price: calling_off.Price


def booked_with(subject: Subject, *, at: datetime) -> SessionQuerySet:
    """The booked sessions of a performer or a company that lie ahead."""
    ahead = Session.objects.filter(state__in=BEFORE, call_at__gt=at)
    if isinstance(subject, Company):
        return ahead.filter(company=subject)
    seated = Seat.objects.filter(performer=subject, released_at=None)
    return ahead.filter(pk__in=seated.values("session_id"))


def borne_by(sessions: SessionQuerySet, *, at: datetime) -> list[Borne]:
    """What calling all of these off costs, by who bears it: each company apart, and each of its currencies."""
    groups: dict[tuple[str, str], list[Session]] = {}
    for session in (
        sessions.select_related("gig", "company").prefetch_related("seats").order_by("call_at", "pk")
    ):
        groups.setdefault((session.company.name, session.gig.currency), []).append(session)
    return [
        Borne(own[0].company, len(own), calling_off.price_of(own, currency=currency, at=at))
        for (_, currency), own in sorted(groups.items())
    ]


def awaiting(suspension: Suspension, *, at: datetime) -> SessionQuerySet:
    """The booked sessions of whom is suspended for which it was not said whether they take place."""
    unanswered = Q(kept_at__isnull=True) | Q(kept_at__lt=suspension.suspended_at)
    return booked_with(suspension.subject, at=at).filter(unanswered)


def with_open_sessions(*, at: datetime) -> list[int]:
    """The keys of the suspensions that hold and have a session to answer for."""
    ahead = Q(state__in=BEFORE, call_at__gt=at)
    unanswered = Q(kept_at__isnull=True) | Q(kept_at__lt=F("since"))
    open_ones = Suspension.objects.filter(lifted_at=None)
    by_company = Session.objects.filter(ahead, company__suspensions__in=open_ones)
    by_company = by_company.annotate(since=F("company__suspensions__suspended_at")).filter(unanswered)
    by_seat = Session.objects.filter(
        ahead, seats__released_at=None, seats__performer__suspensions__in=open_ones
    )
    by_seat = by_seat.annotate(since=F("seats__performer__suspensions__suspended_at")).filter(unanswered)
    found = {*by_company.values_list("company__suspensions", flat=True)}
    return sorted(found | {*by_seat.values_list("seats__performer__suspensions", flat=True)})


@transaction.atomic
def keep(*, session: Session, suspension: Suspension, reason: str, by: Actor, at: datetime) -> Session:
    """It takes place as it is booked; both sides are told.

    Raises Forbidden, OwnStanding (403), NothingToAnswer (409), Invalid (422) without a reason.
    """
    require_other(suspension.subject, by)
    said = required_text(reason, missing="Say why; both sides read it.", longest=LONGEST_CANCEL_REASON)
    session = _to_answer(session, suspension, at=at)
    session.kept_at = at
    session.save(update_fields=["kept_at"])
    audit.record(verb="session.kept", thing=session, by=by, at=at, reason=said, suspension=str(suspension))
    key, where = f"kept:{session.public_id}:{suspension.public_id}", {"session_id": session.public_id}
    for seat in session.seats.filter(released_at=None).select_related("performer"):
        notify(
            kind=Kind.BOOKING_KEPT_TO_PERFORMER,
            user_id=seat.performer.user_id,
            key=key,
            about={"gig": session.gig.title, "call_at": session.call_at, "reason": said},
            where=where,
            at=at,
        )
    tell_company(
        kind=Kind.BOOKING_KEPT_TO_COMPANY,
        company_id=session.company_id,
        key=key,
        about={"gig": session.gig.title, "call_at": session.call_at, "reason": said},
        where=where,
        at=at,
    )
    return session


@transaction.atomic
def call_off(*, session: Session, suspension: Suspension, reason: str, by: Actor, at: datetime) -> Session:
    """It is called off by the house; who was booked is paid by the notice, as when a company calls off. Both are told.

    Raises Forbidden, OwnStanding (403), NothingToAnswer (409), Invalid (422) without a reason.
    """
    require_other(suspension.subject, by)
    session = _to_answer(session, suspension, at=at)
    session = calling_off.call_off(session, Cancelled.HOUSE, reason, by=by, at=at)
    operations.tell_its_company(
        session,
        kind=Kind.CALLED_OFF_BY_THE_HOUSE,
        about={
            "gig": session.gig.title,
            "call_at": session.call_at,
            "reason": session.cancel_reason,
        },
        at=at,
    )
    return session


def refuse_unanswered(seat: Seat) -> None:
    """Raise Suspended (409) for a suspended performer whose booking nobody has answered for; one under way goes on."""
    session = seat.session
    if seat.performer.state != Standing.SUSPENDED or session.state not in BEFORE:
        return
    holds = Suspension.objects.filter(performer=seat.performer, lifted_at=None)
    if session.kept_at is None or holds.filter(suspended_at__gt=session.kept_at).exists():
        raise Suspended("Talent operations have not said yet whether this session takes place.")


def _to_answer(session: Session, suspension: Suspension, *, at: datetime) -> Session:
    session = operations.locked(session.pk)
    if suspension.lifted_at is not None or not awaiting(suspension, at=at).filter(pk=session.pk).exists():
        raise NothingToAnswer("None of its sides is suspended, it was answered for, or its call has passed.")
    return session
