"""When one is free, as people type it: `10:00-14:00, 18:00-22:00` of a weekday; days and times of one's own zone."""

import re
from typing import Any

from django import forms

from kit.forms import InstantField, LineField
from marketplace.availability.calculate import DAY_MIN, Hours
from marketplace.availability.operations import WEEKDAYS
from marketplace.gigs.forms import MinutesField

_RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


class RangesField(LineField):
    """Ranges of a day, cleaned to pairs of its minutes."""

    def clean(self, value: object) -> list[tuple[int, int]]:
        text = super().clean(value) or ""
        found = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            match = _RANGE.fullmatch(part)
            hours = [int(each) for each in match.groups()] if match else []
            if not match or hours[1] > 59 or hours[3] > 59 or max(_minutes(hours)) > DAY_MIN:
                raise forms.ValidationError("Write it as 10:00-14:00, 18:00-22:00.", code="malformed")
            found.append(_minutes(hours))
        return found


def _minutes(hours: list[int]) -> tuple[int, int]:
    return hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]


def in_words(ranges: list[tuple[int, int]]) -> str:
    return ", ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in sorted(ranges))


class HoursForm(forms.Form):
    """A field for each weekday."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for weekday, name in enumerate(WEEKDAYS):
            self.fields[f"day{weekday}"] = RangesField(label=name, required=False, max_length=120)

    @property
    def hours(self) -> list[Hours]:
        sent = self.cleaned_data
        return [Hours(day, *pair) for day in range(len(WEEKDAYS)) for pair in sent[f"day{day}"]]


class SpecialForm(forms.Form):
    """Times are in the zone that the page has activated."""

    starts_at = InstantField(label="From")
    ends_at = InstantField(label="Until")
    is_free = forms.TypedChoiceField(
        label="Then I am", choices=[("away", "Away"), ("free", "Free")], coerce=lambda said: said == "free"
    )


class CallForm(forms.Form):
    """A call for which somebody is sought."""

    call_at = InstantField(label="Call")
    minutes = MinutesField(label="Length")
