from django import forms

from accounts.access.roles import Role
from accounts.identity.names import LONGEST_ABOUT, LONGEST_EMAIL, LONGEST_NAME, LONGEST_WEBSITE
from kit.forms import LineField


class CompanyForm(forms.Form):
    name = LineField(max_length=LONGEST_NAME)
    website = forms.URLField(max_length=LONGEST_WEBSITE, required=False, assume_scheme="https")
    about = forms.CharField(
        max_length=LONGEST_ABOUT,
        required=False,
        widget=forms.Textarea,
        help_text="What performers read before they apply.",
    )


class MemberForm(forms.Form):
    email = forms.EmailField(
        max_length=LONGEST_EMAIL,
        label="Their email",
        help_text="The address that they have confirmed here. Whether they have, we tell nobody.",
    )
    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.PRODUCER,
        help_text="Owners do everything; producers gigs and sessions; reviewers auditions; billing money.",
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
