"""What a performer says of when they are free. It binds nobody: a booking asks, and is confirmed as ever."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.performers.models import Performer
from kit.errors import Forbidden, Invalid
from kit.instants import length_in_words
from kit.rows import by_public_id
from marketplace.availability.calculate import DAY_MIN, Hours
from marketplace.availability.models import SpecialTime, WeeklyHours

MOST_A_DAY, MOST_SPECIAL = 6, 200
LONGEST = timedelta(days=366)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@transaction.atomic
def set_hours(*, hours: Sequence[Hours], by: Actor, at: datetime) -> Performer:
    """These are the performer's hours of every week from now on, in their own zone. Raises Invalid (422), Forbidden (403)."""
    performer = _performer(by)
    _refuse_hours(hours)
    WeeklyHours.objects.filter(performer=performer).delete()
    WeeklyHours.objects.bulk_create(
        WeeklyHours(performer=performer, weekday=each.weekday, from_min=each.from_min, to_min=each.to_min)
        for each in hours
    )
    audit.record(verb="availability.hours_set", thing=performer, by=by, at=at, ranges=len(hours))
    return performer


def _refuse_hours(hours: Sequence[Hours]) -> None:
    for weekday, name in enumerate(WEEKDAYS):
        ranges = sorted((each.from_min, each.to_min) for each in hours if each.weekday == weekday)
        if len(ranges) > MOST_A_DAY:
            raise Invalid.field("hours", f"{name}: at most {MOST_A_DAY} ranges.", code="out_of_range")
        if any(not 0 <= first < last <= DAY_MIN for first, last in ranges):
            raise Invalid.field(
                "hours", f"{name}: each range ends after it begins, by 24:00.", code="out_of_range"
            )
        if any(end > begin for (_, end), (begin, _) in pairwise(ranges)):
            raise Invalid.field("hours", f"{name}: two ranges overlap.", code="overlap")


@transaction.atomic
def say_special(
    *, starts_at: datetime, ends_at: datetime, is_free: bool, by: Actor, at: datetime
) -> SpecialTime:
    """Of these times the performer is free, or away, whatever their week says. Raises Invalid (422), Forbidden (403)."""
    performer = _performer(by)
    if not at < ends_at <= at + LONGEST or not starts_at < ends_at:
        said = f"It ends after it begins, ahead, within {length_in_words(LONGEST)}."
        raise Invalid.field("ends_at", said, code="out_of_range")
    if performer.special_times.filter(ends_at__gt=at).count() >= MOST_SPECIAL:
        raise Invalid.field("ends_at", f"At most {MOST_SPECIAL} such times ahead.", code="out_of_range")
    said_of = SpecialTime.objects.create(
        performer=performer, starts_at=starts_at, ends_at=ends_at, is_free=is_free
    )
    audit.record(verb="availability.special_said", thing=said_of, by=by, at=at, free=is_free)
    return said_of


@transaction.atomic
def take_special_back(*, special_id: str, by: Actor, at: datetime) -> None:
    """The week counts again. Raises NotFound (404), Forbidden (403)."""
    found = by_public_id(SpecialTime.objects.filter(performer=_performer(by)), special_id)
    audit.record(verb="availability.special_taken_back", thing=found, by=by, at=at)
    found.delete()


def _performer(by: Actor) -> Performer:
    found = Performer.objects.select_for_update(of=("self",)).filter(pk=by.performer_id).first()
    if found is None:
        raise Forbidden("Performers say when they are free.")
    return found
