"""One seed, one story: who acts when, what breaks where, how time jumps; then all heals, and everything must be paid."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from kit.errors import DomainError
from payments.gateway import balance
from payments.gateway.client import speaking_through
from payments.gateway.errors import StripeUnavailable
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.payroll.models import PayRun
from payments.payroll.states import RunState
from payments.sandbox.inprocess import InProcessClient
from tests.simulation.actors import Actor, State
from tests.simulation.checks import Ending, Violation, Watch, at_the_end, unfinished
from tests.simulation.errands import ERRANDS, TICK
from tests.simulation.outside import BRINK_H, DAYS_H, Outside
from tests.simulation.points import LEANINGS, POINTS, Leaning
from tests.simulation.stage import Stage
from tests.simulation.wire import FATES

STEPS = (16, 36)
# How many crash points an actor passes before it stands still again.
PASSES = (0, 0, 0, 1, 2, 4, 8)
ALL = 1_000_000
LATER = -1
CLAIM = "claim.before_commit"
SKEW_S = 600
# After healing, how many hours later the house's ticks come: seldom, but not beyond the third day.
TICKS_H = (
    0.0, 0.02, 0.1, 0.3, 0.7, 1.0, 1.2, 1.5, 2.5, 4.0,
    8.0, 16.0, 24.0, 25.5, 27.0, 30.0, 48.0, 60.0, 71.0,
)  # fmt: skip
# Halts that faults on the line bring about by right; a person lifts them.
HALTS = {"untrue": "transfer_does_not_match", "unauthenticated": "authentication"}
# What an errand may come to; nothing else may go wrong.
ANSWERS = (DomainError, StripeUnavailable)


@dataclass
class Told:
    """What a story did and how it ended. `violation` says what broke; empty when nothing did."""

    seed: int
    violation: str = ""
    ending: Ending | None = None
    steps: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    died: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)


def tell(stage: Stage, seed: int) -> Told:
    """Play the story of a seed to its end."""
    leaning = LEANINGS[POINTS[seed % len(POINTS)]]
    rng = Random(seed)
    told = Told(seed)
    start = leaning.start or rng.choice(["lines", "approved", "approved"])
    with stage.story(start, seed=seed):
        story = Story(stage, rng=rng, leaning=leaning, told=told)
        try:
            story.play()
            story.heal()
        except (Violation, TimeoutError) as broken:
            told.violation = str(broken)
        for actor in stage.cast:
            told.reached += actor.reached
        told.met += stage.wire.met
    return told


class Story:
    """The dice are the seed's; what the actors do is the product's own."""

    def __init__(self, stage: Stage, *, rng: Random, leaning: Leaning, told: Told) -> None:
        self.stage, self.world, self.cast = stage, stage.world, stage.cast
        self.rng, self.leaning, self.told = rng, leaning, told
        world, cast = self.world, self.cast
        fates = {**FATES, **leaning.fates}
        stage.wire.begin(
            Random(rng.random()),
            trouble=leaning.trouble or rng.choice([0.1, 0.3, 0.6]),
            calm=leaning.calm,
            fates=fates,
            note=self._note,
        )
        self.watch = Watch(world, stage.eyes)
        self.plan = Counter([leaning.point] * 3 + rng.sample(POINTS, k=4))
        skewed = rng.random() < 0.3
        self.skews = {
            actor: timedelta(seconds=rng.randint(-SKEW_S, SKEW_S) if skewed else 0) for actor in cast
        }
        for actor in cast:
            actor.marked = self.plan
        self.restores = leaning.restores or rng.random() < 0.1
        self.watch.exact = not (skewed or self.restores)
        self.outside = Outside(stage, rng=rng, leaning=leaning, note=self._note)
        with speaking_through(InProcessClient(world.sandbox)):
            ours = ledger.total_minor(Kind.STRIPE_BALANCE, currency="usd")
            world.ahead_minor = balance.available_minor(currency="usd") - ours
        disturbed = {
            name: rng.choice([0.0, 0.3]) for name in ("duplicate", "duplicate_distinct", "drop", "reorder")
        }
        world.control("webhooks", **disturbed, delay_s=rng.choice([0, 0, 400]))

    # Playing.

    def play(self) -> None:
        """Interleave for a while; after every step the invariants hold."""
        # What begins with lines is not paid before the evening: a restore before it forgets nothing that was sent.
        restore_at = LATER if self.leaning.start == "lines" else self.rng.choice([16, LATER])
        for step in range(self.rng.randint(*STEPS)):
            if self.restores and step in (4, restore_at):
                self._back_up() if step == 4 else self._restore()
            if self.leaning.poor and not self.outside.gone and self._pays():
                self.outside.money_goes()
            with self._no_claim_in_a_halt():
                self._step()
        for number, hours in enumerate(self._evening()):
            if self.restores and (number, restore_at) == (1 + self.leaning.rounds, LATER):
                self._restore()
            if self.leaning.rounds and self.leaning.events:
                self.outside.something_happens()
            self._note(f"{hours} hours pass")
            self.outside.pass_time(seconds=hours * 3600)
            self._tick()

    def _evening(self) -> Sequence[float]:
        """How long the house goes on by itself while things still break and processes still die.

        A story of the banks takes the days in which a payout is made, arrives and comes back.
        """
        far = DAYS_H if self.rng.random() < self.leaning.days else BRINK_H
        days = self.rng.choices(DAYS_H, k=2) if self.leaning.days else []
        rounds = self.leaning.rounds
        return (0.05, *[0.3] * rounds, self.rng.choice(far), *days, *[1.1] * (1 + rounds))

    def _step(self) -> None:
        self.outside.pass_time(seconds=self.rng.choice([0, 0, 1, 7, 30]))
        paused, idle = self.cast.standing(State.PAUSED), self.cast.standing(State.IDLE)
        dice = self.rng.random()
        if paused and (dice < 0.6 or not idle):
            self._go_on(self._one_of(paused), passes=self.rng.choice(PASSES))
        elif dice < 0.85 and idle:
            self._ring(self._one_of(idle))
        else:
            self.outside.something_happens()
        self._settle()

    def _one_of(self, actors: Sequence[Actor]) -> Actor:
        """One of them, the workers rather than the desks."""
        weights = [3 if actor.name.startswith("worker") else 2 for actor in actors]
        return self.rng.choices(actors, weights=weights)[0]

    def _go_on(self, actor: Actor, *, passes: int) -> None:
        dies = self.plan[actor.at] > 0 and self.rng.random() < 0.8
        if dies:
            self.plan[actor.at] -= 1
            self.told.died[actor.at] += 1
        self._note(f"{actor.name} {'dies at' if dies else 'goes on from'} {actor.at}")
        actor.go_on(dying=dies, passes=passes)

    def _ring(self, actor: Actor) -> None:
        """A doorbell: it may be lost, and it may ring at two doors."""
        dice = self.rng.random()
        if dice < 0.1:
            return
        doors = [actor]
        if dice > 0.85:
            doors += [other for other in self.cast.standing(State.IDLE) if other.name[0] == actor.name[0]][:2]
        name = self._errand(actor)
        for door in dict.fromkeys(doors):
            self._send(door, name)
            self.cast.settle()

    def _errand(self, actor: Actor) -> str:
        if actor.name.startswith("worker"):
            return "sweep"
        weights = {"close": 6, "approve": 4, "accrue": 2} if self._not_approved() else {}
        weights |= {
            "hooks": 3,
            "work": 4,
            "poll": 3,
            "settle": 3,
            "release": 2,
            "lift": 2,
            "watch": 1,
            "audit": 1,
            "look": 2,
        }
        weights |= self.leaning.errands
        return self.rng.choices(list(weights), weights=list(weights.values()))[0]

    def _send(self, actor: Actor, name: str, *, passes: int = 0) -> None:
        errand = ERRANDS[name]
        skew = self.skews[actor]
        self._note(f"{actor.name} starts {name}")

        def run() -> None:
            try:
                errand(self.world, lambda: self.world.now + skew)
            except ANSWERS as answer:
                self._note(f"answered: {type(answer).__name__}")

        actor.begin(name, run, passes=passes)

    def _settle(self) -> None:
        self._arrive()
        self.watch.may_halt = {HALTS[fate] for fate in HALTS if self.stage.wire.met[fate]}
        self.watch.look()

    @contextmanager
    def _no_claim_in_a_halt(self) -> Iterator[None]:
        """Nobody takes an item up in this step when a halt stood at its beginning; a hold is part of a claim."""
        free = [actor for actor in self.cast if actor.at != "hold.told" and actor.state is not State.BLOCKED]
        before, halted = {actor: actor.reached[CLAIM] for actor in free}, self.watch.halted
        yield
        if halted and any(actor.reached[CLAIM] > before[actor] for actor in free):
            raise Violation("an item was claimed in spite of a halt")

    def _arrive(self) -> None:
        self.cast.settle()
        for actor in self.cast:
            if actor.failure is not None:
                failure, actor.failure = actor.failure, None
                raise Violation(f"{actor.name} failed at {actor.doing}: {type(failure).__name__}: {failure}")

    def _note(self, text: str) -> None:
        self.told.steps.append(f"{self.world.now:%d %H:%M:%S} {text}")

    def _not_approved(self) -> bool:
        run = PayRun.objects.exclude(state=RunState.CANCELLED).first()
        return run is None or run.state in (RunState.DRAFT, RunState.FROZEN)

    def _pays(self) -> bool:
        return PayRun.objects.filter(state=RunState.PAYING).exists()

    def _back_up(self) -> None:
        self._note("a backup is made")
        self.stage.back_up()

    def _restore(self) -> None:
        """The database of the backup, a moment or a day later; Stripe forgets nothing."""
        self.cast.kill_all()
        if self.rng.random() < 0.5:
            self.outside.time_jumps()
        self._note("the backup is restored")
        self.stage.restore()
        self.watch.forget()

    # Healing.

    def heal(self) -> None:
        """All faults are over; within 72 hours everything is paid once, or held with a reason."""
        self._note("all heals")
        self.stage.wire.heal()
        self.world.control("webhooks", duplicate=0, duplicate_distinct=0, drop=0, reorder=0, delay_s=0)
        self._finish_what_was_begun()
        for name in ("Ada", "Ben"):
            self.outside.stripe_does("enable", name)
        if self.outside.gone:
            self.outside.money_goes()
        self.skews = dict.fromkeys(self.cast, timedelta())
        hours = 0.0
        for tick in TICKS_H:
            self.outside.pass_time(seconds=(tick - hours) * 3600)
            hours = tick
            self._tick()
            if not (unfinished() or self.stage.wire.late):
                break
        self.told.ending = at_the_end(self.world, hours=hours)

    def _finish_what_was_begun(self) -> None:
        for actor in self.cast:
            actor.well = True
        while len(self.cast.standing(State.IDLE)) < len(self.cast.actors):
            for actor in self.cast.standing(State.PAUSED):
                actor.go_on()
            self._settle()

    def _tick(self) -> None:
        """Every doorbell of the house rings once, and somebody opens."""
        for name in ("close", "approve", *TICK) if self._not_approved() else TICK:
            self._arrive()
            idle = self.cast.standing(State.IDLE)
            if not idle:
                return
            self._send(idle[0], name, passes=ALL)
            self._arrive()
            while idle[0].state is State.PAUSED:
                self._go_on(idle[0], passes=ALL)
                self._arrive()
        self._settle()
