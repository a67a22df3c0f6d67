"""A performer's craft over the API: their tapes with how each stands, and what a company sees of an applicant."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.performers.queries import get_own
from kit import clock
from kit.http.serializers import Strict
from kit.http.signed import LASTS
from kit.instants import length_in_words
from marketplace.casting.queries import get_application
from marketplace.craft import playing, receiving, seeing
from marketplace.craft.models import Tape
from marketplace.media.states import SentState


class TapeOut(Strict):
    id = serializers.CharField(source="public_id")
    state = serializers.ChoiceField(choices=SentState.choices)
    size = serializers.IntegerField()
    length = serializers.IntegerField(allow_null=True)
    refusal = serializers.CharField()
    duration_ms = serializers.IntegerField(allow_null=True)
    opened_at = serializers.DateTimeField()
    address = serializers.SerializerMethodField(
        help_text=f"Where you can play it for {length_in_words(LASTS)}; empty where you cannot."
    )

    def get_address(self, tape: Tape) -> str:
        return playing.address(tape, by=self.context["actor"], at=clock.now())


class _Tapes(Endpoint):
    pagination_class = WholeList

    def tapes(self, rows: Any) -> Response:
        found = list(rows.select_related("application__gig", "performer")[: receiving.MOST_TRIES])
        return Response({"data": TapeOut(found, many=True, context={"actor": self.actor}).data})


class ApplicationTapes(_Tapes):
    """Self-tapes of an application: its performer's, and, while the answer is open, its company's to play."""

    allow = (Audience.PERFORMER, Audience.COMPANY)

    @described("application_tapes_list", "List an application's self-tapes.", responses=TapeOut(many=True))
    def get(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        rows = Tape.objects.visible_to(self.actor).filter(application=application)
        return self.tapes(rows.exclude(state=SentState.GONE).order_by("-id"))


class MyReels(_Tapes):
    """Your reel: the one that plays, and what you sent since."""

    allow = (Audience.PERFORMER,)

    @described("my_reels_list", "List your reel, and what you sent for it.", responses=TapeOut(many=True))
    def get(self, request: Request) -> Response:
        return self.tapes(playing.reels_of(get_own(self.actor)))


class CraftOut(Strict):
    """`name` and `credits` are empty, and there is no photo, while one judges blind."""

    performer = serializers.CharField(source="performer.public_id")
    name = serializers.CharField()
    about = serializers.CharField()
    credits = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField(), source="performer.skills")
    languages = serializers.ListField(child=serializers.CharField(), source="performer.languages")
    accents = serializers.ListField(child=serializers.CharField(), source="performer.accents")
    plays_from = serializers.IntegerField(source="performer.plays_from", allow_null=True)
    plays_to = serializers.IntegerField(source="performer.plays_to", allow_null=True)
    photo_address = serializers.CharField(
        help_text=f"Where you see it for {length_in_words(LASTS)}; empty without one."
    )
    reel_address = serializers.CharField(
        help_text=f"Where you play it for {length_in_words(LASTS)}; empty without one."
    )


class PerformerCraft(Endpoint):
    """Of whom your company engaged, has in a pool or said yes to."""

    allow = (Audience.PERFORMER, Audience.COMPANY)

    @described("performers_get", "Read what a performer is judged by.", responses=CraftOut)
    def get(self, request: Request, performer_id: str) -> Response:
        performer = seeing.get_performer(self.actor, performer_id)
        craft = seeing.craft_of(performer, by=self.actor, unveiled=True, at=clock.now())
        return Response(CraftOut(craft).data)


class OneTape(Endpoint):
    allow = (Audience.PERFORMER,)

    @described(
        "tapes_delete", "Delete a tape of yours.", refuses=(receiving.NoTapeNow,), responses={204: None}
    )
    def delete(self, request: Request, tape_id: str) -> Response:
        tape = playing.get_tape(self.actor, tape_id)
        receiving.take_back(tape=tape, by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [
    path("applications/<str:application_id>/tapes", ApplicationTapes.as_view(), name="api_application_tapes"),
    path("me/performer/reels", MyReels.as_view(), name="api_my_reels"),
    path("performers/<str:performer_id>", PerformerCraft.as_view(), name="api_performer"),
    path("tapes/<str:tape_id>", OneTape.as_view(), name="api_tape"),
]
