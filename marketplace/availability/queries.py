"""Who is free when: of oneself, and of everyone engaged in a gig."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Prefetch

from accounts.performers.models import Performer
from kit.instants import day, time_of_day, zone
from kit.ranges import Span, intersection
from marketplace.availability.calculate import Hours, free_spans
from marketplace.availability.models import SpecialTime
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.sessions.models import Seat

DAYS_SHOWN = 7


class Free(StrEnum):
    """How a performer stands to a call: booked elsewhere is said without where."""

    FREE = "free"
    AWAY = "away"
    BOOKED = "booked"
    SAYS_NOTHING = "says_nothing"


FREE_WORDS = {
    Free.FREE: "Free",
    Free.AWAY: "Says they are away",
    Free.BOOKED: "Booked then",
    Free.SAYS_NOTHING: "Has not said",
}


@dataclass(frozen=True)
class Standing:
    """One performer and a call."""

    engagement_id: str
    performer: Performer
    free: Free

    @property
    def words(self) -> str:
        return FREE_WORDS[self.free]


@dataclass(frozen=True)
class Day:
    """One day by the clock of a zone, with when somebody is free and what they are booked for, in words."""

    title: str
    free: list[str]
    booked: list[str]


def for_call(gig: Gig, *, call_at: datetime, ends_at: datetime) -> list[Standing]:
    """Of everyone engaged in the gig how they stand to that call, the free first."""
    asked = Span.between(call_at, ends_at)
    active = gig.engagements.filter(state=EngagementState.ACTIVE).select_related("performer__user")
    people = {each.performer_id: each for each in active.order_by("performer__stage_name")[:200]}
    told = performers_with_times(people, since=call_at, until=ends_at)
    found = [
        Standing(people[each.pk].public_id, each, _stands(each, asked)) for each in told if each.pk in people
    ]
    order = list(Free)
    return sorted(found, key=lambda each: (order.index(each.free), each.performer.stage_name))


def performers_with_times(keys: Iterable[int], *, since: datetime, until: datetime) -> list[Performer]:
    """With what they said and are booked for in that time: a fixed number of queries."""
    special = SpecialTime.objects.filter(ends_at__gt=since, starts_at__lt=until).order_by("starts_at")
    seats = Seat.objects.filter(
        released_at=None, session__scheduled_end_at__gt=since, session__call_at__lt=until
    ).select_related("session__gig")
    rows = Performer.objects.filter(pk__in=list(keys)).select_related("user").order_by("stage_name", "pk")
    return list(
        rows.prefetch_related(
            "weekly_hours",
            Prefetch("special_times", queryset=special),
            Prefetch("seats", queryset=seats.order_by("session__call_at"), to_attr="booked_seats"),
        )
    )


def free_of(performer: Performer, within: Span) -> list[Span]:
    """When they said to be free, of a performer with their times."""
    special = [
        (Span.between(each.starts_at, each.ends_at), each.is_free) for each in performer.special_times.all()
    ]
    return free_spans(
        [Hours(each.weekday, each.from_min, each.to_min) for each in performer.weekly_hours.all()],
        zone=zone(performer.user.time_zone),
        free=[span for span, is_free in special if is_free],
        away=[span for span, is_free in special if not is_free],
        within=within,
    )


def has_said(performer: Performer) -> bool:
    return bool(performer.weekly_hours.all() or performer.special_times.all())


def days_of(performer: Performer, *, first: date, where: str, with_titles: bool) -> list[Day]:
    """A week of theirs by the clock of `where`; what they are booked for by its gig's title, or only that they are."""
    found = []
    for number in range(DAYS_SHOWN):
        on = first + timedelta(days=number)
        within = Span.between(*(_midnight(on + timedelta(days=more), where) for more in (0, 1)))
        booked = [
            f"{_clock(span, where)} {seat.session.gig.title if with_titles else 'booked'}"
            for seat in performer.booked_seats  # type: ignore[attr-defined] # prefetched as that
            for span in intersection([_of(seat)], [within])
        ]
        free = [_clock(span, where) for span in free_of(performer, within)]
        found.append(Day(title=day(on), free=free, booked=booked))
    return found


def _stands(performer: Performer, asked: Span) -> Free:
    if any(_of(seat).overlaps(asked) for seat in performer.booked_seats):  # type: ignore[attr-defined] # prefetched
        return Free.BOOKED
    if free_of(performer, asked) == [asked]:
        return Free.FREE
    return Free.AWAY if has_said(performer) else Free.SAYS_NOTHING


def _of(seat: Seat) -> Span:
    return Span.between(seat.session.call_at, seat.session.scheduled_end_at)


def _midnight(on: date, where: str) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone(where))


def _clock(span: Span, where: str) -> str:
    last = time_of_day(span.ended_at, where)
    return f"{time_of_day(span.started_at, where)}–{'24:00' if last == '00:00' else last}"
