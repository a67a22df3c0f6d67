from django import forms

from accounts.companies.models import Company
from kit.forms import AmountField, LineField
from kit.text import LONGEST_REASON
from payments.adjustments.models import MOST_MINOR, Adjustment

What = Adjustment.What


class AmountForm(forms.Form):
    amount = AmountField(least_minor=1, most_minor=MOST_MINOR, label="Amount", help_text="In USD.")
    reason = LineField(max_length=LONGEST_REASON, label="Reason", help_text="The second person reads it.")


class StrayForm(forms.Form):
    what = forms.ChoiceField(
        choices=[
            (what.value, what.label) for what in (What.STRAY_FLOAT, What.STRAY_LOSS, What.STRAY_COMPANY)
        ],
        label="What it is",
    )
    company = forms.ModelChoiceField(
        Company.objects.order_by("name"), to_field_name="public_id", required=False, label="Whose"
    )
    reason = LineField(max_length=LONGEST_REASON, label="Reason", help_text="The second person reads it.")
