"""Posting to the books: one round trip, balanced or refused, once per business key."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from kit.errors import DomainError
from payments.ledger.chart import HOT, HOT_STRIPES, NO_BOOK, Kind
from payments.ledger.models import Account


class Overdrawn(DomainError):
    """Add money to the wallet first."""

    code = "not_enough_money"
    title = "There is not enough money for that"


@dataclass(frozen=True)
class Leg:
    """A debit is positive, a credit negative, in minor units of the account's currency."""

    account: Account
    amount_minor: int


@dataclass(frozen=True)
class Draft:
    """An entry to be posted. `key` is its business key; `book` must follow from the same facts as the key."""

    key: str
    kind: str
    legs: Sequence[Leg]
    book: int = NO_BOOK
    facts: dict[str, Any] = field(default_factory=dict)


def account(kind: Kind, *, currency: str, owner: str = "") -> Account:
    """The account of that kind, owner and currency; made when first needed."""
    stripes = HOT_STRIPES if kind in HOT else 1
    found = Account.objects.filter(kind=kind, owner=owner, currency=currency).first()
    if found is not None:
        return found
    made, _ = Account.objects.get_or_create(
        kind=kind, owner=owner, currency=currency, defaults={"stripes": stripes}
    )
    return made


def accounts(kind: Kind, *, currency: str, owners: Collection[str]) -> dict[str, Account]:
    """The accounts of many owners at once, by owner; made where missing."""
    kept = Account.objects.filter(kind=kind, owner__in=owners, currency=currency)
    found = {account.owner: account for account in kept}
    missing = set(owners) - found.keys()
    if missing:
        open_accounts([kind], currency=currency, owners=missing)
        found |= {account.owner: account for account in kept.filter(owner__in=missing)}
    return found


def open_accounts(kinds: Collection[Kind], *, currency: str, owners: Collection[str]) -> None:
    """Make the accounts of these kinds for each owner, where they are missing; in one order, so that nobody waits in a circle."""
    missing = [
        Account(kind=kind, owner=owner, currency=currency, stripes=HOT_STRIPES if kind in HOT else 1)
        for kind in sorted(kinds)
        for owner in sorted(owners)
    ]
    Account.objects.bulk_create(missing, ignore_conflicts=True)


def move(
    *,
    debit: Account,
    credit: Account,
    amount_minor: int,
    key: str,
    kind: str,
    at: datetime,
    book: int = NO_BOOK,
    **facts: Any,
) -> bool:
    """Post the ordinary entry of two legs. Returns False when `key` was posted before."""
    legs = [Leg(debit, amount_minor), Leg(credit, -amount_minor)]
    return post([Draft(key=key, kind=kind, legs=legs, book=book, facts=facts)], at=at) == 1


def post(drafts: Iterable[Draft], *, at: datetime) -> int:
    """Post entries, all or none, in one statement; returns how many were new.

    An entry whose key was posted before with the same legs is skipped. Raises Overdrawn (409) when a wallet would go
    below zero, and IntegrityError for legs that do not add up to zero or a key posted before with other legs: bugs.
    """
    batch = _each_once(drafts)
    if not batch:
        return 0
    legs = [(index, leg) for index, draft in enumerate(batch, start=1) for leg in draft.legs]
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ledger_post(%s::int[], %s::text[], %s::text[], %s, %s::jsonb[],"
                " %s::int[], %s::bigint[], %s::text[], %s::bigint[])",
                [
                    [draft.book for draft in batch],
                    [draft.key for draft in batch],
                    [draft.kind for draft in batch],
                    at,
                    [json.dumps(draft.facts) for draft in batch],
                    [index for index, _ in legs],
                    [leg.account.pk for _, leg in legs],
                    [leg.account.currency for _, leg in legs],
                    [leg.amount_minor for _, leg in legs],
                ],
            )
            return int(cursor.fetchone()[0])
    except IntegrityError as error:
        if "account_is_not_overdrawn" in str(error):
            raise Overdrawn("The money there does not cover it; nothing was moved.") from error
        raise


def _each_once(drafts: Iterable[Draft]) -> list[Draft]:
    """A key that stands twice in one batch is posted once, as it is across batches."""
    by_key: dict[tuple[int, str], Draft] = {}
    for draft in drafts:
        first = by_key.setdefault((draft.book, draft.key), draft)
        if list(first.legs) != list(draft.legs):
            raise IntegrityError(f"the key {draft.key} stands twice in one batch with other legs")
    return list(by_key.values())
