"""What must hold after every step, and what must have become of everything in the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from accounts.notifications.models import Notification
from callboard.embedded import addresses
from payments.control import audit
from payments.gateway import balance
from payments.gateway.client import speaking_through
from payments.inbox.models import Halt
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.payroll import holds
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from payments.sandbox.inprocess import InProcessClient
from payments.webhooks.models import InboundEvent
from tests import database
from tests.payments.world import World

# Questions about how long something takes: while nobody may work, their answer is an alarm and no violation.
ALARMS = frozenset({"nothing_sends_for_long", "approved_lines_are_earned"})
TOO_SOON = """
    SELECT account.id, account.bank_changed_at, attempt.id FROM payments_payeeaccount account
    LEFT JOIN (payments_attempt attempt JOIN payments_payitem item ON item.id = attempt.item_id)
      ON item.performer_id = account.performer_id AND attempt.claimed_at > account.bank_changed_at
        AND attempt.claimed_at < account.bank_changed_at + interval '72 hours'
    WHERE account.bank_changed_at IS NOT NULL
"""
Eyes = psycopg.Connection[tuple[Any, ...]]
SENT = (ItemState.SENT, ItemState.SETTLED, ItemState.REVERSED)


class Violation(Exception):
    """Something that must never be. The message says what, in words."""


def open_eyes() -> Eyes:
    """A line of its own to the database that Django points at, on which every question is planned once."""
    line = psycopg.connect(addresses.database_url(name=database.current()), autocommit=True)
    line.execute("SET plan_cache_mode = force_generic_plan")
    return line


@dataclass
class Watch:
    """Looks at the house and at Stripe after each step. `may_halt` are the halts for which the story gave a cause;
    `exact` is whether all clocks agree."""

    world: World
    line: Eyes
    may_halt: set[str] = field(default_factory=set)
    exact: bool = True
    halted: bool = False
    seen: str = ""
    changes: set[tuple[int, datetime]] = field(default_factory=set)
    excused: set[int] = field(default_factory=set)

    def forget(self) -> None:
        """Everything may be another way now."""
        self.seen, self.halted = "", False

    def look(self) -> None:
        """Raise Violation when an invariant does not hold now."""
        self._nobody_is_paid_twice()
        if self._nothing_happened():
            return
        self._audit()
        if self.exact:
            self._no_thief_is_paid()
        halts = list(Halt.objects.filter(lifted_at=None).values_list("code", "detail"))
        self.halted = bool(halts)
        for code, detail in halts:
            if code.removeprefix("audit:") not in self.may_halt | ALARMS:
                raise Violation(f"halted without a cause: {code}: {detail}")

    def _audit(self) -> None:
        """The audit's own questions, prepared once a story: they are asked after every step."""
        facts = {"at": self.world.now}
        for code, (_, sql) in audit.QUESTIONS.items():
            offenders = self.line.execute(sql, facts, prepare=True).fetchall() if code not in ALARMS else []
            if offenders:
                raise Violation(f"{code}: {offenders}")

    def _no_thief_is_paid(self) -> None:
        """Nothing is sent for 72 hours after a bank account was changed. Asked where all clocks agree.

        What was sent between Stripe's answer and its being written down is excused: nobody could know.
        """
        rows = self.line.execute(TOO_SOON, prepare=True).fetchall()
        for account, changed_at, attempt in rows:
            if attempt is None or attempt in self.excused:
                continue
            if (account, changed_at) in self.changes:
                raise Violation(f"sent to a bank account that had just been changed: attempt {attempt}")
            self.excused.add(attempt)
        self.changes = {(account, changed_at) for account, changed_at, _ in rows}

    def _nothing_happened(self) -> bool:
        """Whether no transaction has ended or begun since the last look: then no answer can be another."""
        row = self.line.execute("SELECT pg_current_snapshot()::text", prepare=True).fetchone()
        before, self.seen = self.seen, str(row)
        return before == self.seen

    def _nobody_is_paid_twice(self) -> None:
        rows = self.world.sandbox.world.store.db.execute(
            "SELECT json_extract(body, '$.metadata.performer'), count(*) FROM object WHERE kind = 'transfer' GROUP BY 1"
        ).fetchall()
        twice = [performer for performer, n in rows if n > 1]
        if twice:
            raise Violation(f"paid twice: {twice}")


@dataclass(frozen=True)
class Ending:
    """How a story ended: what became of each item, by performer."""

    paid: int
    held: dict[str, int]
    hours: float


def unfinished() -> list[str]:
    """What is still to be done before a story may end."""
    run = PayRun.objects.exclude(state=RunState.CANCELLED).first()
    if run is None or run.state != RunState.PAID:
        return [f"the run is {run.state if run else 'not there'}"]
    waiting = PayItem.objects.filter(state__in=[ItemState.READY, ItemState.SENDING])
    events = InboundEvent.objects.filter(state=InboundEvent.State.NEW)
    return [f"{item.public_id} is {item.state}" for item in waiting] + [f"{event} is new" for event in events]


def at_the_end(world: World, *, hours: float) -> Ending:
    """Every approved item is paid exactly once, or held with a reason and people who know. Raises Violation."""
    left = unfinished()
    if left:
        raise Violation(f"not done after {hours:.0f} h: {left}")
    offended = [result for result in audit.run(at=world.now) if not result.ok]
    if offended:
        raise Violation(f"{offended}")
    items = list(PayItem.objects.select_related("performer", "run"))
    _paid_once(world, [item for item in items if item.state in SENT])
    _held_and_told([item for item in items if item.state == ItemState.HELD])
    _books_agree(world)
    held = [item.hold_code for item in items if item.state == ItemState.HELD]
    return Ending(len(items) - len(held), {code: held.count(code) for code in held}, hours)


def _paid_once(world: World, items: Sequence[PayItem]) -> None:
    at_stripe = {transfer["id"]: transfer for transfer in world.books()["transfers"]}
    for item in items:
        transfer = at_stripe.pop(item.transfer_id, None)
        if transfer is None:
            raise Violation(
                f"{item.public_id} is {item.state} by {item.transfer_id}, which Stripe does not know"
            )
        ours = (item.amount_minor, item.currency, item.destination, str(item.natural_key))
        theirs = tuple(transfer[name] for name in ("amount", "currency", "destination", "transfer_group"))
        if ours != theirs:
            raise Violation(f"{item.public_id} was to be {ours}, Stripe has {theirs}")
    if at_stripe:
        raise Violation(f"Stripe has transfers that no item knows: {sorted(at_stripe)}")


def _held_and_told(items: Iterable[PayItem]) -> None:
    for item in items:
        if item.hold_code == holds.NOT_FRESH:
            continue  # for a moment, until Stripe was asked; nobody has anything to do
        if not item.hold_code or item.held_at is None:
            raise Violation(f"{item.public_id} is held without a reason")
        told = set(
            Notification.objects.filter(key__startswith=f"held:{item.public_id}:").values_list(
                "user_id", flat=True
            )
        )
        if item.performer.user_id not in told or len(told) < 2:
            raise Violation(f"{item.public_id} is held and not everybody was told")


def _books_agree(world: World) -> None:
    """What the house lost at Stripe is what its books say it sent, less what came back."""
    with speaking_through(InProcessClient(world.sandbox)):
        at_stripe = balance.available_minor(currency="usd")
    ours = ledger.total_minor(Kind.STRIPE_BALANCE, currency="usd")
    if at_stripe - ours != world.ahead_minor:
        raise Violation(
            f"Stripe's balance is {at_stripe}, the books say {ours}; {world.ahead_minor} between them is right"
        )
