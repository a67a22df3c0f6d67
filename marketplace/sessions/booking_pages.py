"""Booking: one call, or several at once with their own times and performers, all of them or none."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import DomainError, Invalid
from kit.forms import put_refusal
from kit.text import small_number
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_gig_of
from marketplace.sessions import booking, series
from marketplace.sessions.forms import MOST_ROWS, BookForm, one_more, rows_of
from marketplace.sessions.models import Session


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def book(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """Choose times and performers, a row for each call. A refusal is shown on its row, with what was typed."""
    actor = actor_of(request)
    gig = get_gig_of(get_company(actor, company_id), gig_id)
    with timezone.override(ZoneInfo(actor.zone)):
        if request.method == "GET":
            return _page(request, gig, [BookForm(gig=gig)])
        asked = small_number(request.POST.get("rows", "1")) or 1
        rows = rows_of(request.POST, gig, rows=min(asked, MOST_ROWS))
        if "more" in request.POST:
            return _page(request, gig, one_more(rows, gig))
        valid = [form.is_valid() for form in rows]  # each is judged, so that each says what is wrong
        filled = [form for form in rows if form is rows[0] or form.has_changed()]
        booked = _book_all(filled, gig, actor) if all(valid) else []
        if not booked:
            return _page(request, gig, rows, status=422)
    if len(booked) == 1:
        messages.success(request, "Booked. The performers are told, and confirm.")
        return redirect("session_detail", session_id=booked[0].public_id)
    messages.success(request, f"{len(booked)} sessions are booked. The performers are told, and confirm.")
    return redirect("company_sessions", company_id=company_id)


@allow(Audience.COMPANY)
@require_GET
def book_times(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """What the clock says for the performers at the call that is being typed."""
    actor = actor_of(request)
    gig = get_gig_of(get_company(actor, company_id), gig_id)
    with timezone.override(ZoneInfo(actor.zone)):
        form = BookForm(request.GET, gig=gig, prefix=request.GET.get("prefix", "")[:10])
        return render(request, "marketplace/book_times.html", {"form": form})


@transaction.atomic
def _book_all(forms: list[BookForm], gig: Gig, actor: Actor) -> list[Session]:
    """All, or none and each refusal on its form."""
    booked = [_book(form, gig, actor) for form in forms]
    if not all(booked):
        transaction.set_rollback(True)
        return []
    return [session for each in booked for session in each]


def _book(form: BookForm, gig: Gig, actor: Actor) -> list[Session]:
    """One call, or one of each week; none where it is refused, which stands on the form then."""
    sent, now = form.cleaned_data, clock.now()
    asked: dict[str, Any] = {"gig": gig, "call_at": sent["call_at"], "engagements": form.chosen}
    asked |= {"length_s": sent["minutes"] * 60, "by": actor, "at": now}
    try:
        if (sent["weeks"] or 1) == 1:
            return [booking.book_session(**asked)]
        booked = series.book_series(weeks=sent["weeks"], choices=form.choices, **asked)
        return list(booked.sessions.order_by("call_at", "pk"))
    except series.ChooseTimes as error:
        form.pairs = [[datetime.fromisoformat(each) for each in pair] for pair in error.facts["choices"]]
        form.add_error(None, error.detail)
    except Invalid as error:
        put_refusal(form, error, names={"length_s": "minutes"})
    except DomainError as error:
        form.add_error(None, error.detail)
    return []


def _page(request: HttpRequest, gig: Gig, forms: list[BookForm], *, status: int = 200) -> HttpResponse:
    context = {
        "company": gig.company,
        "gig": gig,
        "forms": forms,
        "more": len(forms) < MOST_ROWS and forms[0].engaged,
        "zone": actor_of(request).zone,
        "free_minor": gig.free_minor,
    }
    return render(request, "marketplace/book.html", context, status=status)


ONE = "company/<str:company_id>/gigs/<str:gig_id>/book/"
urlpatterns = [
    path(ONE, book, name="session_book"),
    path(f"{ONE}times/", book_times, name="session_book_times"),
]
