"""What each performer was paid in a calendar year, as the forms of the tax office count it, to the cent as their statements.

By the Instructions for Forms 1099-MISC and 1099-NEC (Rev. December 2026): pay for work is nonemployee compensation, box 1a of
1099-NEC; its boxes 1b to 1d are cash tips and what belongs to them, of which the house pays none. A bonus for a use of
recordings is a royalty, box 2 of 1099-MISC. What was spent and paid back against a receipt is on neither. A payment counts on
the day on which it was made; a correction with the payday that it was part of. No tax number is kept here, ever: the filer
adds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from accounts.performers.models import Performer
from kit.csv_files import Cell, write
from kit.errors import DomainError, NotFound
from kit.money import Money
from payments.paylines.kinds import Tax
from payments.payouts.models import ReturnDecision, Transfer
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from payments.statements import queries as statements

CURRENCY = "usd"
PAID = (ItemState.SENT, ItemState.SETTLED, ItemState.REVERSED)
CHUNK = 1_000
FIRST_YEAR, LAST_YEAR = 2000, 2099


class Form(StrEnum):
    NEC = "1099-NEC"
    MISC = "1099-MISC"


class Filer(StrEnum):
    STRIPE = "stripe"
    HOUSE = "house"


@dataclass(frozen=True)
class Threshold:
    """From how much on a form is filed, minor units of US dollars."""

    compensation_minor: int
    royalties_minor: int


# By year. P.L. 119-21, section 70433: 2,000 USD from 2026, with inflation from 2027; 26 U.S.C. 6050N(a): 10 USD of royalties.
THRESHOLDS: Mapping[int, Threshold] = {
    2025: Threshold(60_000, 1_000),
    2026: Threshold(200_000, 1_000),
}


class StripeFiles(DomainError):
    """Take them from Stripe's dashboard, or set TAX_FILER to `house` before the year is filed."""

    code = "stripe_files"
    title = "Stripe files the forms of this house"


@dataclass(frozen=True)
class Payee:
    """One performer's year, minor units of US dollars. `returned_minor` came back and is not decided: look before filing."""

    performer: Performer
    compensation_minor: int
    royalties_minor: int
    reimbursed_minor: int
    deducted_minor: int
    returned_minor: int
    forms: Sequence[Form]
    currency: str = CURRENCY

    @property
    def name(self) -> str:
        return self.performer.stage_name

    @property
    def performer_id(self) -> str:
        return self.performer.public_id


def threshold(year: int) -> Threshold:
    """The year's own, or that of the last year that is known."""
    known = [each for each in THRESHOLDS if each <= year]
    return THRESHOLDS[max(known, default=min(THRESHOLDS))]


def is_known(year: int) -> bool:
    """Whether the year's threshold is written down; where it is not, look it up before filing."""
    return year in THRESHOLDS


def filer() -> Filer:
    """Who files: one alone."""
    return Filer(settings.TAX_FILER)


def check_year(year: int) -> int:
    """Raises NotFound (404) for a year that nobody means."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound
    return year


def paid_before(actor: Actor, *, year: int) -> bool:
    """Whether anything that the actor may see was paid before the year: where there is an earlier one to look at."""
    begin, _ = statements.year_of(year)
    return PayItem.objects.visible_to(actor).filter(state__in=PAID, sent_at__lt=begin).exists()


def payees(actor: Actor, *, year: int) -> QuerySet[Performer]:
    """Whoever was paid in the year. Raises Forbidden (403) for anyone but finance, NotFound (404)."""
    actor.require_finance()
    begin, end = statements.year_of(check_year(year))
    paid = (
        PayItem.objects.filter(performer=OuterRef("pk"), currency=CURRENCY, state__in=PAID)
        .annotate(paid_at=Coalesce("sent_at", "settled_at"))
        .filter(paid_at__gte=begin, paid_at__lt=end)
    )
    return Performer.objects.filter(Exists(paid)).select_related("user")


def figures(performers: Sequence[Performer], *, year: int) -> list[Payee]:
    """Their years, in the same order; three queries for a page of them."""
    keys = [performer.pk for performer in performers]
    totals = statements.by_tax_of_many(keys, year=year, currency=CURRENCY)
    returned = _returned(keys, *statements.year_of(year))
    return [_payee(each, totals.get(each.pk, {}), returned.get(each.pk, 0), year) for each in performers]


def csv_of(actor: Actor, *, year: int) -> bytes:
    """Every payee of the year. Raises Forbidden (403), NotFound (404)."""
    head = [
        "Payee",
        "Payee id",
        "1099-NEC box 1a",
        "1099-MISC box 2",
        "Reimbursed",
        "Deducted",
        "Came back",
        "Forms",
    ]
    return write(head, (_cells(payee) for payee in _all(actor, year)))


def to_file(actor: Actor, *, year: int, form: str) -> list[Payee]:
    """Whoever gets this form, in one order. Raises Forbidden (403), StripeFiles (409), NotFound (404) for no such form."""
    actor.require_finance()
    if form not in [each.value for each in Form]:
        raise NotFound
    if filer() == Filer.STRIPE:
        raise StripeFiles("An export from here would report the same income once more.")
    return [payee for payee in _all(actor, year) if form in payee.forms]


def _all(actor: Actor, year: int) -> Iterator[Payee]:
    rows, after = payees(actor, year=year), 0
    while found := list(rows.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield from figures(found, year=year)
        after = found[-1].pk


def _payee(performer: Performer, totals: Mapping[Tax, int], returned_minor: int, year: int) -> Payee:
    compensation, royalties = totals.get(Tax.COMPENSATION, 0), totals.get(Tax.ROYALTY, 0)
    least = threshold(year)
    forms = [Form.NEC] if compensation >= least.compensation_minor else []
    forms += [Form.MISC] if royalties >= least.royalties_minor else []
    return Payee(
        performer=performer,
        compensation_minor=compensation,
        royalties_minor=royalties,
        reimbursed_minor=totals.get(Tax.REIMBURSED, 0),
        deducted_minor=totals.get(Tax.DEDUCTED, 0),
        returned_minor=returned_minor,
        forms=forms,
    )


def _returned(keys: Sequence[int], begin: datetime, end: datetime) -> dict[int, int]:
    """By performer, what came back of the year's payments and nobody has decided about."""
    sent = Q(item__performer__in=keys, item__currency=CURRENCY)
    sent &= Q(item__sent_at__gte=begin, item__sent_at__lt=end)
    back = Transfer.objects.filter(sent).values_list("item__performer").annotate(total=Sum("reversed_minor"))
    decided = (
        ReturnDecision.objects.filter(sent).values_list("item__performer").annotate(total=Sum("amount_minor"))
    )
    done = dict(decided)
    return {performer: total - done.get(performer, 0) for performer, total in back}


def _cells(payee: Payee) -> list[Cell]:
    money = (
        payee.compensation_minor,
        payee.royalties_minor,
        payee.reimbursed_minor,
        payee.deducted_minor,
        payee.returned_minor,
    )
    amounts = [Money(minor, CURRENCY) for minor in money]
    return [payee.name, payee.performer_id, *amounts, ", ".join(payee.forms)]
