"""Invoices, credit notes, receipts and refund notes: a company's own, and finance's all."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit.http.downloads import csv_file, xml_file
from kit.http.pagination import page
from payments.invoicing import e_invoices, queries, sheets
from payments.invoicing.forms import FindForm
from payments.invoicing.models import Document
from payments.printing.sheets import pdf_file

SHOWN, LINES = 25, 100


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_invoices(request: HttpRequest, company_id: str) -> HttpResponse:
    """What the company got for its books, the newest first."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    rows = queries.of_company(actor, company)
    found = page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=SHOWN)
    context = {"company": company, "documents": found.rows, "next": found.next_cursor}
    return render(request, "payments/invoicing/company.html", context)


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_invoice(request: HttpRequest, company_id: str, document_id: str) -> HttpResponse:
    """One of them, line by line."""
    document = _document(request, company_id, document_id)
    found = page(queries.lines(document), by=("position",), cursor=request.GET.get("cursor", ""), limit=LINES)
    context = {
        "document": document,
        "company": document.company,
        "rows": [(row, sheets.CALLED[row.what], sheets.source_of(row)) for row in found.rows],
        "said": sheets.said_of(document),
        "no_e_invoice": e_invoices.why_none(document),
        "corrections": document.corrections.order_by("id")[:SHOWN],
        "next": found.next_cursor,
    }
    return render(request, "payments/invoicing/document.html", context)


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_invoice_pdf(request: HttpRequest, company_id: str, document_id: str) -> HttpResponse:
    document = _document(request, company_id, document_id)
    return pdf_file(f"{document.number}.pdf", sheets.pdf_of(document))


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_invoice_csv(request: HttpRequest, company_id: str, document_id: str) -> HttpResponse:
    document = _document(request, company_id, document_id)
    return csv_file(f"{document.number}.csv", sheets.csv_of(document))


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_invoice_xml(request: HttpRequest, company_id: str, document_id: str) -> HttpResponse:
    document = _document(request, company_id, document_id)
    return xml_file(f"{document.number}.xml", e_invoices.xml_of(document))


@require_GET
@allow(Audience.FINANCE)
def invoices(request: HttpRequest) -> HttpResponse:
    """All of them, by number, company or week."""
    actor, form = actor_of(request), FindForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = queries.found(actor, text=asked.get("q", ""), week=asked.get("week"))
    found = page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=SHOWN)
    context = {"form": form, "asked": any(asked.values()), "documents": found.rows, "next": found.next_cursor}
    return render(
        request, "payments/invoicing/all.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _document(request: HttpRequest, company_id: str, document_id: str) -> Document:
    actor = actor_of(request)
    return queries.get(actor, document_id, company=get_company(actor, company_id))


urlpatterns = [
    path("invoices/", invoices, name="invoices"),
    path("company/<str:company_id>/invoices/", company_invoices, name="company_invoices"),
    path("company/<str:company_id>/invoices/<str:document_id>/", company_invoice, name="company_invoice"),
    path(
        "company/<str:company_id>/invoices/<str:document_id>/document.pdf",
        company_invoice_pdf,
        name="company_invoice_pdf",
    ),
    path(
        "company/<str:company_id>/invoices/<str:document_id>/document.csv",
        company_invoice_csv,
        name="company_invoice_csv",
    ),
    path(
        "company/<str:company_id>/invoices/<str:document_id>/document.xml",
        company_invoice_xml,
        name="company_invoice_xml",
    ),
]
