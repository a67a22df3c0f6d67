"""One's own standing with the house, and the page on which talent operations vet."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.standings import COMPANY, PERFORMER, Standing
from accounts.appeals.models import Appeal
from accounts.appeals.queries import taken_back
from accounts.companies.models import Company
from accounts.companies.queries import get_company
from accounts.onboarding.queries import TO_BE_VETTED, missing
from accounts.performers.queries import get_own
from accounts.standing import checklist, queries, vetting
from accounts.standing.forms import CompanyVettingForm
from accounts.standing.models import Subject, Vetting
from accounts.standing.reasons import Declined
from kit import clock
from kit.errors import Invalid, NotFound

# Of each move of a vetting: the operation, what the form says to it, and what is said when it is done.
MOVES: dict[str, tuple[Callable[..., Vetting], tuple[str, ...], str]] = {
    "take-up": (vetting.take_up, (), "You look at it now. Whom it is about is told."),
    "tick": (vetting.tick, ("item", "note"), "Noted, with your name."),
    "approve": (vetting.approve, (), "Approved. They are told."),
    "decline": (vetting.decline, ("reason", "words"), "Declined. They are told why, and how to appeal."),
}


@allow(Audience.PERFORMER)
@require_safe
def my_standing(request: HttpRequest) -> HttpResponse:
    performer = get_own(actor_of(request))
    context = _decisions(performer) | {
        "performer": performer,
        "open_steps": missing(performer, of=TO_BE_VETTED),
        "may_ask": PERFORMER.allows(performer.state, Standing.APPLIED),
    }
    return render(request, "accounts/my_standing.html", context)


@allow(Audience.PERFORMER)
@require_POST
def vetting_ask(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    vetting.ask_as_performer(performer=get_own(actor), by=actor, at=clock.now())
    messages.success(request, "Sent. A person looks at your profile and answers you.")
    return redirect("my_standing")


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def company_standing(request: HttpRequest, company_id: str) -> HttpResponse:
    """How the company stands, and the form with which an owner asks for it to be vetted."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    form = CompanyVettingForm(request.POST) if request.method == "POST" else CompanyVettingForm.of(company)
    if request.method == "POST" and form.is_valid():
        try:
            vetting.ask_as_company(company=company, **form.cleaned_data, by=actor, at=clock.now())
        except Invalid as refusal:
            for each in refusal.errors:
                form.add_error(each["field"], each["detail"])
        except vetting.NotReadyToBeVetted as refusal:
            form.add_error(None, f"{refusal.title}. {refusal.detail}")
        else:
            messages.success(request, "Sent. A person looks at your company and answers you.")
            return redirect("company_standing", company_id=company_id)
    return _company_page(request, company, form)


def _company_page(request: HttpRequest, company: Company, form: CompanyVettingForm) -> HttpResponse:
    may_ask = actor_of(request).may(Act.RUN_COMPANY, company_id=company.pk)
    context = _decisions(company) | {
        "company": company,
        "form": form,
        "is_owner": may_ask,
        "may_ask": may_ask and COMPANY.allows(company.state, Standing.APPLIED),
    }
    return render(request, "accounts/company_standing.html", context, status=422 if form.errors else 200)


def _decisions(subject: Subject) -> dict[str, Any]:
    """What was asked, answered and decided about the subject, each with the appeal against it."""
    vettings, suspensions = queries.vettings_of(subject), queries.suspensions_of(subject)
    ids = [*(each.public_id for each in vettings), *(each.public_id for each in suspensions)]
    live = Appeal.objects.filter(subject__in=ids).exclude(state="withdrawn")
    appeals = {appeal.subject: appeal for appeal in live}
    suspension = next((each for each in suspensions if each.lifted_at is None), None)
    appealable = suspension or next(iter(vettings), None)
    return {
        "before": taken_back(appealable.public_id, at=clock.now()) if appealable else None,
        "waiting": next((each for each in vettings if each.decided_at is None), None),
        "last": vettings[0] if vettings else None,
        "last_appeal": appeals.get(vettings[0].public_id) if vettings else None,
        "suspension": suspension,
        "suspensions": [(each, appeals.get(each.public_id)) for each in suspensions],
    }


@allow(Audience.TALENT)
@require_safe
def vetting_page(request: HttpRequest, vetting_id: str) -> HttpResponse:
    """Whom it is about, the checklist with what is known, and the answer."""
    found = queries.get_vetting(actor_of(request), vetting_id)
    checked = checklist.of(found)
    context = {
        "vetting": found,
        "subject": found.subject,
        "is_company": isinstance(found.subject, Company),
        "checklist": checked,
        "open": _count_open(checked),
        "reasons": [("", "Choose"), *Declined.choices],
        "earlier": [each for each in queries.vettings_of(found.subject) if each.pk != found.pk],
        "overdue": found.answer_due_at < clock.now(),
    }
    return render(request, "accounts/vetting.html", context)


def _count_open(checked: Sequence[checklist.Checked]) -> int:
    return sum(not each.met for each in checked)


@allow(Audience.TALENT)
@require_POST
def vetting_move(request: HttpRequest, vetting_id: str, move: str) -> HttpResponse:
    """One move of a vetting. A refusal is said on the page one came from."""
    actor = actor_of(request)
    if move not in MOVES:
        raise NotFound
    act, fields, said = MOVES[move]
    sent = {name: request.POST.get(name, "") for name in fields}
    act(vetting=queries.get_vetting(actor, vetting_id), **sent, by=actor, at=clock.now())
    messages.success(request, said)
    return redirect("vetting", vetting_id=vetting_id)


urlpatterns = [
    path("standing/", my_standing, name="my_standing"),
    path("standing/ask/", vetting_ask, name="vetting_ask"),
    path("company/<str:company_id>/standing/", company_standing, name="company_standing"),
    path("house/vetting/<str:vetting_id>/", vetting_page, name="vetting"),
    path("house/vetting/<str:vetting_id>/<str:move>/", vetting_move, name="vetting_move"),
]
