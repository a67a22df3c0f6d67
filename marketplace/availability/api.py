"""When one is free, and who is, over the API."""

from datetime import timedelta
from typing import ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.performers.models import Performer
from kit import clock
from kit.http.serializers import InstantField, Strict, WholeNumberField
from marketplace.availability import operations, queries
from marketplace.availability.calculate import Hours
from marketplace.gigs import queries as gigs
from marketplace.gigs.limits import LONGEST_SESSION_S, SHORTEST_SESSION_S
from marketplace.sessions.api import READ


class HoursOut(Strict):
    weekday = WholeNumberField(min_value=0, max_value=6)
    from_min = WholeNumberField(min_value=0, max_value=1439)
    to_min = WholeNumberField(min_value=1, max_value=1440)


class SpecialIn(Strict):
    starts_at = InstantField()
    ends_at = InstantField()
    is_free = serializers.BooleanField()


class SpecialOut(Strict):
    id = serializers.CharField(source="public_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_free = serializers.BooleanField()


class AvailabilityOut(Strict):
    time_zone = serializers.CharField(source="user.time_zone")
    hours = HoursOut(many=True, source="weekly_hours.all")
    special = SpecialOut(many=True, source="special_times.all")


class AvailabilityIn(Strict):
    hours = serializers.ListField(child=HoursOut(), max_length=7 * operations.MOST_A_DAY)


class FreeQuery(Strict):
    call_at = InstantField(help_text="The call for which somebody is sought.")
    length_s = serializers.IntegerField(
        required=False,
        min_value=SHORTEST_SESSION_S,
        max_value=LONGEST_SESSION_S,
        help_text="The gig's own else.",
    )


class FreeOut(Strict):
    engagement = serializers.CharField(source="engagement_id")
    performer_name = serializers.CharField(source="performer.stage_name")
    time_zone = serializers.CharField(source="performer.user.time_zone")
    free = serializers.ChoiceField(choices=[(str(each), words) for each, words in queries.FREE_WORDS.items()])


class Availability(Endpoint):
    """When a performer can be booked: hours of every week, in their own zone, and certain times. It binds nobody."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER,)

    @described("availability_get", "Read when you are free.", responses=AvailabilityOut)
    def get(self, request: Request) -> Response:
        return Response(AvailabilityOut(self._own()).data)

    @described(
        "availability_set",
        "Say when you are free in any week.",
        request=AvailabilityIn,
        responses=AvailabilityOut,
    )
    def put(self, request: Request) -> Response:
        hours = [Hours(**each) for each in self.read(AvailabilityIn)["hours"]]
        operations.set_hours(hours=hours, by=self.actor, at=clock.now())
        return Response(AvailabilityOut(self._own()).data)

    def _own(self) -> Performer:
        now = clock.now()
        until = now + operations.LONGEST
        return queries.performers_with_times([self.actor.performer_id], since=now, until=until)[0]


class SpecialTimes(Endpoint):
    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER,)

    @described(
        "availability_say",
        "Say that you are free or away at certain times.",
        request=SpecialIn,
        responses={201: SpecialOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(SpecialIn)
        return self.created(SpecialOut, lambda: operations.say_special(**sent, by=self.actor, at=clock.now()))


class OneSpecialTime(Endpoint):
    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER,)

    @described("availability_take_back", "Let your week count again.", responses={204: None})
    def delete(self, request: Request, special_id: str) -> Response:
        operations.take_special_back(special_id=special_id, by=self.actor, at=clock.now())
        return Response(status=204)


class GigFree(Endpoint):
    """Everyone engaged in a gig of your company, and how they stand to a call."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.COMPANY,)
    scopes: ClassVar[dict[str, str]] = {"GET": READ}
    pagination_class = WholeList

    @described(
        "gigs_free", "Read who is free for a call.", parameters=[FreeQuery], responses=FreeOut(many=True)
    )
    def get(self, request: Request, gig_id: str) -> Response:
        gig, asked = gigs.get_own_gig(self.actor, gig_id), self.query(FreeQuery)
        ends_at = asked["call_at"] + timedelta(seconds=asked.get("length_s", gig.session_s))
        return self.whole(FreeOut, queries.for_call(gig, call_at=asked["call_at"], ends_at=ends_at))


urlpatterns = [
    path("me/availability", Availability.as_view(), name="api_availability"),
    path("me/availability/times", SpecialTimes.as_view(), name="api_special_times"),
    path("me/availability/times/<str:special_id>", OneSpecialTime.as_view(), name="api_special_time"),
    path("gigs/<str:gig_id>/free", GigFree.as_view(), name="api_gig_free"),
]
