"""Times as people type them, by the clock on their wall: which instants one may mean."""

from datetime import UTC, date, datetime, tzinfo

YEARS = range(2000, 2200)
OUT_OF_YEARS = f"Choose a day from 1 Jan {YEARS.start} to 31 Dec {YEARS.stop - 1}."


def is_in_bounds(at: date) -> bool:
    """Whether anybody means such a day or instant; beyond, there are only slips and traps."""
    return at.year in YEARS


def readings(shown: datetime, zone: tzinfo) -> list[datetime]:
    """The instants at which the clock of `zone` shows this (a naive datetime): one; two, the first first, in the hour
    that comes twice in autumn; none in the hour that is left out in spring."""
    return [at for at in around(shown, zone) if at.astimezone(zone).replace(tzinfo=None) == shown]


def around(shown: datetime, zone: tzinfo) -> list[datetime]:
    """What `readings` gives; of a time that is left out, the instants that lie as long before and after the gap."""
    return sorted({shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)})
