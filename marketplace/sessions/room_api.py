"""The room over the API: being there, breaks and holds, ending and stopping."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import Suspended
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import LineField, Strict, TextField, TypedId
from marketplace.sessions import arrivals, directing, marks, operations, queries, room
from marketplace.sessions.api import ONE, ReasonIn, SessionEndpoint, SessionOut
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Mark, Seat, Session


class StopIn(Strict):
    reason = TextField(max_length=LONGEST_CANCEL_REASON, required=False, allow_blank=True, default="")


class MarkIn(Strict):
    kind = serializers.ChoiceField(choices=Mark.Kind.choices)
    seat = TypedId(prefix="sea", required=False)


class MarkEndIn(Strict):
    seat = TypedId(prefix="sea", required=False)


class MarkOut(Strict):
    kind = serializers.CharField()
    seat = serializers.CharField(source="seat.public_id", default=None, allow_null=True)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PresenceIn(Strict):
    event = serializers.ChoiceField(
        choices=[("joined", "Joined"), ("here", "Here"), ("left", "Left"), ("knocked", "Knocked")]
    )
    sid = LineField(max_length=64, required=False)


class EntranceOut(Strict):
    sid = serializers.CharField()
    url = serializers.CharField()
    token = serializers.CharField()


class Failure(SessionEndpoint):
    """Talent operations end a session that a fault of the house's made impossible."""

    allow = (Audience.TALENT,)

    @described(
        "sessions_fail",
        "Say that a session failed technically.",
        refuses=(operations.TooEarly, *MOVE_REFUSALS),
        request=ReasonIn,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        sent = self.read(ReasonIn)
        return self.changed(
            session_id,
            lambda session: room.fail(session=session, **sent, by=self.actor, at=clock.now()),
        )


class End(SessionEndpoint):
    """The company ends a session that is live; so does the performer who directs it alone."""

    pace = "room"

    allow = (Audience.PERFORMER, Audience.COMPANY)

    @described(
        "sessions_end",
        "End a session that is live.",
        refuses=(room.DoorsClosed, room.ComeInFirst, operations.TooLate, *MOVE_REFUSALS),
        request=None,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        return self.changed(
            session_id, lambda session: room.end(session=session, by=self.actor, at=clock.now())
        )


class Stop(SessionEndpoint):
    """Stop for safety. It never costs the performers pay, and no reason is asked for."""

    pace = "room"

    @described(
        "sessions_stop",
        "Stop a session for safety.",
        refuses=(room.DoorsClosed, operations.TooLate, *MOVE_REFUSALS),
        request=StopIn,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        reason = self.read(StopIn)["reason"]
        return self.changed(
            session_id,
            lambda session: room.stop(session=session, reason=reason, by=self.actor, at=clock.now()),
        )


class CompanyNoShow(SessionEndpoint):
    """Nobody came from the company: whoever showed is paid the whole slot."""

    allow = (Audience.COMPANY, Audience.TALENT)

    @described(
        "sessions_record_company_no_show",
        "Say that nobody came from the company.",
        refuses=(operations.NobodyNeedCome, room.DoorsClosed, operations.TooEarly, *MOVE_REFUSALS),
        request=None,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        return self.changed(
            session_id,
            lambda session: room.nobody_came(session=session, by=self.actor, at=clock.now()),
        )


class MarkEndpoint(SessionEndpoint):
    pace = "room"

    def seat(self, session: Session, asked: dict[str, Any]) -> Seat | None:
        """The seat named; for a performer who names none, their own; for the company, all."""
        if "seat" in asked:
            return queries.get_seat(session, asked["seat"])
        return queries.own_seat(session, self.actor)


class Marks(MarkEndpoint):
    """The session's breaks and holds; starting one."""

    @described("marks_list", "List a session's breaks and holds.", responses=MarkOut(many=True))
    def get(self, request: Request, session_id: str) -> Response:
        rows = Mark.objects.filter(session=self.session(session_id)).select_related("seat")
        return self.listed(MarkOut, rows, by=("id",))

    @described(
        "marks_start",
        "Start a break or a hold.",
        refuses=(directing.PerformerDirects, marks.AlreadyOnBreak, operations.TooLate),
        request=MarkIn,
        responses={201: MarkOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked = self.read(MarkIn)

        def start() -> Mark:
            session = self.session(session_id)
            return marks.start_mark(
                session=session,
                kind=Mark.Kind(asked["kind"]),
                seat=self.seat(session, asked),
                by=self.actor,
                at=clock.now(),
            )

        return self.created(MarkOut, start)


class MarkEnd(MarkEndpoint):
    """End the break or hold that runs."""

    @described(
        "marks_end",
        "End the break or hold that runs.",
        refuses=(marks.NoBreak,),
        request=MarkEndIn,
        responses=MarkOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked = self.read(MarkEndIn)

        def end() -> Mark:
            session = self.session(session_id)
            return marks.end_mark(
                session=session, seat=self.seat(session, asked), by=self.actor, at=clock.now()
            )

        return self.done(MarkOut, end)


class Presence(SessionEndpoint):
    """The platform's own room, as a performer's page tells of it, or the company's: joined, here (every 15 s), left; and
    knocked, for a performer before a room that is shut."""

    allow = (Audience.PERFORMER, Audience.COMPANY)
    pace = "room"

    @described(
        "presence_tell",
        "Tell that you came into the room, are there, left, or knocked at a shut door.",
        refuses=(room.DoorsClosed, room.UnknownConnection, arrivals.NothingToCome, Suspended),
        request=PresenceIn,
        responses=EntranceOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked = self.read(PresenceIn)
        session, sid, now = self.session(session_id), asked.get("sid", ""), clock.now()

        def tell() -> room.Entrance:
            match asked["event"]:
                case "joined":
                    return room.enter(session=session, by=self.actor, at=now)
                case "here":
                    room.beat(session=session, sid=sid, by=self.actor, at=now)
                case "knocked":
                    seat = room.seat_of(session, self.actor)
                    arrivals.arrive(session=session, seat=seat, by=self.actor, at=now)
                case _:
                    room.leave(session=session, sid=sid, by=self.actor, at=now)
            return room.Entrance(sid=sid)

        return self.done(EntranceOut, tell)


urlpatterns = [
    path(f"{ONE}/technical-failure", Failure.as_view(), name="api_session_fail"),
    path(f"{ONE}/end", End.as_view(), name="api_session_end"),
    path(f"{ONE}/stop", Stop.as_view(), name="api_session_stop"),
    path(f"{ONE}/company-no-show", CompanyNoShow.as_view(), name="api_session_company_no_show"),
    path(f"{ONE}/marks", Marks.as_view(), name="api_session_marks"),
    path(f"{ONE}/marks/end", MarkEnd.as_view(), name="api_session_marks_end"),
    path(f"{ONE}/presence", Presence.as_view(), name="api_session_presence"),
]
