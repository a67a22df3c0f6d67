"""Processes that a seed interleaves: each actor is a thread that stands still at every crash point until it is let on.

Only one actor runs at a time, except where one waits in Postgres for a lock that another holds: that wait is seen in
`pg_stat_activity`, and the story goes on with somebody else.
"""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from django.db import connection, connections

from kit import crash

LOOK_FOR_LOCKS_AFTER_S = 0.015
GIVE_UP_S = 30.0
Task = Callable[[], object]


class Died(BaseException):
    """The process ended here. No handler of the product catches it, as none could catch a SIGKILL."""


class State(Enum):
    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    BLOCKED = "blocked"


@dataclass(eq=False)
class Actor:
    """One process of the house: a thread, a connection, and the crash point at which it stands."""

    name: str
    reports: "queue.SimpleQueue[Actor]"
    state: State = State.IDLE
    at: str = ""
    doing: str = ""
    reached: Counter[str] = field(default_factory=Counter)
    failure: Exception | None = None
    pid: int = 0
    well: bool = False
    passes: int = 0
    marked: Counter[str] = field(default_factory=Counter)
    _task: Task | None = None
    _doomed: bool = False
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _thread: threading.Thread | None = None
    _turning: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, doing: str, task: Task, *, passes: int = 0) -> None:
        """Start a task; the actor runs until its first crash point, or past so many that are not marked."""
        self.doing, self._task, self.passes = doing, task, passes
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name=self.name, daemon=True)
            self._thread.start()
        self._let_go()

    def go_on(self, *, dying: bool = False, passes: int = 0) -> None:
        """Let it on from where it stands, past so many crash points that are not marked; or let it die there."""
        self._doomed, self.passes = dying, passes
        self._let_go()

    def end(self) -> None:
        """End an idle actor and its connection."""
        if self._thread is not None:
            self._task = None
            self._go.release()
            self._thread.join(GIVE_UP_S)
            self._thread = None

    def reach(self, point: str) -> None:
        """Stand still at a crash point until let on; when all is well again, it is only counted."""
        self.reached[point] += 1
        if self.well:
            return
        if self.passes > 0 and not self.marked[point]:
            self.passes -= 1
            return
        self._report(State.PAUSED, at=point)
        self._go.acquire()
        if self._doomed:
            self._doomed = False
            raise Died(point)

    def wait_for_lock(self) -> None:
        """Note that it waits in Postgres, unless it has come through meanwhile."""
        with self._turning:
            if self.state is State.RUNNING:
                self.state = State.BLOCKED

    def try_again(self) -> None:
        """Count it as running until it is seen behind a lock again."""
        with self._turning:
            if self.state is State.BLOCKED:
                self.state = State.RUNNING

    def _let_go(self) -> None:
        self.state, self.at = State.RUNNING, ""
        self._go.release()

    def _report(self, state: State, *, at: str = "") -> None:
        with self._turning:
            self.state, self.at = state, at
        self.reports.put(self)

    def _live(self) -> None:
        _here.actor = self
        try:
            while True:
                self._go.acquire()
                if self._task is None:
                    return
                self._run(self._task)
        finally:
            connections.close_all()

    def _run(self, task: Task) -> None:
        try:
            self._connect()
            task()
        except Died:
            pass  # what it had begun was rolled back on the way here, as Postgres does when a connection breaks
        except Exception as error:  # the story decides whether it may happen
            self.failure = error
        self._report(State.IDLE)

    def _connect(self) -> None:
        connection.ensure_connection()
        if not self.pid:
            connection.connection.prepare_threshold = 1
            self.pid = connection.connection.info.backend_pid


_here = threading.local()


def _on_reach(point: str) -> None:
    actor: Actor | None = getattr(_here, "actor", None)
    if actor is not None:
        actor.reach(point)


class Cast:
    """All actors of a story. `settle` returns when each stands still: idle, at a crash point, or behind a lock."""

    def __init__(self, names: Sequence[str]) -> None:
        self._reports: queue.SimpleQueue[Actor] = queue.SimpleQueue()
        self.actors = [Actor(name, self._reports) for name in names]

    def __iter__(self) -> Iterator[Actor]:
        return iter(self.actors)

    def standing(self, state: State) -> list[Actor]:
        return [actor for actor in self.actors if actor.state is state]

    def settle(self) -> None:
        """Wait until nobody runs. Raises TimeoutError when somebody neither arrives nor waits for a lock."""
        for actor in self.standing(State.BLOCKED):
            actor.try_again()
        waited_s = 0.0
        while running := self.standing(State.RUNNING):
            try:
                self._reports.get(timeout=LOOK_FOR_LOCKS_AFTER_S)
            except queue.Empty:
                waited_s += LOOK_FOR_LOCKS_AFTER_S
                self._note_locks(running)
                if waited_s > GIVE_UP_S:
                    raise TimeoutError(f"{[actor.name for actor in running]} never arrive.") from None

    def begin(self) -> None:
        """A new story: nobody has been anywhere."""
        for actor in self.actors:
            actor.reached, actor.marked = Counter(), Counter()
            actor.well, actor.passes, actor.failure = False, 0, None

    def kill_all(self) -> None:
        """Everybody dies where they stand, as when the machine goes down; then all are idle."""
        while any(actor.state is not State.IDLE for actor in self.actors):
            for actor in self.standing(State.PAUSED):
                actor.go_on(dying=True)
            self.settle()

    def _note_locks(self, running: Sequence[Actor]) -> None:
        pids = [actor.pid for actor in running if actor.pid]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s) AND wait_event_type = 'Lock'", [pids]
            )
            waiting = {pid for (pid,) in cursor.fetchall()}
        for actor in running:
            if actor.pid in waiting:
                actor.wait_for_lock()


@contextmanager
def a_cast(names: Sequence[str]) -> Iterator[Cast]:
    """Actors with connections of their own; whatever they do at the end, they are gone afterwards."""
    cast = Cast(names)
    crash.on_reach(_on_reach)
    try:
        yield cast
    finally:
        cast.kill_all()
        for actor in cast:
            actor.end()
        crash.on_reach(None)
