"""What is written as UBL holds by the published schema and rules, whatever the amounts and the names."""

import hashlib
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from accounts.companies.countries import COUNTRIES
from callboard.settings.seller import invoice_seller
from payments.invoicing import schemes, ubl
from tests.payments.invoicing.published import CAC, CBC, PEPPOL, broken, lines_of, net_of, rules_text

DAY = date(2026, 11, 17)
SELLER = ubl.Party(
    name="Callboard, Inc.",
    country="US",
    city="New York",
    street="1 Stage Door",
    postal_code="10001",
    region="NY",
    registration="7654321",
    vat_number="DE136695976",
    address_scheme="0088",
    address_id="7300010000001",
)
BUYER = ubl.Party(
    name="Kettle GmbH",
    country="DE",
    city="Berlin",
    registration="HRB 1",
    vat_number="DE123456788",
    address_scheme="9930",
    address_id="DE123456788",
)
OUTSIDE, EXEMPT = ubl.Tax("O", "Not subject to VAT"), ubl.Tax("E", "Exempt by article 132")


def a_line(position: int = 1, pay: int = 7_400, fee: int = 1_110, **other: object) -> ubl.Line:
    line = ubl.Line(position, f"ln_{position}", "Two people, one kettle", "Session", DAY, pay, fee)
    return replace(line, **other)  # type: ignore[arg-type] # of a test's own making


def an_invoice(*lines: ubl.Line, paid: int | None = None, **other: object) -> ubl.EInvoice:
    lines = lines or (a_line(),)
    total = sum(each.pay_minor + each.fee_minor for each in lines)
    paid = total if paid is None else paid
    made = ubl.EInvoice(
        is_credit=total < 0,
        number="INV-2026-000001",
        issued_on=date(2026, 11, 27),
        currency="usd",
        week_starts_on=date(2026, 11, 16),
        week_ends_on=date(2026, 11, 22),
        seller=SELLER,
        buyer=BUYER,
        reference="Cost centre 7",
        tax=OUTSIDE,
        before=ubl.Before("INV-2026-000000", DAY) if total < 0 else None,
        lines=lines,
        total_minor=total,
        paid_minor=paid,
        owed_minor=total - paid,
    )
    return replace(made, **other)  # type: ignore[arg-type] # of a test's own making


def sums_of(xml: bytes) -> dict[str, Decimal]:
    totals = etree.fromstring(xml).find(f"{CAC}LegalMonetaryTotal")
    assert totals is not None
    return {etree.QName(each).localname: Decimal(each.text or "") for each in totals}


AMOUNTS = st.integers(-5_000_000, 5_000_000)
PARTIES = st.builds(
    replace,
    st.sampled_from([SELLER, BUYER]),
    name=st.text(min_size=1, max_size=30).map(lambda said: f"A{said}"),
    street=st.text(max_size=20),
    region=st.text(max_size=20),
)


def drawn(
    *, lines: list[tuple[int, int, date]], paid: int, title: str, **other: ubl.Tax | ubl.Party | str
) -> ubl.EInvoice:
    rows = [
        a_line(at, pay, fee, worked_on=day, name=f"G{title}", description=title)
        for at, (pay, fee, day) in enumerate(lines, start=1)
    ]
    return an_invoice(*rows, paid=paid, **other)


INVOICES = st.builds(
    drawn,
    lines=st.lists(st.tuples(AMOUNTS, AMOUNTS, st.dates(date(2026, 8, 1), date(2026, 11, 30))), min_size=1),
    paid=AMOUNTS,
    title=st.text(max_size=30),
    currency=st.sampled_from(["usd", "eur", "jpy"]),
    tax=st.sampled_from([OUTSIDE, EXEMPT]),
    seller=PARTIES,
    buyer=PARTIES,
    reference=st.sampled_from(["", "Cost centre 7"]),
)


@settings(max_examples=60, deadline=None)
@given(invoice=INVOICES)
def test_holds_by_every_published_rule_and_adds_up(invoice: ubl.EInvoice) -> None:
    xml = ubl.written(invoice)
    assert broken(xml) == []
    sums, unit = sums_of(xml), Decimal(1) if invoice.currency == "jpy" else Decimal("0.01")
    sign = -1 if invoice.is_credit else 1
    nets = [net_of(each) for each in lines_of(etree.fromstring(xml))]
    assert nets == [sign * (each.pay_minor + each.fee_minor) * unit for each in invoice.lines]
    assert sum(nets) == sums["LineExtensionAmount"] == sums["TaxExclusiveAmount"]  # BR-CO-10, BR-CO-13
    assert sums["TaxInclusiveAmount"] == sums["TaxExclusiveAmount"]  # BR-CO-15, as no tax is charged
    assert sums["PayableAmount"] == sums["TaxInclusiveAmount"] - sums["PrepaidAmount"]  # BR-CO-16
    assert sums["PrepaidAmount"] == sign * invoice.paid_minor * unit
    assert ubl.written(invoice) == xml


class TestWhatStandsOnIt:
    def test_peppol_is_named_only_where_both_have_an_address_and_a_reference(self) -> None:
        def named(**other: ubl.Party | str) -> str:
            xml = ubl.written(an_invoice(paid=0, **other))
            assert broken(xml) == []
            return str(etree.fromstring(xml).findtext(f"{CBC}CustomizationID"))

        nowhere = {"address_scheme": "", "address_id": ""}
        assert named() == PEPPOL
        assert named(reference="") == "urn:cen.eu:en16931:2017"
        assert named(buyer=replace(BUYER, **nowhere)) == "urn:cen.eu:en16931:2017"
        assert named(seller=replace(SELLER, **nowhere)) == "urn:cen.eu:en16931:2017"

    def test_vat_numbers_stand_on_what_is_exempt_and_never_on_what_is_outside(self) -> None:
        assert BUYER.vat_number.encode() in ubl.written(an_invoice(tax=EXEMPT))
        outside = etree.fromstring(ubl.written(an_invoice()))
        assert outside.findall(f".//{CAC}PartyTaxScheme") == []

    def test_a_credit_note_says_above_zero_what_it_gives_back_and_names_what_it_corrects(self) -> None:
        xml = ubl.written(an_invoice(a_line(pay=-1_000, fee=-150), number="CRN-2026-000001"))
        note = etree.fromstring(xml)
        assert etree.QName(note).localname == "CreditNote"
        assert (sums_of(xml)["PrepaidAmount"], sums_of(xml)["PayableAmount"]) == (
            Decimal("11.50"),
            Decimal(0),
        )
        named = note.find(f"{CAC}BillingReference/{CAC}InvoiceDocumentReference")
        assert named is not None
        assert named.findtext(f"{CBC}ID") == "INV-2026-000000"
        assert broken(xml) == []

    def test_markup_and_what_xml_cannot_carry_are_text_or_nothing(self) -> None:
        hostile = a_line(name="</cbc:Name>&amp;<!ENTITY x \x00\x1b\ud800\uffff=1+1", description=" \x0b ")
        xml = ubl.written(an_invoice(hostile))
        assert broken(xml) == []
        (line,) = lines_of(etree.fromstring(xml))
        assert line.findtext(f"{CAC}Item/{CBC}Name") == "</cbc:Name>&amp;<!ENTITY x =1+1"
        assert line.find(f"{CAC}Item/{CBC}Description") is None

    def test_what_was_issued_stays_as_it_is_written_now(self) -> None:
        """Documents are written anew whenever they are asked for. Whoever changes how must keep this way for those of before."""
        written = ubl.written(an_invoice(a_line(), a_line(2, pay=-500, fee=-75), paid=0))
        assert hashlib.sha256(written).hexdigest()[:16] == "8392f8ac2d24816c"


class TestTheRulesThemselves:
    """That they say no where something is amiss: else nothing above was held against anything."""

    @pytest.mark.parametrize(
        ("was", "becomes", "rule"),
        [
            ("85.10</cbc:TaxExclusiveAmount", "85.11</cbc:TaxExclusiveAmount", "BR-CO-13"),
            ("85.10</cbc:PrepaidAmount", "85.00</cbc:PrepaidAmount", "BR-CO-16"),
            ("<cbc:ID>O</cbc:ID>", "<cbc:ID>S</cbc:ID>", "BR-S-05"),
            ('schemeID="0088"', 'schemeID="0000"', "BR-CL-25"),
            ("<cbc:PriceAmount", "<cbc:BasePrice", "parser"),
            ("Cost centre 7", " ", "R008"),
            ("74.00</cbc:PriceAmount", "75.00</cbc:PriceAmount", "R120"),
        ],
    )
    def test_find_what_is_amiss(self, was: str, becomes: str, rule: str) -> None:
        xml = ubl.written(an_invoice()).decode()
        assert was in xml
        changed = xml.replace(was, becomes).encode()
        if rule == "parser":
            with pytest.raises(etree.XMLSyntaxError):
                broken(changed)
        else:
            assert any(each.startswith(rule) for each in broken(changed)), broken(changed)


class TestLists:
    def test_every_scheme_and_country_of_ours_is_one_of_the_standard(self) -> None:
        lists = re.findall(r"contains\(' ([^']+) '", rules_text())
        assert any(set(schemes.SCHEMES) <= set(each.split()) for each in lists), "BR-CL-25"
        assert any(set(COUNTRIES) <= set(each.split()) for each in lists), "BR-CL-14"

    def test_a_number_that_cannot_be_one_of_its_scheme_is_told(self) -> None:
        right = {"0088": "7300010000001", "0192": "987654325", "9959": "12-3456789", "0184": "DK12345678"}
        wrong = {"0088": "7300010000002", "0192": "98765432", "9959": "12 3456789", "0184": "12345678"}
        assert all(schemes.is_formed(scheme, number) for scheme, number in right.items())
        assert not any(schemes.is_formed(scheme, number) for scheme, number in wrong.items())


class TestTheSeller:
    SAID = {
        "name": "Callboard, Inc.",
        "city": "New York",
        "country": "US",
        "registration": "7654321",
        "tax_category": "O",
        "tax_reason": "Not subject to VAT",
    }

    def test_is_taken_whole_or_not_at_all(self) -> None:
        assert invoice_seller({}) is None
        seller = invoice_seller(self.SAID)
        assert seller is not None
        assert (seller["name"], seller["street"]) == ("Callboard, Inc.", "")

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"name": ""}, "lacks name"),
            ({"country": "USA"}, "ISO 3166"),
            ({"tax_category": "S"}, "O and E"),
            ({"tax_reason": " "}, "lacks tax_reason"),
            ({"registration": ""}, "lacks registration"),
            ({"tax_category": "E"}, "lacks vat_number"),
            ({"vat_number": "123"}, "two letters"),
            ({"address_id": "1"}, "half"),
            ({"address_scheme": "GLN", "address_id": "1"}, "four digits"),
            ({"nmae": "x"}, "write"),
            ({"name": 7}, "write"),
        ],
    )
    def test_stops_the_start_where_a_fact_is_missing(self, said: dict[str, object], why: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=why):
            invoice_seller(self.SAID | said)
        with pytest.raises(ImproperlyConfigured):
            invoice_seller(["Callboard"])
