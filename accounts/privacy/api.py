from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from accounts.privacy import download, operations, queries
from accounts.privacy.models import Erasure
from kit import clock
from kit.http.serializers import Strict


class ObstacleOut(Strict):
    code = serializers.CharField()
    words = serializers.CharField()


class ErasureOut(serializers.ModelSerializer[Erasure]):
    """`stands_against`: what has to end before it is carried out."""

    id = serializers.CharField(source="public_id")
    stands_against = serializers.SerializerMethodField()

    class Meta:
        model = Erasure
        fields = ["id", "state", "asked_at", "due_at", "ended_at", "stands_against"]

    def get_stands_against(self, erasure: Erasure) -> ObstacleOut(many=True):  # type: ignore[valid-type] # read by the document
        return ObstacleOut(queries.obstacles(erasure.user), many=True).data


class Export(Endpoint):
    """All of your data."""

    allow = (Audience.SIGNED_IN,)
    pace = "export"

    @described(
        "me_export",
        "Take a copy of all of your data, as a zip of JSON files.",
        refuses=(StaleProof,),
        request=None,
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def post(self, request: Request) -> HttpResponseBase:
        return download.of_all_that_is_ones_own(self.actor)


class Erasing(Endpoint):
    """Your wish to be forgotten."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "me_erasure_ask",
        "Ask to be forgotten; it is done a week later, when nothing of yours is open.",
        refuses=(operations.AlreadyAsked, StaleProof),
        request=None,
        responses={201: ErasureOut},
    )
    def post(self, request: Request) -> Response:
        return self.created(ErasureOut, lambda: operations.ask(by=self.actor, at=clock.now()))


class ErasureTakeBack(Endpoint):
    allow = (Audience.SIGNED_IN,)

    @described(
        "me_erasure_take_back",
        "Take your wish to be forgotten back.",
        refuses=(operations.NothingAsked, *MOVE_REFUSALS),
        request=None,
        responses=ErasureOut,
    )
    def post(self, request: Request) -> Response:
        return self.done(ErasureOut, lambda: operations.take_back(by=self.actor, at=clock.now()))


urlpatterns = [
    path("me/export", Export.as_view(), name="api_me_export"),
    path("me/erasure", Erasing.as_view(), name="api_me_erasure"),
    path("me/erasure/take-back", ErasureTakeBack.as_view(), name="api_me_erasure_take_back"),
]
