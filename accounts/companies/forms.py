from django import forms

from accounts.access.roles import Role
from accounts.identity.fields import NameInput
from accounts.identity.names import LONGEST_ABOUT, LONGEST_WEBSITE


class CompanyForm(forms.Form):
    name = NameInput()
    website = forms.URLField(max_length=LONGEST_WEBSITE, required=False, assume_scheme="https")
    about = forms.CharField(
        max_length=LONGEST_ABOUT,
        required=False,
        widget=forms.Textarea,
        help_text="What performers read before they apply.",
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
