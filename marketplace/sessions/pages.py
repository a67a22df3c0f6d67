"""The sessions' pages: a company's list and its bookings, one session, the next call."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import Invalid
from kit.http.pagination import page
from marketplace.engagements.queries import get_engagement
from marketplace.gigs.models import Gig
from marketplace.gigs.states import WORKING
from marketplace.sessions import booking, calling_off, moving, operations, queries, room
from marketplace.sessions.models import Session

LIST_KINDS = {"ahead": "Upcoming", "past": "Past", "off": "Called off"}


@allow(Audience.COMPANY)
def company_sessions(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    kind = request.GET.get("show", "ahead")
    rows = _of_kind(queries.sessions_for(actor).filter(company=company), kind)
    by = ("call_at", "id") if kind == "ahead" else ("-call_at", "-id")
    found = page(rows, by=by, cursor=request.GET.get("cursor", ""), limit=30)
    bookable = Gig.objects.filter(company=company, state__in=WORKING).order_by("-id")
    context = {
        "company": company,
        "found": found,
        "kinds": _kinds(kind),
        "gigs": bookable[:20],
    }
    return render(request, "marketplace/company_sessions.html", context)


@allow(Audience.PERFORMER)
def my_sessions(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    kind = request.GET.get("show", "ahead")
    own = queries.sessions_for(actor).filter(seats__performer_id=actor.performer_id)
    by = ("call_at", "id") if kind == "ahead" else ("-call_at", "-id")
    found = page(_of_kind(own, kind), by=by, cursor=request.GET.get("cursor", ""), limit=30)
    context = {"found": found, "kinds": _kinds(kind)}
    return render(request, "marketplace/my_sessions.html", context)


@allow(Audience.PERFORMER)
@require_POST
def confirm(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    operations.confirm_seat(seat=room.seat_of(session, actor), by=actor, at=clock.now())
    messages.success(request, "Confirmed. See you at the call.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def cancel(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    act = calling_off.cancel_rest if "rest" in request.POST else calling_off.cancel_session
    act(
        session=queries.get_session(actor, session_id),
        reason=request.POST.get("reason", ""),
        by=actor,
        at=clock.now(),
    )
    messages.success(request, "Called off. The others are told.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.COMPANY)
@require_POST
def seat_release(request: HttpRequest, session_id: str, seat_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    calling_off.release_seat(
        seat=queries.get_seat(session, seat_id),
        reason=request.POST.get("reason", ""),
        by=actor,
        at=clock.now(),
    )
    messages.success(request, "The seat is called off; the performer is told. The others play as booked.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.COMPANY)
@require_POST
def seat_fill(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    engagement = get_engagement(actor, request.POST.get("engagement", ""))
    booking.fill_seat(session=session, engagement=engagement, by=actor, at=clock.now())
    messages.success(request, f"{engagement.performer.stage_name} is booked, told, and asked to confirm.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def move_answer(request: HttpRequest, move_id: str) -> HttpResponse:
    actor = actor_of(request)
    asked = queries.get_move(actor, move_id)
    answer = request.POST.get("answer", "")
    if answer not in ("agree", "decline"):
        raise Invalid.field("answer", "Agree, or decline.", code="not_a_choice")
    act = moving.agree_to_move if answer == "agree" else moving.decline_move
    said = {"agreed": "The session is moved.", "asked": "Noted. It is moved once all have agreed."}
    try:
        done = act(move=asked, by=actor, at=clock.now())
    except (booking.AlreadyBooked, booking.WeekIsFull, booking.GuaranteeBroken, operations.TooLate) as error:
        messages.error(request, f"{error.title}. {error.detail}")
    else:
        messages.success(request, said.get(done.state, "It stays as it was. The others are told."))
    return redirect("session_detail", session_id=asked.session.public_id)


@allow(Audience.TALENT)
@require_POST
def fail(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    room.fail(session=session, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
    messages.success(request, "Ended as a failure of the house's. Both sides are told.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.PERFORMER)
def next_call_fragment(request: HttpRequest) -> HttpResponse:
    """For the first page after logging in: the call that is live or comes next."""
    now = clock.now()
    session = queries.next_session(actor_of(request), at=now)
    doors_at = session.call_at - room.DOORS_OPEN if session else None
    context = {"session": session, "seat": session and queries.own_seat(session, actor_of(request))}
    is_open = doors_at is not None and now >= doors_at
    return render(request, "marketplace/next_call.html", context | {"doors_at": doors_at, "is_open": is_open})


def _kinds(chosen: str) -> list[tuple[str, str, bool]]:
    return [(kind, label, kind == chosen) for kind, label in LIST_KINDS.items()]


def _of_kind(rows: QuerySet[Session], kind: str) -> QuerySet[Session]:
    called_off = rows.filter(cancelled_at__isnull=False)
    if kind == "off":
        return called_off
    held = rows.filter(cancelled_at__isnull=True)
    ahead = queries.ahead(held, at=clock.now())
    return held.exclude(pk__in=ahead.values("pk")) if kind == "past" else ahead


ONE = "sessions/<str:session_id>/"
urlpatterns = [
    path("company/<str:company_id>/sessions/", company_sessions, name="company_sessions"),
    path("sessions/", my_sessions, name="my_sessions"),
    path("sessions/next/", next_call_fragment, name="next_call_fragment"),
    path(f"{ONE}confirm/", confirm, name="session_confirm"),
    path(f"{ONE}cancel/", cancel, name="session_cancel"),
    path("moves/<str:move_id>/answer/", move_answer, name="move_answer"),
    path(f"{ONE}seats/", seat_fill, name="seat_fill"),
    path(f"{ONE}seats/<str:seat_id>/release/", seat_release, name="seat_release"),
    path(f"{ONE}technical-failure/", fail, name="session_fail"),
]
