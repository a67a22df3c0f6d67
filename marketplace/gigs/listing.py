"""A gig as a performer weighs it: what one session pays, what is not asked, how far its hours are from one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kit.money import Money, Rate
from marketplace.gigs.limits import LONG_CAMERA_S
from marketplace.gigs.models import PURPOSES, Gig


@dataclass(frozen=True)
class Listing:
    gig: Gig
    session_pay: Money
    least_pay: Money
    not_asked: Sequence[str]
    asks_much: Sequence[str]
    hours_apart: str

    @property
    def skills(self) -> Sequence[str]:
        return list(self.gig.skills)


def listing(gig: Gig, *, reader_zone: str, at: datetime) -> Listing:
    """Everything is worked out from the gig itself; nothing is promised that its terms do not say."""
    rate = Rate(gig.rate_minor, gig.currency)
    return Listing(
        gig=gig,
        session_pay=rate.for_seconds(gig.session_s),
        least_pay=rate.for_seconds(int(gig.policy["minimum_call_s"])),
        not_asked=not_asked(gig),
        asks_much=asks_much(gig),
        hours_apart=hours_apart(gig.time_zone, reader_zone, at=at) if reader_zone else "",
    )


def not_asked(gig: Gig) -> list[str]:
    """The small marks: what this gig does not want of anybody."""
    marks = [
        ("No replica of you", not gig.asks_for_replica),
        ("No exclusivity", not gig.exclusive),
        # What is auditioned or briefed in a session is time, and paid as such; a self-tape is not.
        ("No unpaid audition", not gig.audition),
        ("No camera over 4 h", gig.session_s <= LONG_CAMERA_S),
    ]
    return [word for word, holds in marks if holds]


def asks_much(gig: Gig) -> list[str]:
    """What stands out as a warning: replicas by name, and exclusivity."""
    replicas = ("voice_replica", "likeness_replica", "biometric_template", "avatar")
    asked = [PURPOSES[name] for name in replicas if name in gig.purposes]
    asked += ["A self-tape, unpaid"] if gig.audition else []
    return [*asked, *(["Work for no one else like this meanwhile"] if gig.exclusive else [])]


def hours_apart(theirs: str, mine: str, *, at: datetime) -> str:
    """`3 h ahead of you`: where the gig's day stands against the reader's."""
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for zone in (theirs, mine)]
    there, here = (int(offset.total_seconds()) if offset else 0 for offset in offsets)
    if there == here:
        return "Your hours"
    hours, minutes = divmod(abs(there - here) // 60, 60)
    length = f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{length} {'ahead of' if there > here else 'behind'} you"
