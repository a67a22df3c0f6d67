"""The journals of each week, the files that accounting products import, and what our accounts are called there."""

from django.contrib import messages
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock, instants
from kit.http.downloads import csv_file
from kit.http.pagination import page
from kit.text import small_number
from payments.books import exporting, general_ledger, journals, mapping
from payments.books.chart import LABELS
from payments.books.forms import DaysForm, NameForm
from payments.books.mapping import NotMapped
from payments.books.models import SummedWeek

SHOWN = 12


@require_GET
@allow(Audience.FINANCE)
def books_journals(request: HttpRequest) -> HttpResponse:
    """The weeks that are over and summed, the newest first."""
    rows = journals.weeks(actor_of(request))
    found = page(rows, by=("-starts_on",), cursor=request.GET.get("cursor", ""), limit=SHOWN)
    context = {
        "weeks": found.rows,
        "next": found.next_cursor,
        "days": DaysForm(),
        "through": general_ledger.last_summed_day(),
    }
    return render(request, "payments/books/journals.html", context)


@require_GET
@allow(Audience.FINANCE)
def books_journal(request: HttpRequest, monday: str) -> HttpResponse:
    """One week: a journal a company, and its files by product and currency."""
    week = _week(request, monday)
    found = journals.of_week(week)
    context = {
        "week": week,
        "journals": found,
        "files": [
            (currency, product, range(1, len(exporting.files_of(of_one, product)) + 1))
            for currency in sorted({journal.currency for journal in found})
            for of_one in [[journal for journal in found if journal.currency == currency]]
            for product in exporting.TAKEN
        ],
        "missing": _missing({line.kind for journal in found for line in journal.lines}),
    }
    return render(request, "payments/books/journal.html", context)


@require_GET
@allow(Audience.FINANCE)
def books_export(request: HttpRequest, monday: str, product: str, currency: str, number: str) -> HttpResponse:
    """One file of the week."""
    name, content = exporting.export(
        week=_week(request, monday),
        product=product,
        currency=currency,
        number=small_number(number) or 0,
        by=actor_of(request),
        at=clock.now(),
    )
    return csv_file(name, content)


@require_GET
@allow(Audience.FINANCE)
def books_ledger_csv(request: HttpRequest) -> HttpResponse:
    """The general ledger of some days."""
    form = DaysForm(request.GET)
    if not form.is_valid():
        messages.error(request, "Choose a first and a last day.")
        return redirect("books_journals")
    found = general_ledger.file_of(**form.cleaned_data)
    return csv_file(found.name, found.content)


@require_http_methods(["GET", "POST"])
@allow(Audience.FINANCE)
def books_names(request: HttpRequest) -> HttpResponse:
    """What each kind of account is called in the products' charts."""
    actor = actor_of(request)
    data = request.POST if request.method == "POST" else None
    rows = [
        (row, NameForm(data, prefix=row.kind, initial=model_to_dict(row))) for row in mapping.all_names(actor)
    ]
    if data is not None and all(form.is_valid() for _, form in rows):
        with transaction.atomic():
            for row, form in rows:
                mapping.rename(kind=row.kind, **form.cleaned_data, by=actor, at=clock.now())
        messages.success(request, "Kept. The next export uses these names.")
        return redirect("books_names")
    labelled = [(LABELS[row.kind], row, form) for row, form in rows]
    return render(request, "payments/books/names.html", {"rows": labelled})


def _missing(kinds: set[str]) -> dict[str, str]:
    """By product, what keeps its export from being made."""
    found = {}
    for product in exporting.TAKEN:
        try:
            mapping.names_for(product, kinds)
        except NotMapped as error:
            found[product.value] = error.detail
    return found


def _week(request: HttpRequest, monday: str) -> SummedWeek:
    return journals.get_week(actor_of(request), instants.day_said(monday))


urlpatterns = [
    path("books/journals/", books_journals, name="books_journals"),
    path("books/general-ledger.csv", books_ledger_csv, name="books_ledger_csv"),
    path("books/journals/<str:monday>/", books_journal, name="books_journal"),
    path(
        "books/journals/<str:monday>/<str:product>-<str:currency>-<str:number>.csv",
        books_export,
        name="books_export",
    ),
    path("books/names/", books_names, name="books_names"),
]
