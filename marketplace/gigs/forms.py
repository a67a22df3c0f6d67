"""What people type about gigs: the search on the board, and the one page on which a gig is posted."""

from datetime import timedelta
from typing import Any, cast

from django import forms

from accounts.identity.fields import ZoneChoice
from accounts.performers.skills import LANGUAGES, SKILLS
from kit.errors import Invalid
from kit.forms import AmountField, DayField, LineField
from kit.instants import length_in_words
from kit.money import Money
from kit.text import validate_line
from marketplace.gigs import limits
from marketplace.gigs.cards import read_card
from marketplace.gigs.models import HOUSE_ZONE, PURPOSES, Gig, ScreeningQuestion
from marketplace.gigs.operations import Fields, Question
from marketplace.gigs.queries import NEWEST, NOT_ASKED, ORDER, Search

QUESTIONS = range(1, 5)  # on the page; an app may ask up to limits.MOST_QUESTIONS


def _number(field: str, **options: Any) -> forms.IntegerField:
    least, most = limits.BOUNDS[field]
    return forms.IntegerField(min_value=least, max_value=most, **options)


class MinutesField(forms.IntegerField):
    """How long a session is, in whole minutes."""

    def __init__(self, **options: Any) -> None:
        least, most = (
            timedelta(seconds=limits.SHORTEST_SESSION_S),
            timedelta(seconds=limits.longest_session_s()),
        )
        options.setdefault(
            "help_text", f"{length_in_words(least)} to {length_in_words(most)}: a performer's day on camera."
        )
        minute = timedelta(minutes=1)
        super().__init__(min_value=least // minute, max_value=most // minute, **options)


class BoardForm(forms.Form):
    """The board's address says what is looked for. What does not hold in it is passed over."""

    q = LineField(required=False, max_length=limits.LONGEST_SEARCH)
    rate_min = forms.IntegerField(required=False, min_value=0, max_value=limits.HIGHEST_RATE_MINOR)
    skill = forms.ChoiceField(required=False, choices=list(SKILLS.items()))
    language = forms.ChoiceField(required=False, choices=list(LANGUAGES.items()))
    seats = _number("seats", required=False)
    starts_before = DayField(required=False)
    starts_within = forms.IntegerField(required=False, min_value=1, max_value=365)
    near = forms.BooleanField(required=False)
    no_replica = forms.BooleanField(required=False)
    no_exclusivity = forms.BooleanField(required=False)
    no_unpaid_audition = forms.BooleanField(required=False)
    short_camera = forms.BooleanField(required=False)
    order = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDER])

    def search(self, *, reader_zone: str = "") -> Search:
        """`reader_zone`: whose hours “near” means; whoever has none sees all hours."""
        self.is_valid()
        asked = self.cleaned_data
        return Search(
            text=asked.get("q", ""),
            rate_min_minor=asked.get("rate_min"),
            skills=(asked["skill"],) if asked.get("skill") else (),
            language=asked.get("language", ""),
            seats=asked.get("seats"),
            starts_before=asked.get("starts_before"),
            starts_within=asked.get("starts_within"),
            near_zone=reader_zone if asked.get("near") else "",
            **{name: asked.get(name, False) for name in NOT_ASKED},
            order=asked.get("order") or NEWEST,
        )


def _several(choices: dict[str, str], **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=list(choices.items()), widget=forms.CheckboxSelectMultiple, required=False, **options
    )


class GigForm(forms.Form):
    title = LineField(max_length=limits.LONGEST_TITLE, help_text="As it stands on the board.")
    scene = LineField(
        max_length=limits.LONGEST_SCENE,
        label="The scene in one line",
        help_text="Such as: two strangers wait for a lift that never comes.",
    )
    brief = forms.CharField(
        max_length=limits.LONGEST_BRIEF,
        widget=forms.Textarea,
        help_text="What happens in a session, who it is for, what a good scene looks like. Unscripted: no lines to learn.",
    )
    content_notes = forms.CharField(
        max_length=limits.LONGEST_CONTENT_NOTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Content notes",
        help_text="What a performer should know before saying yes: grief, conflict, accents.",
    )
    rate = AmountField(
        most_minor=limits.HIGHEST_RATE_MINOR,
        label="Pay per hour",
        help_text="Never falls once the gig is on the board.",
    )
    seats = _number(
        "seats",
        initial=2,
        label="Seats",
        help_text=f"Performers in one session, 1 to {limits.MOST_SEATS}.",
    )
    minutes = MinutesField(initial=90, label="Length of a session")
    sessions_planned = _number("sessions_planned", initial=10, label="Sessions planned")
    openings = _number("openings", initial=10, label="Performers sought")
    starts_on = DayField(label="From")
    ends_on = DayField(label="To")
    time_zone = ZoneChoice(label="Time zone of the sessions", initial=HOUSE_ZONE)
    answer_days = _number(
        "answer_days",
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
    audition = forms.CharField(
        required=False,
        max_length=limits.LONGEST_AUDITION,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="A self-tape that you ask of everyone who applies",
        help_text="What it shall show, in a few minutes at most. The board says that you ask for one, since it is not paid. "
        "Leave it empty to choose by answers and reels.",
    )
    exclusive = forms.BooleanField(
        required=False,
        label="Performers do no like work for others meanwhile",
        help_text="Shown on the board as what it is; most gigs do without.",
    )
    finds_stand_ins = forms.BooleanField(
        required=False,
        label="Offer the place of whoever does not come",
        help_text="Once their time to come is over, everyone engaged in the gig who could come now is asked, without a press of "
        "yours; the first who says yes plays.",
    )
    self_directed = forms.BooleanField(
        required=False,
        label="The performer directs each session alone",
        help_text="Nobody of yours need be in the room: they record, take the prompts one after the other, repeat a scene and wrap "
        "by themselves, and are paid like anyone. It takes one seat and a deck, and stays so once the gig is on the board.",
    )
    prompts = forms.CharField(
        required=False,
        max_length=limits.MOST_PROMPTS * (limits.LONGEST_PROMPT_LINE + 2),
        widget=forms.Textarea,
        label="Prompts",
        help_text="The deck: one nudge to a line, never a script. Behind // say what it may touch (// grief). "
        "A line that begins with “for one:” is a secret objective, dealt to one performer alone.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for n in QUESTIONS:
            self.fields[f"question_{n}"] = LineField(
                max_length=limits.LONGEST_QUESTION, required=False, label=f"Question {n}"
            )
            self.fields[f"yes_no_{n}"] = forms.BooleanField(required=False, label="Answered by yes or no")

    @property
    def question_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"question_{n}"], self[f"yes_no_{n}"]) for n in QUESTIONS]

    def clean_prompts(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["prompts"].splitlines() if line.strip()]
        if len(lines) > limits.MOST_PROMPTS:
            raise forms.ValidationError(f"At most {limits.MOST_PROMPTS} prompts.")
        for line in lines:
            validate_line(line)
            try:
                read_card(line)
            except Invalid as error:
                raise forms.ValidationError(error.errors[0]["detail"]) from error
        return lines

    def gig_fields(self) -> Fields:
        """What the operations take; the form's own names for rate and length are put back."""
        sent = dict(self.cleaned_data)
        asked = {name: sent[name] for name in Fields.__annotations__ if name in sent}
        asked |= {
            "rate_minor": sent["rate"].minor,
            "currency": sent["rate"].currency,
            "session_s": sent["minutes"] * 60,
        }
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
