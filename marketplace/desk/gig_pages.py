"""A company's gigs: the list, the one page on which a gig is posted, and the page from which it is run."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.models import Company
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import Invalid, NotFound
from kit.forms import put_refusal
from kit.http.pagination import page
from kit.money import Money, Rate
from marketplace.casting import answering
from marketplace.casting.forms import DeclineForm
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.endings import operations as endings
from marketplace.endings import prices
from marketplace.engagements.states import EngagementState
from marketplace.gigs import calculate, operations, queries, reviewing
from marketplace.gigs.forms import GigForm, initial_of
from marketplace.gigs.listing import listing
from marketplace.gigs.models import NO_PURPOSES, Gig
from marketplace.gigs.states import GIG, GigState

FORM_NAMES = {"rate_minor": "rate", "session_s": "minutes"}
WAITS = "Talent operations look at your first gig, then it goes on the board by itself. You are told."
STEPS: dict[str, tuple[Callable[..., Gig], str]] = {
    "publish": (operations.publish, "It is on the board now."),
    "take_back": (reviewing.take_back, "It is a draft again. Change it, then publish it once more."),
    "pause": (operations.pause, "It is off the board. Those who applied keep their place."),
    "close": (operations.close, "It takes no more applications; work goes on."),
    "complete": (endings.complete_gig, "Completed. Thank you, and the performers."),
}


@allow(Audience.COMPANY)
def company_gigs(request: HttpRequest, company_id: str) -> HttpResponse:
    company = get_company(actor_of(request), company_id)
    waiting = Count("applications", filter=Q(applications__state__in=OPEN))
    taken = Count("applications", filter=Q(applications__state=ApplicationState.ACCEPTED))
    rows = Gig.objects.filter(company=company).annotate(waiting=waiting, taken=taken)
    found = page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=25)
    return render(request, "marketplace/company_gigs.html", {"company": company, "found": found})


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_post(request: HttpRequest, company_id: str) -> HttpResponse:
    """One page, with the cost worked out as one types. The draft is then looked over and put on the board."""
    actor = actor_of(request)
    company, form = get_company(actor, company_id), GigForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            gig = operations.post_gig(
                company=company,
                fields=form.gig_fields(),
                questions=form.questions(),
                prompts=form.cleaned_data["prompts"],
                by=actor,
                at=clock.now(),
            )
        except Invalid as refusal:
            put_refusal(form, refusal, names=FORM_NAMES)
        else:
            messages.success(request, "Saved as a draft. Look it over, then put it on the board.")
            return redirect("gig_manage", company_id=company_id, gig_id=gig.public_id)
    return _form_page(request, company, form)


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_change(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """The same page for a gig that exists. Questions and prompts stay as they were posted."""
    actor = actor_of(request)
    gig = _own(actor, company_id, gig_id)
    form = GigForm(request.POST or None, initial=initial_of(gig))
    # As people applied for it, and signed.
    form.fields["self_directed"].disabled = gig.published_at is not None
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_gig(gig=gig, fields=form.gig_fields(), by=actor, at=clock.now())
        except operations.RateFalls as refusal:
            form.add_error("rate", f"{refusal.title}. {refusal.detail}")
        except Invalid as refusal:
            put_refusal(form, refusal, names=FORM_NAMES)
        else:
            messages.success(request, "Saved. What is signed or booked keeps its own terms.")
            return redirect("gig_manage", company_id=company_id, gig_id=gig_id)
    return _form_page(request, gig.company, form, gig=gig)


@allow(Audience.COMPANY)
@require_POST
def gig_cost(request: HttpRequest, company_id: str) -> HttpResponse:
    """What the half-filled form costs, reckoned by the same arithmetic that later sets the money aside."""
    get_company(actor_of(request), company_id)
    form = GigForm(request.POST)
    form.is_valid()
    context = {"cost": cost_of(form.cleaned_data), "warning": warning_of(form.cleaned_data)}
    return render(request, "marketplace/gig_cost.html", context)


def warning_of(sent: dict[str, Any]) -> str:
    """Said beside the form while no use of the recordings is ticked."""
    return "" if sent.get("purposes") else NO_PURPOSES


def cost_of(sent: dict[str, Any]) -> SimpleNamespace | None:
    """The figures of the preview; None until rate, seats and length are there."""
    if not all(sent.get(name) for name in ("rate", "seats", "minutes")):
        return None
    gig = SimpleNamespace(
        rate_minor=sent["rate"].minor,
        currency=sent["rate"].currency,
        fee_bps=settings.PLATFORM_FEE_BPS,
        seats=sent["seats"],
        session_s=sent["minutes"] * 60,
        policy=operations.HOUSE_POLICY,
    )
    one, rate = calculate.session_cost_minor(gig), Rate(gig.rate_minor, gig.currency)
    return SimpleNamespace(
        session=Money(one, gig.currency),
        performer=rate.for_seconds(gig.session_s),
        longest_s=calculate.longest_s(scheduled_s=gig.session_s, policy=gig.policy),
        seats=gig.seats,
        fee_percent=gig.fee_bps // 100,
        planned=sent.get("sessions_planned"),
        whole=Money(one * sent["sessions_planned"], gig.currency) if sent.get("sessions_planned") else None,
    )


@allow(Audience.COMPANY)
def gig_manage(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    actor = actor_of(request)
    gig = _own(actor, company_id, gig_id)
    free, needed = gig.free_minor, calculate.session_cost_minor(gig)
    context = {
        "company": gig.company,
        "gig": gig,
        "listing": listing(gig, reader_zone="", at=clock.now()),
        "free": Money(max(free, 0), gig.currency),
        "needed": Money(needed, gig.currency),
        "missing": Money(needed - free, gig.currency) if free < needed else None,
        "waiting": (waiting := answering.waiting_for(gig)).count(),
        "unanswered": waiting[: answering.MOST_NAMED] if gig.state == GigState.CLOSED else [],
        "answer_all": DeclineForm(prefix="all"),
        "offered": gig.applications.filter(state=ApplicationState.OFFERED).count(),
        "engagements": gig.engagements.select_related("performer").order_by("-id")[:50],
        "active": gig.engagements.filter(state=EngagementState.ACTIVE).count(),
        "can": {str(target) for state, target in GIG.edges() if state == gig.state},
        "price": prices.of_gig(gig, at=clock.now()),
        "prompts": gig.prompts.all(),
        "questions": gig.questions.all(),
    }
    return render(request, "marketplace/gig_manage.html", context)


@allow(Audience.COMPANY)
@require_POST
def gig_step(request: HttpRequest, company_id: str, gig_id: str, step: str) -> HttpResponse:
    """One step of a gig's life. A refusal is said on the page one came from."""
    actor = actor_of(request)
    gig = _own(actor, company_id, gig_id)
    if step == "cancel":
        endings.cancel_gig(gig=gig, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
        said = "Called off, with all that hung on it. Everyone is told."
    elif step in STEPS:
        move, said = STEPS[step]
        moved = move(gig=gig, by=actor, at=clock.now())
        said = WAITS if moved.state == GigState.IN_REVIEW else said
    else:
        raise NotFound
    messages.success(request, said)
    return redirect("gig_manage", company_id=company_id, gig_id=gig_id)


def _own(actor: Actor, company_id: str, gig_id: str) -> Gig:
    gig = queries.get_own_gig(actor, gig_id)
    if gig.company.public_id != company_id:
        raise NotFound
    return gig


def _form_page(
    request: HttpRequest, company: Company, form: GigForm, *, gig: Gig | None = None
) -> HttpResponse:
    sent = form.cleaned_data if form.is_bound else {}
    context = {
        "company": company,
        "form": form,
        "gig": gig,
        "cost": cost_of(sent),
        "warning": warning_of(sent),
    }
    return render(request, "marketplace/gig_form.html", context, status=422 if form.errors else 200)


OWN = "company/<str:company_id>/gigs/"
urlpatterns = [
    path(OWN, company_gigs, name="company_gigs"),
    path(f"{OWN}new/", gig_post, name="gig_post"),
    path(f"{OWN}new/cost/", gig_cost, name="gig_cost"),
    path(f"{OWN}<str:gig_id>/", gig_manage, name="gig_manage"),
    path(f"{OWN}<str:gig_id>/change/", gig_change, name="gig_change"),
    path(f"{OWN}<str:gig_id>/step/<str:step>/", gig_step, name="gig_step"),
]
