"""Pages of one room meet: each says that it is there, hands over what it has for the others, and takes what they had for it.

By POST and short poll: the web server that stands is enough. The pictures and the sound go from page to page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.errors import DomainError, Forbidden
from marketplace.sessions import marks, room
from marketplace.sessions.models import Mark, Seat, Session
from marketplace.sessions.operations import TooLate
from marketplace.sessions.states import UNDER_WAY
from marketplace.video import ice
from marketplace.video.models import ConnectionMinute, Peer, Signal

HOUSE = Actor.of_system("room")
# A page that was not heard of for so long is gone; it says something every four seconds.
GONE_AFTER = timedelta(seconds=20)
KEPT = timedelta(hours=12)
AT_MOST = 200


class PageReplaced(DomainError):
    """Go on in the page that was opened last; reload this one to come back here."""

    code = "page_replaced"
    title = "The room is open in another window"


@dataclass(frozen=True)
class Meeting:
    """`peer` is the page's own; `others` are who is here, `signals` what they had for it, in order."""

    peer: Peer
    others: Sequence[Peer]
    signals: Sequence[Signal]
    servers: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Read:
    """How good a page's connection was at its worst since it said so last."""

    word: ConnectionMinute.Word
    lost_permille: int
    round_trip_ms: int


def meet(
    *,
    session: Session,
    page: str,
    seen: int,
    signals: Sequence[Mapping[str, Any]],
    cut_off: bool,
    read: Read | None = None,
    by: Actor,
    at: datetime,
) -> Meeting:
    """`signals`: each `to` a page, with a `body`; for pages that are gone they are dropped. `seen`: the last that was read.

    `cut_off`: it cannot reach somebody who is here; until it can, that is a hold of the house's.
    `read`: how good a performer's connection was; the company's is nobody's evidence, and is not kept.
    Raises DoorsClosed, Suspended, PageReplaced (409), Forbidden (403), NotFound (404).
    """
    place = room.require_place(session, by, at=at)
    with transaction.atomic():
        peer = _peer(session, page, place, by=by, at=at)
        others = list(_here(session, at=at).exclude(pk=peer.pk))
        _hand_over(signals, sender=peer, others=others, at=at)
        _says(peer, cut_off=cut_off, at=at)
        if read is not None and place.seat is not None:
            _keep(read, place.seat, at=at)
        peer.signals.filter(pk__lte=seen).delete()
        waiting = list(peer.signals.select_related("sender").order_by("pk")[:AT_MOST])
    _hold_while_cut_off(session, [peer, *others], at=at)
    return Meeting(peer, others, waiting, ice.servers(identity=place.identity, at=at))


def _user_of(by: Actor) -> int:
    """Keys of programs have no face."""
    if by.user_id is None:
        raise Forbidden("People meet in a room.")
    return by.user_id


def _peer(session: Session, page: str, place: room.Place, *, by: Actor, at: datetime) -> Peer:
    user_id = _user_of(by)
    # Not its key: what others have for it is told by their transactions, and points at it.
    peer = Peer.objects.select_for_update(no_key=True).filter(session=session, page=page).first()
    if peer is None:
        # The page that was opened last is where its person is.
        Peer.objects.filter(session=session, user_id=user_id, left_at=None).update(left_at=at)
        return Peer.objects.create(
            session=session, page=page, seat=place.seat, user_id=user_id, came_at=at, seen_at=at
        )
    if peer.left_at is not None or peer.user_id != user_id:
        raise PageReplaced("This page has left the room.")
    peer.seen_at = max(at, peer.seen_at)
    peer.save(update_fields=["seen_at"])
    return peer


def _here(session: Session, *, at: datetime) -> QuerySet[Peer]:
    """Not whose seat was released: the others let go of their page at once."""
    seated = Q(seat=None) | Q(seat__released_at=None)
    here = Peer.objects.filter(seated, session=session, left_at=None, seen_at__gt=at - GONE_AFTER)
    return here.select_related("seat__performer", "session__company").order_by("pk")


def _hand_over(
    signals: Sequence[Mapping[str, Any]], *, sender: Peer, others: Sequence[Peer], at: datetime
) -> None:
    """A page that reads nothing gets no more than so many: two that find no way begin anew."""
    for other in others:
        own = [each["body"] for each in signals if each["to"] == other.page]
        room_left = AT_MOST - other.signals.filter(sender=sender).count() if own else 0
        Signal.objects.bulk_create(
            Signal(sender=sender, receiver=other, body=body, sent_at=at) for body in own[: max(room_left, 0)]
        )


def _says(peer: Peer, *, cut_off: bool, at: datetime) -> None:
    if cut_off != (peer.cut_off_at is not None):
        peer.cut_off_at = at if cut_off else None
        peer.save(update_fields=["cut_off_at"])


def _keep(read: Read, seat: Seat, *, at: datetime) -> None:
    """A row a minute, with the worst of it: that is what explains a line, and a session has few of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO marketplace_connectionminute AS row (seat_id, minute, word, lost_permille, round_trip_ms)
            VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (seat_id, minute) DO UPDATE SET word = greatest(row.word, excluded.word),
              lost_permille = greatest(row.lost_permille, excluded.lost_permille),
              round_trip_ms = greatest(row.round_trip_ms, excluded.round_trip_ms)
            """,
            [seat.pk, at.replace(second=0, microsecond=0), read.word, read.lost_permille, read.round_trip_ms],
        )


def _hold_while_cut_off(session: Session, here: Sequence[Peer], *, at: datetime) -> None:
    """Whoever is here and cannot be reached is there to play: it is the house's to solve, and paid until it is. Not where a
    performer directs alone: who looks in on them keeps nobody from playing."""
    if session.gig.self_directed:
        return
    cut_off = len(here) > 1 and any(peer.cut_off_at for peer in here)
    held = session.marks.filter(seat=None, ended_at=None).first()
    try:
        if cut_off and held is None and session.state in UNDER_WAY:
            marks.start_mark(session=session, kind=Mark.Kind.HOLD_PLATFORM, by=HOUSE, at=at)
            audit.record(verb="session.peers_cut_off", thing=session, by=HOUSE, at=at)
        elif not cut_off and held is not None and held.by == HOUSE.label:
            marks.end_mark(session=session, by=HOUSE, at=at)
    except (marks.AlreadyOnBreak, marks.NoBreak, TooLate):
        return  # another page said so at the same moment, or the session is over


def leave(*, session: Session, page: str, by: Actor, at: datetime) -> None:
    """The page is closed. One that is gone already, or never was, is no error."""
    Peer.objects.filter(session=session, page=page, user_id=_user_of(by), left_at=None).update(left_at=at)
    _hold_while_cut_off(session, list(_here(session, at=at)), at=at)


def forget(*, at: datetime) -> None:
    """The tick: pages that are long gone, with what they had for each other."""
    Peer.objects.filter(seen_at__lte=at - KEPT).delete()
