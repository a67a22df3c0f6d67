"""Invoices, credit notes, receipts and refund notes over the API."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.companies.queries import get_company
from kit.http.serializers import DayField, LineField, ListQuery, MoneyField, MoneyOf
from payments.invoicing import queries, sheets
from payments.invoicing.models import Document, DocumentLine


class FindQuery(ListQuery):
    q = LineField(
        required=False, max_length=80, help_text="A number or its beginning, a company's name or id."
    )
    week = DayField(required=False, help_text="The Monday of a week.")


class InvoiceOut(serializers.ModelSerializer[Document]):
    id = serializers.CharField(source="public_id")
    company = serializers.CharField(source="company.public_id")
    week = serializers.DateField(
        source="week.starts_on",
        allow_null=True,
        default=None,
        help_text="Its Monday; null where it is of a payment.",
    )
    corrects = serializers.CharField(
        source="corrects.number",
        allow_null=True,
        default=None,
        help_text="The number of what it adds to or takes from.",
    )
    funding = serializers.CharField(
        source="movement.funding.public_id",
        allow_null=True,
        default=None,
        help_text="The payment that it is of.",
    )
    issued_at = serializers.DateTimeField(help_text="When it was issued; it never changes from then on.")
    pay = MoneyOf("pay_minor", help_text="What performers are paid for its lines.")
    fee = MoneyOf("fee_minor", help_text="The platform's fee on top.")
    total = MoneyOf("total_minor", help_text="Both together; below zero where it is given back.")
    paid = MoneyOf(
        "paid_minor", help_text="Of it, taken in advance: from the wallet and from what was set aside."
    )
    owed = MoneyOf("owed_minor", help_text="Of it, what no money was there for.")

    class Meta:
        model = Document
        fields = [
            "id", "kind", "number", "company", "billed_to", "issued_by", "week", "corrects", "funding", "pay", "fee",
            "total", "paid", "owed", "issued_at",
        ]  # fmt: skip


class InvoiceLineOut(serializers.ModelSerializer[DocumentLine]):
    line = serializers.SerializerMethodField(help_text="The approved line, by id.")
    gig_title = serializers.CharField(help_text="What the gig was called then.")
    rate = serializers.SerializerMethodField(help_text="An hour; null where it is not paid by time.")
    pay = MoneyOf("pay_minor", help_text="What the performer is paid.")
    fee = MoneyOf("fee_minor", help_text="The platform's fee on top.")

    class Meta:
        model = DocumentLine
        fields = ["position", "line", "what", "gig_title", "worked_on", "payable_s", "rate", "pay", "fee"]

    def get_line(self, row: DocumentLine) -> str:
        return sheets.source_of(row)

    @extend_schema_field(MoneyField(allow_null=True))
    def get_rate(self, row: DocumentLine) -> dict[str, Any] | None:
        if row.rate_minor is None:
            return None
        return {"amount_minor": row.rate_minor, "currency": row.currency}


class CompanyInvoices(Endpoint):
    """What a company got for its own books."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described(
        "company_invoices_list",
        "List a company's invoices, credit notes and receipts, the newest first.",
        responses=InvoiceOut(many=True),
    )
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return self.listed(InvoiceOut, queries.of_company(self.actor, company), by=("-id",))


class Invoices(Endpoint):
    """All of them, for finance."""

    allow = (Audience.FINANCE,)

    @described(
        "invoices_list",
        "Find invoices by number, company or week, the newest first.",
        parameters=[FindQuery],
        responses=InvoiceOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(FindQuery)
        rows = queries.found(self.actor, text=asked.get("q", ""), week=asked.get("week"))
        return self.listed(InvoiceOut, rows, by=("-id",))


class Invoice(Endpoint):
    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described("invoices_get", "Read one invoice, credit note, receipt or refund note.", responses=InvoiceOut)
    def get(self, request: Request, document_id: str) -> Response:
        return Response(InvoiceOut(queries.get(self.actor, document_id)).data)


class InvoiceLines(Endpoint):
    """The approved lines that it charges, in the order of their approval."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described("invoice_lines_list", "List an invoice's lines.", responses=InvoiceLineOut(many=True))
    def get(self, request: Request, document_id: str) -> Response:
        rows = queries.lines(queries.get(self.actor, document_id))
        return self.listed(InvoiceLineOut, rows, by=("position",))


urlpatterns = [
    path("companies/<str:company_id>/invoices", CompanyInvoices.as_view(), name="api_company_invoices"),
    path("invoices", Invoices.as_view(), name="api_invoices"),
    path("invoices/<str:document_id>", Invoice.as_view(), name="api_invoice"),
    path("invoices/<str:document_id>/lines", InvoiceLines.as_view(), name="api_invoice_lines"),
]
