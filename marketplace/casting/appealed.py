"""The decision of this room that can be appealed: a company's no to an applicant. Talent operations answer, a second human."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.appeals.models import Appeal
from accounts.appeals.states import AppealState
from accounts.appeals.subjects import KINDS, Decision, Kind
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.work_kinds import WorkKind
from kit.errors import NotFound
from kit.transitions import IllegalMove
from marketplace.casting import operations
from marketplace.casting.models import Application, KeptPlace
from marketplace.casting.queries import get_application
from marketplace.casting.states import OVER, ApplicationState, Reason
from marketplace.gigs.queries import is_over
from marketplace.gigs.states import WORKING

# How long a place is kept for who was found to be right: time for the company to read, ask and offer.
KEPT_FOR = timedelta(days=14)
S = ApplicationState


def find(actor: Actor, public_id: str) -> Decision:
    """The no as it was given, also after it was taken back. Raises NotFound (404)."""
    application = get_application(actor, public_id)
    won = KeptPlace.objects.filter(application=application).order_by("-pk").first()
    decided_at = application.decided_at
    decision = Decision(
        id=application.public_id,
        about=application.performer,
        title=f"“{application.gig.title}”, {application.gig.company.name}: not selected",
        said=_said(application.reason, application.reason_note),
        decided_by_id=application.decided_by_id,
        decided_at=decided_at or application.created_at,
        stands=application.may_be_appealed and application.gig.state in WORKING,
    )
    if application.may_be_appealed:
        return decision
    if won is None:
        raise NotFound
    return _taken_back(decision, won)


def before(decision: Decision, appeal: Appeal) -> Decision:
    """A no that was taken back may be followed by another: the one that stood when the appeal was filed."""
    kept = KeptPlace.objects.filter(application__public_id=appeal.subject, ruled_at__gte=appeal.filed_at)
    won = kept.order_by("pk").first()
    return decision if won is None else _taken_back(decision, won)


def _taken_back(decision: Decision, won: KeptPlace) -> Decision:
    return replace(
        decision,
        said=_said(won.was_reason, won.was_note),
        decided_by_id=won.was_decided_by_id,
        decided_at=won.was_decided_at,
        stands=False,
    )


def _said(reason: str, note: str) -> str:
    return f"{Reason(reason).label}. {note}".strip() if reason else ""


def parties(subjects: Collection[str]) -> dict[str, Collection[int]]:
    """Whoever acts for the company that said no, by application."""
    rows = Application.objects.filter(public_id__in=subjects, gig__company__memberships__isnull=False)
    found: dict[str, set[int]] = {}
    for public_id, user_id in rows.values_list("public_id", "gig__company__memberships__user_id"):
        found.setdefault(str(public_id), set()).add(user_id)
    return dict(found)


@transaction.atomic
def take_back(*, subject: str, reason: str, by: Actor, at: datetime) -> None:
    """The no is gone: they are on the shortlist again, and a place is kept for them for KEPT_FOR.

    Raises GigNotOpen (409) where the gig is over, AlreadyApplied (409) where they have applied again meanwhile, IllegalMove (409)
    the second time.
    """
    application = operations.locked(Application.objects.get(public_id=subject))
    gig = application.gig
    if gig.state not in WORKING or is_over(gig, at=at):
        raise operations.GigNotOpen(
            "The gig is over, so no place in it can be kept. Put it right in another way."
        )
    if application.state != S.NOT_SELECTED or application.decided_at is None:
        raise IllegalMove("It was taken back already.")
    others = Application.objects.filter(gig=gig, performer=application.performer).exclude(state__in=OVER)
    if others.exists():
        raise operations.AlreadyApplied("They have applied again since. Put it right in another way.")
    KeptPlace.objects.create(
        application=application,
        was_reason=application.reason,
        was_note=application.reason_note,
        was_decided_by_id=application.decided_by_id,
        was_decided_at=application.decided_at,
        ruled_at=at,
        until=at + KEPT_FOR,
    )
    audit.move(application, S.SHORTLISTED, by=by, at=at, reason=reason, decided_at=None, decided_by_id=None)
    application.reason = application.reason_note = ""
    application.answer_due_at = at + KEPT_FOR
    application.save(update_fields=["reason", "reason_note", "answer_due_at"])


def hear(appeal: Appeal, *, at: datetime) -> None:
    """The company is told that a place is kept, and what came of it."""
    gig = Application.objects.select_related("gig").get(public_id=appeal.subject).gig
    about: About = {"gig": gig.title}
    match appeal.state:
        case AppealState.FILED:
            kind, about = WorkKind.ANSWER_APPEALED, {"gig": gig.title, "due_at": appeal.answer_due_at}
        case AppealState.REVERSED:
            kind, about = WorkKind.ANSWER_TAKEN_BACK, {"gig": gig.title, "until": at + KEPT_FOR}
        case AppealState.WITHDRAWN:
            kind = WorkKind.APPEAL_TAKEN_BACK
        case _:
            kind = WorkKind.ANSWER_STAYS
    tell_company(
        kind=kind,
        company_id=gig.company_id,
        key=f"appeal:{appeal.public_id}:{appeal.state}:company",
        about=about,
        where={"gig_id": gig.public_id},
        at=at,
    )


def register() -> None:
    KINDS["app"] = Kind(
        find,
        take_back,
        (operations.GigNotOpen, operations.AlreadyApplied),
        parties=parties,
        hear=hear,
        before=before,
    )
