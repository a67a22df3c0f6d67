"""What happens in a session's room, and when: people come, go, fall out and come back, and word of it gets lost."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from callboard.demo.plan import Turn


@dataclass(frozen=True)
class Move:
    """Someone comes into the room, or (`leaves`) is gone, for one of LiveKit's reasons.

    `silent`: the webhook about it never arrives.
    """

    at: datetime
    identity: str
    leaves: bool
    silent: bool = False
    reason: str = "CLIENT_INITIATED"


def of_session(
    *,
    call_at: datetime,
    end_at: datetime,
    who: list[str],
    company: str,
    turn: Turn,
    chance: random.Random,
) -> Iterator[Move]:
    """The moves of one session. Somebody of the company is there from before the call, but where it never comes."""

    def later(at: datetime, least_s: int, most_s: int) -> datetime:
        return at + timedelta(seconds=chance.randint(least_s, most_s))

    comes = later(call_at, -60, 0)
    if turn != Turn.COMPANY_NO_SHOW:
        yield Move(comes, f"{company}.1", leaves=False)
        yield Move(end_at, f"{company}.1", leaves=True)
    for seat, identity in enumerate(who):
        hit = seat == 0
        if turn == Turn.NO_SHOW and hit:
            continue
        late = timedelta(seconds=660 if turn == Turn.LATE and hit else 0)
        yield Move(
            later(call_at, -150, 20) + late, identity, leaves=False, silent=turn == Turn.LOST_JOIN and hit
        )
        if turn == Turn.RECONNECT and hit:
            drop = later(call_at, 900, 3600)
            yield Move(drop, identity, leaves=True, reason="SIGNAL_CLOSE")
            yield Move(later(drop, 20, 200), identity, leaves=False)
        yield Move(later(end_at, -40, 200), identity, leaves=True, silent=turn == Turn.LOST_LEFT and hit)
