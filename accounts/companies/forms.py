from django import forms

from accounts.access.roles import Role
from accounts.companies.countries import COUNTRIES
from accounts.companies.models import Company
from accounts.identity.fields import NameInput, StateChoice
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
    seat_country = forms.ChoiceField(
        choices=[("", "Where it is registered"), *COUNTRIES.items()],
        required=False,
        label="Where it works from",
        help_text="Agreements follow the law of the place.",
    )
    seat_region = StateChoice(help_text="In the United States only.")

    @classmethod
    def of(cls, company: Company) -> "CompanyForm":
        return cls(initial=current(company))


def current(company: Company) -> dict[str, str]:
    """What it says of itself, as the arguments of `update_company`."""
    return {
        "name": company.name,
        "website": company.website,
        "about": company.about,
        "seat_country": company.seat_country,
        "seat_region": company.seat_region,
    }


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
