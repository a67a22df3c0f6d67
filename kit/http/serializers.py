"""What comes in and goes out of the API: nothing unknown accepted, money and time in one form."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from kit.currencies import UnknownCurrency, check_exists
from kit.http.pagination import LARGEST
from kit.money import Money
from kit.text import validate_line
from kit.wall_clock import OUT_OF_YEARS, is_in_bounds


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


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction. A text of digits is refused, in whatever script: `"74"` could mean 74.00."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class TextField(serializers.CharField):
    """Paragraphs: line breaks are welcome. A number is refused: whoever sends one for a text mistook the field."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class LineField(TextField):
    """A text of one line: control characters are refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(validate_line)


class ListQuery(Strict):
    """What every list takes beside its own filters; `Endpoint.listed` reads it."""

    cursor = LineField(required=False, allow_blank=True, help_text="`next_cursor` of the page before.")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST,
        help_text="How many rows a page holds at most; 25 by itself.",
    )


class InstantField(serializers.DateTimeField):
    """A time with its offset. One without is refused: it would be another instant in each zone. So is a year that nobody
    means."""

    default_error_messages = {
        "naive": "Write the offset too, as in 2026-11-26T18:22:00-05:00 or 2026-11-26T23:22:00Z.",
        "out_of_range": OUT_OF_YEARS,
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.utcoffset() is None:
            self.fail("naive")
        if not is_in_bounds(value):
            self.fail("out_of_range")
        return super().enforce_timezone(value)


class DayField(serializers.DateField):
    """A day, `2026-11-26`. Refused: a year that nobody means."""

    default_error_messages = {"out_of_range": OUT_OF_YEARS}

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not is_in_bounds(day):
            self.fail("out_of_range")
        return day


class CurrencyField(LineField):
    """A currency's code. Whether the house takes it, the operation says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text="ISO 4217, in lower case.", **options)


@extend_schema_serializer(component_name="Money")
class MoneyField(serializers.Serializer[Any]):
    """An amount: `{"amount_minor": 7400, "currency": "usd"}` is 74.00 USD."""

    amount_minor = serializers.IntegerField(help_text="Whole minor units: cents of a dollar.")
    currency = serializers.CharField(min_length=3, max_length=3, help_text="ISO 4217, in lower case.")

    def to_representation(self, instance: Money) -> dict[str, Any]:
        return {"amount_minor": instance.minor, "currency": instance.currency}


class MoneyIn(Strict):
    """An amount that comes in, in the form in which amounts go out: cleaned to Money.

    Refused: an amount out of its bounds, a currency that is none, one of the two without the other.
    """

    default_error_messages = {
        "invalid": 'Write an amount with its currency, as in {{"amount_minor": 7400, "currency": "usd"}}.'
    }
    currency = CurrencyField()

    def __init__(self, *, most_minor: int, least_minor: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.fields["amount_minor"] = WholeNumberField(min_value=least_minor, max_value=most_minor)
        bounds = {"amount_minor": {"minimum": least_minor, "maximum": most_minor}}
        # The one schema of money, and beside it the bounds that hold here.
        set_override(self, "field", {"$ref": "#/components/schemas/Money", "properties": bounds})

    def to_internal_value(self, data: Any) -> Money:
        parts = super().to_internal_value(data)
        # Where only what changes is sent, DRF asks for no field: an amount is sent whole all the same.
        missing = [name for name in ("amount_minor", "currency") if name not in parts]
        if missing:
            refused = serializers.ErrorDetail("An amount is sent whole, with its currency.", code="required")
            raise serializers.ValidationError({name: [refused] for name in missing})
        try:
            check_exists(parts["currency"])
        except UnknownCurrency as error:
            refused = serializers.ErrorDetail(error.detail, code=error.code)
            raise serializers.ValidationError({"currency": [refused]}) from error
        return Money(parts["amount_minor"], parts["currency"])


@extend_schema_field(MoneyField)
class MoneyOf(serializers.Field[Any, Any, dict[str, Any], Any]):
    """The amount in the field `minor` of a row that names its currency; goes out only."""

    def __init__(self, minor: str, **options: Any) -> None:
        self.minor = minor
        super().__init__(**{"source": "*", "read_only": True, **options})

    def to_representation(self, value: Any) -> dict[str, Any]:
        return {"amount_minor": getattr(value, self.minor), "currency": value.currency}


class TypedId(TextField):
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
