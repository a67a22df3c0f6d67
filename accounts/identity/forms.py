from django import forms

from accounts.identity.fields import OwnZoneChoice
from accounts.identity.names import LONGEST_NAME
from kit.forms import LineField


class AccountForm(forms.Form):
    name = LineField(max_length=LONGEST_NAME, label="Your name")
    time_zone = OwnZoneChoice(help_text="Every time you read here is in this zone.")
