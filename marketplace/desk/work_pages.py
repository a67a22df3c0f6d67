"""What waits, and the work one has: pages that join casting with engagements, for a performer and for a company."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.models import Company
from accounts.companies.queries import get_company
from kit import clock
from kit.http.pagination import page
from marketplace.casting import queries
from marketplace.casting.states import OPEN, TAKES_TAPES, ApplicationState
from marketplace.engagements.models import Engagement, Side
from marketplace.engagements.queries import to_sign, with_rate
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from marketplace.sessions import queries as sessions
from marketplace.sessions.models import Session
from marketplace.timekeeping import queries as timekeeping
from marketplace.timekeeping.states import TimesheetState
from marketplace.works import queries as works

SHOWN = 5


@allow(Audience.PERFORMER)
def my_work(request: HttpRequest) -> HttpResponse:
    """Offers to answer first, then what is to be signed, the work one has, and what one applied for."""
    actor = actor_of(request)
    own = queries.applications_of(actor)
    offers = own.filter(state=ApplicationState.OFFERED).order_by("offer_expires_at")
    engaged = with_rate(Engagement.objects.filter(performer_id=actor.performer_id))
    engaged = engaged.select_related("gig__company")
    applied = own.exclude(state__in=(ApplicationState.OFFERED, ApplicationState.ACCEPTED)).order_by("-id")
    fresh, over = EngagementState.SENT, EngagementState.TERMINATED
    context = {
        "offers": offers,
        "to_sign": to_sign(engaged, Side.PERFORMER),
        "engagements": engaged.exclude(state__in=(fresh, over)).order_by("-id"),
        "over": engaged.filter(state=over).order_by("-id")[:20],
        "applications": page(applied, by=("-id",), cursor=request.GET.get("cursor", ""), limit=20),
        "open_states": OPEN,
        "tape_states": (*TAKES_TAPES, ApplicationState.AUDITION_SUBMITTED),
    }
    return render(request, "marketplace/my_work.html", context)


@allow(Audience.PERFORMER)
def waiting_fragment(request: HttpRequest) -> HttpResponse:
    """For the first page after logging in: offers to answer, terms to sign, calls and weeks to confirm, pieces to make. Rows of a
    list."""
    actor, at = actor_of(request), clock.now()
    offers = queries.applications_of(actor).filter(state=ApplicationState.OFFERED)
    own = to_sign(Engagement.objects.filter(performer_id=actor.performer_id), Side.PERFORMER)
    sheets = timekeeping.sheets_of(actor).filter(
        performer_id=actor.performer_id, state=TimesheetState.PERFORMER_REVIEW
    )
    next_call = sessions.next_session(actor, at=at)
    to_confirm = sessions.to_confirm(actor, at=at)
    context = {
        "offers": offers.order_by("offer_expires_at")[:SHOWN],
        "to_sign": own.select_related("gig__company")[:SHOWN],
        # The next call stands above with its own button.
        "to_confirm": (to_confirm.exclude(pk=next_call.pk) if next_call else to_confirm)[:SHOWN],
        "weeks": sheets.order_by("week__starts_on", "id")[:SHOWN],
        "pieces": works.to_make(actor)[:SHOWN],
    }
    return render(request, "marketplace/waiting.html", context)


@allow(Audience.COMPANY)
def company_waiting_fragment(request: HttpRequest, company_id: str) -> HttpResponse:
    """For the first page after logging in: what waits for those who may do it. Rows of a list, none where nothing waits."""
    actor, at = actor_of(request), clock.now()
    company = get_company(actor, company_id)
    kinds: dict[str, tuple[Act, Callable[[], object]]] = {
        "gigs": (Act.CAST, lambda: _gigs_with_applicants(company)),
        "weeks": (Act.APPROVE_TIME, lambda: timekeeping.weeks_to_approve(actor, company)),
        "disputes": (Act.APPROVE_TIME, lambda: timekeeping.to_answer(company)[:SHOWN]),
        "pieces": (Act.REVIEW_PIECES, lambda: works.to_review(company)[:SHOWN]),
        "to_sign": (Act.SIGN, lambda: _to_countersign(company)),
        "drafts": (Act.POST_GIGS, lambda: Gig.objects.filter(company=company, state=GigState.DRAFT)[:SHOWN]),
    }
    rows = {
        name: find() if actor.may(act, company_id=company.pk) else () for name, (act, find) in kinds.items()
    }
    context = {"company": company, "now": at, "next_call": _next_call(actor, company, at)}
    return render(request, "marketplace/company_waiting.html", context | rows)


def _gigs_with_applicants(company: Company) -> QuerySet[Gig]:
    waits = Q(applications__state__in=OPEN)
    found = Gig.objects.filter(company=company).annotate(
        waiting=Count("applications", filter=waits), due_at=Min("applications__answer_due_at", filter=waits)
    )
    return found.filter(waiting__gt=0).order_by("due_at", "id")[:SHOWN]


def _to_countersign(company: Company) -> QuerySet[Engagement]:
    signed = to_sign(Engagement.objects.filter(company=company), Side.COMPANY)
    return signed.select_related("gig", "performer")[:SHOWN]


def _next_call(actor: Actor, company: Company, at: datetime) -> Session | None:
    ours = sessions.sessions_for(actor).filter(company=company)
    return sessions.ahead(ours, at=at).order_by("call_at", "id").first()


urlpatterns = [
    path("work/", my_work, name="my_work"),
    path("work/waiting/", waiting_fragment, name="waiting_fragment"),
    path("company/<str:company_id>/waiting/", company_waiting_fragment, name="company_waiting_fragment"),
]
