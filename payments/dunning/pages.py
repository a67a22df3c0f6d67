"""Finance's page of terms: who has to pay what by when, what waits for a second person, and each next move."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access_log.middleware import leave_out
from accounts.companies.queries import get_company
from kit import clock
from payments.dunning import queries, reminders
from payments.dunning.forms import WriteForm
from payments.terms import calculate
from payments.terms import queries as terms
from payments.terms.forms import EndForm, LowerForm, ProposeForm
from payments.terms.states import NetTermsState

SHOWN = 30
OVER = (NetTermsState.ENDED, NetTermsState.DECLINED, NetTermsState.WITHDRAWN)


@require_GET
@allow(Audience.FINANCE)
def net_terms(request: HttpRequest) -> HttpResponse:
    """The ageing table, proposals, and what can be done about each company."""
    actor, at = actor_of(request), clock.now()
    rows = terms.all_of(actor)
    tables = [queries.table(actor, currency=currency, at=at) for currency in settings.CURRENCIES]
    context = {
        "tables": [table for table in tables if table.rows],
        "bands": [name for name, _ in calculate.BANDS],
        "moves": [
            (
                row,
                WriteForm(prefix=row.now.company.public_id) if row.now.drawn.minor else None,
                LowerForm(prefix=row.now.terms.public_id) if row.now.terms else None,
                EndForm(prefix=f"end-{row.now.terms.public_id}") if row.now.terms else None,
            )
            for table in tables
            for row in table.rows
        ],
        "waiting": terms.waiting(actor),
        "over": rows.filter(state__in=OVER)[:SHOWN],
        "form": ProposeForm(),
        "me": actor.user_id,
    }
    return render(request, "payments/terms/all.html", context)


@require_POST
@allow(Audience.FINANCE)
def net_terms_write(request: HttpRequest, company_id: str) -> HttpResponse:
    """Write to those who pay in for a company."""
    actor, form = actor_of(request), WriteForm(request.POST, prefix=company_id)
    company = get_company(actor, company_id)
    if form.is_valid():
        reminders.write(company=company, **form.cleaned_data, by=actor, at=clock.now())
        messages.success(request, f"{company.name} was written to.")
    else:
        messages.error(request, "Nothing was changed. Say what you want them to do.")
        leave_out(request)
    return redirect("net_terms")


urlpatterns = [
    path("pay/terms/", net_terms, name="net_terms"),
    path("pay/terms/company/<str:company_id>/write/", net_terms_write, name="net_terms_write"),
]
