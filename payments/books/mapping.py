"""What our account kinds are called in the books of whoever keeps the house's accounts; an export is whole or refused."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.csv_files import as_text
from kit.errors import DomainError, Invalid, NotFound
from kit.text import optional_text, validate_line
from payments.books.chart import LABELS, OF_COMPANIES
from payments.books.models import AccountName

FIELDS = {"code": 20, "name": 150, "tax_rate": 100, "party": 100}


class Product(StrEnum):
    XERO = "xero"
    QUICKBOOKS = "quickbooks"
    LEDGER = "ledger"


NEEDS: Mapping[Product, tuple[str, ...]] = {
    Product.XERO: ("code", "tax_rate"),
    Product.QUICKBOOKS: ("name",),
    Product.LEDGER: ("code", "name"),
}
CALLED = {"code": "its code", "name": "its name", "tax_rate": "its tax rate", "party": "whom its lines name"}


class NotMapped(DomainError):
    """Fill in what is missing under Account names, then export again."""

    code = "accounts_not_mapped"
    title = "Some accounts have no name there yet"


def all_names(actor: Actor) -> list[AccountName]:
    """One for each of our kinds, in the chart's order, saved or not. Raises Forbidden (403)."""
    actor.require_finance()
    kept = {row.kind: row for row in AccountName.objects.all()}
    return [kept.get(kind) or AccountName(kind=kind) for kind in LABELS]


@transaction.atomic
def rename(*, kind: str, by: Actor, at: datetime, role: str = "ordinary", **said: str) -> AccountName:
    """Say what one of our kinds is called: `code`, `name`, `tax_rate`, `party`; what is left out becomes empty.

    Raises Forbidden (403), NotFound (404) for no such kind, Invalid (422) for what is no line, is too long or begins as a
    formula, or no role.
    """
    by.require_finance()
    by.require_person("A person in finance names the accounts.")
    if kind not in LABELS:
        raise NotFound
    if role not in AccountName.Role.values:
        raise Invalid.field("role", "Choose what kind of account it is there.")
    fields = {name: _line(said.get(name, ""), name) for name in FIELDS}
    was = AccountName.objects.select_for_update().filter(kind=kind).first()
    row, _ = AccountName.objects.update_or_create(kind=kind, defaults=fields | {"role": role})
    if was is None or _differs(was, row):
        audit.record(verb="account.named", thing=row, by=by, at=at, role=role, **fields)
    return row


def names_for(product: Product, kinds: Collection[str]) -> dict[str, AccountName]:
    """By kind, what it is called. Raises NotMapped (409) that names each kind of which something is missing, and what."""
    rows = {row.kind: row for row in AccountName.objects.filter(kind__in=kinds)}
    missing = [
        f"{LABELS[kind]} ({' and '.join(wanting)})"
        for kind in LABELS
        if kind in kinds and (wanting := list(_wanting(product, rows.get(kind))))
    ]
    if missing:
        raise NotMapped(f"Missing: {'; '.join(missing)}.")
    return rows


def _wanting(product: Product, row: AccountName | None) -> Iterable[str]:
    for field in NEEDS[product]:
        if not getattr(row, field, ""):
            yield CALLED[field]
    if product == Product.QUICKBOOKS and row is not None and not row.party and _names_a_party(row):
        yield CALLED["party"]


def _names_a_party(row: AccountName) -> bool:
    """Of a company's receivable the company is the customer; who owes otherwise, or is owed, has no name here."""
    if row.role == AccountName.Role.RECEIVABLE:
        return row.kind not in OF_COMPANIES
    return row.role == AccountName.Role.PAYABLE


def _line(text: str, field: str) -> str:
    said = optional_text(text, field=field, longest=FIELDS[field])
    try:
        validate_line(said)
    except ValidationError as error:
        if said:
            raise Invalid.field(field, " ".join(error.messages), code="control_character") from error
    if as_text(said) != said:
        begin = "It begins as a formula does, and a file must not. Choose a name there that begins with a letter or a digit."
        raise Invalid.field(field, begin, code="begins_as_formula")
    return said


def _differs(one: AccountName, other: AccountName) -> bool:
    return any(getattr(one, field) != getattr(other, field) for field in (*FIELDS, "role"))
