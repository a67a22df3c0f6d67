"""The tax figures of a year: of every payee for finance, of one's own for a performer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers.queries import get_own
from kit import clock
from kit.errors import NotFound
from kit.http.downloads import csv_file
from kit.http.pagination import page
from kit.text import small_number
from marketplace.timekeeping.weeks import payroll_day
from payments.books import iris, years
from payments.books.years import Form
from payments.statements import queries as statements

SHOWN = 50


@require_GET
@allow(Audience.FINANCE)
def books_year(request: HttpRequest, year: str) -> HttpResponse:
    """Every payee's boxes."""
    return _payees_page(request, _year(year))


@require_GET
@allow(Audience.FINANCE)
def books_this_year(request: HttpRequest) -> HttpResponse:
    """The same of the running year."""
    return _payees_page(request, _this_year())


def _payees_page(request: HttpRequest, number: int) -> HttpResponse:
    rows = years.payees(actor_of(request), year=number)
    found = page(rows, by=("id",), cursor=request.GET.get("cursor", ""), limit=SHOWN)
    context = _of_year(number, actor=actor_of(request)) | {
        "payees": years.figures(found.rows, year=number),
        "next": found.next_cursor,
        "forms": list(Form),
    }
    return render(request, "payments/books/year.html", context)


@require_GET
@allow(Audience.FINANCE)
def books_year_csv(request: HttpRequest, year: str) -> HttpResponse:
    """The same of all of them, as a file."""
    number = _year(year)
    return csv_file(f"paid-in-{number}.csv", years.csv_of(actor_of(request), year=number))


@require_GET
@allow(Audience.FINANCE)
def books_iris(request: HttpRequest, year: str, form: str, number: str) -> HttpResponse:
    """One file of 100 returns; the filer adds the tax numbers."""
    chosen, wanted = _year(year), small_number(number) or 0
    files = iris.files_of(years.to_file(actor_of(request), year=chosen, form=form))
    if not 1 <= wanted <= len(files):
        raise NotFound
    content = iris.file_of(files[wanted - 1], form=Form(form), year=chosen)
    return csv_file(f"iris-{form}-{chosen}-{wanted}-of-{len(files)}.csv", content)


@require_GET
@allow(Audience.PERFORMER)
def my_year(request: HttpRequest, year: str) -> HttpResponse:
    """What one was paid in a year, as tax counts it, and who sends which form."""
    return _own_page(request, _year(year))


@require_GET
@allow(Audience.PERFORMER)
def my_this_year(request: HttpRequest) -> HttpResponse:
    """The same of the running year."""
    return _own_page(request, _this_year())


def _own_page(request: HttpRequest, number: int) -> HttpResponse:
    performer = get_own(actor_of(request))
    (mine,) = years.figures([performer], year=number)
    context = _of_year(number, actor=actor_of(request)) | {
        "mine": mine,
        "by_tax": statements.by_tax(performer=performer, year=number),
    }
    return render(request, "payments/books/my_year.html", context)


def _of_year(year: int, *, actor: Actor) -> dict[str, object]:
    return {
        "year": year,
        "before": year - 1 if years.paid_before(actor, year=year) else None,
        "after": year + 1 if year < _this_year() else None,
        "threshold": years.threshold(year),
        "threshold_is_known": years.is_known(year),
        "filer": years.filer().value,
    }


def _this_year() -> int:
    return payroll_day(clock.now()).year


def _year(text: str) -> int:
    if not (len(text) == 4 and text.isascii() and text.isdecimal()):
        raise NotFound
    return years.check_year(int(text))


urlpatterns = [
    path("books/years/", books_this_year, name="books_this_year"),
    path("pay/years/", my_this_year, name="my_this_year"),
    path("books/years/<str:year>/", books_year, name="books_year"),
    path("books/years/<str:year>/paid.csv", books_year_csv, name="books_year_csv"),
    path("books/years/<str:year>/<str:form>/iris-<str:number>.csv", books_iris, name="books_iris"),
    path("pay/years/<str:year>/", my_year, name="my_year"),
]
