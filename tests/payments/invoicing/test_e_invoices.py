"""An invoice's e-invoice says what its PDF and CSV say, of both sides as they stood, and never changes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree
from pytest_django import Settings

from accounts.access.roles import Role
from accounts.companies.models import Company
from accounts.keys import acting
from kit.errors import DomainError, Forbidden, Invalid
from payments.invoicing import billing, e_invoices, operations, queries
from payments.invoicing.models import BillingDetails, Document, DocumentLine, DocumentParties
from payments.payroll.models import PayRun
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, logs_in
from tests.payments.funding.test_withdrawals import company_of, pays_in
from tests.payments.invoicing.published import CAC, CBC, broken, lines_of, net_of
from tests.payments.invoicing.test_invoices import NEXT_MONDAY, closed, closes_next_week, of
from tests.payments.invoicing.test_ubl import TestTheSeller, sums_of
from tests.payments.world import World, a_company, usd

__all__ = ["closed"]
HOUSE = TestTheSeller.SAID | {"address_scheme": "0088", "address_id": "7300010000001"}
SAID = {
    "name": "Kettle GmbH & <Söhne>",
    "street": "Gasse 1",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
    "vat_number": "DE 123.456.788",
    "reference": "Cost centre 7",
    "address_scheme": "9930",
    "address_id": "DE123456788",
}


@pytest.fixture
def house(settings: Settings) -> Settings:
    """It has said under which name and number it sells."""
    settings.INVOICE_SELLER = HOUSE
    return settings


def says(world: World, **said: str) -> BillingDetails:
    owner = stories.owner_of(world.company)
    return billing.say(company=world.company, **(SAID | said), by=owner, at=world.now)


def again(document: Document) -> Document:
    """As another request reads it."""
    return queries.get(stories.HOUSE, document.public_id)


def xml_of(document: Document) -> bytes:
    return e_invoices.xml_of(again(document))


def refused(document: Document) -> str:
    with pytest.raises(DomainError) as refusal:
        xml_of(document)
    assert type(e_invoices.why_none(again(document))) is type(refusal.value)
    return refusal.value.code


def buyer_of(xml: bytes) -> str:
    name = f"{CAC}AccountingCustomerParty/{CAC}Party/{CAC}PartyLegalEntity/{CBC}RegistrationName"
    return str(etree.fromstring(xml).findtext(name))


@pytest.mark.usefixtures("house")
class TestAnInvoice:
    def test_says_line_by_line_what_the_document_says(self, closed: World) -> None:
        says(closed)
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        xml = xml_of(invoice)
        assert broken(xml) == []
        told = etree.fromstring(xml)
        assert told.findtext(f"{CBC}ID") == invoice.number
        rows = list(queries.lines(invoice))
        assert [net_of(each) * 100 for each in lines_of(told)] == [row.cost_minor for row in rows]
        named = [
            each.findtext(f"{CAC}Item/{CAC}SellersItemIdentification/{CBC}ID") for each in lines_of(told)
        ]
        assert named == [row.line.public_id for row in rows if row.line]
        sums = sums_of(xml)
        assert sums["TaxInclusiveAmount"] * 100 == invoice.total_minor
        assert (sums["PrepaidAmount"], sums["PayableAmount"]) == (sums["TaxInclusiveAmount"], Decimal(0))
        assert buyer_of(xml) == SAID["name"]

    def test_is_there_as_soon_as_the_document_is(self, closed: World) -> None:
        says(closed)
        operations.bill(run=PayRun.objects.get(), at=closed.now)
        assert broken(xml_of(of(closed.company)[0])) == []

    def test_what_no_money_was_there_for_is_payable(self, world: World) -> None:
        world.company = a_company(wallet=usd("50.00"))
        says(world)
        world.earns(world.performer("Ada"), "100.00")
        world.an_approved_run()
        operations.issue_due(at=world.now)
        xml = xml_of(of(world.company)[0])
        assert broken(xml) == []
        assert (sums_of(xml)["PrepaidAmount"], sums_of(xml)["PayableAmount"]) == (Decimal(50), Decimal(65))

    def test_a_credit_note_names_its_invoice(self, closed: World) -> None:
        says(closed)
        operations.issue_due(at=closed.now)
        line = DocumentLine.objects.order_by("position")[0].line
        assert line is not None
        closed.now += timedelta(hours=1)
        closed.corrects(line, "10.00", monday=NEXT_MONDAY)
        closes_next_week(closed)
        operations.issue_due(at=closed.now)
        invoice, note = of(closed.company)
        xml = xml_of(note)
        assert broken(xml) == []
        told = etree.fromstring(xml)
        assert etree.QName(told).localname == "CreditNote"
        assert told.findtext(f".//{CAC}InvoiceDocumentReference/{CBC}ID") == invoice.number
        assert sums_of(xml)["PrepaidAmount"] == Decimal("11.50")

    def test_is_the_same_bytes_whatever_is_said_later(self, closed: World, house: Settings) -> None:
        says(closed)
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        before = xml_of(invoice)
        says(closed, name="Another GmbH", address_scheme="", address_id="")
        Company.objects.filter(pk=closed.company.pk).update(
            legal_name="Another GmbH", registration_number="2", state="suspended"
        )
        house.INVOICE_SELLER = HOUSE | {"name": "Another house", "tax_category": "E"}
        operations.issue_due(at=closed.now)
        assert xml_of(invoice) == before
        house.INVOICE_SELLER = None
        assert xml_of(invoice) == before
        house.INVOICE_SELLER = HOUSE
        closed.earns(closed.performer("Cy"), "10.00", monday=NEXT_MONDAY)
        closes_next_week(closed)
        operations.issue_due(at=closed.now)
        assert buyer_of(xml_of(of(closed.company)[-1])) == "Another GmbH"

    def test_the_database_refuses_another_name_and_an_end(self, closed: World) -> None:
        says(closed)
        operations.issue_due(at=closed.now)
        for change in (
            "UPDATE payments_documentparties SET buyer = '{}'",
            "DELETE FROM payments_documentparties",
        ):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(change)
        with pytest.raises(IntegrityError), transaction.atomic():
            BillingDetails.objects.update(reference="")


class TestWhereAFactIsMissing:
    def test_the_company_is_asked_and_then_has_those_of_before_too(
        self, closed: World, house: Settings
    ) -> None:
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        assert refused(invoice) == "billing_details_missing"
        says(closed)
        assert broken(xml_of(invoice)) == []
        assert again(invoice).parties.noted_at == closed.now
        says(closed, name="Another GmbH")
        assert buyer_of(xml_of(invoice)) == SAID["name"], "what was noted first stays"

    def test_the_house_is_named_and_once_it_has_said_it_those_of_before_are_made(
        self, closed: World, settings: Settings
    ) -> None:
        settings.INVOICE_SELLER = None
        says(closed)
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        assert refused(invoice) == "house_details_missing"
        settings.INVOICE_SELLER = HOUSE
        assert refused(invoice) == "e_invoice_not_ready"
        assert operations.issue_due(at=closed.now) == 0
        assert broken(xml_of(invoice)) == []
        assert billing.note_due(at=closed.now) == 0

    def test_a_receipt_is_none(self, world: World, house: Settings) -> None:
        owner = stories.proved(stories.owner_of(stories.a_company()), at=world.now)
        billing.say(company=company_of(owner), **SAID, by=owner, at=world.now)
        pays_in(world, owner, "50.00")
        operations.issue_due(at=world.now)
        (receipt,) = of(company_of(owner))
        billing.say(company=company_of(owner), **SAID, by=owner, at=world.now)
        assert refused(receipt) == "no_e_invoice"
        assert DocumentParties.objects.count() == 0


class TestWhatACompanySays:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"name": " "}, "name"),
            ({"city": ""}, "city"),
            ({"country": ""}, "country"),
            ({"country": "XX"}, "country"),
            ({"vat_number": "123456788"}, "vat_number"),
            ({"vat_number": "DE/123456"}, "vat_number"),
            ({"address_scheme": "0000"}, "address_scheme"),
            ({"address_scheme": ""}, "address_scheme"),
            ({"address_scheme": "0088", "address_id": "7300010000002"}, "address_id"),
            ({"address_id": ""}, "address_id"),
            ({"reference": ""}, "reference"),
        ],
    )
    def test_is_refused_where_it_could_not_stand_on_an_invoice(
        self, world: World, said: dict[str, str], field: str
    ) -> None:
        with pytest.raises(Invalid) as refusal:
            says(world, **said)
        assert [each["field"] for each in refusal.value.errors] == [field]
        assert not BillingDetails.objects.exists()

    def test_is_said_by_owner_and_billing_alone(self, world: World) -> None:
        for role in (Role.PRODUCER, Role.REVIEWER):
            with pytest.raises(Forbidden):
                billing.say(
                    company=world.company,
                    **SAID,
                    by=acting.of_user(stories.a_member(world.company, role)),
                    at=world.now,
                )
        by = acting.of_user(stories.a_member(world.company, Role.BILLING))
        said = billing.say(company=world.company, **SAID, by=by, at=world.now)
        assert said.vat_number == "DE123456788"

    def test_before_it_said_anything_is_what_the_house_knows(self, world: World) -> None:
        Company.objects.filter(pk=world.company.pk).update(legal_name="Kettle GmbH", country="DE")
        world.company.refresh_from_db()
        found = billing.details_of(world.company)
        assert (found.name, found.country, found.city) == ("Kettle GmbH", "DE", "")
        assert found.said_at is None


@pytest.mark.usefixtures("house")
class TestDoors:
    def test_who_reads_the_invoice_takes_it_and_another_company_does_not(self, closed: World) -> None:
        operations.issue_due(at=closed.now)
        (invoice,) = of(closed.company)
        owner = closed.company.memberships.get().user
        mine, path = logs_in(owner), f"/company/{closed.company.public_id}/invoices/{invoice.public_id}/"
        api, details = Api(owner), f"companies/{closed.company.public_id}/billing-details"
        ubl = f"invoices/{invoice.public_id}/ubl"
        assert "Say first under which name" in mine.get(path).content.decode()
        assert mine.get(f"{path}document.xml").status_code == 409
        assert code_of(api.get(ubl)) == "billing_details_missing"
        assert body_of(api.get(details))["said_at"] is None
        assert body_of(api.send("PUT", details, SAID))["vat_number"] == "DE123456788"
        taken = api.get(ubl)
        assert taken.headers["Content-Type"] == "application/xml"
        assert taken.headers["Content-Disposition"] == f'attachment; filename="{invoice.number}.xml"'
        assert broken(taken.content) == []
        assert taken.content == mine.get(f"{path}document.xml").content
        assert "document.xml" in mine.get(path).content.decode()
        finance = stories.person(closed.freezer)
        assert Api(finance).get(ubl).content == taken.content
        assert Api(finance).send("PUT", details, SAID).status_code == 404
        Company.objects.filter(pk=closed.company.pk).update(state="suspended")
        assert api.get(ubl).content == taken.content, "who works no more here keeps books still"
        stranger = stories.person(stories.owner_of(stories.a_company()))
        assert Api(stranger).get(ubl).status_code == Api(stranger).get(details).status_code == 404
        assert Api(stranger).send("PUT", details, SAID).status_code == 404
        assert logs_in(stranger).get(f"{path}document.xml").status_code == 404

    def test_the_page_takes_what_is_said_and_puts_a_refusal_beside_its_field(self, closed: World) -> None:
        owner = closed.company.memberships.get().user
        mine, path = logs_in(owner), f"/company/{closed.company.public_id}/billing/"
        assert mine.post(path, SAID | {"address_id": "7", "address_scheme": "0088"}).status_code == 422
        assert mine.post(path, SAID).status_code == 302
        shown = mine.get(path).content.decode()
        assert "Kettle GmbH &amp; &lt;Söhne&gt;" in shown
        reviewer = logs_in(stories.a_member(closed.company, Role.REVIEWER))
        assert "Gasse 1, 10115 Berlin" in reviewer.get(path).content.decode()
        assert reviewer.post(path, SAID).status_code == 403
