"""Whether the company came, by evidence: not by whoever would owe less. Pure."""

from collections.abc import Iterable

from kit.ranges import Span
from marketplace.presence.agreed import SessionTerms
from marketplace.presence.connections import Room
from marketplace.presence.fold import SeatTime


def company_never_came(*, terms: SessionTerms, room: Room, times: Iterable[SeatTime], company: str) -> bool:
    """Nobody of the `company` was in the room from the call to the end of the no-show time, while a performer was.

    Not where a person ended the session before that time was over; nor where no performer got in, as into a room that
    was broken: nobody could come then.
    """
    last = terms.call_at + terms.policy.no_show_after_s
    if terms.wrapped_at is not None and terms.wrapped_at < last:
        return False
    asked = Span(terms.call_at, last + 1)
    waited = any(connection.span.overlaps(asked) for time in times for connection in time.connections)
    return waited and not _was_there(room, company, asked)


def _was_there(room: Room, company: str, asked: Span) -> bool:
    """By whatever source: a poll is enough to say that somebody was there."""
    spans = [
        each.span
        for identity, all_of in room.connections.items()
        if _is_of(identity, company)
        for each in all_of
    ]
    seen = [at for identity, times in room.seen_at.items() if _is_of(identity, company) for at in times]
    # Who came and of whom nothing more was heard was there for that instant.
    instants = [*seen, *(span.start for span in spans)]
    return any(span.overlaps(asked) for span in spans) or any(
        asked.start <= at < asked.end for at in instants
    )


def _is_of(identity: str, company: str) -> bool:
    return identity.partition(".")[0] == company
