"""Months of the books: proposed, closed by a second person, opened again by two."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.identity.proving import to_proof
from kit import clock, instants
from payments.books import month_queries, months
from payments.books.models import Month

SHOWN = 24


@require_GET
@allow(Audience.FINANCE)
def books_months(request: HttpRequest) -> HttpResponse:
    """What can be closed next, what waits for a second person, and what is closed."""
    actor = actor_of(request)
    rows = list(month_queries.all_of(actor)[:SHOWN])
    context = {
        "months": [(month, month_queries.sealed_books(month)) for month in rows],
        "next": month_queries.next_to_close(at=clock.now()),
        "me": actor.user_id,
    }
    return render(request, "payments/books/months.html", context)


@require_POST
@allow(Audience.FINANCE)
def books_month_propose(request: HttpRequest) -> HttpResponse:
    month = instants.day_said(request.POST.get("month", ""))
    if month is None:
        messages.error(request, "Choose a month that is over. Nothing was changed.")
        return redirect("books_months")
    made = months.propose(month=month, by=actor_of(request), at=clock.now())
    messages.success(request, f"{made.name} is proposed. Somebody else in finance was told, and closes it.")
    return redirect("books_months")


@require_POST
@allow(Audience.FINANCE)
def books_month_approve(request: HttpRequest, month_id: str) -> HttpResponse:
    """As the second person, with a fresh proof, over the balance that stood on the page."""
    actor, seen = actor_of(request), request.POST.get("content_hash", "")
    month = month_queries.get(actor, month_id)
    return _signed(
        request,
        lambda: months.approve(month=month, seen_hash=seen, by=actor, at=clock.now()),
        f"{month.name} is closed.",
    )


@require_POST
@allow(Audience.FINANCE)
def books_month_decline(request: HttpRequest, month_id: str) -> HttpResponse:
    actor, answer = actor_of(request), request.POST.get("answer", "")
    month = month_queries.get(actor, month_id)
    ended = months.decline(month=month, answer=answer, by=actor, at=clock.now())
    messages.success(request, f"{ended.get_state_display()}. {month.name} stays open.")
    return redirect("books_months")


@require_POST
@allow(Audience.FINANCE)
def books_month_reopen(request: HttpRequest, month_id: str) -> HttpResponse:
    """Ask for a closed month to be opened again."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    month = month_queries.get(actor, month_id)
    months.ask_to_reopen(month=month, reason=reason, by=actor, at=clock.now())
    messages.success(request, "Asked for. Somebody else in finance was told, and opens it.")
    return redirect("books_months")


@require_POST
@allow(Audience.FINANCE)
def books_month_open(request: HttpRequest, month_id: str) -> HttpResponse:
    """As the second person, with a fresh proof."""
    actor = actor_of(request)
    month = month_queries.get(actor, month_id)
    return _signed(
        request,
        lambda: months.reopen(month=month, by=actor, at=clock.now()),
        f"{month.name} is open again. It is closed anew by two.",
    )


@require_POST
@allow(Audience.FINANCE)
def books_month_keep(request: HttpRequest, month_id: str) -> HttpResponse:
    actor, answer = actor_of(request), request.POST.get("answer", "")
    month = month_queries.get(actor, month_id)
    months.keep_closed(month=month, answer=answer, by=actor, at=clock.now())
    messages.success(request, f"{month.name} stays closed.")
    return redirect("books_months")


def _signed(request: HttpRequest, act: Callable[[], Month], said: str) -> HttpResponse:
    try:
        act()
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press again.")
        return to_proof(request, back_to=reverse("books_months"))
    messages.success(request, said)
    return redirect("books_months")


urlpatterns = [
    path("books/months/", books_months, name="books_months"),
    path("books/months/propose/", books_month_propose, name="books_month_propose"),
    path("books/months/<str:month_id>/approve/", books_month_approve, name="books_month_approve"),
    path("books/months/<str:month_id>/decline/", books_month_decline, name="books_month_decline"),
    path("books/months/<str:month_id>/reopen/", books_month_reopen, name="books_month_reopen"),
    path("books/months/<str:month_id>/open/", books_month_open, name="books_month_open"),
    path("books/months/<str:month_id>/keep/", books_month_keep, name="books_month_keep"),
]
