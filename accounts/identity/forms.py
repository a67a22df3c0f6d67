from django import forms

from accounts.identity.fields import NameInput, OwnZoneChoice


class AccountForm(forms.Form):
    name = NameInput(label="Your name")
    time_zone = OwnZoneChoice(help_text="Every time you read here is in this zone.")
