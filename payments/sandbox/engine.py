"""The running sandbox without its front door: the world, its clock's work, and the lock and transactions around both."""

import random
import secrets
import threading
import time
from pathlib import Path

from payments.sandbox import rooms
from payments.sandbox.clock import Clock
from payments.sandbox.faults import Faults
from payments.sandbox.ids import Ids
from payments.sandbox.store import Store
from payments.sandbox.webhooks import delivery
from payments.sandbox.world import Options, World

_MOST_DUE_AT_ONCE = 100_000


class Engine:
    """What the controls and the desk drive. Safe for threads. With no directory its books are in memory.

    `seed` and `now` (seconds since 1970) count for new books; older ones go on where they stood.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        seed: str | int | None = None,
        options: Options | None = None,
        now: float | None = None,
    ) -> None:
        store = Store(directory)
        if now is not None and store.noted("clock_offset_s") is None:
            store.note("clock_offset_s", str(now - time.time()))
        chosen = store.noted("seed") or str(seed if seed is not None else secrets.token_hex(8))
        store.note("seed", chosen)
        offset_s, frozen_at = _noted_clock(store)
        self.world: World = World(
            store=store,
            clock=Clock(offset_s=offset_s, frozen_at=frozen_at),
            ids=Ids(seed=chosen, drawn=int(store.noted("ids_drawn") or 0)),
            chance=random.Random(f"{chosen}:chance"),  # noqa: S311 - chance on order, not a secret
            options=options or Options(),
            on_event=delivery.offer,
        )
        delivery.take_back_unsent(self.world)
        self.faults = Faults(chosen)
        self.lock = threading.RLock()
        self._closed = False
        self._due = rooms.due_actions()

    def close(self) -> None:
        """Close the books; whoever asks afterwards finds nobody there."""
        with self.lock:
            self._closed = True
            self.world.store.close()

    def transaction(self) -> "Transaction":
        """A transaction on the books; take `lock` first."""
        return Transaction(self.world)

    def _run_due(self) -> None:
        """Everything that the clock has brought since the last request, each at its own time."""
        world = self.world
        for _ in range(_MOST_DUE_AT_ONCE):
            due = world.store.next_due(until=world.clock.now())
            if due is None:
                return
            seq, at, what, ref = due
            with self.transaction(), world.clock.held(at):
                world.store.db.execute("DELETE FROM due WHERE seq = ?", (seq,))
                self._due[what](world, ref)

    def tick(self) -> None:
        """Let the clock's work be done without a request; the server does so several times a second."""
        with self.lock:
            self._run_due()

    def move_clock(
        self, *, to: float | None = None, by: float | None = None, frozen: bool | None = None
    ) -> float:
        """Move the clock forward and do all that falls due on the way. Raises ValueError on a step back."""
        with self.lock:
            clock = self.world.clock
            if to is not None:
                # A second of grace: "now" as the caller knew it has passed meanwhile.
                by = to - clock.now()
                by = max(by, 0) if by > -1 else by
            clock.advance(by or 0)
            if frozen is True:
                clock.freeze()
            elif frozen is False:
                clock.thaw()
            self._note_clock()
            self._run_due()
            return clock.now()

    def _note_clock(self) -> None:
        clock, store = self.world.clock, self.world.store
        with store.transaction():
            store.note("clock_offset_s", str(clock.offset_s))
            store.note("clock_frozen_at", "" if clock.frozen_at is None else str(clock.frozen_at))

    def reload(self) -> None:
        """After a restore: what is kept in memory follows the books again."""
        store, world = self.world.store, self.world
        world.clock.offset_s, world.clock.frozen_at = _noted_clock(store)
        # Ids go on from where they were: what was made after the snapshot must never be mistaken for something new.
        world.ids.drawn = max(world.ids.drawn, int(store.noted("ids_drawn") or 0))
        store.note("ids_drawn", str(world.ids.drawn))

    def deliver(self, send: delivery.Send, *, limit: int = 50) -> int:
        """Send the webhooks that are due through `send`, and say how many were tried.

        `send(url, headers, body)` returns the HTTP status, 0 when there was no answer. The books are not locked
        while it runs.
        """
        with self.lock:
            self._run_due()
            with self.transaction():
                parcels = delivery.due_parcels(self.world, limit=limit)
        for parcel in parcels:
            status = send(parcel.url, parcel.headers, parcel.body)
            with self.lock, self.transaction():
                delivery.note_outcome(self.world, parcel.seq, status=status)
        return len(parcels)


def _noted_clock(store: Store) -> tuple[float, float | None]:
    """Offset and standstill as `_note_clock` keeps them."""
    # Floats, as the machine's own clock gives them: these are seconds, never money.
    frozen = store.noted("clock_frozen_at")
    return float(store.noted("clock_offset_s") or 0), float(frozen) if frozen else None


class Transaction:
    """A transaction of the store that also keeps how many ids were drawn."""

    def __init__(self, world: World) -> None:
        self._world, self._inner, self._drawn = world, world.store.transaction(), world.ids.drawn

    def __enter__(self) -> None:
        self._inner.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: object
    ) -> None:
        if kind is None and self._world.ids.drawn != self._drawn:
            self._world.store.note("ids_drawn", str(self._world.ids.drawn))
        self._inner.__exit__(kind, problem, trace)  # type: ignore[arg-type]  # contextlib wants its own trace type
