"""A company's statement of account, as a page and as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.http.downloads import csv_file
from payments.invoicing import account
from payments.invoicing.forms import DaysForm


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_account(request: HttpRequest, company_id: str) -> HttpResponse:
    """What the company owed, each thing that changed it, and what it owes."""
    form = DaysForm(request.GET or None)
    actor, days = actor_of(request), _asked(form)
    company = get_company(actor, company_id)
    if days is None:
        context = {"form": form, "company": company, "statement": None}
        return render(request, "payments/invoicing/account.html", context, status=422)
    found = account.statement(actor, company, days)
    shown = form if form.is_bound else DaysForm(initial={"first": days.first, "last": days.last})
    context = {"form": shown, "company": company, "statement": found}
    return render(request, "payments/invoicing/account.html", context)


@require_GET
@allow(Audience.COMPANY, Audience.FINANCE)
def company_account_csv(request: HttpRequest, company_id: str) -> HttpResponse:
    """The days that the page shows, as a file."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    asked = _asked(DaysForm(request.GET or None))
    if asked is None:
        # The page says what is wrong with them.
        return redirect(f"{reverse('company_account', args=[company_id])}?{request.GET.urlencode()}")
    found = account.statement(actor, company, asked)
    return csv_file(f"account-{asked.first}-{asked.last}.csv", account.csv_of(found))


def _asked(form: DaysForm) -> account.Days | None:
    """The days that the form names, or this month's; None where it names none that can be, and says why."""
    if form.is_bound and not form.is_valid():
        return None
    named = form.cleaned_data if form.is_bound else {}
    try:
        return account.days(named.get("first"), named.get("last"), at=clock.now())
    except Invalid as refusal:
        put_refusal(form, refusal)
        return None


urlpatterns = [
    path("company/<str:company_id>/account/", company_account, name="company_account"),
    path("company/<str:company_id>/account.csv", company_account_csv, name="company_account_csv"),
]
