"""The e-invoice of a document: a third form of the same rows, beside PDF and CSV, or the sentence that says why there is none."""

from datetime import timedelta

from django.conf import settings

from kit.errors import DomainError
from kit.money import Money
from marketplace.timekeeping.models import PayWeek
from marketplace.timekeeping.weeks import payroll_day
from payments.invoicing import queries, sheets, ubl
from payments.invoicing.models import BillingDetails, Document, DocumentLine, DocumentParties

OF_A_PAYMENT = "This is of a payment. The invoice of the week that it paid for is an e-invoice."


class NoEInvoice(DomainError):
    """Take its PDF or CSV: a receipt or refund note is of a payment, and asks for nothing."""

    code = "no_e_invoice"
    title = "Only invoices and credit notes are e-invoices"


class HouseDetailsMissing(DomainError):
    """Ask whoever runs the house to set `INVOICE_SELLER` (README.md); PDF and CSV are there meanwhile."""

    code = "house_details_missing"
    title = "The house has not said who issues e-invoices"


class BillingDetailsMissing(DomainError):
    """Say how the company is billed: at least its registered name, city and country. PDF and CSV are there meanwhile."""

    code = "billing_details_missing"
    title = "The company has not said how it is billed"


class EInvoiceNotReady(DomainError):
    """Ask again in a minute: it is being made of what both sides have said."""

    code = "e_invoice_not_ready"
    title = "The e-invoice is not ready yet"


def why_none(document: Document) -> DomainError | None:
    """Why it has no e-invoice now; None where it has one."""
    if document.week is None:
        return NoEInvoice(OF_A_PAYMENT)
    if DocumentParties.objects.filter(document=document).exists():
        return None
    if settings.INVOICE_SELLER is None:
        return HouseDetailsMissing("The house has not said under which name and number it sells.")
    if not BillingDetails.objects.filter(company=document.company_id).exists():
        return BillingDetailsMissing("Say first under which name and at which address the company is billed.")
    return EInvoiceNotReady("It will be here within a minute.")


def xml_of(document: Document) -> bytes:
    """The document as UBL, the same bytes each time. Raises NoEInvoice, HouseDetailsMissing, BillingDetailsMissing,
    EInvoiceNotReady (409)."""
    if document.week is None:
        raise NoEInvoice(OF_A_PAYMENT)
    if (refusal := why_none(document)) is not None:
        raise refusal
    return ubl.written(_told(document, document.week))


def _told(document: Document, week: PayWeek) -> ubl.EInvoice:
    seller, buyer = document.parties.seller, document.parties.buyer
    return ubl.EInvoice(
        is_credit=document.kind == Document.Kind.CREDIT_NOTE,
        number=document.number,
        issued_on=payroll_day(document.issued_at),
        currency=document.currency,
        week_starts_on=week.starts_on,
        week_ends_on=week.starts_on + timedelta(days=6),
        seller=ubl.party_of(seller),
        buyer=ubl.party_of(buyer),
        reference=buyer["reference"],
        tax=ubl.Tax(seller["tax_category"], seller["tax_reason"]),
        before=_before(document.corrects),
        lines=[_line(row) for row in queries.lines(document)],
        total_minor=document.total_minor,
        paid_minor=document.paid_minor,
        owed_minor=document.owed_minor,
    )


def _before(document: Document | None) -> ubl.Before | None:
    return ubl.Before(document.number, payroll_day(document.issued_at)) if document is not None else None


def _line(row: DocumentLine) -> ubl.Line:
    called = sheets.CALLED[row.what]
    return ubl.Line(
        position=row.position,
        source=sheets.source_of(row),
        name=row.gig_title or called,
        description=f"{called}, {_time(row)}" if row.payable_s is not None else called,
        worked_on=row.worked_on,
        pay_minor=row.pay_minor,
        fee_minor=row.fee_minor,
    )


def _time(row: DocumentLine) -> str:
    if row.rate_minor is None:
        return f"{row.payable_s} s"
    return f"{row.payable_s} s at {Money(row.rate_minor, row.currency).display()} an hour"
