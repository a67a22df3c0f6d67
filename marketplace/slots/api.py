"""Open calls over the API."""

from typing import Any, ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import CompanyOwes, NotApproved, Suspended
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import InstantField, ListQuery, Strict, TextField, TypedId, WholeNumberField
from marketplace.engagements.queries import get_engagement
from marketplace.gigs import queries as gigs
from marketplace.gigs.limits import LONGEST_SESSION_S, MOST_SEATS, SHORTEST_SESSION_S
from marketplace.pools.queries import get_pool
from marketplace.sessions import booking
from marketplace.sessions.api import NOT_BOOKED, READ, WRITE, SessionOut
from marketplace.sessions.models import LONGEST_CANCEL_REASON
from marketplace.sessions.operations import TooEarly, TooLate
from marketplace.sessions.queries import get_seat, get_session
from marketplace.slots import operations, queries, stand_ins
from marketplace.slots.models import Slot
from marketplace.slots.states import SlotState

NOT_TAKEN = (TooLate, operations.SlotTaken, booking.NoSeatFree, *NOT_BOOKED)


class SlotOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    state = serializers.ChoiceField(choices=SlotState.choices)
    in_place_of = serializers.CharField(
        source="in_place_of.public_id",
        default=None,
        allow_null=True,
        help_text="The seat whose performer did not come: whoever takes it plays at once.",
    )
    open_until = serializers.DateTimeField(help_text="Until when a seat of it can be taken.")
    call_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    seats = serializers.IntegerField()
    seats_left = serializers.SerializerMethodField()
    session = serializers.CharField(source="session.public_id", default=None, allow_null=True)

    def get_seats_left(self, slot: Slot) -> int:
        return queries.seats_left(slot, at=clock.now())


class SlotIn(Strict):
    gig = TypedId(prefix="gig")
    call_at = InstantField()
    seats = WholeNumberField(min_value=1, max_value=MOST_SEATS)
    length_s = WholeNumberField(required=False, min_value=SHORTEST_SESSION_S, max_value=LONGEST_SESSION_S)
    hold_for = serializers.ListField(child=TypedId(prefix="eng"), max_length=MOST_SEATS, required=False)
    hold_until = InstantField(required=False)
    pool = TypedId(prefix="pol", required=False)


class SeatOfferIn(Strict):
    pool = TypedId(prefix="pol", required=False)


class SlotQuery(ListQuery):
    gig = TypedId(prefix="gig", required=False)
    state = serializers.ChoiceField(choices=SlotState.choices, required=False)


class GiveBackIn(Strict):
    reason = TextField(max_length=LONGEST_CANCEL_REASON)


class SlotEndpoint(Endpoint):
    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER,)

    def slot(self, slot_id: str) -> Slot:
        return queries.get_slot(self.actor, slot_id)


class Slots(Endpoint):
    """Open calls of gigs in which you are engaged, or of your company; the latest call first."""

    allow = (Audience.PERFORMER, Audience.COMPANY)
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": WRITE}

    @described("slots_list", "List open calls.", parameters=[SlotQuery], responses=SlotOut(many=True))
    def get(self, request: Request) -> Response:
        asked, rows = self.query(SlotQuery), queries.slots_for(self.actor)
        rows = rows.filter(gig__public_id=asked["gig"]) if "gig" in asked else rows
        rows = rows.filter(state=asked["state"]) if "state" in asked else rows
        return self.listed(SlotOut, rows, by=("-call_at", "-id"))

    @described(
        "slots_create",
        "Offer a call to everyone engaged in a gig.",
        refuses=(operations.SlotOpen, booking.GigNotWorking, NotApproved, Suspended, NotFound),
        request=SlotIn,
        responses={201: SlotOut},
    )
    def post(self, request: Request) -> Response:
        asked = self.read(SlotIn)

        def make() -> Slot:
            sent: dict[str, Any] = asked | {
                "gig": gigs.get_own_gig(self.actor, asked["gig"]),
                "hold_for": [
                    get_engagement(self.actor, each) for each in dict.fromkeys(asked.get("hold_for", []))
                ],
            }
            if "pool" in asked:
                sent["pool"] = get_pool(self.actor, sent["gig"].company, asked["pool"])
            slot = operations.post_slot(**sent, by=self.actor, at=clock.now())
            return queries.get_slot(self.actor, slot.public_id)

        return self.created(SlotOut, make)


class SeatOffer(Endpoint):
    """A stand-in for a free seat: whoever is engaged in the gig, or in a pool of yours, may take it, the first has it."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.COMPANY,)
    scopes: ClassVar[dict[str, str]] = {"POST": WRITE}

    @described(
        "seats_offer",
        "Offer the free seats of a session.",
        refuses=(
            TooLate,
            booking.NoSeatFree,
            operations.SlotOpen,
            booking.GigNotWorking,
            NotApproved,
            Suspended,
        ),
        request=SeatOfferIn,
        responses={201: SlotOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked, session = self.read(SeatOfferIn), get_session(self.actor, session_id)

        def make() -> Slot:
            pool = get_pool(self.actor, session.company, asked["pool"]) if "pool" in asked else None
            slot = operations.offer_seat(session=session, pool=pool, by=self.actor, at=clock.now())
            return queries.get_slot(self.actor, slot.public_id)

        return self.created(SlotOut, make)


class StandIn(Endpoint):
    """A performer has not come to a session that runs: their place is offered, and the first who takes it plays at once."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.COMPANY,)
    scopes: ClassVar[dict[str, str]] = {"POST": WRITE}

    @described(
        "stand_ins_seek",
        "Seek a stand-in for a performer who has not come.",
        refuses=(
            TooEarly,
            TooLate,
            stand_ins.SeatNotMissing,
            operations.SlotOpen,
            booking.GigNotWorking,
            NotApproved,
            Suspended,
            CompanyOwes,
        ),
        request=SeatOfferIn,
        responses={201: SlotOut},
    )
    def post(self, request: Request, session_id: str, seat_id: str) -> Response:
        asked, session = self.read(SeatOfferIn), get_session(self.actor, session_id)

        def make() -> Slot:
            pool = get_pool(self.actor, session.company, asked["pool"]) if "pool" in asked else None
            seat = get_seat(session, seat_id)
            seat.session = session
            slot = stand_ins.seek(seat=seat, pool=pool, by=self.actor, at=clock.now())
            return queries.get_slot(self.actor, slot.public_id)

        return self.created(SlotOut, make)


class OneSlot(SlotEndpoint):
    allow = (Audience.PERFORMER, Audience.COMPANY)
    scopes = {"GET": READ}

    @described("slots_get", "Read an open call.", responses=SlotOut)
    def get(self, request: Request, slot_id: str) -> Response:
        return Response(SlotOut(self.slot(slot_id)).data)


class SlotTake(SlotEndpoint):
    """The first who takes a seat has it: a seat of a booked session, confirmed."""

    @described(
        "slots_take", "Take a seat of an open call.", refuses=NOT_TAKEN, request=None, responses=SessionOut
    )
    def post(self, request: Request, slot_id: str) -> Response:
        def take() -> object:
            session = operations.take(slot=self.slot(slot_id), by=self.actor, at=clock.now())
            return get_session(self.actor, session.public_id)

        return self.done(SessionOut, take)


class SlotGiveBack(SlotEndpoint):
    """Before its call, as one calls a seat off; or let go of one that is held for you."""

    @described(
        "slots_give_back", "Give a seat back.", refuses=(TooLate,), request=GiveBackIn, responses=SlotOut
    )
    def post(self, request: Request, slot_id: str) -> Response:
        reason = self.read(GiveBackIn)["reason"]

        def give_back() -> Slot:
            operations.give_back(slot=self.slot(slot_id), reason=reason, by=self.actor, at=clock.now())
            return self.slot(slot_id)

        return self.done(SlotOut, give_back)


class SlotWithdraw(SlotEndpoint):
    """Seats that were taken stay booked."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "slots_withdraw", "Take an open call back.", refuses=MOVE_REFUSALS, request=None, responses=SlotOut
    )
    def post(self, request: Request, slot_id: str) -> Response:
        def withdraw() -> Slot:
            operations.withdraw(slot=self.slot(slot_id), by=self.actor, at=clock.now())
            return self.slot(slot_id)

        return self.done(SlotOut, withdraw)


ONE = "slots/<str:slot_id>"
urlpatterns = [
    path("slots", Slots.as_view(), name="api_slots"),
    path(ONE, OneSlot.as_view(), name="api_slot"),
    path("sessions/<str:session_id>/seats/offer", SeatOffer.as_view(), name="api_seat_offer"),
    path(
        "sessions/<str:session_id>/seats/<str:seat_id>/stand-in", StandIn.as_view(), name="api_stand_in_seek"
    ),
    path(f"{ONE}/take", SlotTake.as_view(), name="api_slot_take"),
    path(f"{ONE}/give-back", SlotGiveBack.as_view(), name="api_slot_give_back"),
    path(f"{ONE}/withdraw", SlotWithdraw.as_view(), name="api_slot_withdraw"),
]
