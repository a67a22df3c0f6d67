"""From a line of the trial balance to its accounts, and from an account to its entries, each with both sides."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, Min, OuterRef, QuerySet, Sum

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.currencies import ISO_4217
from kit.errors import NotFound
from kit.ids import MalformedId, to_uuid
from marketplace.gigs.models import Gig
from payments.books.chart import LABELS
from payments.books.events import Cause, causes
from payments.books.models import SummedDay, SummedMonth
from payments.ledger.chart import Kind
from payments.ledger.models import Account, Balance, Entry, Posting

HOUSE = "house"
MODELS: Mapping[str, tuple[type[Company] | type[Performer] | type[Gig], str]] = {
    "cmp": (Company, "name"),
    "prf": (Performer, "stage_name"),
    "gig": (Gig, "title"),
}


@dataclass(frozen=True)
class Standing:
    """One account, whose it is in words, and how it stands, debits less credits in minor units."""

    account: Account
    whose: str
    balance_minor: int

    @property
    def currency(self) -> str:
        return self.account.currency

    @property
    def owner(self) -> str:
        return self.account.owner or HOUSE

    @property
    def debit_minor(self) -> int:
        return max(self.balance_minor, 0)

    @property
    def credit_minor(self) -> int:
        return max(-self.balance_minor, 0)


@dataclass(frozen=True)
class Side:
    """One leg of an entry: on which account, debits positive, in minor units."""

    label: str
    owner: str
    whose: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Moved:
    """What one entry did to an account, with all its sides and its cause. `amount_minor` is on the account itself."""

    posting: int
    entry: Entry
    amount_minor: int
    currency: str
    sides: Sequence[Side]
    cause: Cause

    @property
    def credit_minor(self) -> int:
        return max(-self.amount_minor, 0)


def accounts(actor: Actor, *, kind: str, currency: str, owner: str = "") -> QuerySet[Account]:
    """The accounts of a kind. Raises Forbidden (403) for anyone but finance, NotFound (404) for no such kind or currency."""
    actor.require_finance()
    if kind not in LABELS or currency not in ISO_4217:
        raise NotFound
    rows = Account.objects.filter(kind=kind, currency=currency)
    if not owner:
        return rows
    return rows.filter(owner=owner) if _is_id(owner) else rows.none()


def get_account(actor: Actor, *, kind: str, currency: str, owner: str) -> Account:
    """One account; the house's own is named `house`. Raises Forbidden (403), NotFound (404)."""
    if owner == HOUSE:
        found = accounts(actor, kind=kind, currency=currency).filter(owner="").first()
    else:
        found = accounts(actor, kind=kind, currency=currency, owner=owner).first()
    if found is None:
        raise NotFound
    return found


def standings(rows: Sequence[Account], *, at: datetime | None) -> list[Standing]:
    """How these accounts stood at `at`, that instant not included; None is now. A page of them, at once."""
    balances = _kept(rows) if at is None else _posted(rows, at=at)
    names = names_of(row.owner for row in rows)
    return [Standing(row, names.get(row.owner, ""), balances.get(row.pk, 0)) for row in rows]


def postings(account: Account, *, at: datetime | None) -> QuerySet[Posting]:
    """What moved the account before `at`, to be paged by `-id`."""
    rows = Posting.objects.filter(account=account)
    if at is None:
        return rows
    # None of before `at` has a higher id than the highest until the midnight after it: so no page reads what came later.
    above = SummedDay.objects.filter(until__gte=at).aggregate(least=Min("last_posting"))["least"]
    if above is not None:
        rows = rows.filter(pk__lte=above)
    before = Entry.objects.filter(book=OuterRef("book"), pk=OuterRef("entry_id"), posted_at__lt=at)
    return rows.filter(Exists(before))


def moved(rows: Sequence[Posting]) -> list[Moved]:
    """Each posting with its entry, both sides and cause: as many queries for one as for a page."""
    keys = [row.entry_id for row in rows]
    books = {row.book for row in rows}
    entries = {entry.pk: entry for entry in Entry.objects.filter(book__in=books, pk__in=keys)}
    legs: dict[int, list[Posting]] = defaultdict(list)
    of_these = Posting.objects.filter(book__in=books, entry_id__in=keys).select_related("account")
    for leg in of_these.order_by("entry_id", "-amount_minor", "id"):
        legs[leg.entry_id].append(leg)
    names = names_of(leg.account.owner for of_one in legs.values() for leg in of_one)
    why = causes(list(entries.values()))
    return [
        Moved(
            posting=row.pk,
            entry=entries[row.entry_id],
            amount_minor=row.amount_minor,
            currency=row.currency,
            sides=[_side(leg, names) for leg in legs[row.entry_id]],
            cause=why[row.entry_id],
        )
        for row in rows
    ]


def names_of(owners: Iterable[str]) -> dict[str, str]:
    """Of public ids of companies, performers and gigs, what each is called; at most one query a kind."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for owner in owners:
        if _is_id(owner):
            by_kind[owner.partition("_")[0]].add(owner)
    found: dict[str, str] = {}
    for prefix, ids in by_kind.items():
        model, name = MODELS[prefix]
        found |= dict(model._default_manager.filter(public_id__in=ids).values_list("public_id", name))
    return found


def _is_id(owner: str) -> bool:
    """Of a company, performer or gig: nobody else owns an account."""
    prefix = owner.partition("_")[0]
    if prefix not in MODELS:
        return False
    try:
        to_uuid(owner, prefix=prefix)
    except MalformedId:
        return False
    return True


def _side(leg: Posting, names: Mapping[str, str]) -> Side:
    account = leg.account
    return Side(
        LABELS[Kind(account.kind)],
        account.owner,
        names.get(account.owner, ""),
        leg.amount_minor,
        leg.currency,
    )


def _kept(rows: Sequence[Account]) -> dict[int, int]:
    sums = Balance.objects.filter(account__in=rows).values_list("account").annotate(total=Sum("amount_minor"))
    return {int(account): int(total) for account, total in sums}


def _posted(rows: Sequence[Account], *, at: datetime) -> dict[int, int]:
    """As kept at the end of the last month before `at`, and what was posted since: no more than some weeks are read."""
    month = SummedMonth.objects.filter(until__lte=at).order_by("-until").first()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account_id, sum(minor) FROM (
              SELECT posting.account_id, posting.amount_minor AS minor FROM payments_posting posting
              JOIN payments_entry entry ON entry.book = posting.book AND entry.id = posting.entry_id
              WHERE posting.account_id = ANY (%(accounts)s) AND posting.id >= %(first)s
                AND entry.posted_at >= coalesce(%(since)s::timestamptz, '-infinity') AND entry.posted_at < %(at)s
              UNION ALL
              SELECT wanted.id, kept.balance_minor FROM unnest(%(accounts)s::bigint[]) AS wanted (id)
              CROSS JOIN LATERAL (
                SELECT stood.balance_minor FROM payments_accountatmonth stood
                WHERE stood.account_id = wanted.id AND stood.month_id <= %(month)s ORDER BY stood.month_id DESC LIMIT 1
              ) kept
            ) found GROUP BY 1
            """,
            {
                "accounts": [row.pk for row in rows],
                "at": at,
                "first": month.first_posting if month is not None else 0,
                "since": month.until if month is not None else None,
                "month": month.pk if month is not None else 0,
            },
        )
        return {int(account): int(total) for account, total in cursor.fetchall()}
