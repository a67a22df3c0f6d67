from django import forms

from accounts.companies.countries import COUNTRIES
from accounts.companies.models import Company
from accounts.identity.fields import NameInput
from accounts.identity.names import LONGEST_REGISTRATION, LONGEST_WEBSITE
from kit.forms import LineField


class CompanyVettingForm(forms.Form):
    legal_name = NameInput(label="Registered name", help_text="As it stands in the register.")
    registration_number = LineField(max_length=LONGEST_REGISTRATION, label="Registration number")
    country = forms.ChoiceField(choices=[("", "Choose"), *COUNTRIES.items()], label="Country of registration")
    website = forms.URLField(
        max_length=LONGEST_WEBSITE,
        assume_scheme="https",
        help_text="An owner's confirmed mail address at its domain shows that it is yours.",
    )

    @classmethod
    def of(cls, company: Company) -> "CompanyVettingForm":
        return cls(initial={name: getattr(company, name) for name in cls.base_fields})
