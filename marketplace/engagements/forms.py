from typing import Any

from django import forms

from accounts.identity.names import LONGEST_NAME
from kit.forms import LineField
from kit.money import Money, MoneyMalformed


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
    rate = LineField(
        max_length=16,
        label="New pay per hour",
        help_text="Holds for what is booked after both have signed. A rate never falls.",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    def clean_rate(self) -> Any:
        try:
            minor = Money.parse(self.cleaned_data["rate"].strip(), "usd").minor
        except MoneyMalformed as error:
            raise forms.ValidationError("Write an amount such as 80.00.", code="malformed") from error
        if not 1 <= minor <= 1_000_000:
            raise forms.ValidationError("From 0.01 to 10,000.00 USD an hour.", code="out_of_range")
        return minor


class LeaveForm(forms.Form):
    reason = forms.CharField(
        max_length=1000,
        label="The reason",
        help_text="The other side reads it. Work done is paid.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Give a reason; the other side reads it."},
    )
