from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from accounts.identity.models import User
from accounts.privacy.holdings import REGISTRY, Blanked, Deleted, Holding, Kept, Obstacle
from accounts.privacy.models import Erasure
from accounts.privacy.states import ErasureState


@dataclass(frozen=True)
class Told:
    """One holding, as it is said to people. `days` is None where rows go with the account, or are kept."""

    what: str
    why: str
    days: int | None
    blanked: bool
    on_erasure: str


def told() -> list[Told]:
    """What the house keeps of people, of which kind, and for how long."""
    return [_told(each) for each in REGISTRY.holdings]


def open_erasure(user: User) -> Erasure | None:
    """The wish that is not carried out yet."""
    return Erasure.objects.filter(user=user, state=ErasureState.ASKED).first()


def was_forgotten(user_id: int) -> bool:
    """Whether that person's wish to be forgotten was carried out."""
    return Erasure.objects.filter(user_id=user_id, state=ErasureState.DONE).exists()


def obstacles(user: User) -> list[Obstacle]:
    """What has to end before `user` can be forgotten."""
    return REGISTRY.stands_against(user)


def kept_of(user: User) -> list[tuple[str, list[str]]]:
    """What of `user`'s stays after an erasure, by the reason why."""
    found = [
        (each.on_erasure.why, each.what)
        for each in REGISTRY.holdings
        if isinstance(each.on_erasure, Kept) and each.of(user).exists()
    ]
    return [(why, [what for _, what in rows]) for why, rows in groupby(sorted(found), key=lambda row: row[0])]


def _told(holding: Holding) -> Told:
    match holding.on_erasure:
        case Deleted():
            words = "Deleted."
        case Blanked():
            words = "What it says of you is deleted."
        case Kept(why):
            words = f"Kept: {why}"
    return Told(
        what=holding.what,
        why=holding.why,
        days=None if holding.retention is None else holding.retention.after // timedelta(days=1),
        blanked=holding.retention is not None and isinstance(holding.retention.then, Blanked),
        on_erasure=words,
    )
