"""A company's API keys."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from accounts.keys import operations, queries
from accounts.keys.forms import KeyForm
from kit import clock


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def company_keys(request: HttpRequest, company_id: str) -> HttpResponse:
    """The company's keys; an owner makes another here, and sees its secret once."""
    actor = actor_of(request)
    company, form = get_company(actor, company_id), KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, secret = operations.create(company=company, **form.cleaned_data, by=actor, at=clock.now())
        # No redirect: the secret is shown in this answer and kept nowhere.
        return render(
            request, "accounts/key_created.html", {"company": company, "key": key, "secret": secret}
        )
    context = {
        "company": company,
        "is_owner": actor.may(Act.RUN_COMPANY, company_id=company.pk),
        "keys": queries.keys(actor, company).order_by("-id"),
        "form": form,
    }
    return render(request, "accounts/company_keys.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_POST
def revoke_key(request: HttpRequest, company_id: str, key_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    operations.revoke(key=queries.get_key(actor, company, key_id), by=actor, at=clock.now())
    messages.success(request, "The key is revoked. Whatever used it is refused from now on.")
    return redirect("company_keys", company_id=company_id)


urlpatterns = [
    path("company/<str:company_id>/keys/", company_keys, name="company_keys"),
    path("company/<str:company_id>/keys/<str:key_id>/revoke/", revoke_key, name="company_key_revoke"),
]
