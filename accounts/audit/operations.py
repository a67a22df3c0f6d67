"""The trail: every move of state goes through `move`, every other act of weight through `record`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction

from accounts.access.actors import Actor
from accounts.audit.models import AuditEvent, AuditSeal
from kit.errors import DomainError
from kit.transitions import IllegalMove, Transitions

SEAL_LOCK = 7_400_003
SEAL_AT_MOST = 20_000


class StateChanged(DomainError):
    """Read the object again and decide anew; someone moved it meanwhile."""

    code = "state_changed"
    title = "Someone was faster"


# What `move` refuses with, for the endpoints that lead to one.
MOVE_REFUSALS = (IllegalMove, StateChanged)


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


def move_many(
    things: models.QuerySet[Any], to: str, *, by: Actor, at: datetime, reason: str = "", **also: Any
) -> list[int]:
    """Move all of `things` whose state allows it to `to`, with `also` as further fields; returns their keys.

    One statement moves them and leaves an audit row for each: they are locked in the order of their keys, and one
    that moved on meanwhile, or may not become `to`, stays as it is. Must run in a transaction with what belongs to it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Moves and their audit rows belong in one transaction.")
    model: Any = things.model
    table: Transitions[Any] = model.TRANSITIONS
    try:
        chosen, chosen_args = things.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # Django saw by itself that nothing can match
        return []
    fields = {name: model._meta.get_field(name) for name in also}
    also_args = [fields[name].get_db_prep_save(value, connection) for name, value in also.items()]
    sets = "".join(f', "{field.column}" = %s' for field in fields.values())
    name = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH chosen AS MATERIALIZED (
              SELECT id, public_id, state FROM {name}
              WHERE id IN ({chosen}) AND state = ANY(%s) ORDER BY id FOR UPDATE
            ), moved AS (
              UPDATE {name} AS thing SET state = %s{sets} FROM chosen WHERE thing.id = chosen.id RETURNING thing.id
            ), trail AS (
              INSERT INTO accounts_auditevent (at, actor, verb, thing, from_state, to_state, reason, facts)
              SELECT %s, %s, %s, callboard_typed_id(%s, public_id), state, %s, %s, '{{}}'::jsonb FROM chosen ORDER BY id
            )
            SELECT id FROM moved ORDER BY id
            """,  # noqa: S608 -- only names of our own tables and columns, and Django's own SQL, are put in
            [
                *chosen_args,
                [str(state) for state, target in table.edges() if target == to],
                str(to),
                *also_args,
                at,
                by.label,
                f"{table.noun.replace(' ', '_')}.{to}",
                model._meta.get_field("public_id").prefix,
                str(to),
                reason,
            ],
        )
        return [row[0] for row in cursor.fetchall()]


def move_each(
    things: Sequence[Stateful],
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    each: Mapping[str, Sequence[Any]] | None = None,
    **also: Any,
) -> None:
    """`move` for many of one model in one statement: `also` is the same for all, of `each` every thing gets its own value.

    All or none. Raises IllegalMove, StateChanged (409). Hold them locked, in the order of their keys, so that nobody waits
    in a circle. Must run in a transaction with what belongs to the moves.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Moves and their audit rows belong in one transaction.")
    if not things:
        return
    own = each or {}
    table: Transitions[Any] = things[0].TRANSITIONS
    for thing in things:
        table.check(thing.state, to)
    if _moved(things, table, to, by=by, at=at, reason=reason, own=own, also=also) < len(things):
        raise StateChanged(f"A {table.noun} has moved on in the meantime. Read it again.")
    for place, thing in enumerate(things):
        thing.state = to
        for name, value in (also | {name: values[place] for name, values in own.items()}).items():
            setattr(thing, name, value)


def _moved(
    things: Sequence[Stateful],
    table: Transitions[Any],
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    own: Mapping[str, Sequence[Any]],
    also: Mapping[str, Any],
) -> int:
    meta: Any = type(things[0])._meta  # type: ignore[attr-defined] # every Stateful is a model
    fields = {name: meta.get_field(name) for name in (*own, *also)}
    columns = [f'"{fields[name].column}"' for name in own]
    arrays = "".join(f", %s::{fields[name].db_type(connection)}[]" for name in own)
    sets = [f"{column} = given.{column}" for column in columns]
    sets += [f'"{fields[name].column}" = %s' for name in also]
    name = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH given AS MATERIALIZED (
              SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]{arrays})
                WITH ORDINALITY AS given ({", ".join(["id", "was", "public_id", *columns, "place"])})
            ), moved AS (
              UPDATE {name} AS thing SET {", ".join(["state = %s", *sets])} FROM given
              WHERE thing.id = given.id AND thing.state = given.was RETURNING thing.id
            ), trail AS (
              INSERT INTO accounts_auditevent (at, actor, verb, thing, from_state, to_state, reason, facts)
              SELECT %s, %s, %s, given.public_id, given.was, %s, %s, '{{}}'::jsonb
              FROM given JOIN moved USING (id) ORDER BY place
            )
            SELECT count(*) FROM moved
            """,  # noqa: S608 -- only names of our own tables, columns and types are put in
            [
                [thing.pk for thing in things],
                [str(thing.state) for thing in things],
                [str(thing.public_id) for thing in things],
                *(list(values) for values in own.values()),
                str(to),
                *(fields[name].get_db_prep_save(value, connection) for name, value in also.items()),
                at,
                by.label,
                f"{table.noun.replace(' ', '_')}.{to}",
                str(to),
                reason,
            ],
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def seal(*, at: datetime) -> int:
    """Chain the events written since the last seal; returns how many. Safe to run again, by several at once."""
    with connection.cursor() as cursor:
        # One seals at a time: two that read the same last seal would both write the next.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        # Waits for writers under way, so that no event with a smaller id can still appear behind the seal.
        cursor.execute("SET LOCAL lock_timeout = '2s'; SELECT audit_wait_for_writers()")
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
            SELECT count(*), coalesce(max(id), 0),
              sha256(%s || convert_to(coalesce(string_agg(line, E'\\n' ORDER BY id), ''), 'UTF8'))
            FROM (
              SELECT id, jsonb_build_array(
                id, extract(epoch FROM at), actor, verb, thing, from_state, to_state, reason, facts)::text AS line
              FROM accounts_auditevent WHERE id > %s AND (%s::bigint IS NULL OR id <= %s) ORDER BY id LIMIT %s
            ) AS stretch
            """,
            [previous, after, upto, upto, SEAL_AT_MOST],
        )
        events, last_id, digest = cursor.fetchone()
    return events, last_id, bytes(digest)
