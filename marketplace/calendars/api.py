"""One's calendar feed over the API."""

from typing import ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import Strict
from marketplace.calendars import operations


class FeedOut(Strict):
    id = serializers.CharField(source="public_id")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NewFeedOut(Strict):
    """The address is in this answer and nowhere else."""

    feed = FeedOut()
    address = serializers.CharField()


class Feed(Endpoint):
    """The secret address at which a calendar reads one's calls."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER, Audience.COMPANY)

    @described(
        "calendar_feed_get", "Read whether you have a calendar feed.", refuses=(NotFound,), responses=FeedOut
    )
    def get(self, request: Request) -> Response:
        feed = operations.live_of(self.actor)
        if feed is None:
            raise NotFound
        return Response(FeedOut(feed).data)

    @described(
        "calendar_feed_renew",
        "Make your calendar feed's address, or another in its place.",
        not_once="A kept answer would hold the address in clear.",
        request=None,
        responses={201: NewFeedOut},
    )
    def post(self, request: Request) -> Response:
        feed, address = operations.renew(by=self.actor, at=clock.now())
        return Response(NewFeedOut({"feed": feed, "address": address}).data, status=201)

    @described(
        "calendar_feed_take_back", "Take your calendar feed back.", refuses=(NotFound,), responses={204: None}
    )
    def delete(self, request: Request) -> Response:
        operations.take_back(by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [path("me/calendar-feed", Feed.as_view(), name="api_calendar_feed")]
