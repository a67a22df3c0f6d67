"""A week's journals as the files that a product imports."""

from collections.abc import Sequence
from datetime import datetime

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.errors import NotFound
from payments.books import journals, quickbooks, xero
from payments.books.journals import Journal
from payments.books.mapping import Product, names_for
from payments.books.models import SummedWeek

TAKEN = {
    Product.XERO: (xero.MOST_LINES, xero.file_of),
    Product.QUICKBOOKS: (quickbooks.MOST_LINES, quickbooks.file_of),
}


def files_of(found: Sequence[Journal], product: Product) -> list[list[Journal]]:
    """The journals of each file that the product takes."""
    return list(journals.split(found, most_lines=TAKEN[product][0]))


def export(
    *, week: SummedWeek, product: str, currency: str, number: int, by: Actor, at: datetime
) -> tuple[str, bytes]:
    """The name and content of the week's file with that number, from 1; the same each time. Who took it is written down.

    Raises Forbidden (403), NotFound (404) for no such product, currency or file, NotMapped (409).
    """
    by.require_finance()
    if product not in TAKEN:
        raise NotFound
    wanted = Product(product)
    found = journals.of_week(week, currency=currency)
    files = files_of(found, wanted)
    if not 1 <= number <= len(files):
        raise NotFound
    # Of the whole week, so that its first file is not in the books there when the second is refused.
    names = names_for(wanted, {line.kind for journal in found for line in journal.lines})
    content = TAKEN[wanted][1](files[number - 1], names)
    audit.record(verb="journal.exported", thing=week, by=by, at=at, product=product, currency=currency)
    return f"{product}-{week.starts_on}-{currency}-{number}-of-{len(files)}.csv", content
