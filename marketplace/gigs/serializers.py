"""How gigs look on the API."""

from typing import Any

from rest_framework import serializers

from accounts.performers.skills import LANGUAGES, SKILLS
from kit.http.serializers import CurrencyField, LineField, ListQuery, MoneyOf, Strict, TextField, TypedId
from kit.text import LONGEST_REASON
from marketplace.gigs.models import PURPOSES, Gig, ScreeningQuestion
from marketplace.gigs.operations import HIGHEST_RATE_MINOR
from marketplace.gigs.queries import ORDER


class QuestionIn(Strict):
    text = LineField(max_length=300)
    kind = serializers.ChoiceField(choices=ScreeningQuestion.Kind.choices, default="text")
    required = serializers.BooleanField(default=True)  # type: ignore[assignment] # DRF takes the field out of the class


class GigFields(Strict):
    title = LineField(max_length=120)
    scene = LineField(max_length=200)
    brief = TextField(max_length=6000)
    content_notes = TextField(max_length=1000, required=False, allow_blank=True)
    rate_minor = serializers.IntegerField(
        min_value=1, max_value=HIGHEST_RATE_MINOR, help_text="Pay per hour, in minor units."
    )
    currency = CurrencyField(required=False)
    seats = serializers.IntegerField(min_value=1, max_value=4, required=False)
    openings = serializers.IntegerField(min_value=1, max_value=1000, required=False)
    session_s = serializers.IntegerField(min_value=900, max_value=28_800, required=False)
    sessions_planned = serializers.IntegerField(min_value=1, max_value=5000, required=False)
    skills = serializers.ListField(child=serializers.ChoiceField(choices=list(SKILLS)), required=False)
    languages = serializers.ListField(child=serializers.ChoiceField(choices=list(LANGUAGES)), required=False)
    time_zone = LineField(max_length=64, required=False)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    answer_days = serializers.IntegerField(min_value=1, max_value=30, required=False)
    purposes = serializers.ListField(child=serializers.ChoiceField(choices=list(PURPOSES)), required=False)
    exclusive = serializers.BooleanField(required=False)
    policy = serializers.DictField(
        required=False, help_text="Parts of the time policy that differ from the house's."
    )


class GigIn(GigFields):
    company = TypedId(prefix="cmp")
    questions = QuestionIn(many=True, required=False)
    prompts = serializers.ListField(child=LineField(max_length=300), required=False, max_length=40)


class GigChange(GigFields):
    """Any part of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "partial": True})


class GigCancelIn(Strict):
    reason = TextField(max_length=LONGEST_REASON)


class BoardQuery(ListQuery):
    q = LineField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Words that stand in the title, scene or brief.",
    )
    rate_min = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text="At least this rate, in minor units an hour.",
    )
    skill = serializers.ChoiceField(
        choices=list(SKILLS), required=False, help_text="That ask for this skill."
    )
    language = serializers.ChoiceField(
        choices=list(LANGUAGES), required=False, help_text="That are played in this language."
    )
    seats = serializers.IntegerField(required=False, min_value=1, max_value=4)
    starts_before = serializers.DateField(required=False, help_text="That begin before this day.")
    no_replica = serializers.BooleanField(required=False, help_text="Only those that ask for no replica.")
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
    asks_for_replica = serializers.BooleanField()

    class Meta:
        model = Gig
        fields = [
            "id", "company", "company_name", "state", "title", "scene", "brief", "content_notes", "rate", "seats", "openings",
            "session_s", "sessions_planned", "skills", "languages", "time_zone", "starts_on", "ends_on", "answer_days",
            "purposes", "exclusive", "asks_for_replica", "policy", "published_at", "created_at",
        ]  # fmt: skip


class GigDetailOut(GigOut):
    questions = QuestionOut(many=True)

    class Meta(GigOut.Meta):
        fields = [*GigOut.Meta.fields, "questions"]
