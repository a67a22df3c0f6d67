"""Reading weeks: the performer's own, and the company's with the exceptions first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Extract

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.errors import Forbidden, NotFound
from kit.money import Money
from kit.rows import by_public_id
from kit.wall_clock import is_in_bounds
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED
from marketplace.sessions.models import Session
from marketplace.sessions.states import SessionState
from marketplace.timekeeping.models import (
    Dispute,
    DisputeQuerySet,
    PayWeek,
    TimeLine,
    TimeLineQuerySet,
    Timesheet,
)
from marketplace.timekeeping.states import WITH_THE_PERFORMER, LineState, TimesheetState
from marketplace.timekeeping.weeks import week_of

NOBODY_CAME = (SessionState.WRAPPED, SessionState.PERFORMER_NO_SHOW)
# What is paid beyond the booked time before somebody is asked to look, in seconds.
OVERRUN_LEFT_ALONE_S = 300
# What somebody has to decide about, in this order; the first that holds is named.
EXCEPTIONS: dict[str, tuple[Q, str]] = {
    "disputed": (Q(state=LineState.DISPUTED), "Disputed by one of you"),
    "fault": (Q(proposes_hold=True), "A machine failed: a paid hold is proposed"),
    "behind": (Q(behind__isnull=False), "The provider's clock ran behind: two readings of one leaving"),
    "inferred": (Q(inferred=True), "A connection is inferred: word of it was lost"),
    "overrun": (
        Q(payable_s__gt=F("scheduled_s") + OVERRUN_LEFT_ALONE_S),
        "Ran over the booked time",
    ),
}
# What follows from the terms, so that nothing is to decide: said beside the line.
REMARKS: dict[str, tuple[Q, str]] = {
    "correction": (Q(kind=TimeLine.Kind.CORRECTION), "Corrects an earlier week"),
    "no_show": (Q(worked_s=0, seat__session__outcome__in=NOBODY_CAME), "Was not there"),
    "unworked": (Q(worked_s=0), "Paid without having been worked"),
    "below_call": (Q(payable_s__gt=F("worked_s")), "Paid beyond what was worked, by the terms"),
}
BY_DEADLINE = ("answer_due_at", "id")
BY_DECISION = ("decision_due_at", "id")
LABELS = {code: label for code, (_, label) in (EXCEPTIONS | REMARKS).items()}


@dataclass(frozen=True)
class Totals:
    lines: int
    payable_s: int
    amount_minor: int
    fee_minor: int
    currency: str = "usd"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def cost(self) -> Money:
        return Money(self.amount_minor + self.fee_minor, self.currency)


def monday(text: str) -> date:
    """The Monday that an address names. Raises NotFound (404) when it is none, or beyond all weeks."""
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error
    # Beside the first or the last day of all there is no week.
    if found.weekday() != 0 or not is_in_bounds(found):
        raise NotFound
    return found


def get_week(starts_on: date) -> PayWeek:
    """Raises NotFound (404) for a week in which nobody worked yet."""
    week = PayWeek.objects.filter(starts_on=starts_on).first()
    if week is None:
        raise NotFound
    return week


def sheets_of(actor: Actor) -> QuerySet[Timesheet]:
    """The timesheets that the actor may see, with week, people and lines; a fixed number of queries."""
    rows = Timesheet.objects.visible_to(actor).select_related("week", "company", "performer")
    lines = with_exceptions(TimeLine.objects.all()).select_related("seat__session__gig").order_by("pk")
    disputes = Dispute.objects.order_by("pk")
    return rows.prefetch_related(
        Prefetch("lines", queryset=lines), Prefetch("lines__disputes", queryset=disputes)
    )


def get_sheet(actor: Actor, public_id: str) -> Timesheet:
    """Raises NotFound (404), also for another's."""
    return by_public_id(sheets_of(actor), public_id)


def performer_week(actor: Actor, week: PayWeek) -> list[Timesheet]:
    """One's own sheets of the week, a company each."""
    if not actor.is_performer:
        return []
    own = sheets_of(actor).filter(performer_id=actor.performer_id, week=week)
    return list(own.order_by("company__name", "pk"))


def lines_of(actor: Actor) -> TimeLineQuerySet:
    """The lines that the actor may see, each with the reason why it is an exception."""
    rows = TimeLine.objects.visible_to(actor).select_related(
        "seat__session__gig", "seat__terms", "timesheet__performer", "timesheet__company", "timesheet__week"
    )
    return with_exceptions(rows).prefetch_related(
        Prefetch("disputes", queryset=Dispute.objects.order_by("pk"))
    )


def get_line(actor: Actor, public_id: str) -> TimeLine:
    """Raises NotFound (404), also for another's."""
    return by_public_id(lines_of(actor), public_id)


def for_talent(actor: Actor) -> DisputeQuerySet:
    """The disputes that talent operations decide, with their lines. Raises Forbidden (403) for anyone else."""
    if not actor.is_talent:
        raise Forbidden("These are talent operations' to decide.")
    return Dispute.objects.for_talent().select_related(
        "line__timesheet__performer", "line__timesheet__company", "line__seat__session__gig"
    )


def get_dispute(actor: Actor, public_id: str) -> Dispute:
    """Raises NotFound (404), also for another's."""
    visible = Dispute.objects.filter(line__in=TimeLine.objects.visible_to(actor))
    return by_public_id(visible.select_related("line__timesheet"), public_id)


def company_lines(actor: Actor, company: Company, week: PayWeek) -> TimeLineQuerySet:
    return lines_of(actor).filter(timesheet__company=company, timesheet__week=week)


def exceptions(actor: Actor, company: Company, week: PayWeek) -> list[TimeLine]:
    """The lines to decide about: what somebody disputes first, then what waits, the most expensive first among them."""
    undecided = Q(state__in=(LineState.DISPUTED, LineState.RECORDED))
    rows = company_lines(actor, company, week).exclude(Q(exception="")).filter(undecided)
    return sorted(rows, key=lambda line: (line.state != LineState.DISPUTED, -line.amount_minor, line.pk))


def totals(rows: TimeLineQuerySet) -> Totals:
    """What the lines come to, in one query."""
    sums = rows.order_by().aggregate(
        n=Count("pk"), payable=Sum("payable_s"), amount=Sum("amount_minor"), fee=Sum("fee_minor")
    )
    return Totals(sums["n"], sums["payable"] or 0, sums["amount"] or 0, sums["fee"] or 0)


def waiting(rows: TimeLineQuerySet) -> TimeLineQuerySet:
    """What a company has still to approve."""
    return rows.filter(state=LineState.RECORDED, timesheet__state=TimesheetState.CLIENT_REVIEW)


def with_exceptions(rows: TimeLineQuerySet) -> TimeLineQuerySet:
    """Annotates `scheduled_s`, `exception`, a code of EXCEPTIONS or empty, and `remark`, one of REMARKS or empty."""
    booked = F("seat__session__scheduled_end_at") - F("seat__session__call_at")
    lengths = rows.annotate(scheduled_s=Cast(Extract(booked, "epoch"), IntegerField()))
    return lengths.annotate(exception=_first(EXCEPTIONS), remark=_first(REMARKS))


def _first(table: Mapping[str, tuple[Q, str]]) -> Case:
    cases: Sequence[When] = [When(q, then=Value(code)) for code, (q, _) in table.items()]
    return Case(*cases, default=Value(""), output_field=CharField())


def of_kind(rows: TimeLineQuerySet, code: str) -> TimeLineQuerySet:
    """The lines of one code of EXCEPTIONS or REMARKS; all of them where it is neither."""
    return rows.filter(Q(exception=code) | Q(remark=code)) if code in LABELS else rows


def kinds(rows: TimeLineQuerySet) -> list[tuple[str, str, int]]:
    """Of each code that there is among the lines its label and how many."""
    counts = {code: Count("pk", filter=Q(exception=code) | Q(remark=code)) for code in LABELS}
    found = rows.order_by().aggregate(**counts)
    return [(code, label, found[code]) for code, label in LABELS.items() if found[code]]


def company_sheets(actor: Actor, company: Company, week: PayWeek, *, only: str = "") -> QuerySet[Timesheet]:
    """What each performer sent of the week, with its lines, or those of one kind `only`."""
    lines = of_kind(company_lines(actor, company, week), only).order_by("seat__session__call_at", "pk")
    rows = Timesheet.objects.visible_to(actor).filter(company=company, week=week)
    found = rows.filter(pk__in=lines.order_by().values("timesheet")).select_related("performer")
    return found.prefetch_related(Prefetch("lines", queryset=lines))


def plain(rows: TimeLineQuerySet) -> TimeLineQuerySet:
    """The lines that are no exceptions."""
    return rows.filter(Q(exception=""))


def not_submitted(company: Company, week: PayWeek) -> int:
    """How many performers have not sent their week yet; the company sees no more of them than that."""
    return Timesheet.objects.filter(company=company, week=week, state__in=WITH_THE_PERFORMER).count()


def weeks_to_approve(actor: Actor, company: Company) -> list[tuple[PayWeek, Totals, datetime]]:
    """The weeks that wait for the company, the earliest first, with what the waiting lines come to and until when."""
    waits = Timesheet.objects.filter(company=company, state=TimesheetState.CLIENT_REVIEW)
    weeks = PayWeek.objects.filter(pk__in=waits.values("week")).order_by("starts_on")
    found = [(week, totals(waiting(company_lines(actor, company, week)))) for week in weeks]
    return [(week, sums, company_due_at(company, week)) for week, sums in found if sums.lines]


def company_due_at(company: Company, week: PayWeek) -> datetime:
    """When silence approves the first of what waits for the company; the calendar's instant where nothing waits."""
    waits = Timesheet.objects.filter(company=company, week=week, state=TimesheetState.CLIENT_REVIEW)
    if waits.filter(told_company_at=None).exists():
        return week.company_due_at
    return week.company_due_for(waits.aggregate(first=Min("told_company_at"))["first"])


def to_answer(company: Company) -> DisputeQuerySet:
    """What performers dispute and the company has not answered, the earliest deadline first."""
    asked = Dispute.objects.filter(line__timesheet__company=company, raised_by="performer")
    open_ones = asked.filter(resolved_at=None, disagreed_at=None).order_by(*BY_DEADLINE)
    return open_ones.select_related("line__timesheet__week", "line__timesheet__performer")


def week_to_approve(company: Company, *, at: datetime) -> date:
    """The Monday of the earliest week that waits for the company, else of the last one that has ended."""
    waits = Timesheet.objects.filter(company=company, state=TimesheetState.CLIENT_REVIEW)
    first = waits.order_by("week__starts_on").values_list("week__starts_on", flat=True).first()
    return first or week_of(at).starts_on - timedelta(days=7)


def gigs_with_nothing_open(gigs: QuerySet[Gig]) -> QuerySet[Gig]:
    """Of these, the ended ones on which nothing is booked any more, nor waits to be worked out, approved or argued about;
    those ended first come first."""
    open_lines = TimeLine.objects.filter(
        seat__session__gig=OuterRef("pk"), state__in=[LineState.RECORDED, LineState.DISPUTED]
    )
    open_sessions = Session.objects.filter(gig=OuterRef("pk")).exclude(state=SessionState.TIME_RECORDED)
    return gigs.filter(~Exists(open_sessions), ~Exists(open_lines), state__in=ENDED).order_by("ends_on", "pk")
