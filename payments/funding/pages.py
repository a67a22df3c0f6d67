from django.contrib import messages
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import companies_of, get_company
from kit import clock, ids
from kit.errors import NotFound
from marketplace.gigs.models import Gig
from payments.funding import operations
from payments.funding.forms import FundForm, SetAsideForm
from payments.funding.models import Funding
from payments.funding.queries import gig_of, movements, wallet
from payments.gateway.errors import StripeUnavailable

SHOWN = 20


@require_GET
@allow(Audience.COMPANY)
def my_wallet(request: HttpRequest) -> HttpResponse:
    """The wallet of one's first company."""
    first = companies_of(actor_of(request)).first()
    if first is None:
        raise NotFound
    return redirect("company_wallet", company_id=first.public_id)


@require_http_methods(["GET", "POST"])
@allow(Audience.COMPANY)
def company_wallet(request: HttpRequest, company_id: str) -> HttpResponse:
    """What the company has, what is set aside, and the ways in and out."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    form = FundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        funding = operations.start(
            company=company,
            amount=form.cleaned_data["amount"],
            by=actor,
            at=clock.now(),
        )
        return redirect(funding.checkout_url)
    _refresh_on_return(request, company_id)
    fundings = Funding.objects.visible_to(actor).filter(company=company).order_by("-id")[:SHOWN]
    gigs = (
        Gig.objects.filter(company=company)
        .exclude(state__in=["completed", "cancelled"])
        .order_by("-id")[:SHOWN]
    )
    context = {
        "company": company,
        "wallet": wallet(company),
        "form": form,
        "fundings": fundings,
        "gigs": [
            (gig, SetAsideForm(initial={"request_id": ids.new("req")}, prefix=gig.public_id)) for gig in gigs
        ],
        "movements": movements(company)[:SHOWN],
    }
    return render(request, "payments/wallet.html", context, status=422 if form.errors else 200)


@require_POST
@allow(Audience.COMPANY)
def gig_set_aside(request: HttpRequest, gig_id: str) -> HttpResponse:
    """Move money from the wallet to a gig's budget."""
    actor = actor_of(request)
    gig = gig_of(actor, gig_id)
    form = SetAsideForm(request.POST, prefix=gig.public_id)
    if form.is_valid():
        operations.set_aside(gig=gig, **form.cleaned_data, by=actor, at=clock.now())
        amount = form.cleaned_data["amount"]
        messages.success(request, f"{amount.display()} is set aside for “{gig.title}”.")
    else:
        messages.error(request, f"Nothing was moved. {form.errors.get('amount', ErrorList()).as_text()}")
    return redirect("company_wallet", company_id=gig.company.public_id)


def _refresh_on_return(request: HttpRequest, company_id: str) -> None:
    """Back from the checkout: ask Stripe at once, so that the page shows what is true now."""
    funded = request.GET.get("funded", "")
    funding = (
        Funding.objects.filter(public_id=funded, company__public_id=company_id).first() if funded else None
    )
    if funding is None:
        return
    try:
        operations.refresh(funding=funding, at=clock.now())
    except StripeUnavailable:
        messages.info(request, "The payment is on its way; the wallet follows by itself.")


urlpatterns = [
    path("wallet/", my_wallet, name="my_wallet"),
    path("company/<str:company_id>/wallet/", company_wallet, name="company_wallet"),
    path("gigs/<str:gig_id>/set-aside/", gig_set_aside, name="gig_set_aside"),
]
