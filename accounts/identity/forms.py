from django import forms

from accounts.identity.zones import names


class AccountForm(forms.Form):
    name = forms.CharField(max_length=120, label="Your name")
    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in names()],
        label="Time zone",
        help_text="Every time you read here is in this zone.",
    )
