"""Posting in minutes, by page: the gallery, a draft like another gig, and the board's page of it before anybody else sees it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.models import Company
from accounts.companies.queries import get_company
from accounts.performers.skills import LANGUAGES, SKILLS
from kit import clock
from kit.errors import Invalid
from kit.forms import AmountField, DayField, put_refusal
from marketplace.desk import posting
from marketplace.gigs import queries
from marketplace.gigs.gallery import TEMPLATES, Template
from marketplace.gigs.limits import HIGHEST_RATE_MINOR
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.gigs.pages import shown

SAVED = "Saved as a draft. Look it over, then put it on the board."


class DaysForm(forms.Form):
    starts_on = DayField(label="From")
    ends_on = DayField(label="To")


class FromTemplateForm(DaysForm):
    rate = AmountField(
        most_minor=HIGHEST_RATE_MINOR,
        label="Pay per hour",
        help_text="Never falls once the gig is on the board.",
    )


@allow(Audience.COMPANY)
@require_safe
def gig_gallery(request: HttpRequest, company_id: str) -> HttpResponse:
    """The templates, each with what it brings."""
    company = get_company(actor_of(request), company_id)
    context = {"company": company, "templates": [_brings(each) for each in TEMPLATES.values()]}
    return render(request, "marketplace/gig_gallery.html", context)


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_from_template(request: HttpRequest, company_id: str, template_id: str) -> HttpResponse:
    """One template with its whole deck; pay and days make a draft of it."""
    actor = actor_of(request)
    company, template = get_company(actor, company_id), posting.get_template(template_id)
    form = FromTemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gig = posting.post_from_template(
                company=company, template=template, **form.cleaned_data, by=actor, at=clock.now()
            )
        except Invalid as refusal:
            put_refusal(form, refusal, names={"rate_minor": "rate"})
        else:
            return _to_the_draft(request, company, gig)
    context = {"company": company, "form": form, **_brings(template)}
    return render(request, "marketplace/gig_from_template.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_duplicate(request: HttpRequest, gig_id: str) -> HttpResponse:
    """A draft like this gig: two days are all that is asked."""
    actor = actor_of(request)
    like, form = queries.get_own_gig(actor, gig_id), DaysForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gig = posting.duplicate(gig=like, **form.cleaned_data, by=actor, at=clock.now())
        except Invalid as refusal:
            put_refusal(form, refusal, names={})
        else:
            return _to_the_draft(request, like.company, gig)
    context = {"gig": like, "company": like.company, "form": form}
    return render(request, "marketplace/gig_duplicate.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_safe
def gig_preview(request: HttpRequest, gig_id: str) -> HttpResponse:
    """The gig as a performer finds it, on the board and on its own page; only its company's people see this."""
    actor = actor_of(request)
    gig = queries.get_own_gig(actor, gig_id)
    seen = shown(gig, actor) | {"is_company": False, "is_open": True, "preview": True}
    return render(request, "marketplace/gig_detail.html", seen)


def _to_the_draft(request: HttpRequest, company: Company, gig: Gig) -> HttpResponse:
    messages.success(request, SAVED)
    return redirect("gig_manage", company_id=company.public_id, gig_id=gig.public_id)


def _brings(template: Template) -> dict[str, Any]:
    """A template in words."""
    return {
        "template": template,
        "skills": [SKILLS[name] for name in template.fields["skills"]],
        "languages": [LANGUAGES[name] for name in template.fields["languages"]],
        "uses": [(PURPOSES[purpose], price) for purpose, price in template.uses.items()],
    }


GALLERY, ONE = "company/<str:company_id>/gigs/templates/", "gigs/<str:gig_id>/"
urlpatterns = [
    path(GALLERY, gig_gallery, name="gig_gallery"),
    path(f"{GALLERY}<str:template_id>/", gig_from_template, name="gig_from_template"),
    path(f"{ONE}duplicate/", gig_duplicate, name="gig_duplicate"),
    path(f"{ONE}preview/", gig_preview, name="gig_preview"),
]
