"""The fields of our forms, beside Django's own."""

from django import forms

from kit.text import validate_line


class LineField(forms.CharField):
    """A text of one line."""

    default_validators = [validate_line]
