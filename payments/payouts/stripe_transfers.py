"""The rail of Stripe's transfers: from the platform's balance to a performer's account at Stripe."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Q, Sum

from kit.money import Money
from payments.connect import queries as accounts
from payments.connect import sharing
from payments.connect.models import PayeeAccount
from payments.gateway import balance, transfers
from payments.gateway.client import livemode
from payments.gateway.errors import StripeUnavailable
from payments.gateway.outcomes import Failure
from payments.gateway.transfers import TransferFacts
from payments.inbox.halts import raise_halt, refuse_if_halted
from payments.ledger.chart import Kind
from payments.payouts import bank, mirror, reversals
from payments.payouts.models import Transfer
from payments.payouts.rail import Destination, Generations, NotCovered, Unreachable
from payments.payroll import holds
from payments.payroll.models import PayItem, PayRun, RailName
from payments.payroll.states import ItemState, RunState

log = structlog.get_logger(__name__)
READ_LATELY = timedelta(minutes=15)


class StripeTransfers:
    name: str = RailName.STRIPE_TRANSFERS
    pays_from = Kind.STRIPE_BALANCE

    def preflight(self, *, run: PayRun, at: datetime) -> None:
        try:
            _refuse_wrong_platform(at=at)
            _refuse_uncovered(run, already_minor=_already_sent_minor(run, at=at))
        except StripeUnavailable as error:
            raise Unreachable(type(error).__name__) from error

    def knows_what_went_out(self, *, at: datetime) -> bool:
        """A database restored from a backup shows by how long ago Stripe was last read: what went out since is mirrored
        before anything else does. With a key of the wrong world nothing is known, and payouts are halted."""
        if _halt_in_the_wrong_mode(at=at):
            return False
        if reversals.read_since(at - READ_LATELY):
            return True
        try:
            reversals.read_transfers(at=at)
        except StripeUnavailable as error:
            log.warning("stripe_not_read_before_sending", error=type(error).__name__)
            return False
        return True

    def destinations(self, items: Sequence[PayItem], *, at: datetime) -> dict[PayItem, Destination]:
        performers = {item.performer_id for item in items}
        newest, shared = accounts.newest_of(performers), sharing.held_among(performers)
        return {
            item: _destination(newest.get(item.performer_id), is_shared=item.performer_id in shared, at=at)
            for item in items
        }

    def parameters(self, item: PayItem, *, destination: str) -> dict[str, Any]:
        return {
            "amount": item.amount_minor,
            "currency": item.currency,
            "destination": destination,
            "transfer_group": str(item.natural_key),
            "metadata": {
                **_period(item.run),
                "performer": item.performer.public_id,
                "generation": str(item.generation),
                "environment": settings.ENVIRONMENT,
            },
        }

    def send(self, parameters: dict[str, Any], *, key: str) -> TransferFacts | Failure:
        return transfers.create(parameters, key=key)

    def in_group(self, group: str, generations: Generations) -> Sequence[TransferFacts]:
        try:
            found = transfers.in_group(group)
        except StripeUnavailable as error:
            raise Unreachable(type(error).__name__) from error
        return [sent for sent in found if generations.holds(_generation(sent))]

    def seen_elsewhere(self, items: Sequence[PayItem]) -> set[int]:
        groups = [str(item.natural_key) for item in items]
        strays = Transfer.objects.filter(transfer_group__in=groups, item=None)
        seen = set(strays.values_list("transfer_group", flat=True))
        return {item.pk for item in items if str(item.natural_key) in seen}

    def differences(self, asked: dict[str, Any], sent: TransferFacts) -> str:
        checks = {
            "amount": (sent.amount_minor, asked["amount"]),
            "currency": (sent.currency, asked["currency"]),
            "destination": (sent.destination, asked["destination"]),
            "transfer_group": (sent.transfer_group, asked["transfer_group"]),
            "performer": (sent.metadata.get("performer"), asked["metadata"]["performer"]),
            "livemode": (sent.livemode, livemode()),
        }
        return ", ".join(
            f"{name} is {got!r}, not {want!r}" for name, (got, want) in checks.items() if got != want
        )

    def keep(self, sent: Sequence[TransferFacts], *, items: Sequence[PayItem], at: datetime) -> None:
        mirror.store_for_items(sent, items=items, at=at)

    def keep_stray(self, sent: TransferFacts, *, at: datetime) -> None:
        mirror.store_unknown([sent], at=at)

    def follow(self, sent: Sequence[TransferFacts], *, at: datetime) -> None:
        for stripe_id in mirror.taken_back([transfer.id for transfer in sent]):
            reversals.post(stripe_id=stripe_id, at=at)
        bank.follow(stripe_ids=[transfer.destination for transfer in sent], at=at)


STRIPE_TRANSFERS = StripeTransfers()


def _period(run: PayRun) -> dict[str, str]:
    if run.off_cycle is not None:
        return {"off_cycle": str(run.off_cycle)}
    return {"week": run.week.starts_on.isoformat()}


def _generation(sent: TransferFacts) -> int:
    """As we wrote it into its metadata. What carries none was made past us and stands with the first."""
    text = sent.metadata.get("generation", "")
    return int(text) if text.isascii() and text.isdigit() else 1


def _destination(account: PayeeAccount | None, *, is_shared: bool, at: datetime) -> Destination:
    refusal = _cannot_receive(account, is_shared=is_shared, at=at)
    return Destination(id=account.stripe_id if account else "", refusal=refusal)


def _cannot_receive(account: PayeeAccount | None, *, is_shared: bool, at: datetime) -> str:
    if account is None:
        return "payout_account_missing"
    if account.ended_at is not None:
        return "account_closed"
    if account.transfers_status != "active":
        return "payout_account_not_ready"
    if account.is_bank_on_hold(at):
        return "bank_change_hold"
    if is_shared:
        return "bank_account_shared"
    return "" if account.is_fresh(at) else holds.NOT_FRESH


def _refuse_wrong_platform(*, at: datetime) -> None:
    configured = settings.STRIPE_ACCOUNT_ID
    if configured and balance.platform_account_id() != configured:
        raise_halt(
            code="wrong_platform", detail="The Stripe key belongs to another account than configured.", at=at
        )
        refuse_if_halted()
    _halt_in_the_wrong_mode(at=at)
    refuse_if_halted()


def _halt_in_the_wrong_mode(*, at: datetime) -> bool:
    """Real money is moved in production, and nowhere else."""
    production = settings.ENVIRONMENT == "production"
    if livemode() == production:
        return False
    detail = "A test key in production." if production else "A live key outside production."
    raise_halt(code="wrong_mode", detail=detail, at=at)
    return True


def _already_sent_minor(run: PayRun, *, at: datetime) -> int:
    """What this run's performers have of it already, in minor units: nothing, unless the database was restored to
    before the approval. It has forgotten what it sent, Stripe has not: mirrored, so that each claim looks first."""
    reversals.read_transfers(at=at)
    groups = map(str, PayItem.objects.filter(run=run).values_list("natural_key", flat=True))
    ours = Transfer.objects.filter(transfer_group__in=list(groups), item=None)
    return int(ours.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _refuse_uncovered(run: PayRun, *, already_minor: int) -> None:
    # Runs that pay already share the balance with this one.
    ours = Q(run=run) | Q(run__state=RunState.PAYING)
    ready = PayItem.objects.filter(
        ours,
        currency=run.currency,
        state__in=[ItemState.READY, ItemState.SENDING],
        rail=RailName.STRIPE_TRANSFERS,
    )
    waiting = (ready.aggregate(total=Sum("amount_minor"))["total"] or 0) - already_minor
    has = balance.available_minor(currency=run.currency)
    if has < waiting:
        needs, missing = Money(waiting, run.currency).display(), Money(waiting - has, run.currency).display()
        raise NotCovered(
            f"This run needs {needs} at Stripe; {missing} is missing. Add it, then the run starts by itself."
        )
