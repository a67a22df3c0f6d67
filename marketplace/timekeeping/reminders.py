"""What people are reminded of before its deadline, once each. Of what is over nobody is reminded. Casting has the offers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify, tell_staff
from accounts.notifications.time_kinds import TimeKind
from accounts.notifications.work_kinds import WorkKind
from kit.instants import length_in_words
from kit.jobs import run_each
from marketplace.engagements.models import Terms
from marketplace.engagements.states import EngagementState
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.timekeeping.disputes import UNANSWERED
from marketplace.timekeeping.models import Dispute, TimeLine, Timesheet
from marketplace.timekeeping.operations import page_of
from marketplace.timekeeping.silence import page_of_its_line
from marketplace.timekeeping.states import LineState

PERFORMER_CONFIRMS = timedelta(hours=3)
COMPANY_APPROVES = timedelta(hours=24)
DISPUTE_IS_ANSWERED = timedelta(hours=24)
SIGNATURE_WAITS = timedelta(days=3)


def remind(*, at: datetime) -> None:
    """Everyone whose deadline comes near."""
    run_each(REMINDERS, at=at)


def _confirm_the_week(*, at: datetime) -> None:
    late = Timesheet.objects.performer_is_late
    soon = late(at=at + PERFORMER_CONFIRMS).exclude(pk__in=late(at=at).values("pk"))
    rows = soon.select_related("week", "company", "performer").order_by("id")
    retries.each(rows, lambda row: _confirm(row, at=at), job=Job.REMIND_TO_CONFIRM, page=page_of, at=at)


def _confirm(sheet: Timesheet, *, at: datetime) -> None:
    notify(
        kind=TimeKind.WEEK_CONFIRM_SOON,
        user_id=sheet.performer.user_id,
        key=f"week_confirm_soon:{sheet.public_id}",
        about={"company": sheet.company.name, "due_at": sheet.performer_due_at},
        where={"starts_on": str(sheet.week.starts_on)},
        at=at,
    )


def _approve_the_week(*, at: datetime) -> None:
    late = Timesheet.objects.company_is_late
    waiting = Exists(TimeLine.objects.filter(timesheet=OuterRef("pk"), state=LineState.RECORDED))
    soon = late(at=at + COMPANY_APPROVES).filter(waiting).exclude(pk__in=late(at=at).values("pk"))
    rows = soon.select_related("week", "company").order_by("id")
    retries.each(rows, lambda row: _approve(row, at=at), job=Job.REMIND_TO_APPROVE, page=page_of, at=at)


def _approve(sheet: Timesheet, *, at: datetime) -> None:
    due_at, told_at = sheet.company_due_at, sheet.told_company_at
    # Who was told no earlier than this has just read the same.
    if told_at is not None and told_at >= due_at - COMPANY_APPROVES:
        return
    tell_company(
        kind=TimeKind.WEEK_APPROVE_SOON,
        company_id=sheet.company_id,
        key=f"week_approve_soon:{sheet.company.public_id}:{sheet.week.starts_on}:{due_at:%Y%m%d%H%M}",
        about={"due_at": due_at},
        where={"company_id": sheet.company.public_id, "starts_on": str(sheet.week.starts_on)},
        at=at,
    )


def _answer_the_dispute(*, at: datetime) -> None:
    soon = Dispute.objects.unanswered(at=at + DISPUTE_IS_ANSWERED).filter(answer_due_at__gt=at)
    rows = soon.select_related("line__timesheet__performer").order_by("id")
    job = Job.REMIND_TO_ANSWER
    retries.each(rows, lambda row: _answer(row, at=at), job=job, page=page_of_its_line, at=at)


def _answer(dispute: Dispute, *, at: datetime) -> None:
    sheet, key = dispute.line.timesheet, f"dispute:{dispute.public_id}:answer_soon"
    where = {"line_id": dispute.line.public_id, PLACE: "dispute"}
    about: About = {"due_at": dispute.answer_due_at, "then": UNANSWERED[dispute.raised_by]}
    if dispute.raised_by == "performer":
        tell_company(
            kind=TimeKind.DISPUTE_ANSWER_SOON_TO_COMPANY,
            company_id=sheet.company_id,
            key=key,
            about=about,
            where=where,
            at=at,
        )
    else:
        notify(
            kind=TimeKind.DISPUTE_ANSWER_SOON_TO_PERFORMER,
            user_id=sheet.performer.user_id,
            key=key,
            about=about,
            where=where,
            at=at,
        )


def _decide_the_dispute(*, at: datetime) -> None:
    soon = Dispute.objects.for_talent().filter(
        decision_due_at__gt=at, decision_due_at__lte=at + DISPUTE_IS_ANSWERED
    )
    rows = soon.select_related("line").order_by("id")
    job = Job.REMIND_TO_DECIDE
    retries.each(rows, lambda row: _decide(row, at=at), job=job, page=page_of_its_line, at=at)


def _decide(dispute: Dispute, *, at: datetime) -> None:
    tell_staff(
        kind=TimeKind.DISPUTE_DECIDE_SOON,
        key=f"dispute:{dispute.public_id}:decide_soon",
        about={"due_at": dispute.decision_due_at or at},
        where={"line_id": dispute.line.public_id, PLACE: "dispute"},
        at=at,
    )


def _sign_the_terms(*, at: datetime) -> None:
    """Whoever's signature has been waiting for three days, under the version that is the last."""
    since = at - SIGNATURE_WAITS
    newer = Terms.objects.filter(engagement=OuterRef("engagement"), version__gt=OuterRef("version"))
    unsigned = Terms.objects.filter(~Exists(newer), company_signed_at=None).exclude(
        engagement__state=EngagementState.TERMINATED
    )
    waiting = unsigned.filter(
        Q(performer_signed_at=None, created_at__lte=since) | Q(performer_signed_at__lte=since)
    )
    rows = waiting.select_related("engagement__performer", "engagement__gig").order_by("id")
    job = Job.REMIND_TO_SIGN
    retries.each(rows, lambda row: _sign(row, at=at), job=job, page=_page_of_its_engagement, at=at)


def _page_of_its_engagement(terms: Terms) -> str:
    return reverse("engagement_detail", args=[terms.engagement.public_id])


def _sign(terms: Terms, *, at: datetime) -> None:
    engagement, key = terms.engagement, f"sign_soon:{terms.public_id}"
    where = {"engagement_id": engagement.public_id, PLACE: "sign"}
    about: About = {"gig": engagement.gig.title, "waited": length_in_words(SIGNATURE_WAITS)}
    if terms.performer_signed_at is None:
        notify(
            kind=WorkKind.SIGNATURE_WAITS_OF_PERFORMER,
            user_id=engagement.performer.user_id,
            key=key,
            about=about,
            where=where,
            at=at,
        )
    else:
        tell_company(
            kind=WorkKind.SIGNATURE_WAITS_OF_COMPANY,
            company_id=engagement.company_id,
            key=f"{key}:company",
            about=about,
            where=where,
            at=at,
        )


REMINDERS: tuple[Callable[..., None], ...] = (
    _confirm_the_week,
    _approve_the_week,
    _answer_the_dispute,
    _decide_the_dispute,
    _sign_the_terms,
)
