"""How gigs look on the API."""

from typing import Any

from rest_framework import serializers

from accounts.identity.fields import ZoneField
from accounts.performers.skills import LANGUAGES, SKILLS
from kit.http.serializers import (
    DayField,
    LineField,
    ListQuery,
    MoneyIn,
    MoneyOf,
    Strict,
    TextField,
    TypedId,
    WholeNumberField,
)
from kit.text import LONGEST_REASON
from marketplace.gigs import limits
from marketplace.gigs.models import PURPOSES, Gig, ScreeningQuestion
from marketplace.gigs.queries import NEAR_H, ORDER


def _number(field: str, **options: Any) -> WholeNumberField:
    least, most = limits.BOUNDS[field]
    return WholeNumberField(min_value=least, max_value=most, **options)


class QuestionIn(Strict):
    text = LineField(max_length=limits.LONGEST_QUESTION)
    kind = serializers.ChoiceField(choices=ScreeningQuestion.Kind.choices, default="text")
    required = serializers.BooleanField(default=True)  # type: ignore[assignment] # DRF takes the field out of the class


class GigFields(Strict):
    title = LineField(max_length=limits.LONGEST_TITLE)
    scene = LineField(max_length=limits.LONGEST_SCENE)
    brief = TextField(max_length=limits.LONGEST_BRIEF)
    content_notes = TextField(max_length=limits.LONGEST_CONTENT_NOTES, required=False, allow_blank=True)
    rate = MoneyIn(most_minor=limits.HIGHEST_RATE_MINOR, help_text="Pay per hour.")
    seats = _number("seats", required=False)
    openings = _number("openings", required=False)
    session_s = _number("session_s", required=False)
    sessions_planned = _number("sessions_planned", required=False)
    skills = serializers.ListField(child=serializers.ChoiceField(choices=list(SKILLS)), required=False)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=list(LANGUAGES)), required=False)
    time_zone = ZoneField(required=False)
    starts_on = DayField()
    ends_on = DayField()
    answer_days = _number("answer_days", required=False)
    purposes = serializers.ListField(child=serializers.ChoiceField(choices=list(PURPOSES)), required=False)
    exclusive = serializers.BooleanField(required=False)
    finds_stand_ins = serializers.BooleanField(required=False)
    self_directed = serializers.BooleanField(
        required=False,
        help_text="Takes one seat and at least one prompt, and cannot be changed once it was on the board.",
    )
    audition = TextField(
        max_length=limits.LONGEST_AUDITION,
        required=False,
        allow_blank=True,
        help_text="What a self-tape shall show; empty: nobody is asked for one.",
    )
    policy = serializers.DictField(
        required=False, help_text="Parts of the time policy that differ from the house's."
    )

    def to_internal_value(self, data: Any) -> Any:
        said = super().to_internal_value(data)
        rate = said.pop("rate", None)
        return said if rate is None else said | {"rate_minor": rate.minor, "currency": rate.currency}


class GigIn(GigFields):
    company = TypedId(prefix="cmp")
    questions = QuestionIn(many=True, required=False)
    prompts = serializers.ListField(
        child=LineField(max_length=limits.LONGEST_PROMPT_LINE), required=False, max_length=limits.MOST_PROMPTS
    )


class GigChange(GigFields):
    """Any part of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "partial": True})


class GigCancelIn(Strict):
    reason = TextField(max_length=LONGEST_REASON)


class GigSendBackIn(Strict):
    reason = TextField(max_length=limits.LONGEST_REVIEW_NOTE)


class BoardFilters(Strict):
    """What the board is narrowed by."""

    q = LineField(
        required=False,
        allow_blank=True,
        max_length=limits.LONGEST_SEARCH,
        help_text="Words that stand in the title, scene or brief.",
    )
    rate_min = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=limits.HIGHEST_RATE_MINOR,
        help_text="At least this rate, in minor units an hour.",
    )
    skill = serializers.ChoiceField(
        choices=list(SKILLS), required=False, help_text="That ask for this skill."
    )
    language = serializers.ChoiceField(
        choices=list(LANGUAGES), required=False, help_text="That are played in this language."
    )
    seats = _number("seats", required=False)
    starts_before = DayField(required=False, help_text="That begin on this day or before it.")
    starts_within = serializers.IntegerField(
        required=False, min_value=1, max_value=365, help_text="That begin within so many days."
    )
    near_zone = ZoneField(
        required=False, help_text=f"Whose hours lie within {NEAR_H} h of those of this time zone."
    )
    no_replica = serializers.BooleanField(required=False, help_text="Only those that ask for no replica.")
    no_exclusivity = serializers.BooleanField(
        required=False, help_text="Only those that ask for no exclusivity."
    )
    no_unpaid_audition = serializers.BooleanField(
        required=False, help_text="Only those that ask for no self-tape, which is not paid."
    )
    short_camera = serializers.BooleanField(
        required=False, help_text="Only those whose sessions are no longer than 4 h."
    )


class BoardQuery(BoardFilters, ListQuery):
    order = serializers.ChoiceField(choices=list(ORDER), required=False, help_text="How they are sorted.")


class QuestionOut(serializers.ModelSerializer[ScreeningQuestion]):
    class Meta:
        model = ScreeningQuestion
        fields = ["position", "text", "kind", "required"]


class GigOut(serializers.ModelSerializer[Gig]):
    id = serializers.CharField(source="public_id")
    company = serializers.CharField(source="company.public_id")
    company_name = serializers.CharField(source="company.name")
    rate = MoneyOf("rate_minor")
    answers_in_days = serializers.IntegerField(
        source="company.pace.answers_in_days",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="The median of days until the company answers; null where too few were answered lately.",
    )
    pays_in_days = serializers.IntegerField(
        source="company.pace.pays_in_days",
        default=None,
        allow_null=True,
        read_only=True,
        help_text="The median of days from the end of a week until it is paid; null where too few were paid lately.",
    )
    asks_for_replica = serializers.BooleanField()
    review_due_at = serializers.DateTimeField(
        allow_null=True, help_text="By when talent operations answer a first gig; null where none waits."
    )

    class Meta:
        model = Gig
        fields = [
            "id", "company", "company_name", "answers_in_days", "pays_in_days",
            "state", "title", "scene", "brief", "content_notes", "rate", "seats", "openings",
            "session_s", "sessions_planned", "skills", "languages", "time_zone", "starts_on", "ends_on", "answer_days",
            "purposes", "exclusive", "finds_stand_ins", "self_directed", "audition", "asks_for_replica", "policy",
            "review_due_at", "published_at", "created_at",
        ]  # fmt: skip


class WarningOut(Strict):
    code = serializers.CharField(help_text="Stable.")
    detail = serializers.CharField(help_text="What to read twice, in words.")


class GigDetailOut(GigOut):
    questions = QuestionOut(many=True)
    warnings = WarningOut(many=True, help_text="What the company should read twice; none of it is an error.")

    class Meta(GigOut.Meta):
        fields = [*GigOut.Meta.fields, "questions", "warnings"]
