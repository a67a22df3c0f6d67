"""A series: the same people, a week apart at the same time by the gig's clock, booked in one act, all or none."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import DomainError, Invalid
from kit.instants import day, for_machines, time_of_day, zone, zone_label
from kit.wall_clock import around, readings
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions import booking
from marketplace.sessions.models import Series

FEWEST, MOST = 2, 26
WEEK = timedelta(days=7)


class ChooseTimes(DomainError):
    """Send one of each pair of `facts.choices` in `choices`, beside what was sent."""

    code = "choose_times"
    status = 422
    title = "A clock changes in one of these weeks"


def book_series(
    *,
    gig: Gig,
    call_at: datetime,
    weeks: int,
    engagements: Sequence[Engagement],
    length_s: int | None = None,
    choices: Sequence[datetime] = (),
    by: Actor,
    at: datetime,
) -> Series:
    """Book these people for `weeks` calls, the first at `call_at`; each is a session of its own.

    Raises Forbidden (403), Invalid, ChooseTimes (422), and what a booking raises, with the day that it is about; nothing is
    booked then.
    """
    by.require(Act.BOOK, company_id=gig.company_id)
    if not FEWEST <= weeks <= MOST:
        raise Invalid.field("weeks", f"From {FEWEST} to {MOST} weeks.", code="out_of_range")
    calls = calls_of(gig, call_at, weeks=weeks, choices=choices)
    with transaction.atomic():
        series = Series.objects.create(gig=gig, booked_at=at)
        audit.record(verb="series.booked", thing=series, by=by, at=at, weeks=weeks)
        for each in calls:
            _book(series, each, engagements, length_s, by=by, at=at)
        return series


def calls_of(gig: Gig, call_at: datetime, *, weeks: int, choices: Sequence[datetime]) -> list[datetime]:
    """The instants at which the gig's clock shows the same time, week after week. Raises ChooseTimes (422)."""
    where = zone(gig.time_zone)
    first = call_at.astimezone(where).replace(tzinfo=None, fold=0)
    found, open_pairs = [call_at], []
    for number in range(1, weeks):
        shown = first + number * WEEK
        meant = readings(shown, where)
        if len(meant) != 1:
            pair = around(shown, where)
            meant = [each for each in pair if each in choices]
            open_pairs += [] if len(meant) == 1 else [pair]
        found += meant[:1]
    if open_pairs:
        said = " ".join(_asks(pair, gig) for pair in open_pairs)
        raise ChooseTimes(said, choices=[[for_machines(each) for each in pair] for pair in open_pairs])
    return found


def _asks(pair: Sequence[datetime], gig: Gig) -> str:
    where = gig.time_zone
    one, other = (f"{time_of_day(each, where)} {zone_label(each, where)}" for each in pair)
    return f"On {day(pair[0], where)} the gig's clock changes: choose {one} or {other}."


def _book(
    series: Series,
    call_at: datetime,
    engagements: Sequence[Engagement],
    length_s: int | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    gig = series.gig
    try:
        booking.book_session(
            gig=gig,
            call_at=call_at,
            engagements=engagements,
            length_s=length_s,
            series=series,
            by=by,
            at=at,
        )
    except DomainError as error:
        # Which of the calls it is about: the others could be booked.
        error.detail = f"{day(call_at, gig.time_zone)}: {error.detail}"
        raise
