from django import forms

from accounts.keys.models import LONGEST_KEY_NAME
from accounts.keys.operations import LONGEST_DAYS, SCOPES
from kit.forms import LineField


class KeyForm(forms.Form):
    name = LineField(max_length=LONGEST_KEY_NAME, help_text="Where it is used, such as “casting dashboard”.")
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple, label="What it may do"
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=90,
        label="Lives for",
        help_text=f"1 to {LONGEST_DAYS} days.",
    )
