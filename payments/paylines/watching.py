"""What was really played, held against what a performer is guaranteed: each breach makes one pay line, by the rule that the
terms carry, and follows the time lines where these turn out otherwise (callboard/decisions/0021)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import MD5, Cast, Concat

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.performers.models import Performer
from accounts.privacy.queries import was_forgotten
from kit.crash import crash_point
from kit.instants import day, length_in_words, zone
from kit.money import Money, Rate
from kit.ranges import Span
from marketplace.presence import guarantees
from marketplace.presence.guarantees import Guarantee, Guarantees, Played
from marketplace.presence.lines import Code, Stretch
from marketplace.presence.policy import TimePolicy
from marketplace.timekeeping.models import TimeLine
from marketplace.timekeeping.states import LineState
from payments.paylines import notices
from payments.paylines.kinds import RULES, Kind, Party
from payments.paylines.models import Breach, PayLine, WatchedLine
from payments.paylines.states import OPEN, PayLineState

HOUSE = Actor.of_system("guarantees")
ON_CAMERA = (Code.PRESENT, Code.GAP_FILLED)
# What is older is settled: nobody disputes it any more, and evidence has come.
LOOKED_BACK = timedelta(days=45)
# A day's guarantees take what lies around it.
AROUND = timedelta(days=2)
BATCH = 200
WORDS = {
    Guarantee.STRETCH: "{measured} on camera without a rest of {rest}; {limit} are guaranteed",
    Guarantee.DAY: "{measured} on camera in one day; at most {limit} are guaranteed",
    Guarantee.NIGHT: "{measured} between two days; {limit} are guaranteed",
}
OTHERWISE = "The time turned out otherwise"


def sweep(*, at: datetime) -> int:
    """Every performer whose time lines are new or have changed since they were looked at; returns for how many. Safe to run
    again, and by several at once."""
    fresh: dict[int, list[TimeLine]] = defaultdict(list)
    for line in _unlooked(at=at)[:BATCH]:
        fresh[line.timesheet.performer_id].append(line)
    for performer_id in sorted(fresh):
        _look_at(performer_id, fresh[performer_id], at=at)
    return len(fresh)


def _unlooked(*, at: datetime) -> QuerySet[TimeLine]:
    known = WatchedLine.objects.filter(line=OuterRef("pk")).values("digest")
    lines = TimeLine.objects.filter(kind=TimeLine.Kind.SESSION, seat__session__call_at__gte=at - LOOKED_BACK)
    rows = lines.annotate(
        # Rejected time was not played, whatever its picture says.
        now=MD5(Concat(Cast("stretches", TextField()), "state", output_field=TextField())),
        known=Subquery(known),
    )
    return rows.filter(Q(known=None) | ~Q(known=F("now"))).select_related("timesheet").order_by("pk")


@transaction.atomic
def _look_at(performer_id: int, fresh: Iterable[TimeLine], *, at: datetime) -> None:
    performer = Performer.objects.select_for_update(no_key=True).select_related("user").get(pk=performer_id)
    where = zone(performer.user.time_zone)
    concerned = [line.seat.session.call_at for line in fresh if line.seat]
    lines = _lines_around(performer, concerned)
    found = guarantees.breaches(
        [_played(line) for line in lines], zone=where, by=Guarantees(**settings.GUARANTEES)
    )
    days = {
        (when + timedelta(days=more)).astimezone(where).date() for when in concerned for more in (-1, 0, 1)
    }
    known = {(each.guarantee, each.on_date): each for each in _known(performer, days)}
    now = {(each.guarantee.value, each.on): each for each in found if each.on in days}
    for key in sorted(known.keys() - now.keys()):
        _holds_no_more(known[key], at=at)
    for key, each in sorted(now.items()):
        if key not in known:
            _is_broken(performer, lines[each.call], each, at=at)
        elif not known[key].holds:
            _holds_again(known[key], at=at)
    for line in fresh:
        digest = {"digest": line.now, "looked_at": at}  # type: ignore[attr-defined] # annotated by `_unlooked`
        WatchedLine.objects.update_or_create(line=line, defaults=digest)


def _lines_around(performer: Performer, calls: list[datetime]) -> list[TimeLine]:
    """The performer's lines near these calls on which they were on camera at all."""
    near = TimeLine.objects.filter(
        kind=TimeLine.Kind.SESSION,
        timesheet__performer=performer,
        seat__session__call_at__gte=min(calls) - 2 * AROUND,
        seat__session__call_at__lte=max(calls) + 2 * AROUND,
    ).exclude(state=LineState.REJECTED)
    rows = near.select_related("seat__session", "seat__engagement__gig", "seat__engagement__company")
    return [line for line in rows.order_by("pk") if _on_camera(line)]


def _on_camera(line: TimeLine) -> list[Span]:
    told = (Stretch.from_json(each) for each in line.stretches)
    return [each.span for each in told if each.paid and each.code in ON_CAMERA]


def _played(line: TimeLine) -> Played:
    assert line.seat is not None  # noqa: S101 # a line of a session has one: the database says so
    return Played(_on_camera(line), int(line.seat.session.scheduled_end_at.timestamp()))


def _known(performer: Performer, days: Iterable[date]) -> QuerySet[Breach]:
    rows = Breach.objects.select_for_update(of=("self",)).filter(performer=performer, on_date__in=list(days))
    return rows.select_related("pay_line__engagement__gig", "pay_line__engagement__company")


def _is_broken(performer: Performer, line: TimeLine, each: guarantees.Breach, *, at: datetime) -> None:
    """One line, by the rule that the terms of the session which broke it carry; none where they were signed before there was
    one, nor for whoever has left the house."""
    seat = line.seat
    if seat is None or was_forgotten(performer.user_id):
        return
    pay_s = TimePolicy.from_json(seat.session.policy).breach_pay_s
    if not pay_s:
        return
    amount = Rate(seat.rate_minor, seat.currency).for_seconds(pay_s)
    made = _make(seat.engagement_id, amount, amount.share(seat.fee_bps), _why(each, amount, pay_s), at=at)
    Breach.objects.create(
        performer=performer,
        guarantee=each.guarantee,
        on_date=each.on,
        pay_line=made,
        time_line=line,
        measured_s=each.measured_s,
        limit_s=each.limit_s,
        broken_at=datetime.fromtimestamp(each.at, UTC),
        found_at=at,
    )
    notices.ask(made, Party.COMPANY, otherwise=RULES[Kind.BREACH].otherwise, at=at)


def _why(each: guarantees.Breach, amount: Money, pay_s: int) -> str:
    lengths: Mapping[str, str] = {
        "measured": _length(each.measured_s),
        "limit": _length(each.limit_s),
        "rest": _length(settings.GUARANTEES["stretch_rest_s"]),
    }
    said = WORDS[each.guarantee].format(**lengths)
    return f"{day(each.on)}: {said}. {_length(pay_s)} at the rate signed, {amount.display()}."


def _length(seconds: int) -> str:
    return length_in_words(timedelta(seconds=seconds))


def _make(
    engagement_id: int,
    amount: Money,
    fee: Money,
    reason: str,
    *,
    corrects: PayLine | None = None,
    at: datetime,
) -> PayLine:
    line = PayLine.objects.create(
        kind=Kind.BREACH,
        engagement_id=engagement_id,
        corrects=corrects,
        amount_minor=amount.minor,
        fee_minor=fee.minor,
        currency=amount.currency,
        reason=reason,
        made_at=at,
        due_at=at + RULES[Kind.BREACH].answer_within,
    )
    audit.record(verb="pay_line.proposed", thing=line, by=HOUSE, at=at, reason=reason)
    crash_point("pay_line.proposed")
    return line


def _holds_no_more(breach: Breach, *, at: datetime) -> None:
    """What nobody has agreed to yet is taken back; of what was agreed to, a line takes the difference."""
    if not breach.holds:
        return
    Breach.objects.filter(pk=breach.pk).update(holds=False)
    _settle(breach, due_minor=0, due_fee_minor=0, at=at)


def _holds_again(breach: Breach, *, at: datetime) -> None:
    Breach.objects.filter(pk=breach.pk).update(holds=True)
    line = breach.pay_line
    _settle(breach, due_minor=line.amount_minor, due_fee_minor=line.fee_minor, at=at)


def _settle(breach: Breach, *, due_minor: int, due_fee_minor: int, at: datetime) -> None:
    line = breach.pay_line
    rows = PayLine.objects.select_for_update(of=("self",)).filter(Q(pk=line.pk) | Q(corrects=line))
    standing_minor = standing_fee_minor = 0
    for each in rows.select_related(
        "engagement__gig", "engagement__company", "engagement__performer"
    ).order_by("pk"):
        if each.state in OPEN:
            audit.move(
                each,
                PayLineState.WITHDRAWN,
                by=HOUSE,
                at=at,
                reason=OTHERWISE,
                answer=OTHERWISE,
                decided_at=at,
            )
            notices.tell_ended(each, at=at)
        elif each.state == PayLineState.APPROVED:
            standing_minor += each.amount_minor
            standing_fee_minor += each.fee_minor
    # What talent operations declined, or took back, stays so: a person decided it.
    missing_minor = due_minor - standing_minor
    decided = rows.filter(state__in=[PayLineState.DECLINED, PayLineState.WITHDRAWN], decided_by__isnull=False)
    if not missing_minor or (due_minor and decided.exists()):
        return
    made = _make(
        line.engagement_id,
        Money(missing_minor, line.currency),
        Money(due_fee_minor - standing_fee_minor, line.currency),
        f"{OTHERWISE}: {line.reason}"[: PayLine._meta.get_field("reason").max_length],
        corrects=line,
        at=at,
    )
    notices.ask(made, Party.COMPANY, otherwise=RULES[Kind.BREACH].otherwise, at=at)
    if missing_minor < 0:
        notices.ask(made, Party.PERFORMER, otherwise=RULES[Kind.BREACH].otherwise, at=at)
