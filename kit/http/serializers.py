"""What comes in and goes out of the API: nothing unknown accepted, money and time in one form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rest_framework import serializers

from kit.money import Money
from kit.text import validate_line


class Strict(serializers.Serializer[Any]):
    """A serializer that refuses fields it does not know: a typo must not pass for an omission."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(str(name) for name in data if name not in writable)
            if unknown:
                raise serializers.ValidationError(
                    {
                        name: serializers.ErrorDetail("There is no such field here.", code="unknown_field")
                        for name in unknown
                    }
                )
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """A text of one line: control characters are refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(validate_line)


class TextField(serializers.CharField):
    """Paragraphs: line breaks are welcome."""


class InstantField(serializers.DateTimeField):
    """A time with its offset. One without is refused: it would be another instant in each zone."""

    default_error_messages = {
        "naive": "Write the offset too, as in 2026-11-26T18:22:00-05:00 or 2026-11-26T23:22:00Z."
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.utcoffset() is None:
            self.fail("naive")
        return super().enforce_timezone(value)


class CurrencyField(LineField):
    """A currency's code. Whether the house takes it, the operation says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text="ISO 4217, in lower case.", **options)


class MoneyField(serializers.Serializer[Any]):
    """`{"amount_minor": 7400, "currency": "usd"}`"""

    amount_minor = serializers.IntegerField()
    currency = serializers.CharField(min_length=3, max_length=3)

    def to_representation(self, instance: Money) -> dict[str, Any]:
        return {"amount_minor": instance.minor, "currency": instance.currency}


class TypedId(serializers.CharField):
    """`gig_01k…`: an id of one kind, refused when it is of another."""

    def __init__(self, *, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(max_length=len(prefix) + 27, **options)

    def to_internal_value(self, data: Any) -> str:
        from kit.ids import MalformedId, to_uuid  # noqa: PLC0415 -- keeps this module free of models at import

        text = str(super().to_internal_value(data))
        try:
            to_uuid(text, prefix=self.prefix)
        except MalformedId as error:
            raise serializers.ValidationError(
                f"This is no id of the form {self.prefix}_….", code="malformed_id"
            ) from error
        return text
