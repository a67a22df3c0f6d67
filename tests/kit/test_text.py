"""A line says what it shows."""

import pytest
from django.core.exceptions import ValidationError

from kit.forms import AmountField, LineField
from kit.text import validate_line


@pytest.mark.parametrize("line", ["Two strangers", "Zoë 🎭", "👩\u200d🎤", "ന\u200dമ", "7", "…", ""])
def test_takes_what_can_be_read(line: str) -> None:
    validate_line(line)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a\nb", "control_character"),
        ("a\u202eb", "control_character"),
        ("a\u2066b", "control_character"),
        ("a\u2028b", "control_character"),
        ("\u200b", "blank"),
        ("\u3164 \u2800", "blank"),
        ("\u200b \u2060", "blank"),
    ],
)
def test_refuses_what_hides_or_turns(line: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_line(line)
    assert refused.value.code == code


@pytest.mark.parametrize("wrong", [["Ada"], {"first": "Ada"}, 7, 1.5, True, False, 0, [], {}])
@pytest.mark.parametrize("field", [LineField(required=False), AmountField(most_minor=10_000, required=False)])
def test_a_field_of_a_form_takes_a_text_as_a_text_only(field: LineField, wrong: object) -> None:
    with pytest.raises(ValidationError, match=r"Write a text\."):
        field.clean(wrong)
    assert LineField().clean("Ada") == "Ada"
    assert LineField(required=False).clean(None) == ""
