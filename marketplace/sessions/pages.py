"""The sessions' pages: a company's list and its bookings, one session, the next call."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import DomainError, Invalid, NotFound
from kit.http.pagination import page
from marketplace.gigs.models import Gig
from marketplace.sessions import operations, queries, room
from marketplace.sessions.forms import BookForm
from marketplace.sessions.models import Session

LIST_KINDS = {"ahead": "Ahead", "past": "Past", "off": "Called off"}


@allow(Audience.COMPANY)
def company_sessions(request: HttpRequest, company_id: str) -> HttpResponse:
    actor = actor_of(request)
    company = get_company(actor, company_id)
    kind = request.GET.get("show", "ahead")
    rows = _of_kind(queries.sessions_for(actor).filter(company=company), kind)
    by = ("call_at", "id") if kind == "ahead" else ("-call_at", "-id")
    found = page(rows, by=by, cursor=request.GET.get("cursor", ""), limit=30)
    bookable = Gig.objects.filter(company=company, state__in=operations.BOOKS_SESSIONS).order_by("-id")
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


@allow(Audience.COMPANY)
def book(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """Choose a time and up to four performers. A refusal is shown on the form, with what was typed."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    gig = Gig.objects.filter(company=company, public_id=gig_id).first()
    if gig is None:
        raise NotFound
    zone = ZoneInfo(actor.zone)
    with timezone.override(zone):
        form = BookForm(request.POST or None, gig=gig)
        if request.method == "POST" and form.is_valid():
            booked = _book(form, gig, actor)
            if booked is not None:
                messages.success(request, "Booked. The performers are told, and confirm.")
                return redirect("session_detail", session_id=booked.public_id)
        free_minor = gig.funded_minor + gig.credit_minor - gig.committed_minor
        context = {"company": company, "gig": gig, "form": form, "zone": str(zone), "free_minor": free_minor}
        return render(request, "marketplace/book.html", context, status=422 if form.errors else 200)


def _book(form: BookForm, gig: Gig, actor: Actor) -> Session | None:
    sent = form.cleaned_data
    try:
        return operations.book_session(
            gig=gig,
            call_at=sent["call_at"],
            engagements=form.chosen,
            length_s=sent["minutes"] * 60,
            by=actor,
            at=clock.now(),
        )
    except Invalid as error:
        for each in error.errors:
            field = {"length_s": "minutes"}.get(each["field"], each["field"])
            form.add_error(field if field in form.fields else None, each["detail"])
    except DomainError as error:
        form.add_error(None, error.detail)
    return None


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
    operations.cancel_session(
        session=queries.get_session(actor, session_id),
        reason=request.POST.get("reason", ""),
        by=actor,
        at=clock.now(),
    )
    messages.success(request, "Called off. The others are told.")
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
    path("company/<str:company_id>/gigs/<str:gig_id>/book/", book, name="session_book"),
    path("sessions/", my_sessions, name="my_sessions"),
    path("sessions/next/", next_call_fragment, name="next_call_fragment"),
    path(f"{ONE}confirm/", confirm, name="session_confirm"),
    path(f"{ONE}cancel/", cancel, name="session_cancel"),
]
