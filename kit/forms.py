"""The fields of our forms, beside Django's own."""

from typing import Any

from django import forms

from kit.money import Money, MoneyMalformed
from kit.text import validate_line

NO_TEXT = forms.ValidationError("Write a text.", code="invalid")


class LineField(forms.CharField):
    """A text of one line. What is none is refused: an app's JSON brings lists and numbers, which Django would write out."""

    default_validators = [validate_line]

    def to_python(self, value: object) -> str | None:
        if not isinstance(value, str | None):
            raise NO_TEXT
        return super().to_python(value)


class AmountField(LineField):
    """Money as people write it ("1,250.00"), cleaned to Money. Never by way of a float."""

    def __init__(
        self, *, most_minor: int, least_minor: int = 1, currency: str = "usd", **options: Any
    ) -> None:
        self.least, self.most = Money(least_minor, currency), Money(most_minor, currency)
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_length=40, **options)

    def clean(self, value: object) -> Money | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = Money.parse(text, self.least.currency)
        except MoneyMalformed as error:
            raise forms.ValidationError(str(error), code="malformed") from error
        if not self.least <= amount <= self.most:
            said = f"From {self.least.display()} to {self.most.display()}."
            raise forms.ValidationError(said, code="out_of_range")
        return amount
