from django import forms

from kit.forms import LineField
from kit.money import Money, MoneyMalformed
from payments.funding.operations import LEAST_MINOR, MOST_MINOR


class AmountField(forms.CharField):
    """An amount as people write it ("1,250.00"), as minor units of USD. Never by way of a float."""

    def __init__(self, *, least_minor: int = 1, most_minor: int = MOST_MINOR, **options: object) -> None:
        self.least_minor, self.most_minor = least_minor, most_minor
        super().__init__(max_length=16, **options)  # type: ignore[arg-type] # Django's own options, passed on

    def clean(self, value: object) -> int:
        text = str(super().clean(value)).replace(",", "").replace("USD", "").strip()
        try:
            minor = Money.parse(text, "usd").minor
        except MoneyMalformed as error:
            raise forms.ValidationError("Write an amount such as 1,250.00.", code="malformed") from error
        if not self.least_minor <= minor <= self.most_minor:
            least, most = Money(self.least_minor, "usd").display(), Money(self.most_minor, "usd").display()
            raise forms.ValidationError(f"From {least} to {most}.", code="out_of_range")
        return minor


class FundForm(forms.Form):
    amount_minor = AmountField(
        least_minor=LEAST_MINOR, label="Amount", help_text="In USD, by card or bank debit."
    )


class SetAsideForm(forms.Form):
    amount_minor = AmountField(label="Amount", help_text="In USD, from the wallet.")
    request_id = LineField(max_length=60, widget=forms.HiddenInput)
