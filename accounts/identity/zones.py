"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError

LONGEST_ZONE = 64
# Browsers say the left (CLDR, common/bcp47/timezone.xml), the tables of zones have long said the right.
ALIASES = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Etc/GMT": "UTC",
    "Etc/UTC": "UTC",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}


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
    cities = {name for name in available_timezones() if name.startswith(areas)}
    return tuple(sorted({"UTC"} | cities - ALIASES.keys()))


def canonical(name: str) -> str:
    """The name under which the list has what a browser or an app calls so."""
    return ALIASES.get(name, name)


def validate_zone(name: str) -> None:
    if name not in names():
        raise ValidationError(
            "Choose a time zone from the list, such as America/New_York.", code="unknown_time_zone"
        )


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
