from django import forms

from kit.currencies import check_supported
from kit.errors import Invalid
from kit.forms import DayField, InstantField, LineField
from payments.books.models import AccountName


class MomentForm(forms.Form):
    """The moment before which everything counts; empty is now."""

    at = InstantField(label="Before", required=False)


class NameForm(forms.Form):
    """One row of the account names."""

    code = LineField(label="Code", required=False, max_length=20)
    name = LineField(label="Name", required=False, max_length=150)
    tax_rate = LineField(label="Tax rate", required=False, max_length=100)
    role = forms.ChoiceField(label="Kind there", choices=AccountName.Role.choices)
    party = LineField(label="Whom its lines name", required=False, max_length=100)


class DaysForm(forms.Form):
    """Days of the general ledger, both included."""

    first = DayField(label="First day")
    last = DayField(label="Last day")
    currency = LineField(max_length=3, widget=forms.HiddenInput, initial="usd")

    def clean_currency(self) -> str:
        try:
            check_supported(self.cleaned_data["currency"])
        except Invalid as error:
            raise forms.ValidationError(error.detail) from error
        return str(self.cleaned_data["currency"])
