from django import forms

from accounts.access_log import queries
from accounts.access_log.queries import Asked
from kit.forms import DayField, LineField

LONGEST = 120


class LogForm(forms.Form):
    """What of the log is shown; nothing is everything."""

    who = LineField(
        label="Who", required=False, max_length=LONGEST, help_text="A name, a mail address or an id."
    )
    thing = LineField(
        label="What", required=False, max_length=LONGEST, help_text="The id of a statement, a run, a company."
    )
    route = forms.ChoiceField(label="Page", required=False)
    first = DayField(label="From", required=False)
    last = DayField(label="Until", required=False, help_text="The day included.")

    def __init__(self, *given: object, **options: object) -> None:
        super().__init__(*given, **options)  # type: ignore[arg-type] # as Django's own takes them
        named = [(name, name.replace("_", " ")) for name in queries.routes()]
        self.fields["route"].choices = [("", "Every page"), *named]  # type: ignore[attr-defined] # a ChoiceField

    def asked(self) -> Asked:
        return Asked(**self.cleaned_data)
