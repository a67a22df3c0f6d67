"""A performer's side of casting: applying, what came of it, and what waits for an answer."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers.models import Performer
from kit import clock
from kit.errors import DomainError, Invalid
from kit.http.pages import page
from marketplace.casting import operations, queries
from marketplace.casting.forms import ApplyForm
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs import queries as gigs
from marketplace.gigs.pages import shown

OVER = (EngagementState.ENDED, EngagementState.TERMINATED)


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def gig_apply(request: HttpRequest, gig_id: str) -> HttpResponse:
    """The gig's questions on one page. A refusal is shown on it, with everything that was typed."""
    actor = actor_of(request)
    gig = gigs.get_gig(actor, gig_id)
    form = ApplyForm(request.POST or None, questions=list(gig.questions.all()))
    # A gig without questions takes an empty form.
    form.is_bound = request.method == "POST"
    if form.is_bound and form.is_valid():
        try:
            operations.apply(
                gig=gig,
                performer=cast(Performer, actor.performer),
                note=form.cleaned_data["note"],
                answers=form.answers(),
                by=actor,
                at=clock.now(),
            )
        except Invalid as refusal:
            for each in refusal.errors:
                form.add_error(each["field"].replace("answers.", "answer_"), each["detail"])
        except DomainError as refusal:
            form.add_error(None, f"{refusal.title}. {refusal.detail}")
        else:
            messages.success(
                request, f"Sent. You have an answer within {gig.answer_days} days, with a reason."
            )
            return redirect("my_work")
    context = shown(gig, actor) | {"form": form}
    return render(request, "marketplace/gig_apply.html", context, status=422 if form.errors else 200)


@allow(Audience.PERFORMER)
def my_work(request: HttpRequest) -> HttpResponse:
    """Offers to answer first, then what is to be signed, the work one has, and what one applied for."""
    actor = actor_of(request)
    own = queries.applications_of(actor)
    offers = own.filter(state=ApplicationState.OFFERED).order_by("offer_expires_at")
    engaged = Engagement.objects.filter(performer=actor.performer).select_related("gig__company")
    applied = own.exclude(state__in=(ApplicationState.OFFERED, ApplicationState.ACCEPTED)).order_by("-id")
    context = {
        "offers": offers,
        "to_sign": engaged.filter(state=EngagementState.SENT).order_by("id"),
        "engagements": engaged.exclude(state__in=(EngagementState.SENT, *OVER)).order_by("-id"),
        "over": engaged.filter(state__in=OVER).order_by("-id")[:20],
        "applications": page(applied, by=("-id",), cursor=request.GET.get("cursor", ""), limit=20),
        "open_states": OPEN,
    }
    return render(request, "marketplace/my_work.html", context)


@allow(Audience.PERFORMER)
@require_POST
def offer_accept(request: HttpRequest, application_id: str) -> HttpResponse:
    """Yes: the terms are drawn up, and shown for reading and signing."""
    actor = actor_of(request)
    application = queries.get_application(actor, application_id)
    engagement = operations.accept_offer(application=application, by=actor, at=clock.now())
    messages.success(request, "Accepted. Read the terms; your signature makes it yours.")
    return redirect("engagement_detail", engagement_id=engagement.public_id)


@allow(Audience.PERFORMER)
@require_POST
def offer_decline(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = queries.get_application(actor, application_id)
    operations.decline_offer(application=application, by=actor, at=clock.now())
    messages.success(request, "Declined. It never counts against you.")
    return redirect("my_work")


@allow(Audience.PERFORMER)
@require_POST
def application_withdraw(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = queries.get_application(actor, application_id)
    operations.withdraw(application=application, by=actor, at=clock.now())
    messages.success(request, "Taken back. It never counts against you.")
    return redirect("my_work")


@allow(Audience.PERFORMER)
def waiting_fragment(request: HttpRequest) -> HttpResponse:
    """For the first page after logging in: offers to answer, and terms to sign."""
    actor = actor_of(request)
    context = {
        "offers": queries.applications_of(actor)
        .filter(state=ApplicationState.OFFERED)
        .order_by("offer_expires_at")[:5],
        "to_sign": Engagement.objects.filter(performer=actor.performer, state=EngagementState.SENT)
        .select_related("gig__company")
        .order_by("id")[:5],
    }
    return render(request, "marketplace/waiting.html", context)


ONE = "work/applications/<str:application_id>/"
urlpatterns = [
    path("gigs/<str:gig_id>/apply/", gig_apply, name="gig_apply"),
    path("work/", my_work, name="my_work"),
    path("work/waiting/", waiting_fragment, name="waiting_fragment"),
    path(f"{ONE}accept/", offer_accept, name="offer_accept"),
    path(f"{ONE}decline/", offer_decline, name="offer_decline"),
    path(f"{ONE}withdraw/", application_withdraw, name="application_withdraw"),
]
