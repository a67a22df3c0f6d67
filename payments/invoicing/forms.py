from django import forms
from django.conf import settings

from accounts.companies.countries import COUNTRIES
from accounts.identity.fields import NameInput
from kit.forms import DayField, LineField
from payments.invoicing.billing import SAID
from payments.invoicing.models import (
    LONGEST_PLACE,
    LONGEST_POSTAL_CODE,
    LONGEST_REFERENCE,
    LONGEST_VAT_NUMBER,
    BillingDetails,
)
from payments.invoicing.schemes import LONGEST_ID, SCHEMES

# As people name it: New York.
ZONE = settings.PAYROLL_TIME_ZONE.rpartition("/")[2].replace("_", " ")


class FindForm(forms.Form):
    """Finance looks for documents."""

    q = LineField(label="Number or company", required=False, max_length=80)
    week = DayField(label="Week of (its Monday)", required=False)


class DaysForm(forms.Form):
    """Days of a statement of account, both included; empty is this month so far."""

    first = DayField(label="First day", required=False)
    last = DayField(label="Last day", required=False, help_text=f"Included. Days end at midnight in {ZONE}.")


class BillingForm(forms.Form):
    """How a company is named on its e-invoices."""

    name = NameInput(label="Registered name")
    street = LineField(label="Street and number", required=False, max_length=LONGEST_PLACE)
    city = LineField(max_length=LONGEST_PLACE)
    postal_code = LineField(label="Postal code", required=False, max_length=LONGEST_POSTAL_CODE)
    region = LineField(label="State or province", required=False, max_length=LONGEST_PLACE)
    country = forms.ChoiceField(choices=[("", "Choose a country"), *COUNTRIES.items()])
    vat_number = LineField(
        label="VAT number",
        required=False,
        max_length=LONGEST_VAT_NUMBER,
        help_text="With its country's two letters before it, such as DE123456789.",
    )
    reference = LineField(
        label="Your reference",
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text="What you want to read on each invoice: a cost centre, an order, a person. Peppol wants one.",
    )
    address_scheme = forms.ChoiceField(
        label="Found in Peppol by",
        choices=[("", "Not in Peppol"), *SCHEMES.items()],
        required=False,
        help_text="Where your books take in e-invoices by Peppol: your address there, and a reference.",
    )
    address_id = LineField(
        label="Number there", required=False, max_length=LONGEST_ID, help_text="Your electronic address."
    )

    @classmethod
    def of(cls, details: BillingDetails) -> "BillingForm":
        return cls(initial={name: getattr(details, name) for name in SAID})
