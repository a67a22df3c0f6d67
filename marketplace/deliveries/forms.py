from collections.abc import Sequence
from typing import Any

from django import forms

from kit.forms import LineField
from marketplace.deliveries.models import LONGEST_STATEMENT
from marketplace.gigs.models import PURPOSES


class AskForm(forms.Form):
    purposes = forms.MultipleChoiceField(
        label="For what",
        help_text="A session goes in when everybody in it grants all that you tick.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one purpose."},
    )

    def __init__(self, *args: Any, asked: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(name, words) for name, words in PURPOSES.items() if name in asked]
        self.fields["purposes"].choices = named  # type: ignore[attr-defined] # a choice field


class PassOnForm(forms.Form):
    company = LineField(
        max_length=40,
        label="The other company's id",
        help_text="It begins with cmp_ and stands on their own page. They are asked, and read what it may be used for.",
        error_messages={"required": "Give the id of the company."},
    )


class AcknowledgeForm(forms.Form):
    statement = forms.CharField(
        max_length=LONGEST_STATEMENT,
        label="What you deleted, and where",
        help_text="Each copy: stores, machines, backups, whoever had it from you. The performer reads it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what you deleted, and where."},
    )
