"""Instants, days and lengths as people read them; an instant in a zone that is named: `Thu 26 Nov, 18:22 EST`."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def in_words(at: datetime, where: str | None) -> str:
    """`Thu 26 Nov, 18:22 EST`: the instant as the clock says it in the zone `where`."""
    return f"{day(at, where)}, {time_of_day(at, where)} {zone_label(at, where)}"


def zone(name: str | None) -> tzinfo:
    """The zone of that name; UTC for one that is empty or unknown to this machine."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day(at: date | datetime, where: str | None = None, *, with_year: bool = False) -> str:
    """`Fri 27 Nov`. An instant is looked at in the zone `where`; a date is a date everywhere."""
    shown = at.astimezone(zone(where)) if isinstance(at, datetime) else at
    return f"{shown:%a} {shown.day} {shown:%b}" + (f" {shown.year}" if with_year else "")


def time_of_day(at: datetime, where: str | None = None) -> str:
    """`18:30`"""
    return f"{at.astimezone(zone(where)):%H:%M}"


def zone_label(at: datetime, where: str | None = None) -> str:
    """`EST`, or `GMT+3` where the zone has no letters."""
    local = at.astimezone(zone(where))
    name = local.tzname() or "UTC"
    if not name.lstrip("+-").isdigit():
        return name
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    sign = "+" if minutes >= 0 else "-"
    half = f":{abs(minutes) % 60:02d}" if minutes % 60 else ""
    return f"GMT{sign}{abs(minutes) // 60}{half}"


def length_in_words(length: timedelta) -> str:
    """`72 hours`, `5 days`: a whole length in its largest unit; days from the fourth on, minutes below an hour."""
    minutes = length // timedelta(minutes=1)
    unit, number = next(
        (unit, minutes // of)
        for unit, of, least in (("day", 1_440, 5_760), ("hour", 60, 60), ("minute", 1, 0))
        if minutes >= least and minutes % of == 0
    )
    return f"{number} {unit}{'' if number == 1 else 's'}"
