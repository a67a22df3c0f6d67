"""The trail: every move of state goes through `move`, every other act of weight through `record`."""

from datetime import datetime
from typing import Any, Protocol

from django.db import connection, models, transaction

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent, AuditSeal
from kit.errors import DomainError
from kit.transitions import Transitions

SEAL_AT_MOST = 20_000


class StateChanged(DomainError):
    code = "state_changed"
    title = "Someone was faster"


class Stateful(Protocol):
    """A model with a `state`, the table of its moves, and a public id."""

    TRANSITIONS: Any
    state: str
    public_id: Any
    pk: Any


def record(
    *, verb: str, thing: models.Model, by: Actor, at: datetime, reason: str = "", **facts: Any
) -> None:
    """Write down an act that is no move of state, in the transaction of the act."""
    AuditEvent.objects.create(verb=verb, thing=str(thing), actor=by.label, at=at, reason=reason, facts=facts)


def move(thing: Stateful, to: str, *, by: Actor, at: datetime, reason: str = "", **also: Any) -> None:
    """Move `thing` to state `to`, with `also` as further fields, and leave an audit row.

    Compare and set: of two who move at once, one wins and the other gets StateChanged (409).
    Raises IllegalMove (409) when the table does not allow it. Must run in a transaction with what belongs to the move.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A move and its audit row belong in one transaction.")
    table: Transitions[Any] = thing.TRANSITIONS
    was = thing.state
    table.check(was, to)
    model = type(thing)
    moved = model._default_manager.filter(pk=thing.pk, state=was).update(state=to, **also)  # type: ignore[attr-defined] # every Stateful is a model
    if not moved:
        raise StateChanged(f"This {table.noun} has moved on in the meantime. Read it again.")
    thing.state = to
    for name, value in also.items():
        setattr(thing, name, value)
    AuditEvent.objects.create(
        verb=f"{table.noun.replace(' ', '_')}.{to}",
        thing=str(thing.public_id),
        actor=by.label,
        at=at,
        from_state=was,
        to_state=to,
        reason=reason,
    )


@transaction.atomic
def seal(*, at: datetime) -> int:
    """Chain the events written since the last seal; returns how many. Safe to run again, by several at once."""
    with connection.cursor() as cursor:
        # Waits for writers under way, so that no event with a smaller id can still appear behind the seal.
        cursor.execute("SET LOCAL lock_timeout = '2s'; LOCK TABLE accounts_auditevent IN SHARE MODE")
    last = AuditSeal.objects.order_by("-last_event_id").first()
    after = last.last_event_id if last else 0
    events, last_id, digest = _digest(after=after, upto=None, previous=bytes(last.digest) if last else b"")
    if events:
        AuditSeal.objects.create(last_event_id=last_id, events=events, digest=digest, sealed_at=at)
    return events


def broken_seals() -> list[int]:
    """The seals whose stretch of events no longer gives their hash: someone altered the trail."""
    broken, previous, after = [], b"", 0
    for link in AuditSeal.objects.order_by("last_event_id").iterator():
        events, _, digest = _digest(after=after, upto=link.last_event_id, previous=previous)
        if events != link.events or digest != bytes(link.digest):
            broken.append(link.pk)
        previous, after = bytes(link.digest), link.last_event_id
    return broken


def _digest(*, after: int, upto: int | None, previous: bytes) -> tuple[int, int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), coalesce(max(id), 0), sha256(%s || convert_to(coalesce(string_agg(line, E'\\n' ORDER BY id), ''), 'UTF8'))
            FROM (
              SELECT id, jsonb_build_array(id, extract(epoch FROM at), actor, verb, thing, from_state, to_state, reason, facts)::text AS line
              FROM accounts_auditevent WHERE id > %s AND (%s::bigint IS NULL OR id <= %s) ORDER BY id LIMIT %s
            ) AS stretch
            """,
            [previous, after, upto, upto, SEAL_AT_MOST],
        )
        events, last_id, digest = cursor.fetchone()
    return events, last_id, bytes(digest)
