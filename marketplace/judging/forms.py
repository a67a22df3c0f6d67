"""A rubric, a verdict and a word on both, as people fill them in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from accounts.identity.models import User
from kit.forms import LineField
from marketplace.judging.models import (
    HIGHEST,
    LONGEST_ANCHOR,
    LONGEST_CRITERION,
    LONGEST_VERDICT_NOTE,
    LOWEST,
    MOST_WEIGHT,
    Criterion,
)
from marketplace.judging.operations import Line

LINES = range(1, 7)  # on the page; an app may write up to MOST_CRITERIA
PARTS = ("name", "weight", "anchor_low", "anchor_middle", "anchor_high")


class RubricForm(forms.Form):
    """Up to six lines; one without a name is left out."""

    def __init__(self, *args: Any, criteria: Sequence[Criterion] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        for n in LINES:
            line = criteria[n - 1] if n <= len(criteria) else None
            said = {name: getattr(line, name) if line else None for name in PARTS}
            self.fields[f"name_{n}"] = LineField(
                max_length=LONGEST_CRITERION, required=False, label=f"Looked for, {n}", initial=said["name"]
            )
            self.fields[f"weight_{n}"] = forms.IntegerField(
                min_value=1,
                max_value=MOST_WEIGHT,
                required=False,
                label="Weight",
                initial=said["weight"] or 1,
            )
            for name, label in zip(PARTS[2:], ("A 1 is", "A 3 is", "A 5 is"), strict=True):
                self.fields[f"{name}_{n}"] = LineField(
                    max_length=LONGEST_ANCHOR, required=False, label=label, initial=said[name]
                )

    @property
    def rows(self) -> list[list[forms.BoundField]]:
        return [[self[f"{name}_{n}"] for name in PARTS] for n in LINES]

    def lines(self) -> list[Line]:
        said = self.cleaned_data
        return [
            Line(
                name=said[f"name_{n}"],
                weight=said[f"weight_{n}"] or 1,
                anchor_low=said[f"anchor_low_{n}"],
                anchor_middle=said[f"anchor_middle_{n}"],
                anchor_high=said[f"anchor_high_{n}"],
            )
            for n in LINES
            if said[f"name_{n}"]
        ]


class JudgesForm(forms.Form):
    def __init__(
        self, *args: Any, members: Sequence[User], chosen: Sequence[str] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["judges"] = forms.MultipleChoiceField(
            choices=[(member.public_id, member.name) for member in members],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            initial=list(chosen),
            label="Who judges",
            help_text="Two or more, so that you see how far they agree. Each reads no name and no other verdict before "
            "their own is in.",
        )


class VerdictForm(forms.Form):
    """A score for each criterion, and a note."""

    def __init__(
        self, *args: Any, criteria: Sequence[Criterion], with_reason: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.criteria = criteria
        for criterion in criteria:
            self.fields[f"score_{criterion.position}"] = forms.ChoiceField(
                choices=[(str(score), str(score)) for score in range(LOWEST, HIGHEST + 1)],
                widget=forms.RadioSelect,
                label=criterion.name,
                help_text=f"1: {criterion.anchor_low} 3: {criterion.anchor_middle} 5: {criterion.anchor_high}",
                error_messages={"required": "Give it a score, 1 to 5."},
            )
        self.fields["note"] = forms.CharField(
            max_length=LONGEST_VERDICT_NOTE,
            required=with_reason,
            widget=forms.Textarea(attrs={"rows": 2}),
            label="Why" if with_reason else "A note for the others",
        )

    def scores(self) -> Mapping[int, int]:
        return {
            criterion.position: int(self.cleaned_data[f"score_{criterion.position}"])
            for criterion in self.criteria
        }
