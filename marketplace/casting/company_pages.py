"""A company's side of casting: who waits for an answer, and giving it, by number and not by name."""

from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from accounts.performers.skills import LANGUAGES, SKILLS
from kit import clock
from kit.errors import NotFound
from kit.http.pagination import page
from kit.instants import length_in_words
from marketplace.casting import answering, operations, places, queries
from marketplace.casting.forms import DeclineForm
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, OVER, ApplicationState, Reason
from marketplace.gigs import queries as gigs
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState

SHOW: dict[str, tuple[str, Q]] = {
    "waiting": ("Wait for an answer", Q(state__in=OPEN)),
    "shortlisted": ("Shortlist", Q(state=ApplicationState.SHORTLISTED)),
    "offered": ("Offered", Q(state=ApplicationState.OFFERED)),
    "accepted": ("Said yes", Q(state=ApplicationState.ACCEPTED)),
    "over": ("Answered", Q(state__in=OVER)),
}


@allow(Audience.COMPANY)
def company_applicants(request: HttpRequest, company_id: str) -> HttpResponse:
    """Each gig with those who wait for an answer, the nearest promise first."""
    company = get_company(actor_of(request), company_id)
    waits = Q(applications__state__in=OPEN)
    rows = Gig.objects.filter(company=company).annotate(
        waiting=Count("applications", filter=waits),
        all_told=Count("applications", filter=~Q(applications__state=ApplicationState.DRAFT)),
        taken=Count("applications", filter=Q(applications__state=ApplicationState.ACCEPTED)),
        due_at=Min("applications__answer_due_at", filter=waits),
    )
    context = {
        "company": company,
        "waiting": rows.filter(waiting__gt=0).order_by("due_at", "id"),
        "answered": rows.filter(waiting=0, all_told__gt=0).order_by("-id")[:30],
        "now": clock.now(),
    }
    return render(request, "marketplace/company_applicants.html", context)


@allow(Audience.COMPANY)
def gig_applicants(request: HttpRequest, gig_id: str) -> HttpResponse:
    """The queue of one gig."""
    return _queue(request, gigs.get_own_gig(actor_of(request), gig_id))


@allow(Audience.COMPANY)
@require_POST
def applicant_shortlist(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = _applicant(actor, application_id)
    operations.shortlist(application=application, by=actor, at=clock.now())
    messages.success(request, f"{queries.shown_name(application)} is on the shortlist, and told.")
    return _back(application.gig, request)


@allow(Audience.COMPANY)
@require_POST
def applicant_decline(request: HttpRequest, application_id: str) -> HttpResponse:
    """Not this time, with a reason. Without one the queue comes back with the error beside the field."""
    actor = actor_of(request)
    application, form = _applicant(actor, application_id), DeclineForm(request.POST)
    if not form.is_valid():
        return _queue(request, application.gig, declining=(application.pk, form))
    operations.decline(
        application=application,
        reason=Reason(form.cleaned_data["reason"]),
        note=form.cleaned_data["note"],
        by=actor,
        at=clock.now(),
    )
    messages.success(request, f"{queries.shown_name(application)} has your answer, with the reason.")
    return _back(application.gig, request)


@allow(Audience.COMPANY)
@require_POST
def offer_take_back(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = _applicant(actor, application_id)
    operations.take_offer_back(application=application, by=actor, at=clock.now())
    messages.success(request, f"{queries.shown_name(application)} is told, and on the shortlist again.")
    return _back(application.gig)


@allow(Audience.COMPANY)
@require_POST
def offer_again(request: HttpRequest, application_id: str) -> HttpResponse:
    """An offer that ran out, made anew."""
    actor = actor_of(request)
    application = _applicant(actor, application_id)
    operations.offer(applications=[application], by=actor, at=clock.now())
    messages.success(
        request, f"Offered again. The offer stands for {length_in_words(operations.OFFER_STANDS)}."
    )
    return _back(application.gig)


@allow(Audience.COMPANY)
@require_POST
def gig_offer(request: HttpRequest, gig_id: str) -> HttpResponse:
    """Offer the gig to everyone who is ticked, or to none of them."""
    actor = actor_of(request)
    gig = gigs.get_own_gig(actor, gig_id)
    chosen = [_applicant(actor, one) for one in dict.fromkeys(request.POST.getlist("application"))]
    if any(application.gig_id != gig.pk for application in chosen):
        raise NotFound
    operations.offer(applications=chosen, message=request.POST.get("message", ""), by=actor, at=clock.now())
    who = "1 performer" if len(chosen) == 1 else f"{len(chosen)} performers"
    messages.success(
        request, f"Offered to {who}. The offer stands for {length_in_words(operations.OFFER_STANDS)}."
    )
    return _back(gig)


@allow(Audience.COMPANY)
@require_POST
def gig_answer_all(request: HttpRequest, gig_id: str) -> HttpResponse:
    """Everyone who waits has one answer. Without a reason the queue comes back with the error beside the field."""
    actor = actor_of(request)
    gig, form = gigs.get_own_gig(actor, gig_id), DeclineForm(request.POST, prefix="all")
    if not form.is_valid():
        return _queue(request, gig, answering_all=form)
    answered = answering.answer_waiting(
        gig=gig,
        reason=Reason(form.cleaned_data["reason"]),
        note=form.cleaned_data["note"],
        by=actor,
        at=clock.now(),
    )
    who = "1 applicant has" if answered == 1 else f"{answered} applicants have"
    messages.success(request, f"{who} your answer, with the reason.")
    return redirect("gig_manage", company_id=gig.company.public_id, gig_id=gig_id)


def _queue(
    request: HttpRequest,
    gig: Gig,
    *,
    declining: tuple[int, DeclineForm] | None = None,
    answering_all: DeclineForm | None = None,
) -> HttpResponse:
    show = request.GET.get("show", "waiting")
    show = show if show in SHOW else "waiting"
    everyone = Application.objects.filter(gig=gig)
    counted = everyone.aggregate(**{name: Count("id", filter=which) for name, (_, which) in SHOW.items()})
    rows = (
        everyone.filter(SHOW[show][1])
        .select_related("performer", "gig")
        .prefetch_related("answers__question")
    )
    found = page(rows, by=("answer_due_at", "id"), cursor=request.GET.get("cursor", ""), limit=25)
    taken = counted["offered"] + counted["accepted"]
    context = {
        "company": gig.company,
        "gig": gig,
        "found": found,
        "applicants": [_shown(one, declining) for one in found.rows],
        "kinds": [(name, label, counted[name], name == show) for name, (label, _) in SHOW.items()],
        "waiting": counted["waiting"],
        "places": max(gig.openings - taken, 0),
        "kept": places.kept_in(gig, at=clock.now()),
        "deciding": show in ("waiting", "shortlisted"),
        "answer_all": answering_all or DeclineForm(prefix="all") if gig.state != GigState.PUBLISHED else None,
        "now": clock.now(),
    }
    status = 422 if declining or answering_all else 200
    return render(request, "marketplace/gig_applicants.html", context, status=status)


def _shown(application: Application, declining: tuple[int, DeclineForm] | None) -> dict[str, object]:
    """What the company reads of an applicant: answers, skills and languages; the name once it said yes."""
    performer = application.performer
    form = declining[1] if declining and declining[0] == application.pk else DeclineForm(auto_id=False)
    return {
        "application": application,
        "name": queries.shown_name(application),
        "skills": [SKILLS.get(name, name) for name in performer.skills],
        "languages": [LANGUAGES.get(name, name) for name in performer.languages],
        "about": performer.about if application.state in queries.NAMED else "",
        "form": form,
        "declining": form.is_bound,
        "can_shortlist": application.state in operations.BEFORE_SHORTLIST,
        "can_decline": application.state in OPEN,
    }


def _applicant(actor: Actor, application_id: str) -> Application:
    application = queries.get_application(actor, application_id)
    if application.gig.company_id not in actor.company_ids:
        raise NotFound
    return application


def _back(gig: Gig, request: HttpRequest | None = None) -> HttpResponse:
    """To the queue; or on to the next whom the actor judges, where they came from there."""
    if request is not None and request.POST.get("then") == "judge":
        return redirect("judge_next", gig_id=gig.public_id)
    return redirect(reverse("gig_applicants", kwargs={"gig_id": gig.public_id}))


ONE = "applicants/<str:application_id>/"
urlpatterns = [
    path("company/<str:company_id>/applicants/", company_applicants, name="company_applicants"),
    path("gigs/<str:gig_id>/applicants/", gig_applicants, name="gig_applicants"),
    path("gigs/<str:gig_id>/applicants/answer-all/", gig_answer_all, name="gig_answer_all"),
    path("gigs/<str:gig_id>/offer/", gig_offer, name="gig_offer"),
    path(f"{ONE}shortlist/", applicant_shortlist, name="applicant_shortlist"),
    path(f"{ONE}take-offer-back/", offer_take_back, name="offer_take_back"),
    path(f"{ONE}offer-again/", offer_again, name="offer_again"),
    path(f"{ONE}decline/", applicant_decline, name="applicant_decline"),
]
