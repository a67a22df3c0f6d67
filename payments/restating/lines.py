"""One entry of a restatement: what it mends, whose, why, and how each account stands before and after it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kit.money import Money
from payments.ledger import operations as ledger
from payments.ledger import queries as balances
from payments.ledger.chart import NO_BOOK, Kind
from payments.ledger.models import Account, Entry
from payments.ledger.operations import Draft, Leg

# The house owes these: shown as what is there.
OWED = frozenset(
    {
        Kind.COMPANY_INCOMING,
        Kind.COMPANY_WALLET,
        Kind.COMPANY_WITHDRAWING,
        Kind.GIG_BUDGET,
        Kind.PERFORMER_PAYABLE,
        Kind.PERFORMER_RETURNED,
    }
)


@dataclass(frozen=True)
class Line:
    """`thing` is what it is about, and with `what` makes the entry's key, `restate:…`: posted once, whoever repeats it."""

    what: str
    thing: str
    whose: str
    why: str
    legs: Sequence[Leg]
    book: int = NO_BOOK

    @property
    def key(self) -> str:
        return f"restate:{self.what}:{self.thing}"

    @property
    def draft(self) -> Draft:
        facts = {"whose": self.whose, "why": self.why}
        return Draft(key=self.key, kind="restated", legs=self.legs, book=self.book, facts=facts)


def without_posted(lines: Iterable[Line]) -> list[Line]:
    """Those that are not in the books yet."""
    found = list(lines)
    keys = {line.key for line in found}
    posted = set(Entry.objects.filter(key__in=keys).values_list("key", flat=True))
    return [line for line in found if line.key not in posted]


def shown(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """As it is proposed, hashed and shown: each account's figure before the line and after it, one line after another."""
    kept: dict[int, int] = {}
    return [
        {
            "what": line.what,
            "thing": line.thing,
            "whose": line.whose,
            "why": line.why,
            "book": line.book,
            "accounts": [_account(leg, kept) for leg in line.legs],
        }
        for line in lines
    ]


def _account(leg: Leg, kept: dict[int, int]) -> dict[str, Any]:
    account: Account = leg.account
    before = kept.setdefault(account.pk, balances.balance_minor(account))
    kept[account.pk] = before + leg.amount_minor
    sign = -1 if account.kind in OWED else 1
    return {
        "account": f"{account.kind} {account.owner}".strip(),
        "currency": account.currency,
        "moved_minor": leg.amount_minor,
        "before": Money(sign * before, account.currency).display(),
        "after": Money(sign * kept[account.pk], account.currency).display(),
    }


def hash_of(lines: Sequence[Line], movements: object) -> str:
    """Over what is posted: how the house's own accounts stand meanwhile is no part of it."""
    posted = [
        [line.key, line.book, *([str(leg.account), leg.amount_minor] for leg in line.legs)] for line in lines
    ]
    text = json.dumps([posted, movements], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def leg(kind: Kind, amount_minor: int, *, currency: str, owner: str = "") -> Leg:
    return Leg(ledger.account(kind, currency=currency, owner=owner), amount_minor)
