from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db.models import TextChoices

from marketplace.timekeeping.models import LONGEST_CLAIM_S, LONGEST_SAID, Dispute


def _minutes(label: str, *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_value=LONGEST_CLAIM_S // 60,
        max_digits=6,
        decimal_places=2,
    )


class DisputeForm(forms.Form):
    """What is wrong with a line, and how long it should be."""

    reason = forms.ChoiceField(label="What is wrong?")
    minutes = _minutes("How many minutes are right?", required=True)
    text = forms.CharField(
        label="What happened?",
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The other side reads it.",
    )

    def __init__(self, data: Any = None, *, reasons: Sequence[Dispute.Reason]) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            (each.value, each.label) for each in reasons
        ]

    @property
    def claimed_s(self) -> int:
        seconds: int = round(self.cleaned_data["minutes"] * 60)
        return seconds


class Answer(TextChoices):
    AGREE = "agree"
    DISAGREE = "disagree"
    TAKE_BACK = "take_back"


class AnswerForm(forms.Form):
    """What one of the two sides says to a dispute. The button that was pressed says which; the words decide nothing."""

    answer = forms.ChoiceField(choices=Answer.choices, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Your answer",
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The other side reads it.",
    )


class Decision(TextChoices):
    AS_RECORDED = "as_recorded"
    AS_CLAIMED = "as_claimed"
    ANOTHER = "another"


class DecisionForm(forms.Form):
    """What talent operations decide: one of three, and why."""

    decision = forms.ChoiceField(label="How much is right?", widget=forms.RadioSelect)
    minutes = _minutes("Minutes to pay")
    text = forms.CharField(
        label="Why?",
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Both sides read it.",
    )

    def __init__(self, data: Any = None, *, dispute: Dispute) -> None:
        super().__init__(data)
        self.dispute = dispute
        recorded, claimed = timedelta(seconds=dispute.line.payable_s), dispute.claimed_s
        choices: list[tuple[str, str]] = [(Decision.AS_RECORDED, f"As recorded: {recorded}")]
        if claimed is not None:
            choices.append((Decision.AS_CLAIMED, f"As claimed: {timedelta(seconds=claimed)}"))
        choices.append((Decision.ANOTHER, "Another length"))
        cast(forms.ChoiceField, self.fields["decision"]).choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (
            cleaned.get("decision") == Decision.ANOTHER
            and "minutes" in cleaned
            and cleaned["minutes"] is None
        ):
            self.add_error("minutes", "Say how many.")
        return cleaned

    @property
    def adjusted_s(self) -> int | None:
        match self.cleaned_data["decision"]:
            case Decision.AS_CLAIMED:
                return self.dispute.claimed_s
            case Decision.ANOTHER:
                seconds: int = round(self.cleaned_data["minutes"] * 60)
                return seconds
            case _:
                return None
