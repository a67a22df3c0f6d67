from typing import Any

from django import forms

from kit.forms import AmountField, LineField
from kit.money import Money
from marketplace.rights import models
from marketplace.rights.models import UseTerms
from marketplace.rights.proof import LARGEST_FILE
from marketplace.rights.use_terms import MOST_BONUS_MINOR, Fields


class UseTermsForm(forms.Form):
    """What one purpose is asked for; what is left empty is the house's."""

    use = forms.CharField(
        required=False,
        max_length=models.LONGEST_USE,
        label="What is made of the recordings",
        help_text="Reasonably specific. A replica cannot be granted without it, nor can the law be met.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    model_family = LineField(
        required=False,
        max_length=models.LONGEST_FAMILY,
        label="Models",
        help_text="Such as “Aria 2 and its successors”.",
    )
    territory = LineField(
        required=False, max_length=models.LONGEST_TERRITORY, label="Where", help_text="Empty: the world."
    )
    not_for = LineField(
        required=False,
        max_length=models.LONGEST_NOT_FOR,
        label="Ruled out",
        help_text="Such as “political speech, sexual content”.",
    )
    term_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=models.LONGEST_TERM_DAYS,
        label="For how many days",
        help_text="From both signatures. Empty: until it is withdrawn.",
    )
    bonus = AmountField(
        required=False,
        least_minor=0,
        most_minor=MOST_BONUS_MINOR,
        label="Bonus",
        help_text="Paid once to whoever grants it, in the pay week after both have signed.",
    )
    deletion_days = forms.IntegerField(
        min_value=1,
        max_value=models.MOST_DELETION_DAYS,
        initial=30,
        label="Copies are deleted within days",
        help_text="Of a withdrawal, everywhere.",
    )

    def fields_said(self) -> Fields:
        sent = self.cleaned_data
        said = Fields(
            use=sent["use"],
            model_family=sent["model_family"],
            territory=sent["territory"],
            not_for=sent["not_for"],
            deletion_days=sent["deletion_days"],
            bonus_minor=sent["bonus"].minor if sent["bonus"] else 0,
        )
        if sent["term_days"]:
            said["term_days"] = sent["term_days"]
        return said


def initial_of(terms: UseTerms | None) -> dict[str, Any]:
    if terms is None:
        return {}
    shown = {name: getattr(terms, name) for name in UseTermsForm.base_fields if hasattr(terms, name)}
    return shown | {
        "bonus": Money(terms.bonus_minor, terms.gig.currency).figure() if terms.bonus_minor else ""
    }


class ReceiptForm(forms.Form):
    """A receipt to be checked: its file, or its text."""

    file = forms.FileField(required=False, label="The receipt's file", allow_empty_file=True)
    text = forms.CharField(
        required=False,
        max_length=LARGEST_FILE,
        label="Or its text",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if not sent.get("file") and not sent.get("text"):
            self.add_error("file", "Choose the file of a receipt, or paste its text.")
        return sent

    def content(self) -> bytes:
        file = self.cleaned_data.get("file")
        return bytes(file.read(LARGEST_FILE + 1)) if file else str(self.cleaned_data["text"]).encode()
