"""The crash points, and what makes a story come by each of them: a seed leans towards one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

UNANSWERED = {"drop_before": 9, "drop_after": 6, "hang_after": 3, "500_after": 4, "late": 5}
REFUSED = {"money": 12, "restrict": 9}
PAID_OUT = {"jump": 12, "payout": 6}
NOT_ARRIVED = {"drop_before": 60, "late": 0, "drop_after": 1, "500_after": 0, "hang_after": 0}
UNTRUE = {"untrue": 20, "unauthenticated": 20}


@dataclass(frozen=True)
class Leaning:
    """What a story is likely to bring: `brink` and `days` are how often a jump of the clock goes to about a day, or
    past a weekend; the weights come on top of the ordinary ones. `calm`: only a transfer's request meets trouble.
    `poor`: the balance is empty once the run pays. `rounds`: how often more the house rings all its bells in the evening,
    before and after the long jump."""

    point: str
    start: str = ""
    trouble: float = 0.0
    fates: Mapping[str, int] = field(default_factory=dict)
    errands: Mapping[str, int] = field(default_factory=dict)
    events: Mapping[str, int] = field(default_factory=dict)
    brink: float = 0.25
    days: float = 0.0
    restores: bool = False
    calm: bool = False
    poor: bool = False
    rounds: int = 0


_LEANINGS = (
    Leaning("accrual.earnings_inserted", start="lines", errands={"accrue": 12}),
    Leaning("accrual.posted", start="lines", errands={"accrue": 12}),
    Leaning("accrual.before_commit", start="lines", errands={"accrue": 12}),
    Leaning("close.before_commit", start="lines"),
    Leaning("freeze.items_made", start="lines"),
    Leaning("freeze.before_commit", start="lines"),
    Leaning("approve.before_commit", start="lines", errands={"approve": 12}),
    Leaning("start.preflight_done", restores=True),
    Leaning("settling.posted", start="lines"),
    Leaning("start.before_commit", start="lines", restores=True),
    Leaning("claim.before_commit", start="approved"),
    Leaning("send.claimed", start="approved", brink=0.6),
    Leaning("send.called", brink=0.5),
    Leaning("send.answered", start="approved", trouble=0.4, brink=0.5),
    Leaning("send.recorded", restores=True),
    Leaning("peek.listed", start="approved", trouble=1.0, fates=NOT_ARRIVED, calm=True, brink=0.0, rounds=4),
    Leaning("lookup.listed", start="approved", trouble=0.8, fates=UNANSWERED, brink=1.0),
    Leaning(
        "lookup.given_back", start="approved", trouble=1.0, fates=NOT_ARRIVED, calm=True, brink=1.0, rounds=4
    ),
    Leaning("record.checked", brink=0.5),
    Leaning("record.posted", restores=True),
    Leaning("record.told", start="lines", restores=True, rounds=2),
    Leaning("record.before_commit", start="approved", trouble=0.5),
    Leaning("record.given_back", start="approved", poor=True, errands={"release": 12}, rounds=4),
    Leaning("hold.told", events=REFUSED),
    Leaning("release.before_commit", start="approved", poor=True, errands={"release": 12}, rounds=4),
    Leaning("halt.before_commit", start="approved", trouble=0.9, fates=UNTRUE, rounds=4),
    Leaning("finish.before_commit", start="approved"),
    Leaning("account.asked", errands={"poll": 9}),
    Leaning("account.before_commit", errands={"poll": 9}),
    Leaning("bank.listed", start="approved", errands={"settle": 12}, events=PAID_OUT, days=0.8),
    Leaning("bank.before_commit", start="approved", errands={"settle": 12}, events=PAID_OUT, days=0.8),
    Leaning(
        "reversal.posted", start="approved", errands={"look": 6, "work": 9}, events={"reversal": 15}, rounds=4
    ),
    Leaning("reading.noted", start="approved", errands={"look": 12}),
    Leaning("inbox.stored", errands={"hooks": 9}),
    Leaning("inbox.claimed", errands={"hooks": 9, "work": 9}),
    Leaning("inbox.handled", errands={"hooks": 9, "work": 9}),
    Leaning("inbox.done", errands={"hooks": 9, "work": 9}),
)
LEANINGS = {leaning.point: leaning for leaning in _LEANINGS}
POINTS = list(LEANINGS)
