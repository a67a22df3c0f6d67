from django import forms

from accounts.identity.names import LONGEST_NAME
from kit.forms import AmountField, LineField
from marketplace.engagements.models import LONGEST_END_REASON
from marketplace.gigs.limits import HIGHEST_RATE_MINOR


class SignForm(forms.Form):
    """A name, typed, under the very text that was read."""

    name = LineField(
        max_length=LONGEST_NAME,
        label="Type your full name to sign",
        error_messages={"required": "Type your name to sign."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    read_sha256 = LineField(max_length=64, widget=forms.HiddenInput)


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
