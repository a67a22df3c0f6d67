from django import forms

from accounts.identity.names import LONGEST_NAME
from accounts.identity.zones import names
from kit.forms import LineField


class AccountForm(forms.Form):
    name = LineField(max_length=LONGEST_NAME, label="Your name")
    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in names()],
        label="Time zone",
        help_text="Every time you read here is in this zone.",
    )
