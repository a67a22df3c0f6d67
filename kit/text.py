"""A text of one line, such as a name, a title or a subject: nothing in it breaks the line, the list or the mail it stands in."""

import unicodedata

from django.core.exceptions import ValidationError

# Control characters, line and paragraph separators, halves of a surrogate pair.
BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})


def validate_line(text: str) -> None:
    """Raises ValidationError (`control_character`) for a line break or any other control character."""
    if any(unicodedata.category(letter) in BREAKING for letter in text):
        raise ValidationError(
            "One line, please, without line breaks or other control characters.", code="control_character"
        )
