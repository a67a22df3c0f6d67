"""What waits, and the work one has: pages that join casting with engagements, for a performer and for a company."""

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.http.pagination import page
from marketplace.casting import queries
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState


@allow(Audience.PERFORMER)
def my_work(request: HttpRequest) -> HttpResponse:
    """Offers to answer first, then what is to be signed, the work one has, and what one applied for."""
    actor = actor_of(request)
    own = queries.applications_of(actor)
    offers = own.filter(state=ApplicationState.OFFERED).order_by("offer_expires_at")
    engaged = Engagement.objects.filter(performer_id=actor.performer_id).select_related("gig__company")
    applied = own.exclude(state__in=(ApplicationState.OFFERED, ApplicationState.ACCEPTED)).order_by("-id")
    fresh, over = EngagementState.SENT, EngagementState.TERMINATED
    context = {
        "offers": offers,
        "to_sign": engaged.filter(state=fresh).order_by("id"),
        "engagements": engaged.exclude(state__in=(fresh, over)).order_by("-id"),
        "over": engaged.filter(state=over).order_by("-id")[:20],
        "applications": page(applied, by=("-id",), cursor=request.GET.get("cursor", ""), limit=20),
        "open_states": OPEN,
    }
    return render(request, "marketplace/my_work.html", context)


@allow(Audience.PERFORMER)
def waiting_fragment(request: HttpRequest) -> HttpResponse:
    """For the first page after logging in: offers to answer, and terms to sign."""
    actor = actor_of(request)
    context = {
        "offers": queries.applications_of(actor)
        .filter(state=ApplicationState.OFFERED)
        .order_by("offer_expires_at")[:5],
        "to_sign": Engagement.objects.filter(performer_id=actor.performer_id, state=EngagementState.SENT)
        .select_related("gig__company")
        .order_by("id")[:5],
    }
    return render(request, "marketplace/waiting.html", context)


@allow(Audience.COMPANY)
def company_waiting_fragment(request: HttpRequest, company_id: str) -> HttpResponse:
    """For the first page after logging in: applicants to answer, and terms to countersign."""
    company = get_company(actor_of(request), company_id)
    waits = Q(applications__state__in=OPEN)
    waiting = Gig.objects.filter(company=company).annotate(
        waiting=Count("applications", filter=waits), due_at=Min("applications__answer_due_at", filter=waits)
    )
    to_sign = Engagement.objects.filter(company=company, state=EngagementState.PERFORMER_SIGNED)
    context = {
        "company": company,
        "gigs": waiting.filter(waiting__gt=0).order_by("due_at", "id")[:5],
        "to_sign": to_sign.select_related("gig", "performer").order_by("id")[:5],
        "drafts": Gig.objects.filter(company=company, state=GigState.DRAFT).order_by("-id")[:3],
        "now": clock.now(),
    }
    return render(request, "marketplace/company_waiting.html", context)


urlpatterns = [
    path("work/", my_work, name="my_work"),
    path("work/waiting/", waiting_fragment, name="waiting_fragment"),
    path("company/<str:company_id>/waiting/", company_waiting_fragment, name="company_waiting_fragment"),
]
