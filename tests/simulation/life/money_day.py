"""A day of the house's money: a few acts, each perhaps twice, by processes that may die; at night Stripe is asked, and
what must hold is looked at."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from random import Random

from accounts.performers.models import Performer
from kit import crash
from kit.errors import DomainError
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.dunning import reminders
from payments.funding import endings, following, withdrawals
from payments.funding.models import Funding
from payments.gateway.client import client
from payments.gateway.errors import StripeUnavailable
from payments.paylines import silence
from payments.paylines.models import PayLine
from payments.payouts import bank, paying, returns, reversals
from payments.payroll import accrual, holds, off_cycle
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.reconciliation import comparing, reading
from tests.simulation.actors import Died
from tests.simulation.calls import InSeededOrder
from tests.simulation.life import money_acts
from tests.simulation.life.acts import MONEY_ACTS
from tests.simulation.life.life import Life
from tests.simulation.life.money_acts import Purse
from tests.simulation.life.money_checks import check_money, check_money_at_the_end
from tests.simulation.life.terms_acts import terms_go_home
from tests.simulation.life.till import USD, Till, real_budgets

ACTS_A_DAY = 4
DIES, TWICE = 0.25, 0.3
# How many crash points a process passes before it dies.
PASSES = (0, 0, 1, 2, 3, 5, 8)
AT_THE_END_MINOR = 10_000_000
DAYS_TO_THE_BANK, POLLED = 4, 4
NAMES, WEIGHTS = list(MONEY_ACTS), [act.weight for act in MONEY_ACTS.values()]


def a_purse(life: Life, till: Till, *, seed: int) -> Purse:
    till.it_is(life.at)
    real_budgets(at=life.at)
    purse = Purse(life, till, Random(f"money {seed}"), [])
    # One of them leaves pay on the account, where it lies when that ends.
    rests = purse.one_of(PayeeAccount.objects.filter(ended_at=None))
    if rests is not None:
        till.control(f"accounts/{rests.stripe_id}/manual")
    return purse


def plans_money(purse: Purse, *, disputing: bool) -> None:
    """Some acts at some time of the day. `disputing`: what was approved may be objected to."""
    purse.disputing = disputing
    for _ in range(ACTS_A_DAY):
        at = purse.life.at + timedelta(seconds=purse.chance.randrange(14 * 3600))
        purse.life.plan(at, lambda: acts(purse))


def acts(purse: Purse) -> None:
    """Something that can be done now. Who died over it does it again; others press twice."""
    purse.till.it_is(purse.life.at)
    for _ in range(8):
        name = purse.chance.choices(NAMES, WEIGHTS)[0]
        do = MONEY_ACTS[name].money(purse)
        if do is not None:
            does(purse, name, do)
            return


def does(purse: Purse, name: str, do: Callable[[], object]) -> None:
    died = _tries(purse, name, do, dies=purse.chance.random() < DIES and purse.dying)
    if died or purse.chance.random() < TWICE:
        _tries(purse, name, do, dies=False)


def _tries(purse: Purse, name: str, do: Callable[[], object], *, dies: bool) -> str:
    """Where the process died, or nothing."""
    at, came_to = "", ""
    try:
        with _dying(after=purse.chance.choice(PASSES) if dies else None):
            do()
        purse.life.did[name] += 1
    except Died as death:
        at = came_to = f"died at {death}"
    except (DomainError, StripeUnavailable, ValueError) as refusal:
        came_to = str(getattr(refusal, "code", "") or refusal)[:100]
        purse.life.refused[f"{name}: {came_to}"] += 1
    purse.life.said.append(f"{purse.life.at:%d %H:%M:%S}  money: {name}  {came_to}")
    return at


@contextmanager
def _dying(*, after: int | None) -> Iterator[None]:
    """Who comes by more crash points than `after` dies there; None for nobody."""
    passed: Counter[str] = Counter()

    def reached(name: str) -> None:
        passed[name] += 1
        if after is not None and passed.total() > after:
            raise Died(name)

    crash.on_reach(reached)
    try:
        yield
    finally:
        crash.on_reach(None)


def money_night(purse: Purse, *, heard: bool) -> None:
    """Every job of the beat that concerns money; now and then one dies, and the next tick does it."""
    purse.till.it_is(purse.life.at)
    if heard:
        purse.life.does({name: partial(_does_job, purse, name, job) for name, job in _jobs(purse).items()})
        reading.read(at=purse.life.at)
    check_money(purse, heard=heard)


def _does_job(purse: Purse, name: str, job: Callable[[], object]) -> None:
    if _tries_job(purse, name, job, dies=purse.chance.random() < 0.1 and purse.dying):
        _tries_job(purse, name, job, dies=False)


def _tries_job(purse: Purse, name: str, job: Callable[[], object], *, dies: bool) -> bool:
    try:
        with _dying(after=purse.chance.choice(PASSES) if dies else None):
            job()
    except Died as death:
        purse.life.said.append(f"{purse.life.at:%d %H:%M:%S}  money: {name} died at {death}")
        return True
    return False


def _jobs(purse: Purse) -> dict[str, Callable[[], object]]:
    at = purse.life.at
    return {
        "withdrawals": lambda: withdrawals.send_due(at=at),
        "payments": lambda: _payments(purse),
        "endings": lambda: endings.give_back_ended(at=at),
        "pay lines": lambda: silence.sweep(at=at),
        "accrual": lambda: accrual.accrue(at=at),
        "vetted": lambda: holds.release_vetted(at=at),
        "accounts": lambda: connect.refresh_due(at=at),
        "transfers": lambda: reversals.read_transfers(at=at),
        "payday": lambda: paying.sweep(now=lambda: at, calls=InSeededOrder(purse.till.sandbox.world.chance)),
        "banks": lambda: bank.settle(at=at),
        "comparing": lambda: comparing.tick(at=at),
        "reminders of terms": lambda: reminders.remind_due(at=at),
    }


def _payments(purse: Purse) -> None:
    """All news of all payments, as by Stripe's calls: after it the books agree with Stripe (money/RULES.md, rule 12). Each
    is polled all the same, one in POLLED a night."""
    now, night = _payments_at_stripe(purse.till), purse.life.at.toordinal()
    for funding in Funding.objects.order_by("pk"):
        known, polled = purse.heard.get(funding.payment_intent_id), (funding.pk + night) % POLLED == 0
        if polled or funding.landed_at is None or known != now.get(funding.payment_intent_id):
            following.refresh(funding=funding, at=purse.life.at)
    purse.heard = now


def _payments_at_stripe(till: Till) -> dict[str, int]:
    """Each payment with all that became of it, as a number that changes with it."""
    found: dict[str, int] = {}
    for kind in ("payment_intent", "charge", "refund", "dispute"):
        for body in till.objects(kind):
            payment = body["id"] if kind == "payment_intent" else body.get("payment_intent") or ""
            found[payment] = hash((found.get(payment), json.dumps(body)))
    return found


def money_for_all(purse: Purse) -> None:
    """Enough for whatever refunds and disputes have taken; a top-up takes days to arrive."""
    purse.till.it_is(purse.life.at)
    client().v1.topups.create({"amount": AT_THE_END_MINOR, "currency": USD})


def money_goes_home(purse: Purse) -> None:
    """All can be paid, all is decided; a last payday, and everyone has what they earned."""
    life, till = purse.life, purse.till
    till.it_is(life.at)
    purse.dying = False
    for performer in Performer.objects.order_by("pk"):
        account = PayeeAccount.objects.filter(performer=performer, ended_at=None).first()
        if account is not None:
            till.control(f"accounts/{account.stripe_id}/enable")
            till.control(f"accounts/{account.stripe_id}/onboard")
            connect.refresh(account=account, at=life.at)
        if not PayeeAccount.objects.filter(performer=performer, ended_at=None).exists():
            money_acts.sets_up(purse, performer)
    for dispute in Dispute.objects.filter(resolved_at=None).order_by("pk"):
        does(purse, "decides a correction", _decides(purse, dispute))
    for line in PayLine.objects.filter(state="proposed").select_related("engagement").order_by("pk"):
        does(purse, "answers proposed pay", money_acts.answering(purse, line, declines=False))
    terms_go_home(purse, does)
    money_night(purse, heard=True)
    for day in range(DAYS_TO_THE_BANK):
        life.passes_to(life.at + timedelta(days=1))
        _a_last_day(purse, pays=day == 1)
    check_money_at_the_end(purse)


def _decides(purse: Purse, dispute: Dispute) -> Callable[[], object]:
    by, at = purse.life.house.talent, purse.life.at
    return lambda: timekeeping.resolve_dispute(
        dispute=dispute, resolution="So it stays.", adjusted_s=None, by=by, at=at
    )


def _a_last_day(purse: Purse, *, pays: bool) -> None:
    for item in returns.waiting():
        money_acts.deciding_return(purse, item, returns.What.PAY_AGAIN)()
    for run in PayRun.objects.filter(state__in=["draft", "frozen"]).order_by("pk"):
        if run.state == "frozen" or run.off_cycle is None:
            does(purse, "closes a week", lambda run=run: money_acts.pays(purse, run))  # type: ignore[misc]
        else:
            payroll.cancel(run=run, reason="Left over.", by=purse.till.freezer, at=purse.life.at)
    owed = list(off_cycle.owed(purse.till.freezer, currency=USD))
    if pays and owed:
        run = off_cycle.open_run(
            performers=owed, currency=USD, reason="The last.", by=purse.till.freezer, at=purse.life.at
        )
        money_acts.pays(purse, run)
    for item in PayItem.objects.filter(state="held").order_by("pk"):
        holds.release(item=item, by=purse.till.freezer, at=purse.life.at)
    money_night(purse, heard=True)
