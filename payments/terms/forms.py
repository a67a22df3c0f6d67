from django import forms

from accounts.access.standings import Standing
from accounts.companies.models import Company
from kit.forms import AmountField, DayField, LineField
from kit.text import LONGEST_REASON
from payments.terms.models import FEWEST_DAYS, MOST_DAYS, MOST_MINOR

USUAL_DAYS = 14


class ProposeForm(forms.Form):
    company = forms.ModelChoiceField(
        Company.objects.filter(state=Standing.APPROVED).order_by("name"),
        to_field_name="public_id",
        label="Company",
        empty_label="Choose a company",
    )
    limit = AmountField(most_minor=MOST_MINOR, label="Limit", help_text="In USD, beyond its wallet.")
    pay_days = forms.IntegerField(
        min_value=FEWEST_DAYS,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        label="Days to pay",
        help_text="From the end of the week in which it is drawn; 7, 14 and 30 are usual.",
    )
    starts_on = DayField(required=False, label="From", help_text="Empty: from today on.")
    reason = LineField(max_length=LONGEST_REASON, label="Reason", help_text="The second person reads it.")


class LowerForm(forms.Form):
    limit = AmountField(least_minor=0, most_minor=MOST_MINOR, label="New limit")
    reason = LineField(max_length=LONGEST_REASON, label="Reason", help_text="The company reads it.")


class EndForm(forms.Form):
    reason = LineField(max_length=LONGEST_REASON, label="Reason", help_text="The company reads it.")
