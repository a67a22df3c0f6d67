"""The card in front of everyone, one's own secret one, and the producer's deck: a part of the room's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.errors import Invalid
from kit.text import small_number
from marketplace.scenes import operations, queries
from marketplace.sessions import directing
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.queries import get_seat, get_session, own_seat
from marketplace.sessions.room import ComeInFirst
from marketplace.sessions.states import UNDER_WAY

EVERYONE = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(*EVERYONE)
@paced("room")
@require_GET
def cards(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    return _part(request, get_session(actor, session_id), actor)


@allow(Audience.PERFORMER, Audience.COMPANY)
@paced("room")
@require_POST
def produce(request: HttpRequest, session_id: str) -> HttpResponse:
    """A press of the producer's, or of the performer who directs alone: the next card, or one that is chosen, taken down; slate,
    cut; and the company's notes."""
    actor, said = actor_of(request), ""
    session = get_session(actor, session_id)
    if not directing.is_directing(session, actor):
        actor.require(Act.ATTEND, company_id=session.company_id)
    try:
        _do(request, session, actor)
    except Invalid as error:
        said = error.errors[0]["detail"]
    except (operations.TakeRuns, operations.NoTake, operations.DeckIsThrough, ComeInFirst) as error:
        said = f"{error.title}. {error.detail}"
    return _part(request, session, actor, said=said)


def _do(request: HttpRequest, session: Session, by: Actor) -> None:
    sent, at = request.POST, clock.now()
    match sent.get("do", ""):
        case "next":
            operations.deal_next(session=session, by=by, at=at)
        case "deal":
            prompt = queries.get_card(session, small_number(sent.get("prompt", "")) or 0)
            operations.deal(
                session=session, prompt=prompt, seat=_seat(session, sent.get("seat", "")), by=by, at=at
            )
        case "down":
            operations.take_down(session=session, seat=_seat(session, sent.get("seat", "")), by=by, at=at)
        case "slate" | "again" as which:
            operations.slate(session=session, again=which == "again", by=by, at=at)
        case "cut":
            operations.cut(session=session, by=by, at=at)
        case "note":
            operations.note(session=session, text=sent.get("text", ""), by=by, at=at)
        case _:
            raise Invalid.field("do", "Next, deal, take down, slate, cut or note.", code="not_a_choice")


def _seat(session: Session, public_id: str) -> Seat | None:
    return get_seat(session, public_id) if public_id else None


def _part(request: HttpRequest, session: Session, actor: Actor, *, said: str = "") -> HttpResponse:
    seat = own_seat(session, actor)
    is_company, is_open = session.company_id in actor.company_ids, operations.closed_at(session) is None
    runs = directing.may_run(session, Act.ATTEND, by=actor)
    up = [card for card in queries.cards_for(actor, session, at=clock.now()) if card.until is None]
    mine = next((card for card in up if card.seat and seat and card.seat.pk == seat.pk), None)
    context = {
        "session": session,
        "said": said,
        "up": operations.up_for_all(up),
        "mine": mine,
        "secret": [card for card in up if card.seat] if is_company else [],
        "take": session.takes.filter(cut_at=None).first() if is_open else None,
        "runs": runs and is_open,
        "directs": directing.is_directing(session, actor),
        "notes_here": is_company and is_open,
        "is_live": session.state in UNDER_WAY,
        "deck": list(session.gig.prompts.all()) if runs else [],
        "next": operations.next_card(session) if runs and is_open else None,
        "seats": [each for each in session.seats.all() if each.released_at is None],
        "played": list(session.takes.select_related("prompt").order_by("-id")[:12])
        if runs or is_company
        else [],
        "notes": list(session.notes.order_by("-id")[:8]) if is_company else [],
    }
    return render(request, "marketplace/room_cards.html", context)


CARDS = "sessions/<str:session_id>/cards/"
urlpatterns = [
    path(CARDS, cards, name="session_cards"),
    path(f"{CARDS}produce/", produce, name="session_produce"),
]
