from django import forms

from kit.forms import DayField, LineField


class FindForm(forms.Form):
    """Finance looks for documents."""

    q = LineField(label="Number or company", required=False, max_length=80)
    week = DayField(label="Week of (its Monday)", required=False)
