"""The one place that writes times for people: `Thu 26 Nov, 18:22 EST`, in a zone that is named, the year where it is not
this one. Mails, notices, pages, refusals and explanations all say it by these functions."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.dateparse import parse_date

from kit import clock

Where = str | tzinfo | None

# What a reader takes these letters for. Zones that mean another time by them are named in full: CST in Shanghai or Havana.
TAKEN_FOR = {
    "CST": timedelta(hours=-6),
    "CDT": timedelta(hours=-5),
    "PST": timedelta(hours=-8),
    "IST": timedelta(hours=5, minutes=30),
}


def in_words(at: datetime, where: Where, *, now: datetime | None = None) -> str:
    """`Thu 26 Nov, 18:22 EST`: the instant as the clock says it in the zone `where`."""
    return f"{day(at, where, now=now)}, {time_of_day(at, where)} {zone_label(at, where)}"


def in_words_and_utc(at: datetime, where: Where, *, now: datetime | None = None) -> str:
    """`Thu 26 Nov, 18:22 EST (23:22 UTC)`: for a reader whose zone is only guessed."""
    said = in_words(at, where, now=now)
    if zone_label(at, where) == "UTC":
        return said
    there = day(at, None, now=now)
    other_day = "" if there == day(at, where, now=now) else f"{there}, "
    return f"{said} ({other_day}{time_of_day(at)} UTC)"


def to_the_microsecond(at: datetime) -> str:
    """`2026-11-26T23:22:07.000000Z`: what is signed or handed to programs, to the microsecond, always in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def zone(where: Where) -> tzinfo:
    """The zone of that name; UTC for one that is empty or unknown to this machine."""
    if isinstance(where, tzinfo):
        return where
    try:
        return ZoneInfo(where) if where else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day(
    at: date | datetime, where: Where = None, *, with_year: bool = False, now: datetime | None = None
) -> str:
    """`Fri 27 Nov`, or `Fri 1 Jan 2027` unless that is this year. An instant is looked at in the zone `where`; a date is a
    date everywhere. `with_year`: also this year's, in what is kept."""
    shown = at.astimezone(zone(where)) if isinstance(at, datetime) else at
    this_year = (now or clock.now()).astimezone(zone(where)).year
    year = f" {shown.year}" if with_year or shown.year != this_year else ""
    return f"{shown:%a} {shown.day} {shown:%b}{year}"


def time_of_day(at: datetime, where: Where = None, *, seconds: bool = False) -> str:
    """`18:30`, or `18:30:07`."""
    local = at.astimezone(zone(where))
    return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"


def zone_label(at: datetime, where: Where = None) -> str:
    """`EST`; `GMT+3` where the zone has no letters; its name where the letters mean another zone's time to most."""
    local = at.astimezone(zone(where))
    letters, offset = local.tzname() or "UTC", local.utcoffset() or timedelta()
    if TAKEN_FOR.get(letters, offset) != offset:
        return str(zone(where))
    if not letters.lstrip("+-").isdigit():
        return letters
    minutes = int(offset.total_seconds()) // 60
    sign = "+" if minutes >= 0 else "-"
    half = f":{abs(minutes) % 60:02d}" if minutes % 60 else ""
    return f"GMT{sign}{abs(minutes) // 60}{half}"


def for_machines(at: date | datetime) -> str:
    """`2026-11-26T23:22:00Z` or `2026-11-26`: in addresses, in `<time datetime>` and for scripts; never for people."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(at, datetime) else f"{at:%Y-%m-%d}"


def in_utc(at: datetime) -> str:
    """`2026-11-26 23:22:05 UTC`: to the second, where it is evidence and has no one reader."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def day_said(text: str) -> date | None:
    """The day that `2026-11-30` names; None for what names none, the thirtieth of February included."""
    try:
        return parse_date(text) if len(text) == 10 else None
    except ValueError:
        return None


def month(first: date) -> str:
    """`November 2026`: the month that a day is in."""
    return f"{first:%B %Y}"


def short_month(first: date) -> str:
    """`Nov 26`: the month of a year, at the head of a narrow column."""
    return f"{first:%b %y}"


def day_for_xero(on: date) -> str:
    """`22 Nov 2026`, one of the two forms that Xero's imports read."""
    return f"{on.day} {on:%b %Y}"


def day_for_quickbooks(on: date) -> str:
    """`11/22/2026`, as QuickBooks Online's imports read it in the United States."""
    return f"{on:%m/%d/%Y}"


def wall_clock(at: datetime, where: Where) -> str:
    """`2026-11-26T18:22`: as a browser's field for a day and a time takes it, by the clock of the zone `where`."""
    return f"{at.astimezone(zone(where)):%Y-%m-%dT%H:%M}"


def length_in_words(length: timedelta) -> str:
    """`72 hours`, `5 days`: a whole length in its largest unit; days from the fourth on, minutes below an hour."""
    minutes = length // timedelta(minutes=1)
    unit, number = next(
        (unit, minutes // of)
        for unit, of, least in (("day", 1_440, 5_760), ("hour", 60, 60), ("minute", 1, 0))
        if minutes >= least and minutes % of == 0
    )
    return f"{number} {unit}{'' if number == 1 else 's'}"
