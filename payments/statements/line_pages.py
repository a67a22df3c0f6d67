"""Statements to keep: of a payday and of a year, as PDF and as CSV."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access_log.middleware import leave_out
from accounts.performers.queries import get_own
from kit.errors import NotFound
from kit.http.downloads import csv_file
from payments.printing.sheets import pdf_file
from payments.statements import lines, queries
from payments.statements.lines import Statement

YEAR = re.compile(r"20[0-9]{2}")


@require_GET
@allow(Audience.PERFORMER, Audience.FINANCE)
def statement_pdf(request: HttpRequest, item_id: str) -> HttpResponse:
    return pdf_file(f"statement-{item_id}.pdf", lines.pdf_of(_of_item(request, item_id)))


@require_GET
@allow(Audience.PERFORMER, Audience.FINANCE)
def statement_csv(request: HttpRequest, item_id: str) -> HttpResponse:
    return csv_file(f"statement-{item_id}.csv", lines.csv_of(_of_item(request, item_id)))


@require_GET
@allow(Audience.PERFORMER)
def my_year_pdf(request: HttpRequest, year: str) -> HttpResponse:
    return pdf_file(f"pay-in-{year}.pdf", lines.pdf_of(_of_year(request, year)))


@require_GET
@allow(Audience.PERFORMER)
def my_year_csv(request: HttpRequest, year: str) -> HttpResponse:
    return csv_file(f"pay-in-{year}.csv", lines.csv_of(_of_year(request, year)))


def _of_item(request: HttpRequest, item_id: str) -> Statement:
    actor = actor_of(request)
    item = queries.get_item(actor=actor, public_id=item_id)
    if item.performer_id == actor.performer_id:
        leave_out(request)
    return lines.of_item(item)


def _of_year(request: HttpRequest, year: str) -> Statement:
    if not YEAR.fullmatch(year):
        raise NotFound
    return lines.of_year(get_own(actor_of(request)), year=int(year))


urlpatterns = [
    path("pay/statements/<str:item_id>/statement.pdf", statement_pdf, name="statement_pdf"),
    path("pay/statements/<str:item_id>/statement.csv", statement_csv, name="statement_csv"),
    path("pay/years/<str:year>/statement.pdf", my_year_pdf, name="my_year_pdf"),
    path("pay/years/<str:year>/statement.csv", my_year_csv, name="my_year_csv"),
]
