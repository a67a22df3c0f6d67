"""Three hands at once: one kills workers, one breaks machines, and finance goes on paying one week after another."""

import contextlib
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
from django.conf import settings
from django.db import connection

from callboard.embedded import addresses
from callboard.embedded.supervisor import Supervisor
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from payments.webhooks.models import InboundEvent
from tests.faults import machines, traps
from tests.faults.amount import Amount
from tests.faults.stage import Stage, patiently
from tests.faults.traps import Fate

WORKERS = ("worker-1", "worker-2")
# Where a worker can die on the money's way, from the approved line to the last notification. The rarer points, passed
# once a run or once a refusal, are laid first and so lie longest.
RARE = (
    *("accrual.earnings_inserted", "accrual.before_commit"),
    *("start.preflight_done", "start.before_commit", "finish.before_commit"),
    *("peek.listed", "lookup.listed", "record.given_back", "hold.told", "release.before_commit"),
)
COMMON = (
    *("claim.before_commit", "send.claimed", "send.called", "send.answered", "send.recorded"),
    *("record.checked", "record.posted", "record.told", "record.before_commit"),
    *("account.asked", "account.before_commit", "inbox.claimed", "inbox.handled", "inbox.done"),
)
# Reached with every item: where a rarer point was not reached, the worker dies here instead.
ANYWHERE = "send.called"
ENOUGH_TO_PAY = 40
LAST_CALL_S = 40.0
PAID = (ItemState.SENT, ItemState.SETTLED)


class Violence:
    """What is done, by chance under a seed. `done` counts it; `deaths` says at which points workers died."""

    def __init__(
        self, stage: Stage, supervisor: Supervisor, amount: Amount, *, say: Callable[[str], None]
    ) -> None:
        self.stage, self.supervisor, self.amount, self.say = stage, supervisor, amount, say
        self.done: Counter[str] = Counter()
        self.deaths: list[str] = []
        # By process: a worker can be killed in the very moment in which it dies at a trap.
        self.killed: set[int] = set()
        self.forgotten = 0
        self._laid: set[str] = set()
        self._frozen: set[str] = set()
        # Held by whoever needs that no week is closed meanwhile: what a restore forgets, people would have to do again.
        self._office = threading.Lock()
        self._over = threading.Event()

    def happens(self) -> None:
        """Returns when all of it is done. Raises TimeoutError when something did not come back."""
        with ThreadPoolExecutor(3) as hands:
            finance = hands.submit(self._pay_weeks)
            others = [hands.submit(self._kill_workers), hands.submit(self._break_machines)]
            try:
                for hand in others:
                    hand.result()
            finally:
                self._over.set()
            finance.result()

    def _pay_weeks(self) -> None:
        while not self._over.wait(0.5):
            with self._office:
                patiently(self._finance_turn)
        self.stage.pay_week(last=True)
        connection.close()

    def _finance_turn(self) -> None:
        self.stage.release_refused()
        if to_pay() < ENOUGH_TO_PAY:
            self.stage.pay_week()
            self.stage.finish_a_late_form()

    def _kill_workers(self) -> None:
        chance = random.Random(f"{self.stage.seed} kills")
        points = chance.sample([*COMMON, *RARE], self.amount.kills // 2)
        moments = [*points, *[""] * (self.amount.kills - len(points))]
        chance.shuffle(moments)
        moments.sort(key=lambda point: point not in RARE)
        for point in moments:
            if self._over.is_set():
                return
            if point:
                self._lay(point)
            else:
                self._kill_one(chance)
            self._await_deaths(within_s=chance.uniform(1.0, 6.0))
        self._await_deaths(within_s=LAST_CALL_S)
        for point in sorted(self._laid):
            if traps.take_up(point, Fate.DIES):
                self._laid.discard(point)
                self.say(f"nobody came by {point}")
                self._lay(ANYWHERE)
                self._await_deaths(within_s=machines.AWAY_AT_MOST_S)
        if self._laid:
            raise TimeoutError(f"Nobody came by {self._laid}: nothing is being paid.")

    def _lay(self, point: str) -> None:
        traps.lay(point, Fate.DIES)
        self._laid.add(point)

    def _await_deaths(self, *, within_s: float) -> None:
        """Wait for whoever meets the traps that are laid. One that nobody met stays: the rarer points come later."""
        deadline = time.monotonic() + within_s
        while self._laid and time.monotonic() < deadline and not self._over.wait(0.05):
            for met, group in [(laid, traps.met(laid, Fate.DIES)) for laid in sorted(self._laid)]:
                if group is None:
                    continue
                self.killed.add(group)
                self._laid.discard(met)
                self.deaths.append(met)
                self._note("kills", f"a worker died at {met}")

    def _kill_one(self, chance: random.Random) -> None:
        """SIGKILL a worker and its children at any moment of its work."""
        name, after_s = chance.choice(WORKERS), chance.uniform(0.0, 4.0)
        killed = machines.wait_until(
            f"{name} runs and is killed",
            lambda: self.supervisor.kill(name) if self._works(name, for_s=3 + after_s) else None,
        )
        self.killed.add(killed)
        self._note("kills", f"{name} killed")

    def _works(self, name: str, *, for_s: float) -> bool:
        """Whether the worker has run for that long, and does not stand still."""
        pid = self.supervisor.pid(name)
        if pid is None or name in self._frozen:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            return bool(time.time() - psutil.Process(pid).create_time() > for_s)
        return False

    def _break_machines(self) -> None:
        chance = random.Random(f"{self.stage.seed} machines")
        acts = self.amount.of_machines()
        chance.shuffle(acts)
        doing: dict[str, Callable[[], None]] = {
            "broker_restarts": lambda: self._restart_broker(chance.choice([signal.SIGTERM, signal.SIGKILL])),
            "flushes": self._flush_broker,
            "postgres_stops": self._stop_postgres,
            "freezes": self._freeze_one,
            "droughts": self._run_dry,
            "restores": self._restore,
        }
        for act in acts:
            if self._over.wait(chance.uniform(1.0, 5.0)):
                break
            doing[act]()
        connection.close()

    def _restart_broker(self, sent: signal.Signals) -> None:
        machines.restart_broker(sent)
        self._note("broker_restarts", f"broker restarted by {sent.name}")

    def _flush_broker(self) -> None:
        machines.flush_broker()
        self._note("flushes", "broker emptied by FLUSHALL")

    def _stop_postgres(self) -> None:
        machines.stop_postgres_at_once()
        self._note("postgres_stops", "Postgres stopped at once, and back")

    def _freeze_one(self) -> None:
        """A worker that has claimed an item stands still until long after its lease, and then goes on."""
        traps.lay("send.claimed", Fate.FREEZES)
        group = machines.wait_until("a worker stands still", lambda: traps.met("send.claimed", Fate.FREEZES))
        self._frozen = {name for name in WORKERS if self.supervisor.pid(name) == group}
        time.sleep(settings.PAYOUT_LEASE_S + 3)
        machines.thaw(group)
        time.sleep(1)
        self._frozen = set()
        self._note("freezes", f"a worker stood still after its claim for {settings.PAYOUT_LEASE_S + 3} s")

    def _run_dry(self) -> None:
        self.stage.stripe.run_dry(for_s=1.5)
        self._note("droughts", "Stripe's balance was empty for a moment")

    def _restore(self) -> None:
        """The database of a while ago comes back. It forgets a run that was frozen, approved and half paid since; Stripe
        does not, and finance does the week once more."""
        with self._office:
            snapshot, week = addresses.home() / "snapshot", self.stage.weeks_closed
            machines.snapshot(snapshot)
            run = self.stage.pay_week()
            before = machines.wait_until(
                "half of the new run is paid", lambda: patiently(lambda: self._half(run)), at_most_s=120
            )
            machines.restore(snapshot)
            self.forgotten = before
            self.stage.go_back_to(week)
        self._note("restores", f"Postgres restored from a snapshot: a run with {before} payments forgotten")

    def _half(self, run: PayRun) -> int:
        """How many of the run's items are paid; 0 until it is half of them."""
        paid = PayItem.objects.filter(run=run, state__in=PAID).count()
        return paid if paid >= run.items_count // 2 else 0

    def _note(self, what: str, sentence: str) -> None:
        self.done[what] += 1
        self.say(sentence)


def to_pay() -> int:
    """How many items wait in runs that may pay."""
    runs = (RunState.APPROVED, RunState.PAYING)
    return PayItem.objects.filter(state=ItemState.READY, run__state__in=runs).count()


def is_drained() -> bool:
    """Everything is paid or held with its reason, every run is closed, and the inbox is worked through."""
    return not (
        PayItem.objects.filter(state__in=(ItemState.READY, ItemState.SENDING)).exists()
        or PayRun.objects.filter(state__in=(RunState.APPROVED, RunState.PAYING)).exists()
        or InboundEvent.objects.filter(state=InboundEvent.State.NEW).exists()
    )
