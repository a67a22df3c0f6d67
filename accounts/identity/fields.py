"""Names and time zones as they come in, by page and by API."""

import json
from typing import Any

from django import forms

from accounts.identity.names import LONGEST_NAME, validate_name
from accounts.identity.residence import states
from accounts.identity.zones import ALIASES, LONGEST_ZONE, canonical, names, validate_zone
from kit import forms as house_forms
from kit.http.serializers import LineField

CHOOSE = ("", "Choose your time zone")
NO_STATE = ("", "Not in the United States")


class NameInput(house_forms.LineField):
    """The name of a person, of a performer on stage, of a company."""

    default_validators = [*house_forms.LineField.default_validators, validate_name]

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **options)


class NameField(LineField):
    """The same on the API."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **options)
        self.validators.append(validate_name)


class ZoneChoice(forms.ChoiceField):
    """A zone of the list, under whichever of its names. Nobody's is guessed here: where scripts run, the browser's own is
    filled in (zones.js)."""

    def __init__(self, **options: Any) -> None:
        choices = [CHOOSE, *((name, name.replace("_", " ")) for name in names())]
        super().__init__(choices=choices, **{"label": "Time zone", **options})

    def to_python(self, value: Any) -> str:
        return canonical(super().to_python(value))


class OwnZoneChoice(ZoneChoice):
    """The zone of whoever fills in the form, which their browser knows."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-own-zone": json.dumps(ALIASES)}


class StateChoice(forms.ChoiceField):
    """A state of the United States; empty elsewhere."""

    def __init__(self, **options: Any) -> None:
        choices = [NO_STATE, *states().items()]
        super().__init__(choices=choices, required=False, **{"label": "State", **options})


class ZoneField(LineField):
    """The same on the API."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_ZONE, **options)
        self.validators.append(validate_zone)

    def to_internal_value(self, data: Any) -> str:
        return canonical(super().to_internal_value(data))
