"""Open calls: a company posts and takes them back on its gig's page of them, performers take seats on theirs."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.http.pagination import page
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_gig_of
from marketplace.pools.queries import get_pool, pools_of
from marketplace.sessions.queries import get_seat, get_session, own_seat
from marketplace.slots import operations, queries, stand_ins
from marketplace.slots.forms import SlotForm


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def gig_slots(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """The gig's open calls, and the way to post another."""
    actor = actor_of(request)
    gig = get_gig_of(get_company(actor, company_id), gig_id)
    with timezone.override(ZoneInfo(actor.zone)):
        form = SlotForm(request.POST or None, gig=gig)
        if request.method == "POST" and form.is_valid() and _post(form, gig, actor):
            messages.success(request, "Posted. Everyone engaged in the gig is told.")
            return redirect("gig_slots", company_id=company_id, gig_id=gig_id)
        return _page(request, gig, form)


def _post(form: SlotForm, gig: Gig, actor: Actor) -> bool:
    sent = form.cleaned_data
    try:
        operations.post_slot(
            gig=gig,
            call_at=sent["call_at"],
            length_s=sent["minutes"] * 60,
            seats=sent["seats"],
            hold_for=form.chosen,
            hold_until=sent["hold_until"],
            by=actor,
            at=clock.now(),
        )
    except Invalid as error:
        put_refusal(form, error, names={"length_s": "minutes"})
        return False
    return True


def _page(request: HttpRequest, gig: Gig, form: SlotForm) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    rows = queries.slots_for(actor).filter(gig=gig, in_place_of=None)
    found = page(rows, by=("-call_at", "-id"), cursor=request.GET.get("cursor", ""), limit=30)
    context = {
        "company": gig.company,
        "gig": gig,
        "form": form,
        "slots": [(slot, queries.seats_left(slot, at=now)) for slot in found.rows],
        "next": found.next_cursor,
        "zone": actor.zone,
    }
    return render(request, "marketplace/gig_slots.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_POST
def seat_offer(request: HttpRequest, session_id: str) -> HttpResponse:
    """A stand-in is sought for a free seat: from a pool, or from everyone engaged in the gig."""
    actor = actor_of(request)
    session, asked = get_session(actor, session_id), request.POST.get("pool", "")
    pool = get_pool(actor, session.company, asked) if asked else None
    operations.offer_seat(session=session, pool=pool, by=actor, at=clock.now())
    messages.success(request, "Offered. The first who takes the seat has it, and you are told.")
    return redirect("session_detail", session_id=session_id)


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)
@require_safe
def missing(request: HttpRequest, session_id: str) -> HttpResponse:
    """A fragment for the room and the session's page: who has not come, and what is done about it."""
    actor, now = actor_of(request), clock.now()
    session = get_session(actor, session_id)
    found = queries.missing_in(session, at=now)
    context = {
        "session": session,
        "missing": found,
        # What is being chosen is not taken from under somebody's hand.
        "chooses": any(each.offered is None for each in found),
        "seat": own_seat(session, actor),
        "from": "room" if "room" in request.GET else "page",
        "may_seek": actor.may(Act.BOOK, company_id=session.company_id)
        and now <= session.scheduled_end_at - stand_ins.WORTH_COMING,
        "pools": [
            ("", "Everyone engaged in the gig"),
            *pools_of(actor, session.company).values_list("public_id", "name")[:50],
        ],
    }
    return render(request, "marketplace/missing.html", context)


@allow(Audience.COMPANY)
@require_POST
def stand_in_seek(request: HttpRequest, session_id: str, seat_id: str) -> HttpResponse:
    """From the room, or from the session's page: back to where it was pressed."""
    actor = actor_of(request)
    session, asked = get_session(actor, session_id), request.POST.get("pool", "")
    pool = get_pool(actor, session.company, asked) if asked else None
    seat = get_seat(session, seat_id)
    seat.session = session
    slot = stand_ins.seek(seat=seat, pool=pool, by=actor, at=clock.now())
    many = len(stand_ins.who_could_come(slot, at=clock.now()))
    messages.success(
        request, f"Offered to {many} who could come now. The first who says yes plays, and you are told."
    )
    return redirect("session_room" if "room" in request.POST else "session_detail", session_id=session_id)


@allow(Audience.COMPANY)
@require_POST
def slot_withdraw(request: HttpRequest, slot_id: str) -> HttpResponse:
    actor = actor_of(request)
    slot = operations.withdraw(slot=queries.get_slot(actor, slot_id), by=actor, at=clock.now())
    messages.success(request, "Taken back. Seats that were taken stay booked.")
    if slot.in_place_of is not None and slot.session is not None:
        return redirect("session_detail", session_id=slot.session.public_id)
    return redirect(operations.page_of(slot))


@allow(Audience.PERFORMER)
@require_safe
def my_slots(request: HttpRequest) -> HttpResponse:
    context = {"offers": queries.open_to(actor_of(request), at=clock.now())}
    return render(request, "marketplace/my_slots.html", context)


@allow(Audience.PERFORMER)
@require_POST
def slot_take(request: HttpRequest, slot_id: str) -> HttpResponse:
    actor = actor_of(request)
    slot = queries.get_slot(actor, slot_id)
    session = operations.take(slot=slot, by=actor, at=clock.now())
    said = "and it is on: come in now." if slot.in_place_of else "and confirmed. See you at the call."
    messages.success(request, f"The seat is yours, {said}")
    return redirect("session_detail", session_id=session.public_id)


@allow(Audience.PERFORMER)
@require_POST
def slot_give_back(request: HttpRequest, slot_id: str) -> HttpResponse:
    actor = actor_of(request)
    slot = queries.get_slot(actor, slot_id)
    operations.give_back(slot=slot, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
    messages.success(request, "Given back. The others may take it now.")
    return redirect("my_slots")


urlpatterns = [
    path("company/<str:company_id>/gigs/<str:gig_id>/slots/", gig_slots, name="gig_slots"),
    path("sessions/<str:session_id>/seats/offer/", seat_offer, name="seat_offer"),
    path("sessions/<str:session_id>/missing/", missing, name="session_missing"),
    path("sessions/<str:session_id>/seats/<str:seat_id>/stand-in/", stand_in_seek, name="stand_in_seek"),
    path("slots/", my_slots, name="my_slots"),
    path("slots/<str:slot_id>/take/", slot_take, name="slot_take"),
    path("slots/<str:slot_id>/give-back/", slot_give_back, name="slot_give_back"),
    path("slots/<str:slot_id>/withdraw/", slot_withdraw, name="slot_withdraw"),
]
