"""What people are reminded of before its deadline, once each. Of what is over nobody is reminded. Casting has the offers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify, tell_staff
from accounts.notifications.time_kinds import TimeKind
from accounts.notifications.work_kinds import WorkKind
from kit.instants import length_in_words
from marketplace.engagements.models import Terms
from marketplace.engagements.states import EngagementState
from marketplace.timekeeping.disputes import UNANSWERED
from marketplace.timekeeping.models import Dispute, TimeLine, Timesheet
from marketplace.timekeeping.states import LineState

PERFORMER_CONFIRMS = timedelta(hours=3)
COMPANY_APPROVES = timedelta(hours=24)
DISPUTE_IS_ANSWERED = timedelta(hours=24)
SIGNATURE_WAITS = timedelta(days=3)


def remind(*, at: datetime) -> None:
    """Everyone whose deadline comes near; each table row in a transaction of its own."""
    for each in REMINDERS:
        with transaction.atomic():
            each(at)


def _confirm_the_week(at: datetime) -> None:
    late = Timesheet.objects.performer_is_late
    soon = late(at=at + PERFORMER_CONFIRMS).exclude(pk__in=late(at=at).values("pk"))
    for sheet in soon.select_related("week", "company", "performer").order_by("id"):
        notify(
            kind=TimeKind.WEEK_CONFIRM_SOON,
            user_id=sheet.performer.user_id,
            key=f"week_confirm_soon:{sheet.public_id}",
            about={"company": sheet.company.name, "due_at": sheet.performer_due_at},
            where={"starts_on": str(sheet.week.starts_on)},
            at=at,
        )


def _approve_the_week(at: datetime) -> None:
    late = Timesheet.objects.company_is_late
    waiting = Exists(TimeLine.objects.filter(timesheet=OuterRef("pk"), state=LineState.RECORDED))
    soon = late(at=at + COMPANY_APPROVES).filter(waiting).exclude(pk__in=late(at=at).values("pk"))
    for sheet in soon.select_related("week", "company").order_by("id"):
        due_at, told_at = sheet.company_due_at, sheet.told_company_at
        # Who was told no earlier than this has just read the same.
        if told_at is not None and told_at >= due_at - COMPANY_APPROVES:
            continue
        tell_company(
            kind=TimeKind.WEEK_APPROVE_SOON,
            company_id=sheet.company_id,
            key=f"week_approve_soon:{sheet.company.public_id}:{sheet.week.starts_on}:{due_at:%Y%m%d%H%M}",
            about={"due_at": due_at},
            where={"company_id": sheet.company.public_id, "starts_on": str(sheet.week.starts_on)},
            at=at,
        )


def _answer_the_dispute(at: datetime) -> None:
    soon = Dispute.objects.unanswered(at=at + DISPUTE_IS_ANSWERED).filter(answer_due_at__gt=at)
    for dispute in soon.select_related("line__timesheet__performer").order_by("id"):
        sheet, key = dispute.line.timesheet, f"dispute:{dispute.public_id}:answer_soon"
        where = {"line_id": dispute.line.public_id, PLACE: "dispute"}
        then = UNANSWERED[dispute.raised_by]
        if dispute.raised_by == "performer":
            tell_company(
                kind=TimeKind.DISPUTE_ANSWER_SOON_TO_COMPANY,
                company_id=sheet.company_id,
                key=key,
                about={"due_at": dispute.answer_due_at, "then": then},
                where=where,
                at=at,
            )
        else:
            notify(
                kind=TimeKind.DISPUTE_ANSWER_SOON_TO_PERFORMER,
                user_id=sheet.performer.user_id,
                key=key,
                about={"due_at": dispute.answer_due_at, "then": then},
                where=where,
                at=at,
            )


def _decide_the_dispute(at: datetime) -> None:
    soon = Dispute.objects.for_talent().filter(
        decision_due_at__gt=at, decision_due_at__lte=at + DISPUTE_IS_ANSWERED
    )
    for dispute in soon.select_related("line").order_by("id"):
        if dispute.decision_due_at is None:
            continue
        tell_staff(
            kind=TimeKind.DISPUTE_DECIDE_SOON,
            key=f"dispute:{dispute.public_id}:decide_soon",
            about={"due_at": dispute.decision_due_at},
            where={"line_id": dispute.line.public_id, PLACE: "dispute"},
            at=at,
        )


def _sign(at: datetime) -> None:
    """Whoever's signature has been waiting for three days, under the version that is the last."""
    since = at - SIGNATURE_WAITS
    newer = Terms.objects.filter(engagement=OuterRef("engagement"), version__gt=OuterRef("version"))
    unsigned = Terms.objects.filter(~Exists(newer), company_signed_at=None).exclude(
        engagement__state=EngagementState.TERMINATED
    )
    waiting = unsigned.filter(
        Q(performer_signed_at=None, created_at__lte=since) | Q(performer_signed_at__lte=since)
    )
    for terms in waiting.select_related("engagement__performer", "engagement__company", "engagement__gig"):
        engagement, key = terms.engagement, f"sign_soon:{terms.public_id}"
        where = {"engagement_id": engagement.public_id, PLACE: "sign"}
        about: About = {"gig": engagement.gig.title, "waited": length_in_words(SIGNATURE_WAITS)}
        if terms.performer_signed_at is None:
            reader = engagement.performer.user_id
            notify(
                kind=WorkKind.SIGNATURE_WAITS_OF_PERFORMER,
                user_id=reader,
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


REMINDERS: tuple[Callable[[datetime], None], ...] = (
    _confirm_the_week,
    _approve_the_week,
    _answer_the_dispute,
    _decide_the_dispute,
    _sign,
)
