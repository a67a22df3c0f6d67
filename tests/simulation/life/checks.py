"""What must hold after every day of a life, and when all have gone home."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.notifications.models import Notification
from accounts.notifications.time_kinds import TimeKind as Kind
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.endings.orphans import orphans
from marketplace.engagements.models import Engagement, Terms
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED
from marketplace.sessions.models import Move, Seat, Session
from marketplace.sessions.states import BEFORE, TO_RECKON, UNDER_WAY, MoveState, SessionState
from marketplace.timekeeping.models import Dispute, TimeLine, Timesheet
from marketplace.timekeeping.states import LineState, TimesheetState
from payments.control import audit
from payments.ledger.chart import Kind as Purse
from payments.ledger.models import Entry, Posting
from tests.simulation.life.fair_pay import check_pay
from tests.simulation.life.life import Life
from tests.simulation.life.presses import Violation

# Of the audit's questions, those that need no payday.
QUESTIONS = ("sessions_never_overlap", "payable_covers_its_items", "no_line_earned_twice", "entries_balance")
# Windows that were lost while the calendar was away are given back, a performer's and then a company's, and the calendar
# looks once a day here, and every other day at home: so long at most, where no line came late or was worked out anew.
A_DAY = timedelta(days=1)
GIVEN_BACK = settings.PERFORMER_REVIEW + settings.COMPANY_REVIEW + timedelta(days=3)
A, E, M, T, L = ApplicationState, EngagementState, MoveState, TimesheetState, LineState


def check_day(life: Life, walked: dict[int, tuple[object, ...]], *, beat: bool) -> None:
    """`beat`: the calendar's jobs have just run, so nothing may be overdue."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    life.does(
        {
            "orphans": lambda: _check_orphans(beat=beat),
            "audit": lambda: check_audit(QUESTIONS, life.at),
            "terms": _check_terms,
        }
    )
    _check_budgets(life)
    if beat:
        life.does({"deadlines": lambda: _check_deadlines(life.at)})
        _check_told()
        check_pay(life, walked)


def _check_orphans(*, beat: bool) -> None:
    found = orphans()
    if not beat:
        # What has begun is played to its end: until the sweep has looked, it stands as booked.
        found.pop("a seat is booked under an engagement that ended", None)
    if found:
        raise Violation(f"orphans: {found}")


def check_audit(codes: Collection[str], at: datetime) -> None:
    for code in codes:
        claim, sql = audit.QUESTIONS[code]
        result = audit._ask(code, claim, sql, at=at)
        if not result.ok:
            raise Violation(f"audit: {claim} {result.examples}")


def _check_budgets(life: Life) -> None:
    """What a gig has committed is what its open seats can cost at most, and what its lines do cost; less only where its
    budget was once used up, since the figure stops there."""
    due: Counter[int] = Counter()
    unreckoned = Seat.objects.exclude(session__state=SessionState.TIME_RECORDED).select_related("session")
    for seat in unreckoned.only(*MOST_BY):
        due[seat.session.gig_id] += seat.committed_minor if seat.released_by else _most(seat)
    lines = TimeLine.objects.filter(seat__isnull=False) | TimeLine.objects.filter(
        corrects__seat__isnull=False
    )
    cost = F("amount_minor") + F("fee_minor")
    gig = {"own": "seat__session__gig", "of": "corrects__seat__session__gig"}
    for row in lines.exclude(state=L.REJECTED).values(*gig.values()).annotate(total=Sum(cost)).order_by():
        due[row[gig["own"]] or row[gig["of"]]] += row["total"]
    taken_from = set(_budgets_taken_from()) if life.purse is not None else set()
    for each in Gig.objects.all():
        if due[each.pk] > each.funded_minor or each.public_id in taken_from:
            life.used_up.add(each.pk)
        stopped = each.pk in life.used_up and each.committed_minor < due[each.pk]
        if each.committed_minor != due[each.pk] and not stopped:
            raise Violation(
                f"{each} has committed {each.committed_minor}, and what it owes comes to {due[each.pk]}"
            )


def _budgets_taken_from() -> list[str]:
    """The gigs whose budget was lowered by a refund, a dispute or their company: it may have been used up in between."""
    entries = Entry.objects.filter(Q(kind__startswith="funding_") | Q(kind="give_back")).values("pk")
    taken = Posting.objects.filter(entry_id__in=entries, amount_minor__gt=0, account__kind=Purse.GIG_BUDGET)
    return list(taken.values_list("account__owner", flat=True))


MOST_BY = (
    *("rate_minor", "fee_bps", "committed_minor", "released_by"),
    *(f"session__{name}" for name in ("gig", "call_at", "scheduled_end_at", "policy")),
)


def _most(seat: Seat) -> int:
    """The longest that the seat can be paid, by hand; pay and fee rounded up."""
    session, policy = seat.session, seat.session.policy
    booked_s = int((session.scheduled_end_at - session.call_at).total_seconds())
    longest_s: int = max(booked_s + policy["overrun_limit_s"], policy["minimum_call_s"])
    longest_s += 60 if policy["rounding"] == "nearest_minute" else 0
    pay: int = -(-longest_s * seat.rate_minor // 3600)
    return pay + -(-pay * seat.fee_bps // 10_000)


def _check_terms() -> None:
    """No seat is taken that was not signed for by both, nor more places given away than there are."""
    unsigned = Q(terms__performer_signed_at=None) | Q(terms__company_signed_at=None)
    if found := list(Seat.objects.filter(unsigned)[:3]):
        raise Violation(f"seats by terms that nobody signed: {found}")
    taken = Count("applications", filter=Q(applications__state__in=[A.OFFERED, A.ACCEPTED]))
    for gig in Gig.objects.annotate(taken=taken).filter(taken__gt=F("openings")):
        raise Violation(f"{gig} seeks {gig.openings}, and more places are given away")


def _check_deadlines(at: datetime) -> None:
    limit = timedelta(seconds=1) * 900
    over = Session.objects.filter(state__in=(*BEFORE, *UNDER_WAY), scheduled_end_at__lte=at - limit)
    late = at - GIVEN_BACK
    overdue: dict[str, QuerySet[Any]] = {
        "an offer stands beyond its time": Application.objects.filter(
            state=A.OFFERED, offer_expires_at__lte=at
        ),
        "a session runs beyond its window": over,
        "a session is over and not reckoned": Session.objects.filter(state__in=TO_RECKON),
        "a week is over and not with its performer": Timesheet.objects.filter(
            state=T.OPEN, week__performer_due_at__lte=at
        ),
        "a week waits for its performer": Timesheet.objects.filter(
            state=T.PERFORMER_REVIEW,
            week__performer_due_at__lte=late,
            told_performer_at__lte=at - settings.PERFORMER_REVIEW - A_DAY,
        ),
        "a week waits for its company": Timesheet.objects.filter(
            state=T.CLIENT_REVIEW,
            week__company_due_at__lte=late,
            told_company_at__lte=at - settings.COMPANY_REVIEW - A_DAY,
        ).exclude(lines__told_at__gt=at - settings.COMPANY_REVIEW - A_DAY),
        "a week was sent on before its time": Timesheet.objects.filter(
            submitted_at__lt=F("week__performer_due_at"), confirmed_by_performer=False
        ),
        "a week was approved by the calendar before its time": Timesheet.objects.filter(
            state=T.AUTO_APPROVED, approved_at__lt=F("week__company_due_at")
        ),
        "a dispute waits beyond its time": Dispute.objects.unanswered(at=at),
        "a move waits beyond its time": Move.objects.filter(state=M.ASKED, answer_due_at__lte=at),
        "an offer ran out before its time": Application.objects.filter(
            state=A.EXPIRED, decided_at__lt=F("offer_expires_at")
        ),
    }
    for words, rows in overdue.items():
        if rows.exists():
            raise Violation(f"{words}: {list(rows[:3])}")


def _check_told() -> None:
    """Of each week that came to them, performers read once."""
    sheets = Timesheet.objects.exclude(state=T.OPEN).order_by()
    due = Counter(user for user, _ in set(sheets.values_list("performer__user_id", "week_id")))
    news = Notification.objects.filter(title=Kind.WEEK_TO_CONFIRM.title).order_by()
    told = Counter(news.values_list("user_id", flat=True))
    if told != due:
        raise Violation(f"of weeks to confirm were told {dict(told)}, and there were {dict(due)}")


# What each reminder is about, by the first word of its key, and which of those still wait at an instant.
REMINDED: dict[str, Callable[[datetime], QuerySet[Any]]] = {
    "offer_ends_soon": lambda at: Application.objects.filter(state=A.OFFERED, offer_expires_at__gt=at),
    # Told late, they have their hours from then.
    "week_confirm_soon": lambda at: Timesheet.objects.filter(state=T.PERFORMER_REVIEW).filter(
        Q(week__performer_due_at__gt=at) | Q(told_performer_at__gt=at - settings.PERFORMER_REVIEW)
    ),
    "sign_soon": lambda _: Terms.objects.filter(
        Q(performer_signed_at=None) | Q(company_signed_at=None)
    ).exclude(engagement__state=E.TERMINATED),
    "dispute": lambda at: Dispute.objects.filter(resolved_at=None).filter(
        Q(answer_due_at__gt=at) | Q(decision_due_at__gt=at)
    ),
}
SOON = ("offer_ends_soon:", "week_confirm_soon:", "sign_soon:", "dispute:")


def check_reminders(life: Life) -> None:
    """What people were just reminded of is not over."""
    life.does({"reminders": lambda: _check_reminders(life.at)})


def _check_reminders(at: datetime) -> None:
    said = Q.create([("key__startswith", word) for word in SOON], connector=Q.OR)
    for key in Notification.objects.filter(said, created_at=at, key__regex="soon").values_list(
        "key", flat=True
    ):
        what, thing = key.split(":")[:2]
        if not REMINDED[what](at).filter(public_id=thing).exists():
            raise Violation(f"somebody was reminded of what is over: {key}")


def check_home(at: datetime) -> None:
    """Everybody has gone home: nothing is left in a state that somebody has to leave."""
    decided = [T.APPROVED, T.AUTO_APPROVED, T.LOCKED, T.PAID]
    left: dict[str, QuerySet[Any]] = {
        "gigs": Gig.objects.exclude(state__in=ENDED),
        "applications": Application.objects.filter(state__in=[*OPEN, A.OFFERED, A.ACCEPTED]),
        "engagements": Engagement.objects.exclude(state=E.TERMINATED),
        "sessions": Session.objects.exclude(state=SessionState.TIME_RECORDED),
        "weeks": Timesheet.objects.filter(week__company_due_at__lte=at - GIVEN_BACK).exclude(
            state__in=decided
        ),
        "lines": TimeLine.objects.filter(state=L.DISPUTED),
        "disputes": Dispute.objects.filter(resolved_at=None),
        "moves": Move.objects.filter(state=M.ASKED),
    }
    for words, rows in left.items():
        if rows.exists():
            raise Violation(f"{words} that nobody can end: {list(rows[:5])}")
