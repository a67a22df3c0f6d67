"""A company's pools on one page: each with its people, and the way to make another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from marketplace.pools import operations, queries


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def pools(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    if request.method == "POST":
        operations.make(company=company, name=request.POST.get("name", ""), by=actor, at=clock.now())
        messages.success(request, "Made. Say who is in it.")
        return redirect("pools", company_id=company_id)
    context = {
        "company": company,
        "pools": queries.pools_of(actor, company).order_by("name", "pk")[:50],
        "people": queries.can_be_in(company)[:200],
    }
    return render(request, "marketplace/pools.html", context)


@allow(Audience.COMPANY)
@require_POST
def pool_fill(request: HttpRequest, company_id: str, pool_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    chosen = request.POST.getlist("performers")
    people = [each for each in queries.can_be_in(company) if each.public_id in chosen]
    pool = queries.get_pool(actor, company, pool_id)
    operations.fill(pool=pool, performers=people, by=actor, at=clock.now())
    messages.success(request, "Saved.")
    return redirect("pools", company_id=company_id)


@allow(Audience.COMPANY)
@require_POST
def pool_end(request: HttpRequest, company_id: str, pool_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    operations.end(pool=queries.get_pool(actor, company, pool_id), by=actor, at=clock.now())
    messages.success(request, "Gone. The people in it stay engaged as they are.")
    return redirect("pools", company_id=company_id)


OF_COMPANY = "company/<str:company_id>/pools/"
urlpatterns = [
    path(OF_COMPANY, pools, name="pools"),
    path(f"{OF_COMPANY}<str:pool_id>/", pool_fill, name="pool_fill"),
    path(f"{OF_COMPANY}<str:pool_id>/end/", pool_end, name="pool_end"),
]
