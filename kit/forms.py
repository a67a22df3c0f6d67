"""The fields of our forms, beside Django's own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone

from kit import wall_clock
from kit.errors import Invalid
from kit.instants import for_machines, time_of_day, zone_label
from kit.money import Money, MoneyMalformed
from kit.text import validate_line

NO_OTHER_NAMES: Mapping[str, str] = {}
NO_TEXT = forms.ValidationError("Write a text.", code="invalid")


def put_refusal(form: forms.Form, refusal: Invalid, *, names: Mapping[str, str] = NO_OTHER_NAMES) -> None:
    """Each of its errors stands beside the field that it is about, or else above the form; `names` are those that the form
    gives to fields otherwise."""
    for each in refusal.errors:
        name = names.get(each["field"], each["field"])
        form.add_error(name if name in form.fields else None, each["detail"])


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


class DayField(forms.DateField):
    """A day, as a browser's picker writes it. Refused: any other way to write one, which could mean two days; a year
    that nobody means."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("error_messages", {"invalid": "Write a day that there is, such as 2026-11-26."})
        super().__init__(input_formats=["%Y-%m-%d"], **options)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        _check_years(value)


class InstantInput(forms.DateTimeInput):
    """A time on the wall's clock; beside it, under `NAME-reading`, which of two instants is meant."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        return f"{data.get(name) or ''} {data.get(f'{name}-reading') or ''}".strip()

    def format_value(self, value: Any) -> str | None:
        return value.partition(" ")[0] if isinstance(value, str) else super().format_value(value)


class InstantField(forms.DateTimeField):
    """A time by the clock of the zone that the page has activated, cleaned to the one instant that it means.

    Refused: a time that the clock leaves out that night; one that it shows twice, until one of the two is chosen
    (`readings`); a year that nobody means.
    """

    widget = InstantInput
    default_error_messages = {"invalid": "Write a day and a time."}

    def to_python(self, value: Any) -> datetime | None:
        typed, _, chosen = str(value or "").partition(" ")
        if not typed:
            return None
        shown = self._shown(typed)
        zone = timezone.get_current_timezone()
        found = wall_clock.readings(shown, zone)
        if not found:
            before, after = (_label(at) for at in wall_clock.around(shown, zone))
            said = f"leaves out {typed[11:16]}. Choose {before} or {after}."
            raise forms.ValidationError(f"The clock goes forward that night and {said}", code="left_out")
        meant = [at for at in found if len(found) == 1 or for_machines(at) == chosen]
        if not meant:
            said = (
                f"The clock goes back that night, and {typed[11:16]} comes twice. Choose which one you mean."
            )
            raise forms.ValidationError(said, code="comes_twice")
        return meant[0]

    def readings(self, value: Any) -> list[tuple[str, str, bool]]:
        """Of what was typed, where it may mean two instants: for each the value to send, its words, and whether it is chosen."""
        typed, _, chosen = str(value or "").partition(" ")
        try:
            found = wall_clock.readings(self._shown(typed), timezone.get_current_timezone())
        except forms.ValidationError:
            return []
        words = [f"The {which} {_label(at)}" for which, at in zip(("first", "second"), found, strict=False)]
        values = [for_machines(at) for at in found]
        return (
            [(at, said, at == chosen) for at, said in zip(values, words, strict=True)]
            if len(found) > 1
            else []
        )

    def _shown(self, typed: str) -> datetime:
        for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"):
            try:
                shown = datetime.strptime(typed, form)  # noqa: DTZ007 -- its zone is the page's, and comes next
            except ValueError:
                continue
            _check_years(shown)
            return shown
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


def _label(at: datetime) -> str:
    where = timezone.get_current_timezone()
    return f"{time_of_day(at, where)} {zone_label(at, where)}"


def _check_years(value: date | None) -> None:
    if value is not None and not wall_clock.is_in_bounds(value):
        raise forms.ValidationError(wall_clock.OUT_OF_YEARS, code="out_of_range")
