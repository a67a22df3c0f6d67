"""Numbers without a gap: each kind counts by itself in each year of the house."""

from datetime import datetime

from marketplace.timekeeping.weeks import payroll_day
from payments.invoicing.models import Document, NumberCounter

PREFIX = {
    Document.Kind.INVOICE: "INV",
    Document.Kind.CREDIT_NOTE: "CRN",
    Document.Kind.RECEIPT: "RCP",
    Document.Kind.REFUND_NOTE: "RFN",
}


def give(document: Document, *, at: datetime) -> Document:
    """Give it the next number of its kind and year, `INV-2026-000001`. In the transaction that saves it: until that has ended
    no other is given one, and where it fails the number is the next one's."""
    kind, year = Document.Kind(document.kind), payroll_day(at).year
    NumberCounter.objects.bulk_create([NumberCounter(kind=kind, year=year)], ignore_conflicts=True)
    counter = NumberCounter.objects.select_for_update().get(kind=kind, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    document.year, document.sequence = year, counter.last
    document.number = f"{PREFIX[kind]}-{year}-{counter.last:06}"
    return document
