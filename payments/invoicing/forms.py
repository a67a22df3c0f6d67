from django import forms
from django.conf import settings

from kit.forms import DayField, LineField

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
