"""What is played: the cards that are up, the slates and cuts, and notes by time. Whoever produces deals; else the clock does, but
not where a performer directs alone: they take each card when they are ready."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import DomainError, Invalid, NotFound
from kit.text import required_text
from marketplace.gigs.models import Prompt
from marketplace.scenes.models import LONGEST_NOTE, CardUp, SceneNote, Take
from marketplace.sessions import directing, room
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.operations import TooLate, locked
from marketplace.sessions.states import BEFORE, UNDER_WAY

# Where nobody deals, the next card comes up after so long.
CLOCK_DEALS = timedelta(minutes=10)
CLOCK = "clock"
A_MOMENT = timedelta(microseconds=1)


class TakeRuns(DomainError):
    """Cut the take that is running first."""

    code = "take_runs"
    title = "A take is running"


class NoTake(DomainError):
    """Nothing to do: no take is running."""

    code = "no_take"
    title = "No take is running"


class DeckIsThrough(DomainError):
    """Every card was up. Take one of them again by its place, or wrap."""

    code = "deck_is_through"
    title = "The deck is played through"


@dataclass(frozen=True)
class Shown:
    """A card, for whom (None: for all), and when it was up: half-open, `until` None while it is."""

    prompt: Prompt
    seat: Seat | None
    since: datetime
    until: datetime | None
    by: str


@transaction.atomic
def deal(*, session: Session, prompt: Prompt, seat: Seat | None = None, by: Actor, at: datetime) -> CardUp:
    """Put a card of the gig's deck up for all, or for one alone; it takes the place of the one before.

    From the first that somebody deals to all, the clock deals no more. Raises Forbidden, PerformerDirects (403), TooLate (409),
    Invalid (422), NotFound (404).
    """
    session = _of_director(session, by)
    if prompt.gig_id != session.gig_id or (seat is not None and seat.session_id != session.pk):
        raise NotFound
    if prompt.for_one and seat is None and not session.gig.self_directed:
        raise Invalid.field("seat", "This card is for one performer alone: say for whom.", code="required")
    return _put_up(session, prompt, seat, by=by, at=at)


@transaction.atomic
def deal_next(*, session: Session, by: Actor, at: datetime) -> CardUp:
    """Put the first card of the deck up that was not up for all yet; a take that runs is of the card before, and is cut.

    Cards for one alone are passed over, but where the one who plays is alone. Raises Forbidden, PerformerDirects (403),
    DeckIsThrough, TooLate (409), NotFound (404).
    """
    session = _of_director(session, by)
    prompt = next_card(session)
    if prompt is None:
        raise DeckIsThrough("Every card was up; take one again, or wrap.")
    _cut(session, at=at)
    return _put_up(session, prompt, None, by=by, at=at)


def next_card(session: Session) -> Prompt | None:
    """The first card, in the order of the deck, that nobody has dealt to all; None where the deck is through, or empty."""
    deck = session.gig.prompts.exclude(pk__in=session.cards.filter(seat=None).values("prompt"))
    return (deck if session.gig.self_directed else deck.filter(for_one=False)).order_by("position").first()


def _put_up(session: Session, prompt: Prompt, seat: Seat | None, *, by: Actor, at: datetime) -> CardUp:
    _take_down(session, seat, at=at)
    audit.record(
        verb="session.card_dealt",
        thing=session,
        by=by,
        at=at,
        card=prompt.position,
        seat=seat.public_id if seat else "",
    )
    return CardUp.objects.create(session=session, prompt=prompt, seat=seat, up_at=at, by=by.label)


@transaction.atomic
def take_down(*, session: Session, seat: Seat | None = None, by: Actor, at: datetime) -> None:
    """The card that is up for all, or for one, is seen no more. Raises Forbidden (403), TooLate (409)."""
    _take_down(_of_director(session, by), seat, at=at)


def _take_down(session: Session, seat: Seat | None, *, at: datetime) -> None:
    for card in session.cards.filter(seat=seat, down_at=None):
        card.down_at = max(at, card.up_at + A_MOMENT)
        card.save(update_fields=["down_at"])


@transaction.atomic
def slate(*, session: Session, again: bool, by: Actor, at: datetime) -> Take:
    """A take begins: of the next scene, or `again` of the last one. Raises Forbidden, PerformerDirects (403),
    TakeRuns, TooLate, ComeInFirst (409), NotFound (404)."""
    session = _of_director(session, by)
    if session.state not in UNDER_WAY:
        raise TooLate("Takes belong to a session that is live.")
    room.require_director_here(session, by)
    if session.takes.filter(cut_at=None).exists():
        raise TakeRuns("Cut the one that is running first.")
    last = session.takes.order_by("-scene", "-number").first()
    scene, number = (last.scene, last.number + 1) if last and again else ((last.scene + 1) if last else 1, 1)
    up = up_for_all(cards_of(session, at=at))
    return Take.objects.create(
        session=session,
        scene=scene,
        number=number,
        prompt=up.prompt if up else None,
        slated_at=at,
        by=by.label,
    )


@transaction.atomic
def cut(*, session: Session, by: Actor, at: datetime) -> Take:
    """The take that runs ends. Raises Forbidden, PerformerDirects (403), NoTake, TooLate (409), NotFound (404)."""
    take = _cut(_of_director(session, by), at=at)
    if take is None:
        raise NoTake("No take is running.")
    return take


def _cut(session: Session, *, at: datetime) -> Take | None:
    take = session.takes.filter(cut_at=None).first()
    if take is not None:
        take.cut_at = max(at, take.slated_at + A_MOMENT)
        take.save(update_fields=["cut_at"])
    return take


@transaction.atomic
def note(*, session: Session, text: str, by: Actor, at: datetime) -> SceneNote:
    """A word about this moment. Raises Forbidden (403), TooLate (409), Invalid (422)."""
    by.require(Act.ATTEND, company_id=session.company_id)
    session = _still_on(session)
    said = required_text(
        text, field="text", missing="Write what you want to find again.", longest=LONGEST_NOTE
    )
    return SceneNote.objects.create(session=session, said_at=at, text=said, by=by.label)


def _of_director(session: Session, by: Actor) -> Session:
    """The session, locked, for whoever deals its cards and slates its takes."""
    directing.require_director(session, Act.ATTEND, by=by)
    return _still_on(session)


def _still_on(session: Session) -> Session:
    """Locked. What ends with it (`closed_at`) is read so, not written: nothing has to remember to."""
    session = locked(session.pk)
    if session.state not in (*BEFORE, *UNDER_WAY):
        raise TooLate("The session is over.")
    return session


def closed_at(session: Session) -> datetime | None:
    """When nothing is up any more."""
    if session.state in (*BEFORE, *UNDER_WAY):
        return None
    return session.wrapped_at or session.scheduled_end_at


def cut_at(take: Take) -> datetime | None:
    """When it ended: with its cut, or with the session that was over before; none while it runs."""
    return take.cut_at or closed_at(take.session)


def up_for_all(cards: Iterable[Shown]) -> Shown | None:
    """Of these the one that is up for everybody."""
    return next((card for card in cards if card.until is None and card.seat is None), None)


def cards_of(session: Session, *, at: datetime) -> list[Shown]:
    """Which card was up when, in order: what somebody dealt, and what the clock dealt where nobody did."""
    ends = closed_at(session)
    dealt = [
        Shown(card.prompt, card.seat, card.up_at, card.down_at or ends, card.by)
        for card in session.cards.select_related("prompt", "seat__performer").order_by("up_at", "id")
    ]
    first = next((card.since for card in dealt if card.seat is None), None)
    return sorted([*_by_clock(session, first or ends, at=at), *dealt], key=lambda card: card.since)


def _by_clock(session: Session, until: datetime | None, *, at: datetime) -> list[Shown]:
    """From the call on, one after the other, up to where somebody dealt or the session was over; before it the first waits."""
    if session.gig.self_directed or session.cancelled_at is not None:
        return []
    deck: Sequence[Prompt] = list(session.gig.prompts.filter(for_one=False))
    if not deck:
        return []
    found, since, place = [], session.call_at, 0
    while since <= max(at, session.call_at) and (until is None or since < until):
        ends = since + CLOCK_DEALS
        stops = min(ends, until) if until is not None else ends
        is_up = until is None and at < ends
        found.append(Shown(deck[place % len(deck)], None, since, None if is_up else stops, CLOCK))
        since, place = ends, place + 1
    return found
