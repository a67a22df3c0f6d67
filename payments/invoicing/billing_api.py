"""How a company is billed, and the e-invoices that follow from it, over the API."""

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.companies.countries import COUNTRIES
from accounts.companies.queries import get_company
from accounts.identity.fields import NameField
from kit import clock
from kit.http.downloads import xml_file
from kit.http.serializers import LineField, Strict
from payments.invoicing import billing, e_invoices, queries
from payments.invoicing.models import (
    LONGEST_PLACE,
    LONGEST_POSTAL_CODE,
    LONGEST_REFERENCE,
    LONGEST_VAT_NUMBER,
    BillingDetails,
)
from payments.invoicing.schemes import LONGEST_ID


def _may_be_empty(longest: int, *, says: str) -> LineField:
    return LineField(max_length=longest, required=False, allow_blank=True, default="", help_text=says)


class BillingIn(Strict):
    name = NameField(help_text="The name under which it is registered.")
    street = _may_be_empty(LONGEST_PLACE, says="Street and number.")
    city = LineField(max_length=LONGEST_PLACE, help_text="The city of its address.")
    postal_code = _may_be_empty(LONGEST_POSTAL_CODE, says="The postal code, where the address has one.")
    region = _may_be_empty(LONGEST_PLACE, says="A state or province, where the address has one.")
    country = serializers.ChoiceField(choices=list(COUNTRIES.items()))
    vat_number = _may_be_empty(LONGEST_VAT_NUMBER, says="With its country's two letters before it.")
    reference = _may_be_empty(
        LONGEST_REFERENCE,
        says="What it wants to read on its invoices; needed with an electronic address.",
    )
    address_scheme = _may_be_empty(4, says="By what it is found in Peppol: a code of the list EAS.")
    address_id = _may_be_empty(LONGEST_ID, says="Its number there.")


class BillingOut(serializers.ModelSerializer[BillingDetails]):
    said_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was said; null where nothing was yet."
    )

    class Meta:
        model = BillingDetails
        fields = [*billing.SAID, "said_at"]


class CompanyBilling(Endpoint):
    """How a company is named on its e-invoices: name, address, VAT number, and by what it is found in Peppol."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described("billing_details_get", "Read how a company is billed.", responses=BillingOut)
    def get(self, request: Request, company_id: str) -> Response:
        return Response(BillingOut(billing.details_of(get_company(self.actor, company_id))).data)

    @described(
        "billing_details_set",
        "Say how a company is billed.",
        request=BillingIn,
        responses=BillingOut,
    )
    def put(self, request: Request, company_id: str) -> Response:
        """All of it anew. E-invoices of before stay as they are; those that could not be made without it are made."""
        company, sent = get_company(self.actor, company_id), self.read(BillingIn)
        return self.done(
            BillingOut, lambda: billing.say(company=company, **sent, by=self.actor, at=clock.now())
        )


class InvoiceUbl(Endpoint):
    """An invoice or credit note as an e-invoice: UBL 2.1 after EN 16931, and Peppol BIS Billing 3.0 where both sides have an
    electronic address. The same bytes each time."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described(
        "invoices_ubl",
        "Take an invoice or credit note as UBL.",
        refuses=(
            e_invoices.NoEInvoice,
            e_invoices.HouseDetailsMissing,
            e_invoices.BillingDetailsMissing,
            e_invoices.EInvoiceNotReady,
        ),
        responses={(200, "application/xml"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, document_id: str) -> Any:
        document = queries.get(self.actor, document_id)
        return xml_file(f"{document.number}.xml", e_invoices.xml_of(document))


urlpatterns = [
    path("companies/<str:company_id>/billing-details", CompanyBilling.as_view(), name="api_company_billing"),
    path("invoices/<str:document_id>/ubl", InvoiceUbl.as_view(), name="api_invoice_ubl"),
]
