"""Thirty days of the house from a seed: people act, the provider tells, the beat comes and stays away; then all go home."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from random import Random

from accounts.audit.models import AuditEvent
from accounts.standing.models import Suspension
from marketplace.casting import tasks as casting
from marketplace.casting.models import Application
from marketplace.endings import debts
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED
from marketplace.sessions import tasks as sessions
from marketplace.timekeeping import tasks as timekeeping
from marketplace.timekeeping.models import Dispute
from marketplace.timekeeping.reminders import REMINDERS, remind
from marketplace.timekeeping.sweep import sweep_rooms
from tests import stories
from tests.simulation.life import casting_acts, move_acts, room_acts, standing_acts, week_acts, work_acts
from tests.simulation.life.acts import ACTS
from tests.simulation.life.checks import check_day, check_home, check_reminders
from tests.simulation.life.house import DAYS, House
from tests.simulation.life.life import Life
from tests.simulation.life.money_day import a_purse, money_for_all, money_goes_home, money_night, plans_money
from tests.simulation.life.presses import Press, Violation, at_once

FIRST_DAY = stories.BEFORE.replace(hour=10) + timedelta(days=1)
ACTS_A_DAY = 7
HOME_DAYS = 14
# At home nobody presses anything: the beat looks every other day.
LOOKS_EVERY = 2
COMMITS_EVERY = 8


@dataclass
class Told:
    """How a story went. `moves`: which states were left for which, by kind of thing."""

    seed: int
    violation: str = ""
    said: Sequence[str] = ()
    did: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def tell(house: House, seed: int) -> Told:
    """Play it; a violation is said, never raised."""
    commits, livekit = seed % COMMITS_EVERY == COMMITS_EVERY - 1, seed % 5 != 4
    life = Life(house, Random(seed), FIRST_DAY, livekit=livekit, commits=commits)
    told = Told(seed, said=life.said, did=life.did, refused=life.refused)
    with house.story(commits=commits, livekit=livekit), house.till.story(seed, lambda: life.at):
        try:
            life.purse = a_purse(life, house.till, seed=seed) if seed % 2 else None
            _plays(life)
            told.moves = _moves()
        except Violation as violation:
            told.violation = f"{life.at:%d %H:%M}: {violation}"
        except Exception as error:  # whatever is not a refusal is a fault of the product, or of the story
            told.violation = f"{life.at:%d %H:%M}: {type(error).__name__}: {error}"[:400]
    return told


def _plays(life: Life) -> None:
    walked: dict[int, tuple[object, ...]] = {}
    away_until = FIRST_DAY
    for day in range(DAYS):
        morning = FIRST_DAY + timedelta(days=day)
        if life.is_likely(0.12) and away_until <= morning:
            away_until = morning + timedelta(days=life.chance.choice([1, 2, 4]))
            life.said.append(f"{morning:%d} the beat is away until {away_until:%d}")
        _lives_a_day(life, morning, beat=away_until <= morning, walked=walked)
    _goes_home(life, walked)


def _lives_a_day(
    life: Life,
    morning: datetime,
    *,
    beat: bool,
    walked: dict[int, tuple[object, ...]],
    acts: int = ACTS_A_DAY,
) -> None:
    life.until(morning)
    room_acts.plans_the_day(life, beat=beat)
    if life.purse is not None:
        plans_money(life.purse, disputing=acts > 0)
    for _ in range(acts):
        life.plan(_some_time(life, morning), lambda: _acts(life))
    if life.commits and acts:
        life.plan(_some_time(life, morning), lambda: _two_at_once(life))
    if beat and acts:
        life.plan(morning + timedelta(hours=life.chance.randrange(14)), lambda: ticks(life))
    night = morning + timedelta(hours=21)
    life.until(night)
    if beat:
        life.passes_to(night + timedelta(minutes=1))
        ticks(life)
        if not life.livekit:
            # Who fell silent in the platform's own room was put out just now; that is news again.
            life.passes_to(night + timedelta(minutes=2))
            ticks(life)
    if life.purse is not None:
        money_night(life.purse, heard=beat)
    check_day(life, walked, beat=beat)


def _some_time(life: Life, morning: datetime) -> datetime:
    return morning + timedelta(seconds=life.chance.randrange(14 * 3600))


# Every job of the beat that concerns people's work; the partitions of all days stand already.
BEAT = (
    *sessions.CALENDAR[1:],
    *casting.CALENDAR,
    sweep_rooms,
    *(job for job in timekeeping.CALENDAR if job is not remind),
    *REMINDERS,
    debts.release_unpaid,
)


def ticks(life: Life) -> None:
    life.does({job.__name__: partial(_ticks, job, life.at) for job in BEAT})
    check_reminders(life)


def _ticks(job: Callable[..., object], at: datetime) -> None:
    """As it stands in its room now: a bug may be planted there."""
    getattr(import_module(job.__module__), job.__name__)(at=at)


TRIED = [(name, act) for name, act in ACTS.items() if act.press is not None]
WEIGHTS = [act.weight for _, act in TRIED]


def _acts(life: Life) -> None:
    """Somebody does something that can be done now."""
    for _ in range(6):
        ((name, act),) = life.chance.choices(TRIED, WEIGHTS)
        press = act.press(life) if act.press is not None else None
        if press is not None:
            if life.press(name, press) and name in ("pays less",):
                raise Violation(f"{name} was not refused")
            return


def _two_at_once(life: Life) -> None:
    """Two about the same thing: whichever comes first, the day's checks hold. Of a thing that is done once, one is refused."""
    name, presses, once = life.chance.choice(PAIRS)(life)
    if not presses:
        return
    codes = at_once(presses)
    life.said.append(f"{life.at:%d %H:%M:%S}  at once: {name}  {codes}")
    life.did[f"at once: {name}"] += 1
    if once and codes.count("") > 1:
        raise Violation(f"at once: {name}: both were done")


Pair = tuple[str, Sequence[Press], bool]


def _same_twice(life: Life) -> Pair:
    name, act = life.chance.choice([(name, act) for name, act in TRIED if act.weight > 1])
    press = act.press(life) if act.press else None
    return name, [press, press] if press else [], bool(press and press.again is False)


def _about_an_offer(life: Life) -> Pair:
    offered = life.one_of(
        Application.objects.filter(state="offered").select_related("gig__company", "performer")
    )
    if offered is None:
        return "an offer", [], True
    life.chance.shuffle(others := [casting_acts.takes_offer_back, casting_acts.declines_offer])
    presses = [casting_acts.accepting(life, offered), others[0](life)]
    return "an offer", [press for press in presses if press is not None], False


def _about_a_gig(life: Life) -> Pair:
    gig = life.one_of(Gig.objects.filter(state="published"))
    if gig is None:
        return "a gig", [], False
    others = [
        casting_acts.applies,
        casting_acts.accepts,
        work_acts.books,
        work_acts.ends_work,
        casting_acts.offers,
    ]
    other = life.chance.choice(others)(life)
    return "a gig", [casting_acts.cancelling(life, gig), other] if other else [], False


def _two_places(life: Life) -> Pair:
    presses = [casting_acts.offers(life), casting_acts.offers(life)]
    return "two offers", [press for press in presses if press is not None], False


def _two_bookings(life: Life) -> Pair:
    presses = [work_acts.books(life), work_acts.books(life)]
    return "two bookings", [press for press in presses if press is not None], False


def _about_a_seat(life: Life) -> Pair:
    presses = [
        work_acts.releases_seat(life),
        life.chance.choice([work_acts.gives_up_seat, work_acts.calls_off])(life),
    ]
    return "a seat", [press for press in presses if press is not None], False


def _about_a_move(life: Life) -> Pair:
    presses = [
        move_acts.agrees_to_move(life),
        life.chance.choice([move_acts.declines_move, work_acts.calls_off, work_acts.releases_seat])(life),
    ]
    return "a move", [press for press in presses if press is not None], False


def _about_a_week(life: Life) -> Pair:
    presses = [week_acts.approves_week(life), week_acts.disputes(life)]
    return "a week", [press for press in presses if press is not None], False


PAIRS = (
    _same_twice,
    _about_an_offer,
    _about_a_gig,
    _two_places,
    _two_bookings,
    _about_a_seat,
    _about_a_move,
    _about_a_week,
)


def _goes_home(life: Life, walked: dict[int, tuple[object, ...]]) -> None:
    """Every state can be left: disputes are decided, suspensions lifted, gigs called off, and the calendar does the rest."""
    ticks(life)
    life.passes_to(life.at + timedelta(minutes=1))
    ticks(life)
    for suspension in Suspension.objects.filter(lifted_at=None).order_by("pk"):
        life.press("reinstates", standing_acts.reinstating(life, suspension))
    for dispute in Dispute.objects.filter(resolved_at=None).select_related("line__timesheet").order_by("pk"):
        life.press("decides", week_acts.deciding(life, dispute))
    for gig in Gig.objects.exclude(state__in=ENDED).order_by("pk"):
        if not life.press("cancels a gig", casting_acts.cancelling(life, gig)):
            raise Violation(f"{gig} cannot be called off")
    if life.purse is not None:
        money_for_all(life.purse)
    for day in range(1, HOME_DAYS + 1, LOOKS_EVERY):
        morning = FIRST_DAY + timedelta(days=DAYS + day)
        _lives_a_day(life, morning, beat=True, walked=walked, acts=0)
    check_home(life.at)
    if life.purse is not None:
        money_goes_home(life.purse)


def _moves() -> Counter[tuple[str, str, str]]:
    rows = AuditEvent.objects.exclude(from_state="", to_state="").values_list(
        "thing", "from_state", "to_state"
    )
    return Counter((thing.partition("_")[0], before, after) for thing, before, after in rows)
