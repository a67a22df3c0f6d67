"""One session with what was recorded of it: the page joins the booking with its time lines. Moving it is proposed there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import Invalid
from kit.money import Money
from marketplace.media import playing
from marketplace.pools.queries import pools_of
from marketplace.sessions import arrivals, booking, calling_off, moving, queries, room
from marketplace.sessions.forms import MoveForm
from marketplace.sessions.models import Move, Seat, Session
from marketplace.sessions.operations import TooLate
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.slots.states import SlotState
from marketplace.timekeeping.queries import lines_of

EVERYONE = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(*EVERYONE)
def session_detail(request: HttpRequest, session_id: str) -> HttpResponse:
    return _page(request, queries.get_session(actor_of(request), session_id), MoveForm())


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def move(request: HttpRequest, session_id: str) -> HttpResponse:
    """Propose another call, in the time of whoever reads. A refusal of it is shown beside it, with what was typed."""
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    with timezone.override(ZoneInfo(actor.zone)):
        form = MoveForm(request.POST)
        try:
            proposed = form.is_valid() and _propose(form, session, actor)
        except (
            moving.MoveOpen,
            booking.AlreadyBooked,
            booking.WeekIsFull,
            booking.GuaranteeBroken,
            TooLate,
        ) as error:
            # The page shows what stands in its way.
            messages.error(request, f"{error.title}. {error.detail}")
            return redirect("session_detail", session_id=session_id)
        if not proposed:
            return _page(request, session, form, status=422)
    messages.success(request, "Proposed. The others are asked; until all agree, it stays as it is.")
    return redirect("session_detail", session_id=session_id)


def _propose(form: MoveForm, session: Session, actor: Actor) -> bool:
    try:
        moving.propose_move(session=session, call_at=form.cleaned_data["call_at"], by=actor, at=clock.now())
    except Invalid as error:
        for each in error.errors:
            form.add_error("call_at", each["detail"])
        return False
    return True


def _page(request: HttpRequest, session: Session, move_form: MoveForm, *, status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    seat = queries.own_seat(session, actor)
    proposed = queries.open_move(session)
    lines = lines_of(actor).filter(seat__session=session)
    if seat is not None:
        lines = lines.filter(seat=seat)
    context = {
        "session": session,
        "seat": seat,
        "lines": list(lines.order_by("id")),
        "is_company": session.company_id in actor.company_ids,
        "recorded": playing.recordings_of(session).exists(),
        "can_enter": session.state in (*BEFORE, *UNDER_WAY) and now >= session.call_at - room.DOORS_OPEN,
        "can_arrive": seat is not None and arrivals.is_expected(seat, at=now),
        "to_fill": [
            (each.public_id, each.performer.stage_name)
            for each in (booking.who_could_play(session) if _books(session, actor, now=now) else [])
        ],
        "pools": [
            ("", "Everyone engaged in the gig"),
            *pools_of(actor, session.company).values_list("public_id", "name")[:50],
        ],
        "is_offered": session.slots.filter(state=SlotState.OPEN, in_place_of=None).exists(),
        "is_on": session.state in (*BEFORE, *UNDER_WAY) and now >= session.call_at,
        "move": proposed,
        "to_answer": proposed is not None and not _has_agreed(proposed, seat),
        "can_move": now < session.call_at
        and session.state in BEFORE
        and (_books(session, actor, now=now) or (seat is not None and seat.released_at is None)),
        "move_form": move_form,
        "can_release": _books(session, actor, now=now),
        "can_fail": actor.is_talent and session.state in (*BEFORE, *UNDER_WAY) and now >= session.call_at,
        "can_cancel": session.state in BEFORE and now < session.call_at,
        "now": now,
        **_prices(session, actor, now=now),
    }
    return render(request, "marketplace/session_detail.html", context, status=status)


def _prices(session: Session, actor: Actor, *, now: datetime) -> dict[str, object]:
    """What calling it off costs, before one does: all of it, with the rest of its series, and each seat alone."""
    currency, later = session.gig.currency, calling_off.later_of(session, actor)
    costs = {each.pk: calling_off.due_for(each, session, at=now) for each in session.seats.all()}
    return {
        "price": calling_off.price_of([session], currency=currency, at=now),
        "later": len(later),
        "rest_price": calling_off.price_of([session, *later], currency=currency, at=now),
        "seats": [(each, Money(costs[each.pk], currency)) for each in session.seats.all()],
    }


def _has_agreed(move: Move, seat: Seat | None) -> bool:
    return move.company_agreed_at is not None if seat is None else seat in move.agreed.all()


def _books(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Whether the reader may call a seat off, or give it to another."""
    ahead = session.state in BEFORE and now < session.call_at
    return ahead and actor.may(Act.BOOK, company_id=session.company_id)


urlpatterns = [
    path("sessions/<str:session_id>/", session_detail, name="session_detail"),
    path("sessions/<str:session_id>/moves/", move, name="session_move"),
]
