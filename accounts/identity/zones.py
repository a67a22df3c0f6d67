"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

LONGEST_ZONE = 64


@cache
def names() -> tuple[str, ...]:
    """The zones that a person may choose: Area/City names and UTC, sorted."""
    areas = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    return tuple(sorted({"UTC"} | {name for name in available_timezones() if name.startswith(areas)}))


def validate_zone(name: str) -> None:
    if name not in names():
        raise ValidationError(
            "Choose a time zone from the list, such as America/New_York.", code="unknown_time_zone"
        )


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
