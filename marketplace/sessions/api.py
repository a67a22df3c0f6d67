"""Sessions over the API: book, confirm, call off, and what happens in the room."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.audit.operations import MOVE_REFUSALS
from accounts.onboarding.operations import NotReadyToBeBooked
from kit import clock
from kit.errors import Invalid, NotFound
from kit.http.serializers import (
    InstantField,
    LineField,
    ListQuery,
    Strict,
    TextField,
    TypedId,
    WholeNumberField,
)
from marketplace.engagements.models import Engagement
from marketplace.engagements.operations import TermsChanged
from marketplace.gigs import queries as gigs
from marketplace.gigs.limits import LONGEST_SESSION_S, MOST_SEATS, SHORTEST_SESSION_S
from marketplace.sessions import arrivals, marks, operations, queries, room
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Mark, Seat, Session
from marketplace.sessions.states import SessionState

READ, WRITE = "sessions:read", "sessions:write"


class SeatPersonOut(Strict):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="stage_name")


class SeatOut(Strict):
    id = serializers.CharField(source="public_id")
    performer = SeatPersonOut()
    confirmed_at = serializers.DateTimeField(allow_null=True)


class SessionOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    title = serializers.CharField(source="gig.title")
    company = serializers.CharField(source="company.public_id")
    state = serializers.ChoiceField(choices=SessionState.choices)
    outcome = serializers.ChoiceField(choices=["", *SessionState.values])
    call_at = serializers.DateTimeField()
    scheduled_end_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField()
    wrapped_at = serializers.DateTimeField(allow_null=True)
    no_show_found_at = serializers.DateTimeField(allow_null=True)
    time_recorded_at = serializers.DateTimeField(allow_null=True)
    policy = serializers.JSONField()
    seats = SeatOut(many=True)


class SessionQuery(ListQuery):
    state = serializers.ChoiceField(choices=SessionState.choices, required=False)
    gig = TypedId(prefix="gig", required=False)
    since = InstantField(required=False, help_text="Called at or after this time.")
    until = InstantField(required=False, help_text="Called before this time.")


class BookIn(Strict):
    gig = TypedId(prefix="gig")
    call_at = InstantField()
    engagements = serializers.ListField(child=TypedId(prefix="eng"), min_length=1, max_length=MOST_SEATS)
    length_s = WholeNumberField(required=False, min_value=SHORTEST_SESSION_S, max_value=LONGEST_SESSION_S)


class ReasonIn(Strict):
    reason = TextField(max_length=LONGEST_CANCEL_REASON)


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


class SessionEndpoint(Endpoint):
    """One session, looked up by what the actor may see."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)

    def session(self, session_id: str) -> Session:
        return queries.get_session(self.actor, session_id)

    def changed(self, session_id: str, act: Any) -> Response:
        """Do `act` with the session and answer with the session as it is then."""

        def do() -> Session:
            act(self.session(session_id))
            return self.session(session_id)

        return self.done(SessionOut, do)


class Sessions(SessionEndpoint):
    """Your company's sessions, or those in which you have a seat; the latest call first."""

    scopes = {"GET": READ, "POST": WRITE}

    @described(
        "sessions_list",
        "List sessions: your own, or your companies'.",
        parameters=[SessionQuery],
        responses=SessionOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(SessionQuery)
        filters = {name: asked[name] for name in ("state", "gig", "since", "until") if name in asked}
        return self.listed(SessionOut, queries.sessions_for(self.actor, **filters), by=("-call_at", "-id"))

    @described(
        "sessions_create",
        "Book a session.",
        refuses=(
            operations.GigNotWorking,
            operations.EngagementNotActive,
            operations.BudgetExceeded,
            operations.AlreadyBooked,
            NotApproved,
            Suspended,
            NotReadyToBeBooked,
            TermsChanged,
            NotFound,
        ),
        request=BookIn,
        responses={201: SessionOut},
    )
    def post(self, request: Request) -> Response:
        asked = self.read(BookIn)

        def book() -> Session:
            gig = gigs.get_own_gig(self.actor, asked["gig"])
            booked = operations.book_session(
                gig=gig,
                call_at=asked["call_at"],
                engagements=self._engaged(asked["engagements"]),
                length_s=asked.get("length_s"),
                by=self.actor,
                at=clock.now(),
            )
            return self.session(booked.public_id)

        return self.created(SessionOut, book)

    def _engaged(self, ids: Sequence[str]) -> list[Engagement]:
        found = {
            engagement.public_id: engagement
            for engagement in Engagement.objects.visible_to(self.actor).filter(public_id__in=ids)
        }
        if len(found) != len(ids):
            raise Invalid.field(
                "engagements", "Each must be a different engagement of the gig.", code="not_a_choice"
            )
        return [found[public_id] for public_id in ids]


class OneSession(SessionEndpoint):
    scopes = {"GET": READ}

    @described("sessions_get", "Read a session.", responses=SessionOut)
    def get(self, request: Request, session_id: str) -> Response:
        return Response(SessionOut(self.session(session_id)).data)


class Confirm(SessionEndpoint):
    """The performer confirms their seat."""

    allow = (Audience.PERFORMER,)

    @described(
        "sessions_confirm",
        "Confirm your seat in a session.",
        refuses=(operations.TooLate,),
        request=None,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        return self.changed(
            session_id,
            lambda session: operations.confirm_seat(
                seat=room.seat_of(session, self.actor), by=self.actor, at=clock.now()
            ),
        )


class Cancel(SessionEndpoint):
    """Call it off, before the call. What it pays follows from the notice and from who calls it off."""

    scopes = {"POST": WRITE}

    @described(
        "sessions_cancel",
        "Call a session off, before its call.",
        refuses=(operations.TooLate,),
        request=ReasonIn,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        reason = self.read(ReasonIn)["reason"]
        return self.changed(
            session_id,
            lambda session: operations.cancel_session(
                session=session, reason=reason, by=self.actor, at=clock.now()
            ),
        )


class End(SessionEndpoint):
    """The company ends a session that is live."""

    pace = "room"

    allow = (Audience.COMPANY,)

    @described(
        "sessions_end",
        "End a session that is live.",
        refuses=(room.DoorsClosed, operations.TooLate, *MOVE_REFUSALS),
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
        refuses=(room.DoorsClosed, operations.TooEarly, *MOVE_REFUSALS),
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
        refuses=(marks.AlreadyOnBreak, operations.TooLate),
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
        "Tell that you came into the room, are there, or left; or that you stand before a room that is shut.",
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


ONE = "sessions/<str:session_id>"
urlpatterns = [
    path("sessions", Sessions.as_view(), name="api_sessions"),
    path(ONE, OneSession.as_view(), name="api_session"),
    path(f"{ONE}/confirm", Confirm.as_view(), name="api_session_confirm"),
    path(f"{ONE}/cancel", Cancel.as_view(), name="api_session_cancel"),
    path(f"{ONE}/end", End.as_view(), name="api_session_end"),
    path(f"{ONE}/stop", Stop.as_view(), name="api_session_stop"),
    path(f"{ONE}/company-no-show", CompanyNoShow.as_view(), name="api_session_company_no_show"),
    path(f"{ONE}/marks", Marks.as_view(), name="api_session_marks"),
    path(f"{ONE}/marks/end", MarkEnd.as_view(), name="api_session_marks_end"),
    path(f"{ONE}/presence", Presence.as_view(), name="api_session_presence"),
]
