from django import forms

from marketplace.timekeeping.models import Dispute


class QuestionForm(forms.Form):
    """What is wrong with a line, and how long it should be."""

    reason = forms.ChoiceField(label="What is wrong?", choices=Dispute.Reason.choices)
    minutes = forms.DecimalField(
        label="How many minutes should be paid?",
        required=False,
        min_value=0,
        max_value=1440,
        max_digits=6,
        decimal_places=2,
    )
    text = forms.CharField(
        label="What happened?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The other side reads it.",
    )

    @property
    def claimed_s(self) -> int | None:
        minutes = self.cleaned_data["minutes"]
        return None if minutes is None else round(minutes * 60)


class AnswerForm(forms.Form):
    """An answer to a question: agree to the claim, take it back, or, as talent operations, decide."""

    resolution = forms.CharField(
        label="Your answer", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    adjusted_s = forms.IntegerField(required=False, min_value=0, max_value=86_400, widget=forms.HiddenInput)
