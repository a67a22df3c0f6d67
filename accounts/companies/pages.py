"""A company's own page: what performers read of it, and who acts for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.roles import Role
from accounts.access.rules import Audience, allow
from accounts.companies import operations, queries
from accounts.companies.forms import CompanyForm, RoleForm
from accounts.companies.models import Company
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def company_settings(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = queries.get_company(actor, company_id)
    if request.method == "GET":
        return _page(request, company)
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return _page(request, company, form=form)
    try:
        operations.update_company(company=company, **form.cleaned_data, by=actor, at=clock.now())
    except Invalid as refusal:
        put_refusal(form, refusal)
        return _page(request, company, form=form)
    messages.success(request, "Saved. Performers see it from now on.")
    return redirect("company_settings", company_id=company_id)


@allow(Audience.SIGNED_IN)
@require_POST
def leave(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = queries.get_own_company(actor, company_id)
    operations.leave(company=company, by=actor, at=clock.now())
    messages.success(request, f"You no longer act for {company.name}.")
    return redirect("today")


@allow(Audience.COMPANY)
@require_POST
def change_member(request: HttpRequest, company_id: str, user_id: str) -> HttpResponse:
    """Change a role, or take someone out (`do=remove`)."""
    actor = actor_of(request)
    company = queries.get_company(actor, company_id)
    member, form = queries.get_member(company, user_id), RoleForm(request.POST)
    user = member.user
    if request.POST.get("do") == "remove":
        operations.remove_member(company=company, user=user, by=actor, at=clock.now())
        messages.success(request, f"{user.name} no longer acts for {company.name}.")
    elif form.is_valid():
        role = form.cleaned_data["role"]
        operations.change_role(company=company, user=user, role=role, by=actor, at=clock.now())
        messages.success(request, f"{user.name} is now {Role(role).label.lower()}.")
    else:
        messages.error(request, "Nothing was changed. Choose a role from the list.")
    return redirect("members", company_id=company_id)


def _page(request: HttpRequest, company: Company, **forms: Any) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "company": company,
        "is_owner": actor.may(Act.RUN_COMPANY, company_id=company.pk),
        "form": CompanyForm.of(company),
    } | forms
    return render(request, "accounts/company.html", context, status=422 if forms else 200)


urlpatterns = [
    path("company/<str:company_id>/", company_settings, name="company_settings"),
    path("company/<str:company_id>/leave/", leave, name="company_leave"),
    path("company/<str:company_id>/members/<str:user_id>/", change_member, name="company_member"),
]
