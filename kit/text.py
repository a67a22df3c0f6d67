"""What a text must be: a line that breaks neither list nor mail, a reason that says something, a number that is one."""

import re
import unicodedata

from django.core.exceptions import ValidationError

from kit.errors import Invalid

# Of a line: control characters, line and paragraph separators, halves of a surrogate pair.
BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})
# They turn what follows around: `a\u202eb` reads as another text. The marks that scripts need, such as ZWJ, may stay.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SEEN = "LNPS"
# Letters and a sign by their category, and nothing to the eye: the fillers of Hangul, the empty cell of Braille.
EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800")
LONGEST_REASON = 500
SMALL = re.compile(r"[0-9]{1,3}")


def required_text(
    text: str,
    *,
    field: str = "reason",
    missing: str = "Say why; it is kept with what happened.",
    longest: int = LONGEST_REASON,
) -> str:
    """What was said, without the space around it. Raises Invalid (422, `required`) for nothing, and as `optional_text`."""
    if not is_seen(text):
        raise Invalid.field(field, missing, code="required")
    return optional_text(text, field=field, longest=longest)


def optional_text(text: str, *, field: str, longest: int) -> str:
    """The same, where it may stay empty. Raises Invalid (422, `max_length`, `null_characters_not_allowed`) for what the
    database cannot keep."""
    said = text.strip()
    if len(said) > longest:
        raise Invalid.field(field, f"Say it in at most {longest:,} characters.", code="max_length")
    if "\x00" in said:
        raise Invalid.field(field, "It holds a null character.", code="null_characters_not_allowed")
    return said


def is_seen(text: str) -> bool:
    """Whether anything of it can be seen."""
    return any(unicodedata.category(letter)[0] in SEEN and letter not in EMPTY for letter in text)


def small_number(text: str) -> int | None:
    """A number of one to three ASCII digits; None for anything else, such as 5,000 digits that Python will not read."""
    return int(text) if SMALL.fullmatch(text) else None


def validate_line(text: str) -> None:
    """Raises ValidationError: `control_character` for a line break or another character that breaks or turns the line
    around, `blank` for a text of which nothing can be seen. An empty one is the field's own question."""
    if any(unicodedata.category(letter) in BREAKING or letter in TURNING for letter in text):
        raise ValidationError(
            "One line, please, without line breaks or other control characters.", code="control_character"
        )
    if text.strip() and not is_seen(text):
        raise ValidationError("Write something that can be seen.", code="blank")
