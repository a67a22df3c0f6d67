"""What happens in rooms: people come, go, fall out; rooms open and finish; nodes restart. Each is told by a webhook."""

import heapq
from collections.abc import Callable
from typing import Any

from livekit.protocol import webhook as pb

from marketplace.video_sandbox.clock import Clock
from marketplace.video_sandbox.records import Ids, Node, Participant, Room
from marketplace.video_sandbox.webhooks import Outbox
from marketplace.video_sandbox.wire import TwirpError

LONGEST_JUMP = 100_000


class World:
    """A cluster of two nodes, `ND_1` and `ND_2`; a room lives on one of them, as on any LiveKit."""

    def __init__(self, *, clock: Clock, ids: Ids, outbox: Outbox) -> None:
        self.clock, self.ids, self.outbox = clock, ids, outbox
        self.nodes = {name: Node(name) for name in ("ND_1", "ND_2")}
        self.rooms: dict[str, Room] = {}
        # (room, identity) to the second before which tokens no longer let anyone in.
        self.revoked: dict[tuple[str, str], int] = {}
        # Who is told whenever somebody is gone, with the reason.
        self.gone: list[Callable[[Room, Participant, str], None]] = []
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0

    def open(self, name: str, *, node: str = "", **kept: Any) -> Room:
        """The room of that name, made if it is not there."""
        if name not in self.rooms:
            where = self.nodes[node or ("ND_1", "ND_2")[sum(name.encode()) % 2]]
            made = Room(self.ids.new("RM"), name, where, self._ms(where), **kept)
            made.empty_since = self.clock.now()
            self.rooms[name] = made
            self._tell("room_started", made)
            self._close_if_empty_later(made)
        return self.rooms[name]

    def join(
        self,
        room_name: str,
        identity: str,
        *,
        name: str = "",
        kind: str = "STANDARD",
        node: str = "",
        state: str = "ACTIVE",
        silent: bool = False,
    ) -> Participant:
        """Someone comes in. The same identity from elsewhere is put out first. Only of who is ACTIVE is anything told."""
        room = self.open(room_name, node=node)
        if identity in room.participants:
            self.leave(room_name, identity, reason="DUPLICATE_IDENTITY")
        who = Participant(self.ids.new("PA"), identity, name, kind, self._ms(room.node), state)
        room.participants[identity] = who
        room.was_entered = True
        if state == "ACTIVE" and not silent:
            self._tell("participant_joined", room, who)
        return who

    def leave(self, room_name: str, identity: str, *, reason: str, silent: bool = False) -> Participant:
        """Someone is gone. `silent`: nobody is told."""
        room, who = self.find(room_name, identity)
        del room.participants[identity]
        who.state = "DISCONNECTED"
        for hear in self.gone:
            hear(room, who, reason)
        if not silent:
            self._tell("participant_left", room, who, reason=reason)
        if not room.participants:
            room.empty_since = self.clock.now()
            self._close_if_empty_later(room)
        return who

    def lose(self, room_name: str, identity: str, *, notice_after_s: float | None) -> None:
        """Someone's line is cut: they are listed until it is noticed, or (None) for as long as the room is there."""
        _, lost = self.find(room_name, identity)

        def notice() -> None:
            room = self.rooms.get(room_name)
            if room is not None and room.participants.get(identity) is lost:
                self.leave(room_name, identity, reason="CONNECTION_TIMEOUT")

        if notice_after_s is not None:
            self.later(self.clock.now() + notice_after_s, notice)

    def abort(self, room_name: str, identity: str) -> None:
        """Someone tried to come in and never got there."""
        room = self.open(room_name)
        who = Participant(self.ids.new("PA"), identity, "", "STANDARD", self._ms(room.node), "DISCONNECTED")
        self._tell("participant_connection_aborted", room, who)

    def finish(self, room_name: str) -> None:
        """The room is said to have finished, though its people are in it and stay."""
        self._tell("room_finished", self._room(room_name))

    def delete(self, room_name: str, *, reason: str = "ROOM_DELETED", silent: bool = False) -> None:
        """All are put out and the room closes."""
        room = self._room(room_name)
        for identity in list(room.participants):
            self.leave(room_name, identity, reason=reason, silent=silent)
        del self.rooms[room_name]
        if not silent:
            self._tell("room_finished", room)

    def restart(self, node: str, *, gracefully: bool, rejoin: bool) -> None:
        """The node's rooms are gone, told of or not; those who come back get new sids, in a room with a new sid."""
        for room in [room for room in self.rooms.values() if room.node.id == node]:
            people = list(room.participants.values())
            self.delete(room.name, reason="SERVER_SHUTDOWN", silent=not gracefully)
            for who in people if rejoin else ():
                self.join(room.name, who.identity, name=who.name, kind=who.kind)

    def migrate(self, room_name: str, *, to: str) -> None:
        """The room moves to another node, and its people with it."""
        people = list(self._room(room_name).participants.values())
        self.delete(room_name, reason="MIGRATION")
        for who in people:
            self.join(room_name, who.identity, name=who.name, kind=who.kind, node=to)

    def find(self, room_name: str, identity: str) -> tuple[Room, Participant]:
        room = self.rooms.get(room_name)
        if room is None or identity not in room.participants:
            raise TwirpError("not_found", "participant does not exist")
        return room, room.participants[identity]

    def later(self, at: float, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._due, (at, self._number, act))

    def run_due(self) -> None:
        """What the clock has brought, each at its own time."""
        for _ in range(LONGEST_JUMP):
            if not self._due or self._due[0][0] > self.clock.now():
                return
            at, _, act = heapq.heappop(self._due)
            with self.clock.held(at):
                act()

    def _room(self, name: str) -> Room:
        if name not in self.rooms:
            raise TwirpError("not_found", "requested room does not exist")
        return self.rooms[name]

    def _close_if_empty_later(self, room: Room) -> None:
        def close() -> None:
            still_there = self.rooms.get(room.name) is room and not room.participants
            if still_there and self.clock.now() >= room.closes_at:
                self.delete(room.name)

        self.later(room.closes_at, close)

    def _ms(self, node: Node) -> int:
        return int((self.clock.now() + node.skew_s) * 1000)

    def _tell(
        self, kind: str, room: Room, who: Participant | None = None, *, reason: str = "UNKNOWN_REASON"
    ) -> None:
        event = pb.WebhookEvent(
            event=kind, id=self.ids.new("EV"), created_at=self._ms(room.node) // 1000, room=room.message()
        )
        if who is not None:
            event.participant.CopyFrom(who.message(reason=reason))
        self.outbox.put(event, at=self.clock.now())
