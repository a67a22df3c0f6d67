"""How a company is billed, on a page: what its e-invoices say of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from payments.invoicing import billing
from payments.invoicing.forms import BillingForm
from payments.invoicing.models import BillingDetails


@allow(Audience.COMPANY, Audience.FINANCE)
@require_http_methods(["GET", "POST"])
def company_billing(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    details = billing.details_of(company)
    if request.method == "GET":
        return _page(request, details, BillingForm.of(details))
    form = BillingForm(request.POST)
    if form.is_valid():
        try:
            billing.say(company=company, **form.cleaned_data, by=actor, at=clock.now())
        except Invalid as refusal:
            put_refusal(form, refusal)
        else:
            messages.success(
                request, "Saved. E-invoices say it from now on; those of before stay as they are."
            )
            return redirect("company_billing", company_id=company_id)
    return _page(request, details, form, status=422)


def _page(
    request: HttpRequest, details: BillingDetails, form: BillingForm, status: int = 200
) -> HttpResponse:
    context = {
        "company": details.company,
        "form": form,
        "details": details,
        "may_say": actor_of(request).may(Act.SAY_BILLING, company_id=details.company_id),
    }
    return render(request, "payments/invoicing/billing.html", context, status=status)


urlpatterns = [path("company/<str:company_id>/billing/", company_billing, name="company_billing")]
