"""What a text must be: a line that breaks neither list nor mail, a reason that says something, a number that is one."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from kit.errors import Invalid

# Of a line: control characters, line and paragraph separators, halves of a surrogate pair.
BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})
LONGEST_REASON = 500
SMALL = re.compile(r"[0-9]{1,3}")


def check_reason(reason: str) -> None:
    """Raises Invalid (422, `required` or `max_length`) without a reason, or for one that is too long to be kept."""
    if not reason.strip():
        raise Invalid.field("reason", "Say why; it is kept with what happened.", code="required")
    if len(reason.strip()) > LONGEST_REASON:
        raise Invalid.field("reason", f"Say it in at most {LONGEST_REASON} characters.", code="max_length")


def small_number(text: str) -> int | None:
    """A number of one to three ASCII digits; None for anything else, such as 5,000 digits that Python will not read."""
    return int(text) if SMALL.fullmatch(text) else None


def validate_line(text: str) -> None:
    """Raises ValidationError (`control_character`) for a line break or any other control character."""
    if any(unicodedata.category(letter) in BREAKING for letter in text):
        raise ValidationError(
            "One line, please, without line breaks or other control characters.", code="control_character"
        )
