"""Sessions over the API: book, confirm, call off, and what happens in the room."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.onboarding.operations import NotReadyToBeBooked
from kit import clock
from kit.errors import Invalid, NotFound
from kit.http.serializers import (
    InstantField,
    ListQuery,
    MoneyField,
    Strict,
    TextField,
    TypedId,
    WholeNumberField,
)
from marketplace.engagements.models import Engagement
from marketplace.engagements.operations import TermsChanged
from marketplace.engagements.queries import get_engagement
from marketplace.gigs import queries as gigs
from marketplace.gigs.limits import LONGEST_SESSION_S, MOST_SEATS, SHORTEST_SESSION_S
from marketplace.sessions import booking, calling_off, moving, operations, queries, room, series
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Move, Series, Session
from marketplace.sessions.states import MoveState, SessionState

READ, WRITE = "sessions:read", "sessions:write"

# Why somebody is not booked, whoever asks for it.
NOT_BOOKED = (
    booking.GigNotWorking,
    booking.EngagementNotActive,
    booking.BudgetExceeded,
    booking.AlreadyBooked,
    booking.WeekIsFull,
    booking.GuaranteeBroken,
    NotApproved,
    Suspended,
    NotReadyToBeBooked,
)


class SeatPersonOut(Strict):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="stage_name")


class SeatOut(Strict):
    id = serializers.CharField(source="public_id")
    performer = SeatPersonOut()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    called_at = serializers.DateTimeField(
        allow_null=True, help_text="A stand-in's own call, from which they are paid; else null."
    )
    released_at = serializers.DateTimeField(allow_null=True, help_text="When the seat was called off.")


class SessionOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    title = serializers.CharField(source="gig.title")
    self_directed = serializers.BooleanField(source="gig.self_directed")
    company = serializers.CharField(source="company.public_id")
    series = serializers.CharField(source="series.public_id", default=None, allow_null=True)
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


class CancelIn(ReasonIn):
    rest = serializers.BooleanField(
        default=False, help_text="Also the later ones of its series in which you have a part."
    )


class PriceOut(Strict):
    amount = MoneyField()
    holds_until = serializers.DateTimeField()


class SeriesIn(Strict):
    gig = TypedId(prefix="gig")
    call_at = InstantField(
        help_text="The first call; the others show the same time by the gig's clock, a week apart."
    )
    weeks = WholeNumberField(min_value=series.FEWEST, max_value=series.MOST)
    engagements = serializers.ListField(child=TypedId(prefix="eng"), min_length=1, max_length=MOST_SEATS)
    length_s = WholeNumberField(required=False, min_value=SHORTEST_SESSION_S, max_value=LONGEST_SESSION_S)
    choices = serializers.ListField(
        child=InstantField(),
        required=False,
        max_length=series.MOST,
        help_text="Of a week whose clock shows the time twice, or leaves it out, which instant is meant.",
    )


class SeriesOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    booked_at = serializers.DateTimeField()
    sessions = serializers.ListField(child=serializers.CharField(), source="session_ids")


class MoveIn(Strict):
    call_at = InstantField()


class MoveOut(Strict):
    id = serializers.CharField(source="public_id")
    session = serializers.CharField(source="session.public_id")
    state = serializers.ChoiceField(choices=MoveState.choices)
    call_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()


class SeatFillIn(Strict):
    engagement = TypedId(prefix="eng")


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
            *NOT_BOOKED,
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
            booked = booking.book_session(
                gig=gig,
                call_at=asked["call_at"],
                engagements=engaged(self.actor, asked["engagements"]),
                length_s=asked.get("length_s"),
                by=self.actor,
                at=clock.now(),
            )
            return self.session(booked.public_id)

        return self.created(SessionOut, book)


def engaged(actor: Actor, ids: Sequence[str]) -> list[Engagement]:
    """The engagements of these ids. Raises Invalid (422) where one is none that the actor may see, or comes twice."""
    found = {
        engagement.public_id: engagement
        for engagement in Engagement.objects.visible_to(actor).filter(public_id__in=ids)
    }
    if len(found) != len(ids):
        said = "Each must be a different engagement of the gig."
        raise Invalid.field("engagements", said, code="not_a_choice")
    return [found[public_id] for public_id in ids]


class AllSeries(SessionEndpoint):
    """Calls of the same people, a week apart by the gig's clock: each a session of its own, and all or none booked."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "series_create",
        "Book the same people for several weeks.",
        refuses=(
            series.ChooseTimes,
            *NOT_BOOKED,
            NotFound,
        ),
        request=SeriesIn,
        responses={201: SeriesOut},
    )
    def post(self, request: Request) -> Response:
        asked = self.read(SeriesIn)

        def book() -> Series:
            sent: dict[str, Any] = asked | {
                "gig": gigs.get_own_gig(self.actor, asked["gig"]),
                "engagements": engaged(self.actor, asked["engagements"]),
            }
            return series.book_series(**sent, by=self.actor, at=clock.now())

        return self.created(SeriesOut, book)


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
        request=CancelIn,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        sent = self.read(CancelIn)
        act = calling_off.cancel_rest if sent.pop("rest") else calling_off.cancel_session
        return self.changed(
            session_id, lambda session: act(session=session, **sent, by=self.actor, at=clock.now())
        )


class CancelPrice(SessionEndpoint):
    """What it costs the company to call the session off now, fee included, and until when it stays so."""

    scopes = {"GET": READ}

    @described("sessions_cancel_price", "Read what calling a session off costs now.", responses=PriceOut)
    def get(self, request: Request, session_id: str) -> Response:
        session, now = self.session(session_id), clock.now()
        price = calling_off.price_of([session], currency=session.gig.currency, at=now)
        return Response(PriceOut(price).data)


class Moves(SessionEndpoint):
    """Another time for a session: whoever is concerned answers, and with the last yes it is moved."""

    allow = (Audience.PERFORMER, Audience.COMPANY)
    scopes = {"POST": WRITE}

    @described(
        "moves_propose",
        "Propose another time for a session.",
        refuses=(moving.MoveOpen, operations.TooLate),
        request=MoveIn,
        responses={201: MoveOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked, session = self.read(MoveIn), self.session(session_id)
        return self.created(
            MoveOut, lambda: moving.propose_move(session=session, **asked, by=self.actor, at=clock.now())
        )


class MoveAnswer(Endpoint):
    """One's answer to a proposal."""

    allow = (Audience.PERFORMER, Audience.COMPANY)
    scopes: ClassVar[dict[str, str]] = {"POST": WRITE}

    def answer(self, move_id: str, act: Callable[..., Move]) -> Response:
        move = queries.get_move(self.actor, move_id)
        return self.done(MoveOut, lambda: act(move=move, by=self.actor, at=clock.now()))


class MoveAgree(MoveAnswer):
    @described(
        "moves_agree",
        "Agree to another time.",
        refuses=(operations.TooLate, booking.AlreadyBooked, booking.WeekIsFull, booking.GuaranteeBroken),
        request=None,
        responses=MoveOut,
    )
    def post(self, request: Request, move_id: str) -> Response:
        return self.answer(move_id, moving.agree_to_move)


class MoveDecline(MoveAnswer):
    @described(
        "moves_decline",
        "Say no to another time, or take your proposal back.",
        refuses=(operations.TooLate,),
        request=None,
        responses=MoveOut,
    )
    def post(self, request: Request, move_id: str) -> Response:
        return self.answer(move_id, moving.decline_move)


class SeatRelease(SessionEndpoint):
    """The company does without one performer; the others still play. It pays by the notice."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "seats_release",
        "Call one seat of a session off, before its call.",
        refuses=(operations.TooLate,),
        request=ReasonIn,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str, seat_id: str) -> Response:
        sent = self.read(ReasonIn)
        return self.changed(
            session_id,
            lambda session: calling_off.release_seat(
                seat=queries.get_seat(session, seat_id), **sent, by=self.actor, at=clock.now()
            ),
        )


class Seats(SessionEndpoint):
    """A seat that is free, for another performer of the gig."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "seats_fill",
        "Give a free seat of a session to another performer.",
        refuses=(
            operations.TooLate,
            booking.NoSeatFree,
            *NOT_BOOKED,
        ),
        request=SeatFillIn,
        responses=SessionOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        engagement = get_engagement(self.actor, self.read(SeatFillIn)["engagement"])
        return self.changed(
            session_id,
            lambda session: booking.fill_seat(
                session=session, engagement=engagement, by=self.actor, at=clock.now()
            ),
        )


ONE = "sessions/<str:session_id>"
urlpatterns = [
    path("sessions", Sessions.as_view(), name="api_sessions"),
    path(ONE, OneSession.as_view(), name="api_session"),
    path(f"{ONE}/confirm", Confirm.as_view(), name="api_session_confirm"),
    path("series", AllSeries.as_view(), name="api_series"),
    path(f"{ONE}/cancel-price", CancelPrice.as_view(), name="api_session_cancel_price"),
    path(f"{ONE}/cancel", Cancel.as_view(), name="api_session_cancel"),
    path(f"{ONE}/moves", Moves.as_view(), name="api_session_moves"),
    path("moves/<str:move_id>/agree", MoveAgree.as_view(), name="api_move_agree"),
    path("moves/<str:move_id>/decline", MoveDecline.as_view(), name="api_move_decline"),
    path(f"{ONE}/seats", Seats.as_view(), name="api_session_seats"),
    path(f"{ONE}/seats/<str:seat_id>/release", SeatRelease.as_view(), name="api_seat_release"),
]
