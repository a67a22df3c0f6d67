"""What made an entry, in words, and where its explanation begins: the cause behind each line of the books."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from marketplace.timekeeping.models import TimeLine
from payments.ledger.models import Entry
from payments.paylines.kinds import Kind as PayLineKind
from payments.paylines.models import PayLine

WORDS: Mapping[str, str] = {
    "earning": "Hours approved",
    **{kind.value: kind.label for kind in PayLineKind},
    "attempt": "Pay claimed for sending",
    "transfer": "Pay sent",
    "refused": "Sending refused",
    "reversal": "Pay came back",
    "paid_again": "Paid again",
    "was_too_much": "Came back, and was too much",
    "overpaid": "Paid too much",
    "recovered": "Kept for what was paid too much",
    "funding": "Paid-in money counts",
    "funding_payment": "Paid in by a company",
    "funding_refund": "Refund of a payment",
    "funding_refund_failed": "Refund that failed",
    "funding_dispute": "Dispute of a payment",
    "funding_dispute_won": "Dispute won",
    "set_aside": "Set aside for a gig",
    "give_back": "Given back by a gig",
    "debt_paid": "Debt paid from a wallet",
    "withdrawal": "Withdrawal asked for",
    "refund_refused": "Withdrawal refused",
    "write_off": "Debt given up",
    "stray_float": "Stray money: the house’s own",
    "stray_loss": "Stray money: a loss",
    "stray_company": "Stray money: a company’s",
    "fees_to_float": "Fees to float",
    "suspense_ended": "Suspense explained",
    "restated": "Restated",
    "stripe_topup": "Top-up",
    "stripe_payout": "Payout to the house’s bank",
    "stripe_stripe_fee": "Stripe’s bill",
}
OF_TIME = re.compile(r"earning:([0-9]+)")
OF_PAY_LINE = re.compile(r"earning:pay:([0-9]+)")
OF_ITEM = re.compile(r"\b(itm_[0-9a-z]+)")
OF_OTHER = re.compile(r"\b((?:tr|po|fnd|gig|adj|wdr|rfd|rst|cmp|txn)_[0-9A-Za-z]+)")


@dataclass(frozen=True)
class Cause:
    """`thing` is the id that `explain` or its own page takes; `path` is empty where no page shows it."""

    words: str
    thing: str
    path: str = ""
    is_explained: bool = False


def words(event: str) -> str:
    """The kind of an entry as people read it."""
    return WORDS.get(event, event.replace("_", " ").capitalize())


def causes(entries: Sequence[Entry]) -> dict[int, Cause]:
    """By entry id, what made it: two queries for however many there are."""
    lines = _ids(TimeLine, entries, OF_TIME)
    pay_lines = _ids(PayLine, entries, OF_PAY_LINE)
    return {entry.pk: _cause(entry, lines, pay_lines) for entry in entries}


def _cause(entry: Entry, lines: Mapping[str, str], pay_lines: Mapping[str, str]) -> Cause:
    said = words(entry.kind)
    if found := OF_TIME.fullmatch(entry.key):
        line = lines.get(found[1], "")
        return Cause(said, line, reverse("line_detail", args=[line]) if line else "", is_explained=bool(line))
    if found := OF_PAY_LINE.fullmatch(entry.key):
        line = pay_lines.get(found[1], "")
        return Cause(said, line, f"{reverse('house_pay_lines')}#{line}", is_explained=bool(line))
    if found := OF_ITEM.search(entry.key):
        return Cause(said, found[1], reverse("statement", args=[found[1]]), is_explained=True)
    other = OF_OTHER.search(entry.key)
    thing = other[1] if other else ""
    return Cause(said, thing, is_explained=thing.startswith(("tr_", "po_")))


def _ids(
    model: type[TimeLine] | type[PayLine], entries: Sequence[Entry], form: re.Pattern[str]
) -> dict[str, str]:
    found = (form.fullmatch(entry.key) for entry in entries)
    keys: Collection[int] = {int(match[1]) for match in found if match}
    if not keys:
        return {}
    rows = model._default_manager.filter(pk__in=keys).values_list("pk", "public_id")
    return {str(pk): str(public_id) for pk, public_id in rows}
