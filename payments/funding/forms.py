from django import forms

from kit.forms import AmountField, LineField
from payments.funding.operations import LEAST_MINOR, MOST_MINOR


class FundForm(forms.Form):
    amount = AmountField(
        least_minor=LEAST_MINOR,
        most_minor=MOST_MINOR,
        label="Amount",
        help_text="In USD, by card or bank debit.",
    )


class SetAsideForm(forms.Form):
    amount = AmountField(most_minor=MOST_MINOR, label="Amount", help_text="In USD, from the wallet.")
    request_id = LineField(max_length=60, widget=forms.HiddenInput)
