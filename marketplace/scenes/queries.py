"""Reading what was played, by what the reader may see: a secret card is its performer's and the company's."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.access.actors import Actor
from kit.errors import NotFound
from marketplace.gigs.models import Prompt
from marketplace.scenes.models import SceneNote
from marketplace.scenes.operations import Shown, cards_of
from marketplace.sessions.models import Session
from marketplace.sessions.queries import own_seat


def cards_for(actor: Actor, session: Session, *, at: datetime) -> list[Shown]:
    """Which cards were up when, of those that the actor may have seen: a performer those that came up while they had the
    seat."""
    cards = cards_of(session, at=at)
    if actor.is_staff or session.company_id in actor.company_ids:
        return cards
    seat = own_seat(session, actor)
    if seat is None:
        return []
    return [
        card
        for card in cards
        if card.seat in (None, seat) and (seat.released_at is None or card.since < seat.released_at)
    ]


def get_card(session: Session, position: int) -> Prompt:
    """The card at this place of the session's deck. Raises NotFound (404)."""
    found = Prompt.objects.filter(gig_id=session.gig_id, position=position).first()
    if found is None:
        raise NotFound
    return found


def notes_for(actor: Actor, session: Session) -> QuerySet[SceneNote]:
    """The company's own. Raises NotFound (404) for anyone else."""
    if session.company_id not in actor.company_ids:
        raise NotFound
    return SceneNote.objects.filter(session=session)
