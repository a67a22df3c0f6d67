"""The payroll register as finance reads it, and as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit.http.downloads import csv_file
from kit.http.pagination import page
from payments.books import register
from payments.inbox.reasons import reason
from payments.payroll import carrying

RUNS, PAYEES = 12, 50


@require_GET
@allow(Audience.FINANCE)
def books_registers(request: HttpRequest) -> HttpResponse:
    """The runs that have a register."""
    found = page(
        register.runs(actor_of(request)), by=("-id",), cursor=request.GET.get("cursor", ""), limit=RUNS
    )
    return render(request, "payments/books/registers.html", {"runs": found.rows, "next": found.next_cursor})


@require_GET
@allow(Audience.FINANCE)
def books_register(request: HttpRequest, run_id: str) -> HttpResponse:
    """One run, payee by payee."""
    run, search = register.get_run(actor_of(request), run_id), _search(request)
    rows = register.items(run, search=search)
    found = page(rows, by=("id",), cursor=request.GET.get("cursor", ""), limit=PAYEES)
    context = {
        "run": run,
        "q": search,
        "totals": register.totals(run),
        "rows": [
            (row, reason(row.hold_code, "").means if row.hold_code else "")
            for row in register.rows(found.rows)
        ],
        "next": found.next_cursor,
        "carried": carrying.carried(run),
    }
    return render(request, "payments/books/register.html", context)


@require_GET
@allow(Audience.FINANCE)
def books_register_csv(request: HttpRequest, run_id: str) -> HttpResponse:
    """The payees that the page shows, all of them."""
    run = register.get_run(actor_of(request), run_id)
    name = f"register-{run.week.starts_on}-{run.currency}-{run.public_id}.csv"
    return csv_file(name, register.csv_of(run, search=_search(request)))


def _search(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:80].replace("\x00", "")


urlpatterns = [
    path("books/register/", books_registers, name="books_registers"),
    path("books/register/<str:run_id>/", books_register, name="books_register"),
    path("books/register/<str:run_id>/register.csv", books_register_csv, name="books_register_csv"),
]
