"""What will happen in the demo's week: pure data, the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

COMPANIES = ("Northlight Labs", "Kindred Models", "Tonic Research", "Meridian Voice")
SCENES = (
    ("Two strangers share a lift", "Warm small talk turns into a confession between floors nine and ten."),
    ("The last table at closing time", "A regular and a waiter who both do not want to go home."),
    ("A flat, two keys", "Former partners meet to hand over the flat, and to say what was not said."),
    ("The audition nobody wanted", "Two friends find out that they are up for the same part."),
    ("Lost luggage", "At the counter, politeness runs out, and then something kinder takes over."),
    ("Night shift", "Two nurses, four in the morning, and the first quiet minute."),
    ("The apology", "One rehearsed it for a week. The other is early."),
    ("Good news, badly timed", "A pregnancy, a redundancy, and one kettle."),
)
PROMPTS = (
    "One of you knows something the other does not.",
    "Let a silence last longer than is comfortable.",
    "Find a reason to laugh.",
    "Say the thing you meant to keep to yourself.",
    "Change who has the higher status.",
    "Remember a smell, and tell why it matters.",
    "Be proud of the other, out loud.",
    "End the scene without saying goodbye.",
)
FIRST = """
Ada Bo Cleo Dev Edie Femi Gus Hana Ines Jude Kit Lena Mo Nia Otis Pia Quinn Rae Sol Tess Uma Vik Wren Xan Yara Zeno
Anouk Basil Coco Dara Emre Flo Gia Hugo Ivy Joss Kaya Leo Mina Noor
"""
LAST = """
Abara Bell Castillo Dray Ekström Fairweather Gold Hoang Ibarra Jansen Kowalski Lund Marsh Novak Okafor Pereira Quist
Rossi Sato Tamm Ueda Vance Weiss Young Zapata
"""
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/London", "Europe/Berlin")
SKILLS = ("duo", "dramatic", "comedy", "character", "long-form", "storytelling", "voice", "roleplay")
SLOTS = (time(10), time(13), time(16))
DAYS = 7
RATE_MINOR = 7400
SESSION_S = 4800  # so that three of a day keep to the guaranteed hours on camera


class Turn(StrEnum):
    """What happens in a session."""

    PLAIN = "plain"
    RECONNECT = "reconnect"
    LOST_JOIN = "lost_join"
    LOST_LEFT = "lost_left"
    LATE = "late"
    NO_SHOW = "no_show"
    HOLD = "hold"
    MEAL = "meal"
    CALLED_OFF_LATE = "called_off_late"
    COMPANY_NO_SHOW = "company_no_show"


TURNS = (
    [Turn.PLAIN] * 60
    + [Turn.RECONNECT] * 14
    + [Turn.LOST_JOIN] * 5
    + [Turn.LOST_LEFT] * 5
    + [Turn.LATE] * 6
    + [Turn.NO_SHOW] * 2
    + [Turn.HOLD] * 4
    + [Turn.MEAL] * 2
    + [Turn.CALLED_OFF_LATE]
    + [Turn.COMPANY_NO_SHOW]
)


@dataclass(frozen=True)
class PlannedPerformer:
    number: int
    name: str
    zone: str
    skills: tuple[str, ...]
    finishes_stripe: bool

    @property
    def email(self) -> str:
        return f"performer{self.number:02}@demo.callboard.example"


@dataclass(frozen=True)
class PlannedGig:
    number: int
    company: str
    title: str
    scene: str
    performers: tuple[PlannedPerformer, ...]


@dataclass(frozen=True)
class PlannedSession:
    gig: PlannedGig
    call_at: datetime
    pair: tuple[PlannedPerformer, PlannedPerformer]
    turn: Turn


@dataclass(frozen=True)
class Plan:
    """The whole week. `monday` is the first day of the week that is played, in the payroll zone."""

    seed: int
    monday: date
    zone: ZoneInfo
    performers: tuple[PlannedPerformer, ...]
    gigs: tuple[PlannedGig, ...]
    sessions: tuple[PlannedSession, ...]

    def at(self, day: int, clock: time = time(9)) -> datetime:
        """An instant of the week: `day` 0 is its Monday; days before and after count on."""
        return datetime.combine(self.monday + timedelta(days=day), clock, tzinfo=self.zone).astimezone(UTC)


def make_plan(*, seed: int, monday: date, zone: ZoneInfo, performers: int, sessions: int) -> Plan:
    """The plan for a seed; the last two performers do not finish their set-up with Stripe."""
    chance = random.Random(seed)  # noqa: S311 -- a story, not a secret
    names = [f"{first} {last}" for first in FIRST.split() for last in LAST.split()]
    chance.shuffle(names)
    people = tuple(
        PlannedPerformer(
            number=number,
            name=names[number],
            zone=chance.choice(ZONES),
            skills=tuple(sorted(chance.sample(SKILLS, 3))),
            finishes_stripe=number < performers - 1,
        )
        for number in range(1, performers + 1)
    )
    gigs = tuple(
        PlannedGig(
            number=number,
            company=COMPANIES[number % len(COMPANIES)],
            title=title,
            scene=scene,
            performers=people[number :: len(SCENES)],
        )
        for number, (title, scene) in enumerate(SCENES)
    )
    booked = tuple(_sessions(gigs, monday=monday, zone=zone, chance=chance))
    return Plan(
        seed,
        monday,
        zone,
        people,
        gigs,
        tuple(sorted(booked[:sessions], key=lambda s: (s.call_at, s.gig.number))),
    )


def _sessions(
    gigs: tuple[PlannedGig, ...], *, monday: date, zone: ZoneInfo, chance: random.Random
) -> Iterator[PlannedSession]:
    """One pair of each gig in each slot, in turn, so that everyone plays and nobody is in two rooms at once."""
    nth = 0
    for slot in range(DAYS * len(SLOTS)):
        day, hour = divmod(slot, len(SLOTS))
        call_at = datetime.combine(monday + timedelta(days=day), SLOTS[hour], tzinfo=zone).astimezone(UTC)
        for gig in gigs:
            cast = gig.performers
            first = cast[(2 * slot) % len(cast)]
            second = cast[(2 * slot + 1 + slot // len(cast)) % len(cast)]
            if first == second:
                second = cast[(2 * slot + 2 + slot // len(cast)) % len(cast)]
            turn = Turn.PLAIN if nth < 2 else chance.choice(TURNS)
            nth += 1
            yield PlannedSession(gig=gig, call_at=call_at, pair=(first, second), turn=turn)
