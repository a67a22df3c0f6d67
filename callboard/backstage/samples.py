"""What the gallery shows: made-up people and figures, one of everything."""

from datetime import timedelta
from typing import Any

from django import forms

from kit import clock
from kit.forms import AmountField, LineField
from kit.money import Money
from kit.ranges import epoch_s

_MINUTES = (
    (-6, 0, "before_call", False, "A"),
    (0, 52, "present", True, "A"),
    (52, 53, "gap_filled", True, "B"),
    (53, 58, "present", True, "A"),
    (58, 63, "rest", True, "B"),
    (63, 75, "hold_company", True, "B"),
    (75, 97, "present", True, "A"),
    (97, 104, "absent", False, "B"),
    (104, 120, "present", True, "C"),
    (120, 124, "after_window", False, "A"),
)


class SampleForm(forms.Form):
    title = LineField(max_length=80, help_text="What a performer reads first.")
    rate = AmountField(most_minor=1_000_000, label="Rate per hour", initial="74.00")
    brief = forms.CharField(widget=forms.Textarea, required=False)
    language = forms.ChoiceField(choices=[("en", "English"), ("es", "Spanish")])
    skills = forms.MultipleChoiceField(
        choices=[("harold", "Harold"), ("duo", "Two-person scenes"), ("accents", "Accents and dialects")],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label="The scene asks for nothing that the brief does not name")


def context() -> dict[str, Any]:
    now = clock.now().replace(microsecond=0)
    call = now.replace(minute=0, second=0)
    start = epoch_s(call)
    return {
        "now": now,
        "soon": now + timedelta(hours=2, minutes=5),
        "earned": Money(123_450, "usd"),
        "owed": Money(-4_100, "usd"),
        "refused": SampleForm({"title": "", "rate": "a lot", "language": "en"}),
        "fresh": SampleForm(),
        "start": start,
        "end": start + 7_200,
        "stretches": [
            {"start": start + a * 60, "end": start + b * 60, "code": code, "paid": paid, "grade": grade}
            for a, b, code, paid, grade in _MINUTES
        ],
        "parts": [
            {"label": "Earned", "minor": 22_200, "tone": "earned", "when": "since Mon 23 Nov"},
            {"label": "Under review", "minor": 51_800, "tone": "review", "when": "approved by Wed 25 Nov"},
            {"label": "On its way", "minor": 44_400, "tone": "way", "when": "paid Fri 27 Nov"},
            {"label": "In the bank", "minor": 103_600, "tone": "bank", "when": "arrived Mon 23 Nov"},
        ],
        "states": ("draft", "published", "in_review", "live", "disputed", "paid", "cancelled", "offered"),
        "rows": [
            ("Two strangers in a lift", "Ada Okafor", "in_review", 5_400, 11_100),
            ("The last bakery", "Jun Takahashi", "approved", 7_200, 14_800),
            ("Night shift at the lighthouse", "Maren Lindqvist", "disputed", 6_960, 14_307),
        ],
    }
