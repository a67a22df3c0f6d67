"""Cards, takes and notes over the API."""

from datetime import datetime
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from kit import clock
from kit.errors import Invalid
from kit.http.serializers import Strict, TextField, TypedId, WholeNumberField
from marketplace.gigs.limits import MOST_PROMPTS
from marketplace.scenes import operations, queries
from marketplace.scenes.models import LONGEST_NOTE, Take
from marketplace.sessions.api import ONE, SessionEndpoint
from marketplace.sessions.directing import PerformerDirects
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.operations import TooLate
from marketplace.sessions.queries import get_seat
from marketplace.sessions.room import ComeInFirst

# The company; where a performer directs alone, they.
RUNS = (Audience.PERFORMER, Audience.COMPANY)


class CardIn(Strict):
    prompt = WholeNumberField(
        required=False,
        min_value=1,
        max_value=MOST_PROMPTS,
        help_text="Its place in the gig's deck; without it the next that nobody has dealt to all yet, and a take that runs is cut.",
    )
    seat = TypedId(prefix="sea", required=False, help_text="For one alone; without it, for all.")


class CardDownIn(Strict):
    seat = TypedId(prefix="sea", required=False)


class CardDownOut(Strict):
    seat = serializers.CharField(allow_null=True)


class CardOut(Strict):
    prompt = serializers.IntegerField(source="prompt.position")
    text = serializers.CharField(source="prompt.text")
    content_note = serializers.CharField(source="prompt.content_note")
    seat = serializers.CharField(source="seat.public_id", default=None, allow_null=True)
    up_at = serializers.DateTimeField(source="since")
    down_at = serializers.DateTimeField(source="until", allow_null=True)
    by_clock = serializers.SerializerMethodField()

    def get_by_clock(self, card: operations.Shown) -> bool:
        return card.by == operations.CLOCK


class SlateIn(Strict):
    again = serializers.BooleanField(default=False, help_text="Of the last scene once more.")


class TakeOut(Strict):
    scene = serializers.IntegerField()
    number = serializers.IntegerField()
    prompt = serializers.IntegerField(source="prompt.position", default=None, allow_null=True)
    slated_at = serializers.DateTimeField()
    cut_at = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_cut_at(self, take: Take) -> datetime | None:
        return operations.cut_at(take)


class NoteIn(Strict):
    text = TextField(max_length=LONGEST_NOTE)


class NoteOut(Strict):
    said_at = serializers.DateTimeField()
    text = serializers.CharField()


class Played(SessionEndpoint):
    pace = "room"

    def seat(self, session: Session, asked: dict[str, Any]) -> Seat | None:
        return get_seat(session, asked["seat"]) if "seat" in asked else None


class Cards(Played):
    """Which card was up when, of those that one may have seen; dealing one."""

    pagination_class = WholeList

    @described("cards_list", "List which card was up when.", responses=CardOut(many=True))
    def get(self, request: Request, session_id: str) -> Response:
        return self.whole(CardOut, queries.cards_for(self.actor, self.session(session_id), at=clock.now()))

    @described(
        "cards_deal",
        "Deal a card to all, or to one alone.",
        refuses=(PerformerDirects, operations.DeckIsThrough, TooLate),
        request=CardIn,
        responses={201: CardOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked, session, now = self.read(CardIn), self.session(session_id), clock.now()
        seat = self.seat(session, asked)
        if "prompt" not in asked and seat is not None:
            raise Invalid.field("prompt", "Say which card is for one alone.", code="required")
        prompt = queries.get_card(session, asked["prompt"]) if "prompt" in asked else None

        def work() -> operations.Shown:
            if prompt is None:
                card = operations.deal_next(session=session, by=self.actor, at=now)
            else:
                card = operations.deal(session=session, prompt=prompt, seat=seat, by=self.actor, at=now)
            return operations.Shown(card.prompt, card.seat, card.up_at, None, card.by)

        return self.created(CardOut, work)


class CardsDown(Played):
    allow = RUNS

    @described(
        "cards_take_down",
        "Take the card down.",
        refuses=(PerformerDirects, TooLate),
        request=CardDownIn,
        responses=CardDownOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        asked, session = self.read(CardDownIn), self.session(session_id)
        seat = self.seat(session, asked)

        def work() -> dict[str, Any]:
            operations.take_down(session=session, seat=seat, by=self.actor, at=clock.now())
            return {"seat": seat.public_id if seat else None}

        return self.done(CardDownOut, work)


class Takes(Played):
    """The scenes that were played, take by take; the slate of the next."""

    @described("takes_list", "List the takes.", responses=TakeOut(many=True))
    def get(self, request: Request, session_id: str) -> Response:
        rows = Take.objects.filter(session=self.session(session_id)).select_related("prompt", "session")
        return self.listed(TakeOut, rows, by=("id",))

    @described(
        "takes_slate",
        "Begin a take.",
        refuses=(PerformerDirects, ComeInFirst, operations.TakeRuns, TooLate),
        request=SlateIn,
        responses={201: TakeOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        again, session = self.read(SlateIn)["again"], self.session(session_id)
        return self.created(
            TakeOut, lambda: operations.slate(session=session, again=again, by=self.actor, at=clock.now())
        )


class TakesCut(Played):
    allow = RUNS

    @described(
        "takes_cut",
        "End the take that is running.",
        refuses=(PerformerDirects, operations.NoTake, TooLate),
        request=None,
        responses=TakeOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.session(session_id)
        return self.done(TakeOut, lambda: operations.cut(session=session, by=self.actor, at=clock.now()))


class Notes(Played):
    """What the company noted about moments of the session; its own."""

    allow = (Audience.COMPANY,)

    @described("notes_list", "List the notes by time.", responses=NoteOut(many=True))
    def get(self, request: Request, session_id: str) -> Response:
        return self.listed(NoteOut, queries.notes_for(self.actor, self.session(session_id)), by=("id",))

    @described(
        "notes_write",
        "Note something about this moment.",
        refuses=(TooLate,),
        request=NoteIn,
        responses={201: NoteOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        text, session = self.read(NoteIn)["text"], self.session(session_id)
        return self.created(
            NoteOut, lambda: operations.note(session=session, text=text, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path(f"{ONE}/cards", Cards.as_view(), name="api_session_cards"),
    path(f"{ONE}/cards/down", CardsDown.as_view(), name="api_session_cards_down"),
    path(f"{ONE}/takes", Takes.as_view(), name="api_session_takes"),
    path(f"{ONE}/takes/cut", TakesCut.as_view(), name="api_session_takes_cut"),
    path(f"{ONE}/notes", Notes.as_view(), name="api_session_notes"),
]
