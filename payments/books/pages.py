"""The books as finance reads them: the trial balance of any moment, its accounts and their entries."""

from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.http.downloads import csv_file
from kit.http.pagination import page
from marketplace.timekeeping.weeks import payroll_day
from payments.books import accounts as drill
from payments.books import calendar, trial
from payments.books.chart import LABELS
from payments.books.forms import MomentForm

SHOWN = 25


@require_GET
@allow(Audience.FINANCE)
def books(request: HttpRequest) -> HttpResponse:
    """Every account's balance at a moment, both sides, by currency."""
    form, at = _moment(request)
    context = {"form": form, "at": at, "trial": trial.balance(at=at), "ends": _ends()}
    return render(request, "payments/books/trial.html", context)


@require_GET
@allow(Audience.FINANCE)
def books_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    _, at = _moment(request)
    named = payroll_day(at or clock.now())
    return csv_file(f"trial-balance-before-{named}.csv", trial.csv_of(trial.balance(at=at)))


@require_GET
@allow(Audience.FINANCE)
def books_accounts(request: HttpRequest, currency: str, kind: str) -> HttpResponse:
    """The accounts behind one line."""
    form, at = _moment(request)
    owner = request.GET.get("owner", "").strip()
    rows = drill.accounts(actor_of(request), kind=kind, currency=currency, owner=owner)
    found = page(rows, by=("id",), cursor=request.GET.get("cursor", ""), limit=SHOWN)
    context = {
        "form": form,
        "at": at,
        "label": LABELS[kind],
        "currency": currency,
        "kind": kind,
        "owner": owner,
        "standings": drill.standings(found.rows, at=at),
        "next": found.next_cursor,
    }
    return render(request, "payments/books/accounts.html", context)


@require_GET
@allow(Audience.FINANCE)
def books_account(request: HttpRequest, currency: str, kind: str, owner: str) -> HttpResponse:
    """What moved one account, the newest first, each with its other side and its cause."""
    form, at = _moment(request)
    account = drill.get_account(actor_of(request), kind=kind, currency=currency, owner=owner)
    rows = drill.postings(account, at=at)
    found = page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=SHOWN)
    context = {
        "form": form,
        "at": at,
        "label": LABELS[kind],
        "standing": drill.standings([account], at=at)[0],
        "moved": drill.moved(found.rows),
        "next": found.next_cursor,
    }
    return render(request, "payments/books/account.html", context)


def _moment(request: HttpRequest) -> tuple[MomentForm, datetime | None]:
    """The form as it was filled, and the moment that it names; now, where it names none that there is."""
    form = MomentForm(request.GET or None)
    at: datetime | None = form.cleaned_data["at"] if form.is_bound and form.is_valid() else None
    return form, at


def _ends() -> list[tuple[date, datetime]]:
    """The ends of the last three months, to choose from: the month's first day, and the moment after its last."""
    first = calendar.first_of_month(payroll_day(clock.now()))
    found = []
    for _ in range(3):
        month = calendar.month_before(first)
        found.append((month, calendar.starts(first)))
        first = month
    return found


urlpatterns = [
    path("books/", books, name="books"),
    path("books/trial-balance.csv", books_csv, name="books_csv"),
    path("books/accounts/<str:currency>/<str:kind>/", books_accounts, name="books_accounts"),
    path("books/accounts/<str:currency>/<str:kind>/<str:owner>/", books_account, name="books_account"),
]
