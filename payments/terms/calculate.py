"""When what was drawn is due, what is still to be paid of it, and how late that is. Pure: whole minor units, dates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Drawn:
    """A draw: its amount in minor units, and the last day on which it is paid in time."""

    amount_minor: int
    due_on: date


# The bands of an ageing table: their names, and up to how many days late.
BANDS: tuple[tuple[str, int | None], ...] = (
    ("current", 0),
    ("1–30", 30),
    ("31–60", 60),
    ("61–90", 90),
    ("over 90", None),
)


@dataclass(frozen=True)
class Open:
    """What is still to be paid of one draw."""

    minor: int
    due_on: date

    def days_late(self, today: date) -> int:
        """0 up to the day on which it is due, that day included."""
        return max((today - self.due_on).days, 0)


def due_on(drawn_on: date, *, pay_days: int) -> date:
    """So many days after the week of the drawing is over: all that a week drew is due on one day. Weeks begin on Mondays."""
    next_monday = drawn_on + timedelta(days=7 - drawn_on.weekday())
    return next_monday + timedelta(days=pay_days)


def open_parts(newest_first: Iterable[Drawn], *, owed_minor: int) -> Sequence[Open]:
    """What is left of each draw, the oldest first, where `owed_minor` of all is: as the oldest is paid first, it is the newest
    that are open. Reads no more of them than that takes."""
    found: list[Open] = []
    left = owed_minor
    for draw in newest_first if left > 0 else ():
        part = min(left, draw.amount_minor)
        found.append(Open(part, draw.due_on))
        left -= part
        if left == 0:
            break
    return found[::-1]


def overdue_minor(parts: Iterable[Open], *, today: date) -> int:
    """What should have been paid before `today`."""
    return sum(part.minor for part in parts if part.days_late(today))


def ageing(parts: Iterable[Open], *, today: date) -> Sequence[int]:
    """By band, in minor units: they add up to all that is open."""
    sums = [0] * len(BANDS)
    for part in parts:
        sums[_band(part.days_late(today))] += part.minor
    return sums


def _band(days_late: int) -> int:
    return next(n for n, (_, upto) in enumerate(BANDS) if upto is None or days_late <= upto)
