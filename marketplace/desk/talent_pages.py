"""Talent operations' pages: the desk, the people, one of them with all that was decided, a company's first gig."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.standings import Standing
from accounts.appeals.models import Appeal
from accounts.companies.models import Company
from accounts.performers.models import Performer
from accounts.standing import queries
from accounts.standing.models import Suspension
from accounts.standing.notices import name_of
from accounts.standing.reasons import Suspended
from accounts.standing.suspensions import reinstate
from kit import clock
from kit.errors import NotFound
from kit.http.merging import merged
from kit.http.pagination import page
from kit.rows import with_text
from marketplace.desk import suspending
from marketplace.desk.waiting import sources
from marketplace.gigs import queries as gigs
from marketplace.gigs import reviewing
from marketplace.gigs.pages import shown
from marketplace.sessions.models import Session
from marketplace.sessions.suspended import awaiting, booked_with, borne_by

PER_PAGE, ON_TODAY = 25, 5
KINDS = {"performers": "Performers", "companies": "Companies"}


@allow(Audience.TALENT, Audience.ADMIN)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Everything that waits, the longest first; one kind of it where `what` says so."""
    return render(request, "marketplace/desk.html", _waiting(request, limit=PER_PAGE))


@allow(Audience.TALENT, Audience.ADMIN)
@require_safe
def desk_fragment(request: HttpRequest) -> HttpResponse:
    """For the first page after logging in: what waits longest."""
    return render(request, "marketplace/desk_waiting.html", _waiting(request, limit=ON_TODAY))


def _waiting(request: HttpRequest, *, limit: int) -> dict[str, Any]:
    now = clock.now()
    waiting = sources(actor_of(request), at=now)
    chosen = request.GET.get("what", "")
    asked = [source for what, source in waiting.items() if chosen in ("", what)] or list(waiting.values())
    counts = [(what, what.label, source.rows.count(), what == chosen) for what, source in waiting.items()]
    found = merged(asked, cursor=request.GET.get("cursor", ""), limit=limit)
    return {
        "rows": [(row, row.is_overdue(now)) for row in found.rows],
        "next_cursor": found.next_cursor or "",
        "counts": counts,
        "total": sum(count for _, _, count, _ in counts),
        "current_all": not any(current for *_, current in counts),
    }


@allow(Audience.TALENT)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Performers or companies by name and standing: the way to each one's page."""
    kind = "companies" if request.GET.get("kind") == "companies" else "performers"
    text, state = request.GET.get("q", "").strip()[:120], request.GET.get("state", "")
    rows: Any = Company.objects.all() if kind == "companies" else Performer.objects.all()
    name = "name" if kind == "companies" else "stage_name"
    rows = with_text(rows, text, name)
    rows = rows.filter(state=state) if state in Standing.values else rows
    context = {
        "found": page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=PER_PAGE),
        "kinds": [(each, label, each == kind) for each, label in KINDS.items()],
        "kind": kind,
        "q": text,
        "state": state,
        "states": [("", "Any"), *Standing.choices],
    }
    return render(request, "marketplace/people.html", context)


@allow(Audience.TALENT)
@require_safe
def subject(request: HttpRequest, subject_id: str) -> HttpResponse:
    """All that was asked and decided about a performer or a company, and what can be done."""
    about, now = queries.get_subject(actor_of(request), subject_id), clock.now()
    suspensions = queries.suspensions_of(about)
    holds = next((each for each in suspensions if each.lifted_at is None), None)
    ids = [each.public_id for each in suspensions]
    vettings = queries.vettings_of(about)
    appeals = Appeal.objects.filter(subject__in=[*ids, *(each.public_id for each in vettings)])
    context = {
        "subject": about,
        "name": name_of(about),
        "is_company": isinstance(about, Company),
        "holds": holds,
        "sessions": _to_answer(holds),
        "borne": borne_by(awaiting(holds, at=now) if holds else booked_with(about, at=now), at=now),
        "suspensions": suspensions,
        "vettings": vettings,
        "appeals": appeals.order_by("-id"),
        "reasons": [("", "Choose"), *Suspended.choices],
    }
    return render(request, "marketplace/subject.html", context)


def _to_answer(holds: Suspension | None) -> Sequence[Session]:
    if holds is None:
        return []
    return list(awaiting(holds, at=clock.now()).select_related("gig", "company").order_by("call_at", "id"))


@allow(Audience.TALENT)
@require_POST
def subject_suspend(request: HttpRequest, subject_id: str) -> HttpResponse:
    actor, sent = actor_of(request), request.POST
    suspending.suspend(
        subject=queries.get_subject(actor, subject_id),
        reason=sent.get("reason", ""),  # type: ignore[arg-type] # the operation says what is none
        words=sent.get("words", ""),
        evidence=sent.get("evidence", ""),
        by=actor,
        at=clock.now(),
    )
    messages.success(request, "Suspended, at every door. They are told why, and how to appeal.")
    return redirect("subject", subject_id=subject_id)


@allow(Audience.TALENT)
@require_POST
def suspension_lift(request: HttpRequest, suspension_id: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.get_suspension(actor, suspension_id)
    reinstate(suspension=found, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
    paused = " Their gigs stay paused until they put them back." if found.company else ""
    messages.success(request, f"Lifted. They are told.{paused}")
    return redirect("subject", subject_id=found.subject.public_id)


@allow(Audience.TALENT)
@require_POST
def suspension_sessions(request: HttpRequest, suspension_id: str) -> HttpResponse:
    """Keep or call off the sessions that are ticked."""
    actor, now = actor_of(request), clock.now()
    found = queries.get_suspension(actor, suspension_id)
    chosen = [each for each in awaiting(found, at=now) if each.public_id in request.POST.getlist("session")]
    suspending.answer_for(
        suspension=found,
        sessions=chosen,
        answer=request.POST.get("answer", ""),  # type: ignore[arg-type] # the operation says what is none
        reason=request.POST.get("reason", ""),
        by=actor,
        at=now,
    )
    messages.success(request, "Answered. Both sides are told.")
    return redirect("subject", subject_id=found.subject.public_id)


@allow(Audience.TALENT)
@require_safe
def gig_review(request: HttpRequest, gig_id: str) -> HttpResponse:
    """A company's first gig as performers would see it, and the answer."""
    actor = actor_of(request)
    gig = gigs.get_gig(actor, gig_id)
    return render(request, "marketplace/gig_review.html", shown(gig, actor) | {"now": clock.now()})


@allow(Audience.TALENT)
@require_POST
def gig_review_answer(request: HttpRequest, gig_id: str) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    gig = gigs.get_gig(actor, gig_id)
    match request.POST.get("answer"):
        case "approve":
            reviewing.approve(gig=gig, by=actor, at=now)
            messages.success(request, "It is on the board. The company is told.")
        case "send_back":
            reviewing.send_back(gig=gig, reason=request.POST.get("reason", ""), by=actor, at=now)
            messages.success(request, "Sent back. The company is told what needs another look.")
        case _:
            raise NotFound
    return redirect("gig_review", gig_id=gig_id)


urlpatterns = [
    path("desk/", desk, name="desk"),
    path("desk/waiting/", desk_fragment, name="desk_fragment"),
    path("house/people/", people, name="people"),
    path("house/people/<str:subject_id>/", subject, name="subject"),
    path("house/people/<str:subject_id>/suspend/", subject_suspend, name="subject_suspend"),
    path("house/suspensions/<str:suspension_id>/lift/", suspension_lift, name="suspension_lift"),
    path("house/suspensions/<str:suspension_id>/sessions/", suspension_sessions, name="suspension_sessions"),
    path("house/gigs/<str:gig_id>/", gig_review, name="gig_review"),
    path("house/gigs/<str:gig_id>/answer/", gig_review_answer, name="gig_review_answer"),
]
