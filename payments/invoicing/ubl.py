"""An invoice or credit note as UBL 2.1, after EN 16931 and, where both sides have an electronic address, Peppol BIS Billing 3.0.

Pure: what it is given it writes, always the same bytes. Comments name the standard's rules and terms (BR-…, BT-…), Peppol's R….
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from kit.money import Money

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CORE = "urn:cen.eu:en16931:2017"
PEPPOL = f"{CORE}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PEPPOL_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
INVOICE, CREDIT_NOTE = "380", "381"
ONE = "C62"  # UN/ECE Recommendation 20: one
OUTSIDE = "O"
# What XML 1.0 cannot carry, escaped or not.
UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Party:
    """Seller or buyer as they stood; empty where nothing was said."""

    name: str
    country: str
    city: str
    street: str = ""
    postal_code: str = ""
    region: str = ""
    registration: str = ""
    vat_number: str = ""
    address_scheme: str = ""
    address_id: str = ""


@dataclass(frozen=True)
class Tax:
    """The one category under which all of it is sold, and the reason why none is charged."""

    category: str
    reason: str


@dataclass(frozen=True)
class Line:
    """One approved line, in minor units, below zero where it takes back."""

    position: int
    source: str
    name: str
    description: str
    worked_on: date
    pay_minor: int
    fee_minor: int


@dataclass(frozen=True)
class Before:
    """The document that this one adds to or takes from."""

    number: str
    issued_on: date


@dataclass(frozen=True)
class EInvoice:
    """A document of a week. In minor units, below zero in a credit note; what was paid and what is owed make the total."""

    is_credit: bool
    number: str
    issued_on: date
    currency: str
    week_starts_on: date
    week_ends_on: date
    seller: Party
    buyer: Party
    reference: str
    tax: Tax
    before: Before | None
    lines: Sequence[Line]
    total_minor: int
    paid_minor: int
    owed_minor: int

    @property
    def is_peppol(self) -> bool:
        """Whether Peppol's own rules hold too: they want both addresses (R010, R020) and the buyer's reference (R003)."""
        return bool(self.seller.address_id and self.buyer.address_id and self.reference)

    @property
    def period(self) -> tuple[date, date]:
        """Of the week and of every day on which something of it was worked or spent (R110, R111)."""
        days = [each.worked_on for each in self.lines]
        return min([self.week_starts_on, *days]), max([self.week_ends_on, *days])


def written(invoice: EInvoice) -> bytes:
    """The document as UTF-8."""
    kind = "CreditNote" if invoice.is_credit else "Invoice"
    spaces = {
        "xmlns": f"{UBL}{kind}-2",
        "xmlns:cac": f"{UBL}CommonAggregateComponents-2",
        "xmlns:cbc": f"{UBL}CommonBasicComponents-2",
    }
    root = _with(Element(kind, spaces), *_head(invoice), *_parties(invoice), *_sums(invoice))
    root.extend(_line(each, invoice) for each in invoice.lines)
    ElementTree.indent(root)
    xml: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def _head(invoice: EInvoice) -> list[Element | None]:
    first, last = invoice.period
    code = ("CreditNoteTypeCode", CREDIT_NOTE) if invoice.is_credit else ("InvoiceTypeCode", INVOICE)
    return [
        _text("CustomizationID", PEPPOL if invoice.is_peppol else CORE),
        _text("ProfileID", PEPPOL_PROCESS if invoice.is_peppol else ""),
        _text("ID", invoice.number),
        _text("IssueDate", f"{invoice.issued_on}"),
        _text(*code),
        _text("Note", f"Week of {invoice.week_starts_on}"),
        _text("DocumentCurrencyCode", invoice.currency.upper()),
        _text("BuyerReference", invoice.reference),
        _period(first, last),
        _before(invoice.before),
    ]


def _before(before: Before | None) -> Element | None:
    if before is None:
        return None
    named = _group(
        "InvoiceDocumentReference", _text("ID", before.number), _text("IssueDate", f"{before.issued_on}")
    )
    return _group("BillingReference", named)


def _parties(invoice: EInvoice) -> list[Element | None]:
    return [
        _group("AccountingSupplierParty", _party(invoice.seller, invoice.tax)),
        _group("AccountingCustomerParty", _party(invoice.buyer, invoice.tax)),
    ]


def _party(party: Party, tax: Tax) -> Element:
    # Outside the scope of VAT nobody's VAT number may stand on it (BR-O-02).
    number = "" if tax.category == OUTSIDE else party.vat_number
    return _group(
        "Party",
        _text("EndpointID", party.address_id, schemeID=party.address_scheme) if party.address_id else None,
        _group(
            "PostalAddress",
            _text("StreetName", party.street),
            _text("CityName", party.city),
            _text("PostalZone", party.postal_code),
            _text("CountrySubentity", party.region),
            _group("Country", _text("IdentificationCode", party.country)),
        ),
        _group("PartyTaxScheme", _text("CompanyID", number), _scheme()) if number else None,
        _group(
            "PartyLegalEntity",
            _text("RegistrationName", party.name),
            _text("CompanyID", party.registration),
        ),
    )


def _sums(invoice: EInvoice) -> list[Element | None]:
    total, currency = _signed(invoice.total_minor, invoice), invoice.currency
    paid, owed = _signed(invoice.paid_minor, invoice), _signed(invoice.owed_minor, invoice)
    nothing, tax = Money.zero(currency), invoice.tax
    subtotal = _group(
        "TaxSubtotal",
        _amount("TaxableAmount", total),
        _amount("TaxAmount", nothing),
        _category("TaxCategory", tax, reason=tax.reason),
    )
    return [
        # Where something is left to be paid, until when or how has to stand there (BR-CO-25).
        _group("PaymentTerms", _text("Note", _terms(owed, is_credit=invoice.is_credit))),
        _group("TaxTotal", _amount("TaxAmount", nothing), subtotal),
        _group(
            "LegalMonetaryTotal",
            _amount("LineExtensionAmount", total),
            _amount("TaxExclusiveAmount", total),
            _amount("TaxInclusiveAmount", total),
            _amount("PrepaidAmount", paid),
            _amount("PayableAmount", owed),
        ),
    ]


def _terms(owed: Money, *, is_credit: bool) -> str:
    if is_credit:
        return "Given back to the wallet, and taken off what was owed."
    if owed.minor > 0:
        return "Paid in advance but for what is payable, which is taken from what is paid in next, or due by agreed terms."
    return "Taken from what was paid in or set aside; what was set aside on agreed terms is due by those."


def _line(line: Line, invoice: EInvoice) -> Element:
    """One of it, at what the performer is paid, with the platform's fee as a charge: the net amount is both together (R120)."""
    pay, fee = _signed(line.pay_minor, invoice), _signed(line.fee_minor, invoice)
    # A price is never below zero (BR-27): what is taken back is minus one of it.
    quantity = "-1" if pay.minor < 0 else "1"
    kind, counted = (
        ("CreditNoteLine", "CreditedQuantity") if invoice.is_credit else ("InvoiceLine", "InvoicedQuantity")
    )
    return _group(
        kind,
        _text("ID", f"{line.position}"),
        _text(counted, quantity, unitCode=ONE),
        _amount("LineExtensionAmount", pay + fee),
        _period(line.worked_on, line.worked_on),
        _fee(fee) if fee else None,
        _group(
            "Item",
            _text("Description", line.description),
            _text("Name", line.name),
            _group("SellersItemIdentification", _text("ID", line.source)),
            _category("ClassifiedTaxCategory", invoice.tax),
        ),
        _group("Price", _amount("PriceAmount", -pay if pay.minor < 0 else pay)),
    )


def _fee(fee: Money) -> Element:
    return _group(
        "AllowanceCharge",
        _text("ChargeIndicator", "true" if fee.minor > 0 else "false"),
        _text("AllowanceChargeReason", "Platform fee"),
        _amount("Amount", fee if fee.minor > 0 else -fee),
    )


def _category(tag: str, tax: Tax, *, reason: str = "") -> Element:
    # Outside the scope there is no rate, not even nought (BR-O-05).
    rate = "" if tax.category == OUTSIDE else "0"
    return _group(
        tag,
        _text("ID", tax.category),
        _text("Percent", rate),
        _text("TaxExemptionReason", reason),
        _scheme(),
    )


def _scheme() -> Element:
    return _group("TaxScheme", _text("ID", "VAT"))


def _period(first: date, last: date) -> Element:
    return _group("InvoicePeriod", _text("StartDate", f"{first}"), _text("EndDate", f"{last}"))


def _signed(minor: int, invoice: EInvoice) -> Money:
    """A credit note says how much it gives back: what is below zero with us is above it there."""
    return Money(-minor if invoice.is_credit else minor, invoice.currency)


def _amount(tag: str, amount: Money) -> Element | None:
    return _text(tag, amount.figure().replace(",", ""), currencyID=amount.currency.upper())


def _text(tag: str, text: str, **attributes: str) -> Element | None:
    """None for what is empty: no element may be (R008)."""
    fit = " ".join(UNFIT.sub(" ", text).split())
    if not fit:
        return None
    element = Element(f"cbc:{tag}", attributes)
    element.text = fit
    return element


def _group(tag: str, *children: Element | None) -> Element:
    return _with(Element(f"cac:{tag}"), *children)


def _with(element: Element, *children: Element | None) -> Element:
    element.extend(each for each in children if each is not None)
    return element


def party_of(said: Mapping[str, str]) -> Party:
    """Of what was kept of a party, what is written of it."""
    return Party(**{name: said.get(name, "") for name in Party.__dataclass_fields__})
