"""What people type about gigs: the search on the board, and the one page on which a gig is posted."""

from datetime import timedelta
from typing import Any, cast

from django import forms

from accounts.identity.zones import names
from accounts.performers.skills import LANGUAGES, SKILLS
from kit.forms import AmountField, LineField
from kit.money import Money
from kit.text import validate_line
from marketplace.gigs.models import HOUSE_ZONE, PURPOSES, Gig, ScreeningQuestion
from marketplace.gigs.operations import HIGHEST_RATE_MINOR, MOST_PROMPTS, Fields, Question
from marketplace.gigs.queries import NEWEST, ORDER, Search

QUESTIONS = range(1, 5)


class BoardForm(forms.Form):
    """The board's address says what is looked for. What does not hold in it is passed over."""

    q = LineField(required=False, max_length=200)
    rate_min = forms.IntegerField(required=False, min_value=0, max_value=HIGHEST_RATE_MINOR)
    skill = forms.ChoiceField(required=False, choices=list(SKILLS.items()))
    language = forms.ChoiceField(required=False, choices=list(LANGUAGES.items()))
    seats = forms.IntegerField(required=False, min_value=1, max_value=4)
    no_replica = forms.BooleanField(required=False)
    order = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDER])

    def search(self) -> Search:
        self.is_valid()
        asked = self.cleaned_data
        return Search(
            text=asked.get("q", ""),
            rate_min_minor=asked.get("rate_min"),
            skills=(asked["skill"],) if asked.get("skill") else (),
            language=asked.get("language", ""),
            seats=asked.get("seats"),
            no_replica=asked.get("no_replica", False),
            order=asked.get("order") or NEWEST,
        )


def _day(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def _several(choices: dict[str, str], **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=list(choices.items()), widget=forms.CheckboxSelectMultiple, required=False, **options
    )


class GigForm(forms.Form):
    title = LineField(max_length=120, help_text="As it stands on the board.")
    scene = LineField(
        max_length=200,
        label="The scene in one line",
        help_text="Such as: two strangers wait for a lift that never comes.",
    )
    brief = forms.CharField(
        max_length=6000,
        widget=forms.Textarea,
        help_text="What happens in a session, who it is for, what a good scene looks like. Unscripted: no lines to learn.",
    )
    content_notes = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Content notes",
        help_text="What a performer should know before saying yes: grief, conflict, accents.",
    )
    rate = AmountField(
        most_minor=HIGHEST_RATE_MINOR,
        label="Pay per hour",
        help_text="Never falls once the gig is on the board.",
    )
    seats = forms.IntegerField(
        min_value=1, max_value=4, initial=2, label="Seats", help_text="Performers in one session, 1 to 4."
    )
    minutes = forms.IntegerField(
        min_value=15,
        max_value=480,
        initial=90,
        label="Length of a session",
        help_text="15 minutes to 8 hours.",
    )
    sessions_planned = forms.IntegerField(min_value=1, max_value=5000, initial=10, label="Sessions planned")
    openings = forms.IntegerField(min_value=1, max_value=1000, initial=10, label="Performers sought")
    starts_on = _day(label="From")
    ends_on = _day(label="To")
    time_zone = forms.ChoiceField(label="Time zone of the sessions", initial=HOUSE_ZONE)
    answer_days = forms.IntegerField(
        min_value=1,
        max_value=30,
        initial=7,
        label="You answer within",
        help_text="Each applicant is told this date, and you are reminded of it.",
    )
    skills = _several(SKILLS, label="Skills you look for")
    languages = _several(LANGUAGES, label="Languages of the scenes")
    purposes = _several(
        PURPOSES,
        label="What the recordings may be used for",
        help_text="Each asked for by itself. What you leave out stays refused; a later wish needs a new signature.",
    )
    exclusive = forms.BooleanField(
        required=False,
        label="Performers do no like work for others meanwhile",
        help_text="Shown on the board as what it is; most gigs do without.",
    )
    prompts = forms.CharField(
        required=False,
        max_length=12_000,
        widget=forms.Textarea,
        label="Prompts",
        help_text="One nudge to a line, never a script. They appear in the room one at a time.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = [(name, name) for name in names()]  # type: ignore[attr-defined] # a choice field, as declared above
        for n in QUESTIONS:
            self.fields[f"question_{n}"] = LineField(max_length=300, required=False, label=f"Question {n}")
            self.fields[f"yes_no_{n}"] = forms.BooleanField(required=False, label="Answered by yes or no")

    @property
    def question_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"question_{n}"], self[f"yes_no_{n}"]) for n in QUESTIONS]

    def clean_prompts(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["prompts"].splitlines() if line.strip()]
        if len(lines) > MOST_PROMPTS:
            raise forms.ValidationError(f"At most {MOST_PROMPTS} prompts.")
        for line in lines:
            validate_line(line)
        if any(len(line) > 300 for line in lines):
            raise forms.ValidationError("A prompt has at most 300 characters: a nudge, not a script.")
        return lines

    def gig_fields(self) -> Fields:
        """What the operations take; the form's own names for rate and length are put back."""
        sent = dict(self.cleaned_data)
        asked = {name: sent[name] for name in Fields.__annotations__ if name in sent}
        asked |= {"rate_minor": sent["rate"], "session_s": sent["minutes"] * 60}
        return cast(Fields, asked)

    def questions(self) -> list[Question]:
        return [
            {
                "text": self.cleaned_data[f"question_{n}"],
                "kind": str(
                    ScreeningQuestion.Kind.YES_NO
                    if self.cleaned_data[f"yes_no_{n}"]
                    else ScreeningQuestion.Kind.TEXT
                ),
                "required": True,
            }
            for n in QUESTIONS
            if self.cleaned_data[f"question_{n}"]
        ]


def initial_of(gig: Gig) -> dict[str, Any]:
    """A gig as its form shows it again."""
    kept = {
        name: getattr(gig, name) for name in GigForm.base_fields if hasattr(gig, name) and name != "prompts"
    }
    rate = Money(gig.rate_minor, gig.currency).figure()
    return kept | {"rate": rate, "minutes": timedelta(seconds=gig.session_s) // timedelta(minutes=1)}
