"""Everything that waits for talent operations, the longest first, each with its deadline and where it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, TextChoices
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.appeals.models import Appeal
from accounts.appeals.queries import for_reviewer
from accounts.standing.models import Suspension, Vetting
from accounts.standing.notices import name_of
from kit.http.merging import Source, one_by_one
from marketplace.care.models import Report
from marketplace.care.operations import page_of
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from marketplace.messages.models import Flag
from marketplace.messages.states import FlagState
from marketplace.retries import operations as retries
from marketplace.retries.models import Retry
from marketplace.sessions import deliveries, suspended, video_rooms
from marketplace.sessions.models import RoomToReckon, Session, VideoRoom
from marketplace.timekeeping.models import UNDECIDED, Dispute, DisputeQuerySet, TimeLine


class What(TextChoices):
    REPORT = "report", "Private lines"
    MESSAGE = "message", "Reported messages"
    DISPUTE = "dispute", "Disputes"
    PERFORMER = "performer", "Performers"
    COMPANY = "company", "Companies"
    GIG = "gig", "First gigs"
    APPEAL = "appeal", "Appeals"
    SUSPENSION = "suspension", "Suspensions"
    EVIDENCE = "evidence", "Thin evidence"
    HOLD = "hold", "Holds to look at"
    ROOM = "room", "Video rooms"
    RECKONING = "reckoning", "Time not worked out"
    CALENDAR = "calendar", "Stuck in the calendar"
    PAY_LINE = "pay_line", "Expenses and breaches"


@dataclass(frozen=True)
class Waits:
    """One thing that waits: since when, until when (None: no date was promised), and the page on which it is done."""

    what: What
    id: str
    title: str
    detail: str
    since: datetime
    due_at: datetime | None
    path: str

    def is_overdue(self, at: datetime) -> bool:
        return self.due_at is not None and self.due_at <= at


Sources = Callable[[Actor, datetime], dict[What, Source[Waits]]]
# What the apps above put on talent operations' desk: they register it when they start.
BESIDE: list[Sources] = []


def sources(actor: Actor, *, at: datetime) -> dict[What, Source[Waits]]:
    """What waits for the actor by kind: all of it for talent operations, but what is about themselves; for an administrator
    the appeals that nobody else may answer, or has answered in time."""
    appeals = {What.APPEAL: Source(_appeals(actor, at=at), "filed_at", one_by_one(_appeal))}
    if not actor.is_talent:
        return appeals
    vettings, disputes = _vettings(actor), _disputes(actor)
    thin = Q(line__grade__in=[TimeLine.Grade.B, TimeLine.Grade.C])
    with_talent = Dispute.objects.for_talent().values("pk")
    return {
        What.REPORT: Source(_reports(actor), "opened_at", one_by_one(_report)),
        What.MESSAGE: Source(_flags(actor), "flagged_at", one_by_one(_flag)),
        What.DISPUTE: Source(disputes.for_talent(), "raised_at", one_by_one(_dispute(What.DISPUTE))),
        What.PERFORMER: Source(
            vettings.filter(company=None), "asked_at", one_by_one(_vetting(What.PERFORMER))
        ),
        What.COMPANY: Source(vettings.filter(performer=None), "asked_at", one_by_one(_vetting(What.COMPANY))),
        What.GIG: Source(_gigs(actor), "review_asked_at", one_by_one(_gig)),
        **appeals,
        What.SUSPENSION: Source(_suspensions(actor, at=at), "suspended_at", one_by_one(_suspension)),
        What.EVIDENCE: Source(
            disputes.filter(thin, resolved_at=None).exclude(pk__in=with_talent),
            "raised_at",
            one_by_one(_dispute(What.EVIDENCE)),
        ),
        What.HOLD: Source(_holds(actor), "created_at", one_by_one(_hold)),
        What.ROOM: Source(_rooms(), "failing_since", one_by_one(_room)),
        What.RECKONING: Source(deliveries.failing(), "failing_since", _reckonings),
        What.CALENDAR: Source(retries.failing(), "failing_since", one_by_one(_retry)),
        **{what: source for more in BESIDE for what, source in more(actor, at).items()},
    }


def _reports(actor: Actor) -> QuerySet[Report]:
    return Report.objects.to_answer(actor).select_related("performer", "session__gig")


def _report(report: Report) -> Waits:
    return Waits(
        what=What.REPORT,
        id=report.public_id,
        title=report.performer.stage_name,
        detail=f"Wrote about “{report.session.gig.title}”",
        since=report.opened_at,
        due_at=report.answer_due_at,
        path=page_of(report),
    )


def _flags(actor: Actor) -> QuerySet[Flag]:
    waiting = Flag.objects.visible_to(actor).filter(state=FlagState.WAITING)
    waiting = waiting.exclude(reporter_id=actor.user_id)
    return waiting.select_related("message__application__gig__company")


def _flag(flag: Flag) -> Waits:
    gig = flag.message.application.gig
    return Waits(
        what=What.MESSAGE,
        id=flag.public_id,
        title=gig.company.name,
        detail=f"A message about “{gig.title}”",
        since=flag.flagged_at,
        due_at=flag.answer_due_at,
        path=reverse("flag", args=[flag.public_id]),
    )


def _disputes(actor: Actor) -> DisputeQuerySet:
    rows = Dispute.objects.select_related(
        "line__timesheet__performer", "line__timesheet__company", "line__seat__session__gig"
    )
    own = Q(line__timesheet__performer_id=actor.performer_id)
    return rows.exclude(own | Q(line__timesheet__company_id__in=actor.company_ids))


def _vettings(actor: Actor) -> QuerySet[Vetting]:
    waiting = Vetting.objects.of_others(actor).filter(decided_at=None)
    return waiting.select_related("performer", "company")


def _gigs(actor: Actor) -> QuerySet[Gig]:
    rows = Gig.objects.filter(state=GigState.IN_REVIEW).select_related("company")
    return rows.exclude(company_id__in=actor.company_ids)


def _appeals(actor: Actor, *, at: datetime) -> QuerySet[Appeal]:
    return for_reviewer(actor, at=at).select_related("performer", "company")


def _suspensions(actor: Actor, *, at: datetime) -> QuerySet[Suspension]:
    open_ones = Suspension.objects.of_others(actor).filter(pk__in=suspended.with_open_sessions(at=at))
    return open_ones.select_related("performer", "company")


def _holds(actor: Actor) -> QuerySet[TimeLine]:
    """Lines that are not decided yet, of others, for which a machine's fault proposes a hold."""
    undecided = TimeLine.objects.filter(proposes_hold=True, state__in=UNDECIDED)
    own = Q(timesheet__performer_id=actor.performer_id) | Q(timesheet__company_id__in=actor.company_ids)
    return undecided.exclude(own).select_related(
        "timesheet__performer", "timesheet__company", "timesheet__week", "seat__session__gig"
    )


def _rooms() -> QuerySet[VideoRoom]:
    return video_rooms.failing().select_related("session__gig", "session__company")


def _hold(line: TimeLine) -> Waits:
    sheet = line.timesheet
    return Waits(
        what=What.HOLD,
        id=line.public_id,
        title=f"{sheet.performer.stage_name} and {sheet.company.name}",
        detail="The connection ended by a fault; a paid hold is proposed",
        since=line.created_at,
        due_at=sheet.company_due_at,
        path=reverse("line_detail", args=[line.public_id]) + "#hold",
    )


def _room(row: VideoRoom) -> Waits:
    if row.failing_since is None:
        raise AssertionError("a CHECK says that a room which fails has its date")
    does = "says who is in it" if row.closing_since is None else "closes it"
    return Waits(
        what=What.ROOM,
        id=row.session.public_id,
        title=f"{row.session.gig.title}, {row.session.company.name}",
        detail=f"LiveKit no longer {does}: {row.failure}. It is tried again every minute",
        since=row.failing_since,
        due_at=None,
        path=reverse("session_detail", args=[row.session.public_id]),
    )


def _retry(row: Retry) -> Waits:
    return Waits(
        what=What.CALENDAR,
        id=row.subject,
        title=row.get_job_display(),
        detail=f"It failed {row.tries} times ({row.failure}). It is tried again and again, and the others go on",
        since=row.failing_since,
        due_at=None,
        path=row.path,
    )


def _reckonings(rows: Sequence[RoomToReckon]) -> list[Waits]:
    named = Session.objects.filter(public_id__in=[row.room for row in rows])
    sessions = {session.public_id: session for session in named.select_related("gig", "company")}
    return [_reckoning(row, sessions[row.room]) for row in rows]


def _reckoning(row: RoomToReckon, session: Session) -> Waits:
    if row.failing_since is None:
        raise AssertionError("only those that have been tried are asked for")
    return Waits(
        what=What.RECKONING,
        id=session.public_id,
        title=f"{session.gig.title}, {session.company.name}",
        detail=f"Its time could not be worked out in {row.tries} tries. It is tried again and again",
        since=row.failing_since,
        due_at=None,
        path=reverse("session_detail", args=[session.public_id]),
    )


def _dispute(what: What) -> Callable[[Dispute], Waits]:
    def show(dispute: Dispute) -> Waits:
        sheet = dispute.line.timesheet
        return Waits(
            what=what,
            id=dispute.public_id,
            title=f"{sheet.performer.stage_name} and {sheet.company.name}",
            detail=f"{dispute.get_reason_display()}; the evidence is graded {dispute.line.grade}",
            since=dispute.raised_at,
            due_at=dispute.decision_due_at or dispute.answer_due_at,
            path=reverse("line_detail", args=[dispute.line.public_id]) + "#dispute",
        )

    return show


def _vetting(what: What) -> Callable[[Vetting], Waits]:
    def show(vetting: Vetting) -> Waits:
        return Waits(
            what=what,
            id=vetting.public_id,
            title=name_of(vetting.subject),
            detail=vetting.subject.get_state_display(),
            since=vetting.asked_at,
            due_at=vetting.answer_due_at,
            path=reverse("vetting", args=[vetting.public_id]),
        )

    return show


def _gig(gig: Gig) -> Waits:
    if gig.review_asked_at is None:
        raise AssertionError("a CHECK says that a gig in review has its date")
    return Waits(
        what=What.GIG,
        id=gig.public_id,
        title=gig.title,
        detail=gig.company.name,
        since=gig.review_asked_at,
        due_at=gig.review_due_at,
        path=reverse("gig_review", args=[gig.public_id]),
    )


def _appeal(appeal: Appeal) -> Waits:
    return Waits(
        what=What.APPEAL,
        id=appeal.public_id,
        title=name_of(appeal.by),
        detail=appeal.get_state_display(),
        since=appeal.filed_at,
        due_at=appeal.answer_due_at,
        path=reverse("appeal", args=[appeal.public_id]),
    )


def _suspension(suspension: Suspension) -> Waits:
    return Waits(
        what=What.SUSPENSION,
        id=suspension.public_id,
        title=name_of(suspension.subject),
        detail="Booked sessions wait to be kept or called off",
        since=suspension.suspended_at,
        due_at=None,
        path=reverse("subject", args=[suspension.subject.public_id]) + "#sessions",
    )
