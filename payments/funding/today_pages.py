"""The money's part of a company's first page: the first steps, then what runs short, what is owed and what is coming."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company, get_own_company
from payments.funding import today
from payments.funding.queries import wallet

SHOWN = 5


@require_GET
@allow(Audience.SIGNED_IN)
def first_steps_fragment(request: HttpRequest, company_id: str) -> HttpResponse:
    """Until the first gig is on the board, for those who put one there, or will once they have a second factor."""
    actor = actor_of(request)
    company = get_own_company(actor, company_id)
    posts = actor.with_withheld().may(Act.POST_GIGS, company_id=company.pk)
    steps = today.first_steps(company, actor) if posts and not today.is_on_the_board(company) else []
    first = next((step for step in steps if not step.done), None)
    context = {
        "steps": [(step, step is first) for step in steps],
        "done": sum(step.done for step in steps),
        "total": len(steps),
        "waits": company.pk in actor.withheld_roles,
    }
    return render(request, "payments/fragments/first_steps.html", context)


@require_GET
@allow(Audience.COMPANY)
def company_money_fragment(request: HttpRequest, company_id: str) -> HttpResponse:
    """Rows of the list of what waits, for those who pay or set money aside; none where all is well."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    pays = actor.may(Act.PAY_IN, company_id=company.pk)
    sets_aside = actor.may(Act.SET_ASIDE, company_id=company.pk)
    context = {
        "company": company,
        "owed": wallet(company)["owed"] if pays else None,
        "short": today.short_budgets(company)[:SHOWN] if sets_aside else [],
        "unpaid": today.unpaid(company)[:SHOWN] if pays else [],
        "coming": today.coming(company)[:SHOWN] if pays else [],
    }
    return render(request, "payments/fragments/company_money.html", context)


urlpatterns = [
    path("company/<str:company_id>/first-steps/", first_steps_fragment, name="first_steps_fragment"),
    path("company/<str:company_id>/money/", company_money_fragment, name="company_money_fragment"),
]
