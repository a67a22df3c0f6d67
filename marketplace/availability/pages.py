"""When one is free, and who is: a performer's own week, and a company's look at everyone engaged in a gig."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from accounts.performers.models import Performer
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.instants import zone
from marketplace.availability import operations, queries
from marketplace.availability.forms import CallForm, HoursForm, SpecialForm, in_words
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_gig_of


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def my_availability(request: HttpRequest) -> HttpResponse:
    """One's own week, by one's own clock; the hours of every week are set here."""
    actor = actor_of(request)
    if request.method == "GET":
        return _page(request, actor, HoursForm(initial=_typed(actor)), SpecialForm())
    form = HoursForm(request.POST)
    if form.is_valid() and _does(
        form, lambda: operations.set_hours(hours=form.hours, by=actor, at=clock.now())
    ):
        messages.success(request, "Noted. Companies in whose gigs you are engaged see it.")
        return redirect("my_availability")
    return _page(request, actor, form, SpecialForm())


@allow(Audience.PERFORMER)
@require_POST
def special_time(request: HttpRequest) -> HttpResponse:
    """Of certain times otherwise than of every week."""
    actor = actor_of(request)
    with timezone.override(ZoneInfo(actor.zone)):
        form = SpecialForm(request.POST)
        if form.is_valid() and _does(
            form, lambda: operations.say_special(**form.cleaned_data, by=actor, at=clock.now())
        ):
            messages.success(request, "Noted.")
            return redirect("my_availability")
        return _page(request, actor, HoursForm(initial=_typed(actor)), form)


@allow(Audience.PERFORMER)
@require_POST
def special_time_back(request: HttpRequest, special_id: str) -> HttpResponse:
    operations.take_special_back(special_id=special_id, by=actor_of(request), at=clock.now())
    messages.success(request, "Taken back. Your week counts again.")
    return redirect("my_availability")


@allow(Audience.COMPANY)
@require_GET
def gig_free(request: HttpRequest, company_id: str, gig_id: str) -> HttpResponse:
    """Everyone engaged in the gig: their week from the call that is asked for, or from today, and how they stand to it."""
    actor, now = actor_of(request), clock.now()
    gig = get_gig_of(get_company(actor, company_id), gig_id)
    with timezone.override(ZoneInfo(actor.zone)):
        sent = request.GET if "call_at" in request.GET else None
        form = CallForm(sent, initial={"minutes": gig.session_s // 60})
        asked = form.cleaned_data if form.is_bound and form.is_valid() else None
        context = {"company": gig.company, "gig": gig, "form": form, "zone": actor.zone, "asked": asked}
        if asked:
            ends_at = asked["call_at"] + timedelta(minutes=asked["minutes"])
            context["standings"] = queries.for_call(gig, call_at=asked["call_at"], ends_at=ends_at)
        context["weeks"] = _weeks(gig, asked["call_at"] if asked else now)
        return render(request, "marketplace/gig_free.html", context, status=422 if form.errors else 200)


def _weeks(gig: Gig, at: datetime) -> list[tuple[str, list[queries.Day]]]:
    first = at.astimezone(zone(gig.time_zone)).date()
    active = gig.engagements.filter(state=EngagementState.ACTIVE).values_list("performer_id", flat=True)
    people = queries.performers_with_times(
        active[:50], since=at - timedelta(days=1), until=at + timedelta(days=queries.DAYS_SHOWN + 1)
    )
    return [
        (each.stage_name, queries.days_of(each, first=first, where=gig.time_zone, with_titles=False))
        for each in people
    ]


def _does(form: Form, act: Callable[[], object]) -> bool:
    try:
        act()
    except Invalid as error:
        put_refusal(form, error)
        return False
    return True


def _typed(actor: Actor) -> dict[str, str]:
    (performer,) = _own(actor, clock.now())
    by_day: dict[str, list[tuple[int, int]]] = {}
    for each in performer.weekly_hours.all():
        by_day.setdefault(f"day{each.weekday}", []).append((each.from_min, each.to_min))
    return {name: in_words(ranges) for name, ranges in by_day.items()}


def _own(actor: Actor, now: datetime) -> list[Performer]:
    until = now + operations.LONGEST
    return queries.performers_with_times([actor.performer_id], since=now - timedelta(days=1), until=until)


def _page(request: HttpRequest, actor: Actor, hours: HoursForm, special: SpecialForm) -> HttpResponse:
    now = clock.now()
    (performer,) = _own(actor, now)
    first = now.astimezone(zone(actor.zone)).date()
    context = {
        "days": queries.days_of(performer, first=first, where=actor.zone, with_titles=True),
        "special": performer.special_times.all(),
        "hours_form": hours,
        "special_form": special,
        "zone": actor.zone,
    }
    errors = hours.errors or special.errors
    return render(request, "marketplace/my_availability.html", context, status=422 if errors else 200)


urlpatterns = [
    path("availability/", my_availability, name="my_availability"),
    path("availability/times/", special_time, name="special_time"),
    path("availability/times/<str:special_id>/end/", special_time_back, name="special_time_back"),
    path("company/<str:company_id>/gigs/<str:gig_id>/free/", gig_free, name="gig_free"),
]
