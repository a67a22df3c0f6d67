from django.contrib import messages
from django.forms.utils import ErrorList
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.companies.queries import companies_of, get_company
from accounts.identity.proving import to_proof
from kit import clock, ids
from kit.errors import NotFound
from kit.money import Money
from marketplace.endings.debts import PLAYED_WITHIN
from marketplace.gigs.models import Gig
from payments.funding import following, operations, withdrawals
from payments.funding.forms import FundForm, SetAsideForm
from payments.funding.models import Funding
from payments.funding.queries import gig_of, movements, next_of, wallet
from payments.gateway.errors import StripeUnavailable
from payments.inbox.reasons import payment_reason
from payments.terms import queries as terms

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
        .select_related("company")
        .exclude(state__in=["completed", "cancelled"])
        .order_by("-id")[:SHOWN]
    )
    context = {
        "company": company,
        "wallet": wallet(company),
        "form": form,
        "fundings": [(each, payment_reason(each.failure).means if each.failure else "") for each in fundings],
        "gigs": [
            (gig, SetAsideForm(initial={"request_id": ids.new("req")}, prefix=gig.public_id), next_of(gig))
            for gig in gigs
        ],
        "give_back_id": ids.new("req"),
        "withdraw": SetAsideForm(initial={"request_id": ids.new("req")}, prefix="withdraw"),
        "rest": PLAYED_WITHIN,
        "may_withdraw": actor.may(Act.WITHDRAW, company_id=company.pk),
        "withdrawals": company.withdrawals.order_by("-id")[:SHOWN],
        "movements": movements(company)[:SHOWN],
        "terms": terms.shown(company, at=clock.now()),
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
    return redirect(f"{reverse('company_wallet', args=[gig.company.public_id])}#{gig.public_id}")


@require_POST
@allow(Audience.COMPANY)
def gig_give_back(request: HttpRequest, gig_id: str) -> HttpResponse:
    """Move what a gig has set aside and not promised back into the wallet."""
    actor = actor_of(request)
    gig = gig_of(actor, gig_id)
    sent = request.POST.get("request_id", "")[:60] or ids.new("req")
    moved = operations.give_back(gig=gig, by=actor, at=clock.now(), request_id=sent)
    said = Money(moved, gig.currency).display()
    if moved:
        messages.success(request, f"{said} is back in the wallet.")
    else:
        messages.info(request, "Nothing was moved: all of it is promised to sessions.")
    return redirect("company_wallet", company_id=gig.company.public_id)


@require_POST
@allow(Audience.COMPANY)
def funding_let_go(request: HttpRequest, funding_id: str) -> HttpResponse:
    """End a payment that was begun and not made."""
    actor = actor_of(request)
    funding = operations.get(actor=actor, public_id=funding_id)
    operations.let_go(funding=funding, by=actor, at=clock.now())
    messages.success(request, "Ended. Nothing was charged.")
    return redirect("company_wallet", company_id=funding.company.public_id)


@require_POST
@allow(Audience.COMPANY)
def wallet_withdraw(request: HttpRequest, company_id: str) -> HttpResponse:
    """Take money out of the wallet, back to where it came from; without a fresh proof, give it first."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    form = SetAsideForm(request.POST, prefix="withdraw")
    if not form.is_valid():
        messages.error(request, f"Nothing was moved. {form.errors.get('amount', ErrorList()).as_text()}")
        return redirect(f"{reverse('company_wallet', args=[company.public_id])}#withdrawals")
    try:
        withdrawals.ask(company=company, **form.cleaned_data, by=actor, at=clock.now())
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press it again.")
        return to_proof(request, back_to=reverse("company_wallet", args=[company.public_id]))
    messages.success(request, "It goes back to where it came from. You are told when Stripe has it.")
    return redirect(f"{reverse('company_wallet', args=[company.public_id])}#withdrawals")


def _refresh_on_return(request: HttpRequest, company_id: str) -> None:
    """Back from the checkout: ask Stripe at once, so that the page shows what is true now."""
    funded = request.GET.get("funded", "")
    funding = (
        Funding.objects.filter(public_id=funded, company__public_id=company_id).first() if funded else None
    )
    if funding is None:
        return
    try:
        following.refresh(funding=funding, at=clock.now())
    except StripeUnavailable:
        messages.info(request, "The payment is on its way; the wallet follows by itself.")


urlpatterns = [
    path("wallet/", my_wallet, name="my_wallet"),
    path("company/<str:company_id>/wallet/", company_wallet, name="company_wallet"),
    path("company/<str:company_id>/wallet/withdraw/", wallet_withdraw, name="wallet_withdraw"),
    path("gigs/<str:gig_id>/set-aside/", gig_set_aside, name="gig_set_aside"),
    path("gigs/<str:gig_id>/give-back/", gig_give_back, name="gig_give_back"),
    path("wallet/payments/<str:funding_id>/let-go/", funding_let_go, name="funding_let_go"),
]
