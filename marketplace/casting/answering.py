"""Answering everyone who waits at once: with one press of the company, with a gig that ends, or by the house for a company
that is not there to do it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import Standing
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.operations import PLACE, Word, notify_each
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.standing.models import Suspension
from kit.errors import DomainError, Invalid
from kit.text import optional_text
from marketplace.casting import places
from marketplace.casting.models import LONGEST_REASON_NOTE, Application
from marketplace.casting.states import OF_THE_HOUSE, OPEN, ApplicationState, Reason
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED, GigState
from marketplace.retries import operations as retries
from marketplace.retries.models import Job

S = ApplicationState
SYSTEM = Actor.of_system("casting")
# How long a company that is suspended, or whose gig is past its last day, is waited for before the house answers for it.
SILENT_FOR = timedelta(days=14)
MOST_NAMED = 50


class ApplicationsUnanswered(DomainError):
    """Answer each, or all of them at once with `answer-all`; then complete the gig."""

    code = "applications_unanswered"
    title = "Applicants still wait for your answer"


class GigTakesApplications(DomainError):
    """Close the gig, or pause it; then answer all who wait. One by one they can be answered at any time."""

    code = "gig_takes_applications"
    title = "It still takes applications"


def waiting_for(gig: Gig) -> QuerySet[Application]:
    """Who waits for the company's answer; an offer waits for the performer's."""
    return Application.objects.filter(gig=gig, state__in=OPEN).order_by("answer_due_at", "pk")


def refuse_unanswered(gig: Gig) -> None:
    """Raise ApplicationsUnanswered (409) with whoever waits, the first 50 by their ids. With the gig locked."""
    waiting = waiting_for(gig)
    if count := waiting.count():
        who = "1 applicant waits" if count == 1 else f"{count} applicants wait"
        raise ApplicationsUnanswered(
            f"{who} for your answer. Offer, decline with a reason, or answer all of them at once; then complete it.",
            waiting=count,
            applications=list(waiting.values_list("public_id", flat=True)[:MOST_NAMED]),
        )


@transaction.atomic
def answer_waiting(*, gig: Gig, reason: Reason, note: str = "", by: Actor, at: datetime) -> int:
    """Not this time, for everyone who waits: one reason from the closed list, each told once; returns how many.

    Only once nobody can apply any more, so that whoever comes in at this moment is not answered unread. Twice answers nobody
    twice. Raises Forbidden (403), GigTakesApplications (409), PlaceIsKept (409) where an appeal keeps a place for all who are
    left, Invalid (422) for a reason that is the house's own.
    """
    by.require(Act.CAST, company_id=gig.company_id)
    refuse_of_the_house(reason)
    note = optional_text(note, field="note", longest=LONGEST_REASON_NOTE)
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    if gig.state == GigState.PUBLISHED:
        raise GigTakesApplications("Somebody may apply at this moment. Close it or pause it first.")
    # Whom an appeal keeps a place for has no second no within that time.
    free_to_answer = waiting_for(gig).exclude(kept_places__until__gt=at)
    answered = decline_all(free_to_answer, reason, note, by=by, at=at)
    if not answered and (kept := waiting_for(gig).first()) is not None:
        places.refuse_no(kept, at=at)
    return answered


def refuse_of_the_house(reason: str) -> None:
    """Raise Invalid (422) for what only the house answers, for a company that is not there."""
    if reason in OF_THE_HOUSE:
        raise Invalid.field("reason", "Only the house answers with this one.", code="not_a_choice")


def decline_all(waiting: QuerySet[Application], reason: Reason, note: str, *, by: Actor, at: datetime) -> int:
    """Each of them is answered, audited and told, in a few statements. In a transaction, with the gig locked."""
    keys = list(waiting.values_list("pk", flat=True))
    rows = Application.objects.filter(pk__in=keys).order_by("pk")
    # The reason first: the database refuses a move to "not selected" without one.
    rows.update(reason=reason, reason_note=note, decided_by=by.user_id)
    audit.move_many(rows, S.NOT_SELECTED, by=by, at=at, reason=str(reason), decided_at=at)
    told = rows.values_list("performer__user_id", "public_id", "gig__title")
    notify_each(
        (
            Word(
                user_id,
                key=f"application:{public_id}:{S.NOT_SELECTED}:{at:%Y%m%d%H%M}",
                about={"gig": title, "reason": Reason(reason).label.lower(), "note": note},
                where={PLACE: public_id},
            )
            for user_id, public_id, title in told
        ),
        kind=Kind.NOT_SELECTED,
        at=at,
    )
    return len(keys)


def answer_for_the_silent(*, at: datetime) -> int:
    """The tick: whoever waits for a company that has been suspended, or for a gig that has been over, for SILENT_FOR is
    answered by the house; returns for how many gigs."""
    rows = _of_the_silent(at=at).select_related("company").order_by("pk")
    return retries.each(
        rows, lambda gig: _answer_for(gig, at=at), job=Job.ANSWER_FOR_SILENT, page=_page_of, at=at
    )


def _of_the_silent(*, at: datetime) -> QuerySet[Gig]:
    suspended = Suspension.objects.filter(
        company=OuterRef("company"), lifted_at=None, suspended_at__lte=at - SILENT_FOR
    )
    waits = Application.objects.filter(gig=OuterRef("pk"), state__in=OPEN)
    gigs = Gig.objects.exclude(state__in=ENDED).filter(Exists(waits)).annotate(gone=Exists(suspended))
    # A last day ends last twelve hours west of Greenwich.
    over = Q(ends_on__lt=(at - SILENT_FOR - timedelta(hours=12)).date())
    return gigs.filter(over | Q(gone=True))


def _answer_for(gig: Gig, *, at: datetime) -> bool:
    # The company first, as everywhere: it may come back, and its gig get days to come, while others are answered.
    company = Company.objects.select_for_update(no_key=True).get(pk=gig.company_id)
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    if not _of_the_silent(at=at).filter(pk=gig.pk).exists():
        return False
    gone = company.state == Standing.SUSPENDED
    reason = Reason.COMPANY_SUSPENDED if gone else Reason.NO_ANSWER
    answered = decline_all(waiting_for(gig), reason, "", by=SYSTEM, at=at)
    if answered:
        tell_company(
            kind=Kind.ANSWERED_FOR_YOU,
            company_id=gig.company_id,
            key=f"gig:{gig.public_id}:answered_for:{at:%Y%m%d%H%M}",
            about={"gig": gig.title, "count": str(answered), "reason": reason.label.lower()},
            where={"gig_id": gig.public_id},
            at=at,
        )
    return bool(answered)


def _page_of(gig: Gig) -> str:
    return reverse("gig_detail", args=[gig.public_id])
