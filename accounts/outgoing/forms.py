from django import forms

from accounts.companies import events
from accounts.outgoing.models import LONGEST_ADDRESS
from kit.forms import LineField


class KindsForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        choices=sorted(events.KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="What it is told",
        help_text="None chosen means all, also what is new in later versions.",
    )


class WebhookForm(KindsForm):
    address = LineField(
        max_length=LONGEST_ADDRESS,
        help_text="An https:// address of yours that the internet can reach.",
    )
    field_order = ["address", "kinds"]
