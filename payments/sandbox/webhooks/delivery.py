"""Sending events: a queue on disk, signatures, retries on the sandbox's clock, and disturbances on order."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from payments.sandbox.webhooks import endpoints, events
from payments.sandbox.wire import Json
from payments.sandbox.world import World

# After how long a failed delivery is tried again; then every twelve hours until three days are over.
_RETRY_S = (5, 60, 300, 1_800, 7_200, 18_000, 36_000)
_RETRY_LATER_S = 43_200
_GIVE_UP_S = 3 * 86_400

Send = Callable[[str, dict[str, str], bytes], int]


@dataclass(slots=True)
class Disturbance:
    """How deliveries go wrong: probabilities of a second copy (same id, or `duplicate_distinct`: a second event
    of another id for one change), of loss for good and of changed order, and a delay for all, in seconds."""

    duplicate: float = 0.0
    duplicate_distinct: float = 0.0
    drop: float = 0.0
    reorder: float = 0.0
    delay_s: float = 0.0


def read_disturbance(world: World) -> Disturbance:
    noted = world.store.noted("disturbance")
    return Disturbance(**json.loads(noted)) if noted else Disturbance()


def disturb(world: World, order: Json) -> Disturbance:
    """Set what is given and leave the rest; raises ValueError on a name or value that makes no sense."""
    now = {name: getattr(read_disturbance(world), name) for name in Disturbance.__slots__}
    strangers = order.keys() - now.keys()
    if strangers:
        raise ValueError(f"Unknown: {sorted(strangers)}; known are {sorted(now)}.")
    changed = {**now, **order}
    for name, value in changed.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"`{name}` must be a number of at least 0.")
        if name != "delay_s" and value > 1:
            raise ValueError(f"`{name}` is a probability between 0 and 1.")
    world.store.note("disturbance", json.dumps(changed))
    return Disturbance(**changed)


def offer(world: World, event: Json, platform: str) -> None:
    """Put the event on the queue of every endpoint that wants it, disturbed as ordered."""
    wanting = [
        endpoint
        for endpoint in endpoints.listening(world, platform=platform)
        if endpoints.wants(endpoint, event)
    ]
    if not wanting:
        return
    chance, disturbance = world.chance, read_disturbance(world)
    for endpoint in wanting:
        lost = chance.random() < disturbance.drop
        enqueue(world, endpoint, event, lost=lost, disturbance=disturbance)
        if lost:
            continue
        if chance.random() < disturbance.duplicate:
            enqueue(world, endpoint, event, disturbance=disturbance)
        if chance.random() < disturbance.duplicate_distinct:
            twin = {**event, "id": world.ids.new("evt")}
            world.store.add(twin, account=world.store.owner(event["id"]) or platform, group=event["type"])
            enqueue(world, endpoint, twin, disturbance=disturbance)


def enqueue(
    world: World, endpoint: Json, event: Json, *, lost: bool = False, disturbance: Disturbance | None = None
) -> None:
    """One delivery to one endpoint. A reordered one waits a moment and ranks behind those that come after it."""
    disturbance = disturbance or Disturbance()
    body = (
        events.notification(event) if event["object"] == "v2.core.event" else {**event, "pending_webhooks": 1}
    )
    behind = world.chance.randint(1, 5) + 0.5 if world.chance.random() < disturbance.reorder else 0
    now = world.clock.now()
    rank = world.store.db.execute("SELECT COALESCE(MAX(seq), 0) + 1 FROM delivery").fetchone()[0] + behind
    world.store.db.execute(
        "INSERT INTO delivery (endpoint, event, event_type, first_at, due_at, rank, state, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            endpoint["id"],
            event["id"],
            event["type"],
            now,
            now + disturbance.delay_s + (1 if behind else 0),
            rank,
            "lost" if lost else "waiting",
            json.dumps(body, indent=2),
        ),
    )


def sign(body: str, secrets: list[str], *, at: int) -> str:
    """The `Stripe-Signature` header: one v1 signature for each secret that is in force."""
    signatures = [
        hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest() for secret in secrets
    ]
    return ",".join([f"t={at}", *[f"v1={signature}" for signature in signatures]])


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is due, ready to be sent without touching the store."""

    seq: int
    url: str
    headers: dict[str, str]
    body: bytes


def due_parcels(world: World, *, limit: int = 50) -> list[Parcel]:
    """What is due now, in the order to send, marked as being sent. The signature carries real time, as the
    receiver compares it with its own clock."""
    db = world.store.db
    rows = db.execute(
        "SELECT seq, endpoint, body FROM delivery WHERE state = 'waiting' AND due_at <= ? ORDER BY rank LIMIT ?",
        (world.clock.now(), limit),
    ).fetchall()
    parcels = []
    for seq, endpoint_id, body in rows:
        endpoint = world.store.find(endpoint_id)
        if endpoint is None or endpoint["status"] != "enabled":
            db.execute("UPDATE delivery SET state = 'gave_up' WHERE seq = ?", (seq,))
            continue
        db.execute("UPDATE delivery SET state = 'sending', attempts = attempts + 1 WHERE seq = ?", (seq,))
        signature = sign(body, endpoints.secrets(endpoint, now=world.clock.now()), at=int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        parcels.append(Parcel(seq, endpoint["url"], headers, body.encode()))
    return parcels


def note_outcome(world: World, seq: int, *, status: int) -> None:
    """Delivered on a 2xx; else tried again later, for up to three days after the first try. 0 means no answer."""
    db = world.store.db
    if 200 <= status < 300:
        db.execute("UPDATE delivery SET state = 'delivered', status = ? WHERE seq = ?", (status, seq))
        return
    row = db.execute("SELECT first_at, attempts FROM delivery WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        # A snapshot from before this delivery was restored while it was on its way.
        return
    first_at, attempts = row
    wait_s = _RETRY_S[attempts - 1] if attempts <= len(_RETRY_S) else _RETRY_LATER_S
    next_at = world.clock.now() + wait_s
    state = "gave_up" if next_at - first_at > _GIVE_UP_S else "waiting"
    db.execute(
        "UPDATE delivery SET state = ?, due_at = ?, status = ? WHERE seq = ?", (state, next_at, status, seq)
    )


def take_back_unsent(world: World) -> None:
    """After a kill: what was being sent is sent again, since nobody knows whether it arrived."""
    world.store.db.execute("UPDATE delivery SET state = 'waiting' WHERE state = 'sending'")


def shown(world: World, *, limit: int = 200) -> list[Json]:
    """The latest deliveries, newest first."""
    rows = world.store.db.execute(
        "SELECT seq, endpoint, event, event_type, first_at, due_at, attempts, state, status FROM delivery"
        " ORDER BY seq DESC LIMIT ?",
        (limit,),
    ).fetchall()
    names = ("seq", "endpoint", "event", "type", "first_at", "due_at", "attempts", "state", "status")
    return [dict(zip(names, row, strict=True)) for row in rows]
