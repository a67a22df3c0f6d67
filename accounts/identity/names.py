"""How long it may be, what people say of themselves: the name of a person, of a performer on stage, of a company."""

import re

from django.core.exceptions import ValidationError

LONGEST_NAME = 120
LONGEST_ABOUT = 2_000
LONGEST_EMAIL = 254
LONGEST_WEBSITE = 200
LONGEST_REGISTRATION = 60
# A bare `Booking.com` is a company's name.
_LINK = re.compile(r"://|\bwww\.|\w\.[a-z]{2,}/", re.IGNORECASE)


def validate_name(text: str) -> None:
    """Raises ValidationError (`link`) for a name that leads somewhere. Names stand in mails to people who never asked for one:
    a sign-up with their address, an invitation."""
    if _LINK.search(text):
        raise ValidationError("Write a name, and no link.", code="link")
