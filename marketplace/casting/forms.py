"""Applying, and answering those who applied."""

from collections.abc import Sequence
from typing import Any

from django import forms

from kit.forms import LineField
from marketplace.casting.models import LONGEST_ANSWER, LONGEST_NOTE, LONGEST_REASON_NOTE
from marketplace.casting.states import OF_A_COMPANY
from marketplace.gigs.models import ScreeningQuestion

YES_NO = [("yes", "Yes"), ("no", "No")]


class ApplyForm(forms.Form):
    """The gig's own questions, and a note that may stay empty."""

    note = forms.CharField(
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea,
        label="A note",
        help_text="What you would bring to this scene. They read it without your name.",
    )

    def __init__(self, *args: Any, questions: Sequence[ScreeningQuestion], **options: Any) -> None:
        super().__init__(*args, **options)
        self.positions = [question.position for question in questions]
        asked = {f"answer_{question.position}": _control(question) for question in questions}
        self.fields = asked | self.fields

    def answers(self) -> dict[int, str]:
        given = {position: self.cleaned_data[f"answer_{position}"] for position in self.positions}
        return {position: text for position, text in given.items() if text}


def _control(question: ScreeningQuestion) -> forms.Field:
    missing = {"required": "They ask everyone this; answer it, and nothing else is lost."}
    if question.kind == ScreeningQuestion.Kind.YES_NO:
        return forms.ChoiceField(
            label=question.text,
            choices=YES_NO,
            widget=forms.RadioSelect,
            required=question.required,
            error_messages=missing,
        )
    return forms.CharField(
        label=question.text,
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=question.required,
        error_messages=missing,
    )


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *OF_A_COMPANY],
        error_messages={"required": "Choose a reason: the performer reads it."},
    )
    note = LineField(max_length=LONGEST_REASON_NOTE, required=False, label="A line to them")
