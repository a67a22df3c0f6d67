"""From the money in the bank back to the seconds: each step a sentence, one deeper than the one that it explains."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.access.actors import Actor
from kit.errors import NotFound
from kit.ids import MalformedId
from kit.instants import day, in_words
from kit.money import Money
from marketplace.presence.explain import explain_line
from marketplace.presence.lines import Stretch
from marketplace.presence.policy import TimePolicy
from marketplace.timekeeping.models import TimeLine
from payments.paylines.kinds import Kind
from payments.paylines.models import PayLine
from payments.payouts.models import Attempt, BankPayout, Transfer
from payments.payroll import queries as payroll
from payments.payroll.models import Earning, PayItem, PayRun
from payments.payroll.states import ItemState


@dataclass(frozen=True)
class Step:
    """One sentence. `depth` is how far in it stands, `thing` the id that it is about, `path` where a page shows it."""

    depth: int
    kind: str
    sentence: str
    thing: str = ""
    path: str = ""
    amount_minor: int | None = None
    currency: str = ""


def explain(*, thing: str, actor: Actor) -> list[Step]:
    """Explain a pay item, an attempt, a transfer, a bank payout, an earning, a time line or a pay line, by its id.

    Raises NotFound (404) for what does not exist or is not the actor's to see.
    """
    try:
        steps = list(_starting_at(thing, actor))
    except MalformedId as error:
        raise NotFound from error
    if not steps:
        raise NotFound
    return steps


def _starting_at(thing: str, actor: Actor) -> Iterator[Step]:
    items = PayItem.objects.visible_to(actor).select_related("run__week", "performer__user")
    match thing.split("_", maxsplit=1)[0]:
        case "itm":
            yield from _of_items(items.filter(public_id=thing), actor.zone)
        case "att":
            yield from _of_items(
                items.filter(pk__in=Attempt.objects.filter(public_id=thing).values("item_id")), actor.zone
            )
        case "tr":
            yield from _of_items(items.filter(transfer_id=thing), actor.zone)
        case "po":
            payout = BankPayout.objects.filter(stripe_id=thing).first()
            if payout is not None:
                carried = items.filter(transfers__in=payout.transfers.all())
                if carried:
                    yield _payout(payout, depth=0)
                yield from _of_items(carried, actor.zone, depth=1)
        case "ern":
            yield from _earnings(Earning.objects.visible_to(actor).filter(public_id=thing), depth=0)
        case "lin" | "pln":
            yield from _of_lines(thing, actor)
        case "run":
            yield from _of_items(items.filter(run__public_id=thing).order_by("id")[:1], actor.zone)


def _of_lines(thing: str, actor: Actor) -> Iterator[Step]:
    if thing.startswith("pln"):
        for found in PayLine.objects.visible_to(actor).filter(public_id=thing):
            yield _pay_line(found, depth=0)
        return
    for line in TimeLine.objects.visible_to(actor).filter(public_id=thing):
        yield from _line(line, depth=0)


def _of_items(items: Any, zone: str, *, depth: int = 0) -> Iterator[Step]:
    for item in items:
        yield from _item(item, zone, depth=depth)


def _item(item: PayItem, zone: str, *, depth: int) -> Iterator[Step]:
    amount = Money(item.amount_minor, item.currency)
    transfer = Transfer.objects.filter(item=item).first()
    for payout in BankPayout.objects.filter(transfers=transfer) if transfer and depth == 0 else []:
        yield _payout(payout, depth=depth)
    if transfer is not None:
        yield Step(
            depth,
            "transfer",
            f"{amount.display()} went to {item.performer.stage_name}'s Stripe account on {in_words(transfer.created_at, zone)}.",
            transfer.stripe_id,
            amount_minor=transfer.amount_minor,
            currency=transfer.currency,
        )
    elif item.amount_minor:
        state = ItemState(item.state).label.lower()
        yield Step(depth, "not_sent", f"{amount.display()} is {state}{_why(item)}.", item.public_id)
    yield from _after(item, transfer, depth=depth)
    yield from _attempts(item, depth=depth + 1)
    yield Step(
        depth + 1,
        "item",
        f"It pays {_counted(item.lines, 'line')} in the run {_of_run(item.run)}"
        + (f", approved {in_words(item.run.approved_at, zone)}." if item.run.approved_at else "."),
        item.public_id,
        reverse("statement", args=[item.public_id]),
        item.amount_minor,
        item.currency,
    )
    yield from _earnings(payroll.earnings_of(item), depth=depth + 2)


def _after(item: PayItem, transfer: Transfer | None, *, depth: int) -> Iterator[Step]:
    """What was kept of it, came back of it, or was too much: as it was."""
    for minor, sentence in (
        (
            -item.net_minor,
            "Corrections outweigh what was earned by {}: nothing was sent, and that much was paid too much.",
        ),
        (item.recovered_minor, "{} of it was kept to make up for what was paid too much before."),
        (transfer.reversed_minor if transfer else 0, "{} of it came back from the Stripe account."),
    ):
        if minor > 0:
            said = sentence.format(Money(minor, item.currency).display())
            yield Step(depth, "after", said, item.public_id)
    for decision in item.return_decisions.order_by("id"):
        said = f"{decision.get_what_display()}: {Money(decision.amount_minor, item.currency).display()}. {decision.reason}"
        yield Step(depth, "after", said, decision.public_id)


def _of_run(run: PayRun) -> str:
    week = f"the week of {day(run.week.starts_on, with_year=True)}"
    return f"for {week}" if run.off_cycle is None else f"beside the weeks, in {week}"


def _why(item: PayItem) -> str:
    return f": {item.hold_code}" if item.hold_code else ""


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _attempts(item: PayItem, *, depth: int) -> Iterator[Step]:
    for attempt in item.attempts.order_by("generation"):
        ended = f"{attempt.state} after {_counted(attempt.sends, 'call')}"
        code = f", Stripe's code {attempt.stripe_code}" if attempt.stripe_code else ""
        yield Step(
            depth, "attempt", f"Attempt {attempt.generation} under one key: {ended}{code}.", attempt.public_id
        )


def _earnings(earnings: Any, *, depth: int) -> Iterator[Step]:
    lines = earnings.select_related(
        "company",
        "line__timesheet__week",
        "line__seat__session__gig",
        "line__timesheet__performer__user",
        "pay_line__engagement__gig",
        "pay_line__part_of",
    )
    for earning in lines:
        yield Step(
            depth,
            "earning",
            _earned(earning),
            earning.public_id,
            amount_minor=earning.amount_minor,
            currency=earning.currency,
        )
        if earning.pay_line is None:
            yield from _line(earning.line, depth=depth + 1)
        else:
            yield _pay_line(earning.pay_line, depth=depth + 1)


def _earned(earning: Earning) -> str:
    """What it is for the performer, and what its company paid, or got, for it."""
    amount = Money(earning.amount_minor, earning.currency)
    if amount.minor < 0 and earning.pay_line is not None:
        return f"{(-amount).display()} deducted, and given to {earning.company.name}."
    cost = Money(earning.amount_minor + earning.fee_minor, earning.currency)
    return f"{amount.display()} earned; {earning.company.name} paid {cost.display()} with the platform's fee."


def _pay_line(line: PayLine, *, depth: int) -> Step:
    """A bonus, expense, breach, or a payday's part of a deduction: what it is, where, and why."""
    whole = line.part_of or line
    what = f"{Kind(line.kind).label}, “{line.engagement.gig.title}”: {line.reason}"
    if line.part_of is not None:
        what += f" A part of {Money(-whole.amount_minor, whole.currency).display()}."
    path = reverse("my_pay_lines") + f"#{whole.public_id}"
    return Step(depth, "pay_line", what, whole.public_id, path, line.amount_minor, line.currency)


def _line(line: TimeLine, *, depth: int) -> Iterator[Step]:
    rate = Money(line.rate_minor, line.currency).display()
    yield Step(
        depth,
        "line",
        f"{line.payable_s:,} payable seconds × {rate} an hour = {Money(line.amount_minor, line.currency).display()}, "
        f"evidence grade {line.grade}; worked {line.worked_s:,} seconds.",
        line.public_id,
        reverse("line_detail", args=[line.public_id]),
        line.amount_minor,
        line.currency,
    )
    seat = line.seat
    if seat is None:
        return
    session = seat.session
    zone = ZoneInfo(line.timesheet.performer.user.time_zone)
    yield Step(
        depth + 1,
        "session",
        f"Session of “{session.gig.title}”, called {in_words(session.call_at, zone)}.",
        session.public_id,
        reverse("session_detail", args=[session.public_id]),
    )
    policy = TimePolicy.from_json(session.policy)
    for stored in line.stretches:
        sentence = explain_line(line=Stretch.from_json(stored), policy=policy, zone=zone)
        yield Step(depth + 2, "seconds", sentence, session.public_id)


def _payout(payout: BankPayout, *, depth: int) -> Step:
    amount = Money(payout.amount_minor, payout.currency).display()
    when = day(payout.arrives_on) if payout.arrives_on else "soon"
    sentences = {
        "paid": f"{amount} arrived in the bank on {when}.",
        "failed": f"The bank sent {amount} back ({payout.failure_code}); it is safe on the Stripe account.",
    }
    sentence = sentences.get(payout.status, f"{amount} is on its way to the bank, expected {when}.")
    return Step(
        depth, "bank", sentence, payout.stripe_id, amount_minor=payout.amount_minor, currency=payout.currency
    )
