"""Who runs a room: the company; in a gig whose performers direct themselves, whoever has its one seat, and nobody beside them."""

from accounts.access.actors import Actor
from accounts.access.acts import Act
from kit.errors import DomainError
from marketplace.sessions.models import Session
from marketplace.sessions.operations import performs_in


class PerformerDirects(DomainError):
    """Leave it to them, or speak with them in the room; Hold, End and Stop are the company's here too."""

    code = "performer_directs"
    status = 403
    title = "The performer directs this session"


def is_directing(session: Session, by: Actor) -> bool:
    """Whether it is the actor's to direct alone: a seat that was called off, or was given to a stand-in, directs nothing."""
    return session.gig.self_directed and performs_in(session, by)


def require_director(session: Session, act: Act, *, by: Actor) -> None:
    """Cards, takes and the recording are one person's to press: the performer's who directs alone, else the company's who may
    `act`. Raises NotFound (404), Forbidden, PerformerDirects (403)."""
    if is_directing(session, by):
        return
    by.require(act, company_id=session.company_id)
    if session.gig.self_directed:
        raise PerformerDirects("They record, take the cards and repeat a scene by themselves.")


def require_to_end(session: Session, *, by: Actor) -> None:
    """Whoever directs ends it, and the company, which pays for it. Raises NotFound (404), Forbidden (403)."""
    if not is_directing(session, by):
        by.require(Act.BOOK, company_id=session.company_id)


def may_run(session: Session, act: Act, *, by: Actor) -> bool:
    """The same as an answer: for pages, which show no button that is refused."""
    return is_directing(session, by) or (
        not session.gig.self_directed and by.may(act, company_id=session.company_id)
    )
