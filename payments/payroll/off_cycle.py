"""A run beside the weeks: for chosen performers, with a reason; from then on it goes as any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.expressions import RawSQL

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.performers.models import Performer
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.rows import with_text
from kit.text import required_text
from marketplace.timekeeping.weeks import week_of
from payments.payroll import accrual, coverage, items
from payments.payroll.models import PayItem, PayRun
from payments.payroll.operations import NothingToPay
from payments.payroll.states import RunState

MOST_CHOSEN = 500
CURRENCY = "usd"  # of what is offered; a run itself takes any that the house does


class AlreadyInADraft(DomainError):
    """Freeze or cancel that draft first, or leave them out."""

    code = "already_in_a_draft"
    title = "They stand in another draft"


@transaction.atomic
def open_run(
    *, performers: Sequence[Performer], currency: str, reason: str, by: Actor, at: datetime
) -> PayRun:
    """Open a run for these performers: all that they have earned and were not paid for.

    Raises Forbidden (403), UnknownCurrency, Invalid (422) without a reason, without anyone to pay or with too many,
    AlreadyInADraft, NothingToPay (409).
    """
    by.require_finance()
    check_supported(currency)
    reason = required_text(reason, missing="Say why they are paid beside the weeks.")
    if not 0 < len(performers) <= MOST_CHOSEN:
        raise Invalid.field("performers", f"Choose from 1 to {MOST_CHOSEN} performers.", code="required")
    accrual.lock_pay_cut()
    accrual.accrue(at=at)
    _refuse_drafted(performers, currency)
    _refuse_nothing_owed(performers, currency)
    number = (PayRun.objects.aggregate(last=Max("off_cycle"))["last"] or 0) + 1
    run = PayRun.objects.create(
        week=week_of(at),
        off_cycle=number,
        reason=reason,
        chosen=sorted({performer.pk for performer in performers}),
        currency=currency,
        created_by_id=by.user_id,
        created_at=at,
    )
    audit.record(verb="pay_run.opened", thing=run, by=by, at=at, reason=reason)
    return run


@dataclass(frozen=True)
class Owed:
    """A performer who has earned something that is in no run: how much, over how many lines."""

    performer: Performer
    amount: Money
    lines: int


def owed(by: Actor, *, currency: str, text: str = "") -> QuerySet[Performer]:
    """Whom something is owed that is in no run, by name; only those with `text` in it. Raises Forbidden (403)."""
    by.require_finance()
    within = coverage.span(currency=currency)
    open_nets = RawSQL(
        "SELECT performer_id FROM payments_open_earnings(%s, %s, %s, NULL)"
        " GROUP BY performer_id HAVING sum(amount_minor) > 0",
        [currency, within.start, within.end],
    )
    rows = Performer.objects.filter(pk__in=open_nets).order_by("stage_name", "id")
    return with_text(rows, text, "stage_name")


def with_amounts(performers: Sequence[Performer], *, currency: str) -> list[Owed]:
    """How much each of them is owed, in their order."""
    within = coverage.span(currency=currency)
    chosen = [performer.pk for performer in performers]
    nets = {net.performer_pk: net for net in coverage.nets(currency=currency, within=within, chosen=chosen)}
    return [
        Owed(each, Money(nets[each.pk].minor, currency), nets[each.pk].lines)
        for each in performers
        if each.pk in nets
    ]


def previewed(run: PayRun, *, at: datetime) -> list[PayItem]:
    """What freezing the run would pay each now, with its performer: none of it is saved. Empty for any but a draft of
    chosen performers."""
    if run.off_cycle is None or run.state != RunState.DRAFT:
        return []
    rows = items.preview(run, at=at)
    performers = Performer.objects.in_bulk([item.performer_id for item in rows])
    for item in rows:
        item.performer = performers[item.performer_id]
    return rows


def _refuse_drafted(performers: Sequence[Performer], currency: str) -> None:
    """Two drafts would each promise the same money; a run that is frozen has taken its own."""
    drafts = PayRun.objects.filter(state=RunState.DRAFT, currency=currency, off_cycle__isnull=False)
    taken = drafts.filter(chosen__overlap=[performer.pk for performer in performers])
    draft = taken.order_by("id").first()
    if draft is not None:
        named = sorted(performer.stage_name for performer in performers if performer.pk in draft.chosen)
        raise AlreadyInADraft(f"{', '.join(named[:3])} stands in a draft already.", run=draft.public_id)


def _refuse_nothing_owed(performers: Sequence[Performer], currency: str) -> None:
    within, chosen = coverage.span(currency=currency), [performer.pk for performer in performers]
    if not any(net.minor > 0 for net in coverage.nets(currency=currency, within=within, chosen=chosen)):
        raise NothingToPay("None of them is owed anything that is in no run.")
