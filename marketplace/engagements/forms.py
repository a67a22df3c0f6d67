from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms

from accounts.companies.countries import COUNTRIES
from accounts.identity.fields import StateChoice
from accounts.identity.names import LONGEST_NAME
from kit.forms import AmountField, LineField
from marketplace.engagements.models import LONGEST_END_REASON
from marketplace.gigs.limits import HIGHEST_RATE_MINOR
from marketplace.rights.models import ReplicaSignature


class SignForm(forms.Form):
    """A name, typed, under the very text that was read."""

    name = LineField(
        max_length=LONGEST_NAME,
        label="Type your full name to sign",
        error_messages={"required": "Type your name to sign."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    read_sha256 = LineField(max_length=64, widget=forms.HiddenInput)
    uses_sha256 = LineField(required=False, max_length=64, widget=forms.HiddenInput)
    grants = forms.MultipleChoiceField(
        required=False,
        label="What may recordings of you be used for?",
        help_text="Each by itself. What you do not tick stays refused; without any, nothing is recorded. You can withdraw it at "
        "any time.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, asks: Mapping[str, str] = MappingProxyType({}), **options: Any) -> None:
        """`asks`: the purposes that the performer may grant, with the words to be read; none for the company."""
        super().__init__(*args, **options)
        if asks:
            self.fields["grants"].choices = list(asks.items())  # type: ignore[attr-defined] # a choice field
        else:
            del self.fields["grants"], self.fields["uses_sha256"]


class WhereForm(forms.Form):
    """Where the signer lives, or their company sits."""

    country = forms.ChoiceField(choices=list(COUNTRIES.items()))
    region = StateChoice(help_text="In the United States only.")


class ReplicaForm(forms.Form):
    """The signature of its own under one replica."""

    purpose = LineField(max_length=30, widget=forms.HiddenInput)
    read_sha256 = LineField(max_length=64, widget=forms.HiddenInput)
    represented_by = forms.ChoiceField(
        choices=ReplicaSignature.By.choices,
        label="Who advised you on this replica?",
        help_text="The laws of New York and California take it from nobody who stood alone.",
    )
    representative = LineField(max_length=LONGEST_NAME, label="The lawyer's or the union's name")
    name = LineField(max_length=LONGEST_NAME, label="Type your full name to sign this replica")


class RaiseForm(forms.Form):
    rate = AmountField(
        most_minor=HIGHEST_RATE_MINOR,
        label="New pay per hour",
        help_text="Holds for what is booked after both have signed. A rate never falls.",
    )


class PauseForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST_END_REASON,
        label="Why, and for how long?",
        help_text="The other side reads it. What is booked takes place.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; the other side reads it."},
    )


class LeaveForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST_END_REASON,
        label="The reason",
        help_text="The other side reads it. Work done is paid.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give a reason; the other side reads it."},
    )
