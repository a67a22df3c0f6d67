"""A document as a file: as CSV with every line, and as a sheet to be printed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string

from kit.csv_files import Cell, write
from kit.money import Money
from marketplace.timekeeping.models import TimeLine
from payments.funding.models import FundingMovement
from payments.invoicing import queries
from payments.invoicing.models import Document, DocumentLine
from payments.paylines.kinds import Kind
from payments.printing.sheets import printed

# A sheet of more would take the web server too long; it says each gig's sum instead, and the CSV has them all.
MOST_PRINTED = 400
HEAD = [
    "Number",
    "Line",
    "Id",
    "What",
    "Gig",
    "Day",
    "Seconds",
    "Rate an hour",
    "Pay",
    "Fee",
    "Cost",
    "Currency",
]
CALLED = {**dict(TimeLine.Kind.choices), **dict(Kind.choices)}


@dataclass(frozen=True)
class GigSum:
    """All lines of one gig on a document, in minor units."""

    title: str
    lines: int
    payable_s: int
    pay_minor: int
    fee_minor: int

    @property
    def cost_minor(self) -> int:
        return self.pay_minor + self.fee_minor


def csv_of(document: Document) -> bytes:
    """Each line with what it cost, then the total; of a receipt its one amount."""
    return write(HEAD, [*_line_rows(document), _total_row(document)])


def pdf_of(document: Document) -> bytes:
    """The sheet, as it is printed. Raises CannotPrint (503)."""
    return printed(html_of(document))


def html_of(document: Document) -> str:
    rows = list(queries.lines(document)[: MOST_PRINTED + 1])
    whole = len(rows) <= MOST_PRINTED
    context = {
        "document": document,
        "rows": [(row, CALLED[row.what]) for row in rows] if whole else [],
        "gigs": [] if whole else by_gig(document),
        "said": said_of(document),
        "zone": settings.PAYROLL_TIME_ZONE,
    }
    return render_to_string("payments/invoicing/sheet.html", context)


def by_gig(document: Document) -> Sequence[GigSum]:
    """Its lines by gig, in the order of the titles."""
    sums: dict[str, GigSum] = {}
    for row in document.lines.order_by("gig_title").iterator():
        before = sums.get(row.gig_title, GigSum(row.gig_title, 0, 0, 0, 0))
        sums[row.gig_title] = GigSum(
            row.gig_title,
            before.lines + 1,
            before.payable_s + (row.payable_s or 0),
            before.pay_minor + row.pay_minor,
            before.fee_minor + row.fee_minor,
        )
    return list(sums.values())


def said_of(document: Document) -> str:
    """What a receipt or refund note is about, in words; empty for what is of a week."""
    movement = document.movement
    if movement is None:
        return ""
    return f"{FundingMovement.Kind(movement.kind).label}: payment {movement.funding.public_id}, {movement.stripe_id}"


def _line_rows(document: Document) -> Iterable[list[Cell]]:
    for row in queries.lines(document).iterator(chunk_size=2_000):
        yield [
            document.number,
            row.position,
            source_of(row),
            CALLED[row.what],
            row.gig_title,
            *_figures(row, document),
        ]


def _figures(row: DocumentLine, document: Document) -> list[Cell]:
    currency = document.currency
    rate = Money(row.rate_minor, currency) if row.rate_minor is not None else None
    minor = (row.pay_minor, row.fee_minor, row.cost_minor)
    return [row.worked_on, row.payable_s, rate, *(Money(each, currency) for each in minor), currency.upper()]


def source_of(row: DocumentLine) -> str:
    """The id of the approved line."""
    return str(row.line.public_id if row.line is not None else row.pay_line.public_id if row.pay_line else "")


def _total_row(document: Document) -> list[Cell]:
    currency = document.currency
    pay_and_fee = (document.pay_minor, document.fee_minor) if document.is_of_a_week else ()
    sums: list[Cell] = [Money(minor, currency) for minor in pay_and_fee] or [None, None]
    said = said_of(document) or "Total"
    total = Money(document.total_minor, currency)
    return [
        document.number,
        None,
        document.public_id,
        said,
        None,
        None,
        None,
        None,
        *sums,
        total,
        currency.upper(),
    ]
