from django import forms

from accounts.access.roles import Role, Staff
from accounts.identity.names import LONGEST_EMAIL


class InviteForm(forms.Form):
    email = forms.EmailField(
        max_length=LONGEST_EMAIL,
        label="Their email",
        help_text="They get one mail, and say yes or no themselves.",
    )


class MemberForm(InviteForm):
    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.PRODUCER,
        help_text="Owners do everything; producers gigs and sessions; reviewers auditions; billing money.",
    )


class StaffForm(InviteForm):
    role = forms.ChoiceField(
        choices=Staff.choices,
        initial=Staff.TALENT,
        help_text="Talent operations vet and decide; finance pays; administration says who works here.",
    )
