from typing import Any

from django import forms
from django.db.models import QuerySet

from kit.forms import AmountField, DayField, LineField
from kit.text import LONGEST_REASON
from marketplace.engagements.models import Engagement
from payments.paylines.proposing import MOST_MINOR
from payments.paylines.queries import OFFERED
from payments.paylines.receipts import BEGINS


class PayLineForm(forms.Form):
    """What each kind of line has: on which engagement, how much, and why."""

    engagement = forms.ModelChoiceField(Engagement.objects.none(), to_field_name="public_id", label="For")
    amount = AmountField(most_minor=MOST_MINOR, label="Amount")
    reason = LineField(max_length=LONGEST_REASON, label="Reason", help_text="Everyone concerned reads it.")

    def __init__(
        self,
        *args: Any,
        engagements: QuerySet[Engagement],
        offered: QuerySet[Engagement] | None = None,
        **options: Any,
    ) -> None:
        """Any of `engagements` is taken; the newest of `offered`, or of them, are shown."""
        super().__init__(*args, **options)
        field: Any = self.fields["engagement"]
        field.queryset = engagements
        shown = (engagements if offered is None else offered)[:OFFERED]
        field.widget.choices = [
            ("", "Choose"),
            *((each.public_id, _named(each)) for each in shown),
        ]


class ExpenseForm(PayLineForm):
    spent_on = DayField(label="Day", help_text="On the receipt.")
    receipt = forms.FileField(
        label="Receipt",
        help_text="A PDF, JPEG or PNG of at most 10 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(BEGINS.values())}),
    )


def _named(engagement: Engagement) -> str:
    return f"{engagement.performer.stage_name}, {engagement.gig.title}, {engagement.company.name}"
