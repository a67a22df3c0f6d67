"""What a LiveKit holds in memory: nodes, rooms, participants; and how each is written in LiveKit's own messages."""

import random
from dataclasses import dataclass, field
from string import ascii_letters, digits

from livekit.protocol import models as pb

# As livekit-server has them: seconds that a room waits for its first participant, and after its last.
EMPTY_TIMEOUT_S = 300
DEPARTURE_TIMEOUT_S = 20


class Ids:
    """LiveKit's ids, `PA_…`, `RM_…`, `EV_…`, the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(f"{seed}:ids")  # noqa: S311 -- a name, not a secret

    def new(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._chance.choices(ascii_letters + digits, k=12))}"


@dataclass(slots=True)
class Node:
    """A server of the cluster. `skew_s`: how far its clock is ahead of the right time; negative: behind."""

    id: str
    skew_s: float = 0.0


@dataclass(slots=True)
class Participant:
    """One connection. `kind` and `state` are names of ParticipantInfo's enums."""

    sid: str
    identity: str
    name: str
    kind: str
    joined_ms: int
    state: str = "ACTIVE"

    def message(self, *, reason: str = "UNKNOWN_REASON") -> pb.ParticipantInfo:
        """As LiveKit writes it. Raises ValueError for a name that LiveKit does not know."""
        return pb.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self.name,
            kind=self.kind,
            state=self.state,
            joined_at=self.joined_ms // 1000,
            joined_at_ms=self.joined_ms,
            disconnect_reason=reason,
        )


@dataclass(slots=True)
class Room:
    """One life of a room: opened again under its name, it has another sid."""

    sid: str
    name: str
    node: Node
    created_ms: int
    empty_timeout_s: int = EMPTY_TIMEOUT_S
    departure_timeout_s: int = DEPARTURE_TIMEOUT_S
    metadata: str = ""
    participants: dict[str, Participant] = field(default_factory=dict)
    # Since when nobody is in it, and whether anybody ever was.
    empty_since: float = 0.0
    was_entered: bool = False

    @property
    def closes_at(self) -> float:
        """When it closes by itself if nobody comes."""
        return self.empty_since + (self.departure_timeout_s if self.was_entered else self.empty_timeout_s)

    def message(self) -> pb.Room:
        """As LiveKit writes it."""
        return pb.Room(
            sid=self.sid,
            name=self.name,
            creation_time=self.created_ms // 1000,
            creation_time_ms=self.created_ms,
            empty_timeout=self.empty_timeout_s,
            departure_timeout=self.departure_timeout_s,
            metadata=self.metadata,
            num_participants=len(self.participants),
        )
