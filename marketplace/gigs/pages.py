"""The board and a gig's page: for everyone, with or without an account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers.skills import LANGUAGES, SKILLS
from kit import clock
from kit.http.pagination import page
from kit.money import Money
from marketplace.gigs import queries
from marketplace.gigs.forms import BoardForm
from marketplace.gigs.listing import listing
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.gigs.states import GigState

PER_PAGE = 20
SEATS = {1: "Solo", 2: "Pairs", 3: "Threes", 4: "Fours"}


NOT_ASKED = {
    "no_replica": "No replica of you",
    "no_exclusivity": "No exclusivity",
    "no_unpaid_audition": "No unpaid audition",
    "short_camera": "No camera over 4 h",
}


@dataclass(frozen=True)
class Filter:
    """One link that narrows the board, or takes its narrowing back."""

    label: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True)
class Group:
    """Links of one kind. `folded`: long, and so opened by whoever wants it."""

    label: str
    filters: Sequence[Filter]
    folded: bool

    @property
    def is_set(self) -> bool:
        return any(one.current for one in self.filters)


@allow(Audience.ANYONE)
def gig_board(request: HttpRequest) -> HttpResponse:
    """The open gigs. While one types, only what was found is sent."""
    actor, now = actor_of(request), clock.now()
    zone = "" if actor.is_anonymous else actor.time_zone
    form = BoardForm(request.GET)
    search = form.search(reader_zone=zone)
    order = queries.ORDER[search.order]
    found = page(
        queries.board(search, at=now), by=order, cursor=request.GET.get("cursor", ""), limit=PER_PAGE
    )
    counts = queries.counts(search, at=now, reader_zone=zone)
    context = {
        "found": found,
        "listings": [listing(gig, reader_zone=actor.time_zone, at=now) for gig in found.rows],
        "counts": counts,
        "groups": list(_groups(request, counts)),
        "search": search,
        # What the address narrows by, for the button of whoever has no script.
        "kept": [(name, value) for name, value in request.GET.items() if name not in ("q", "cursor")],
        "looks_for": [(name, value) for name, value in request.GET.items() if name != "cursor"],
        "narrowed": search != queries.Search(order=search.order),
        "only_found": (only_found := request.headers.get("HX-Request") == "true"),
    }
    answer = render(request, f"marketplace/{'board_found' if only_found else 'board'}.html", context)
    # The same address gives a page or a part of it: no cache may take one for the other.
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


def _groups(request: HttpRequest, counts: queries.Counts) -> Iterator[Group]:
    """The filters in the order of a performer's questions; what would find nothing is left out."""
    rates = {
        str(minor): f"{Money(minor, 'usd').display().removesuffix('.00 USD')} USD/h and up"
        for minor in queries.RATES_MINOR
    }
    dates = {str(days): f"Starts within {days} days" for days in queries.STARTS_WITHIN}
    asked: list[tuple[str, dict[str, dict[str, str]], bool]] = [
        ("Pay", {"rate_min": rates}, False),
        ("Not asked", {name: {"on": label} for name, label in NOT_ASKED.items()}, False),
        ("When", {"near": {"on": f"Within {queries.NEAR_H} h of your hours"}, "starts_within": dates}, False),
        ("In a scene", {"seats": {str(n): label for n, label in SEATS.items()}}, False),
        ("Language", {"language": LANGUAGES}, True),
        ("Skill", {"skill": SKILLS}, True),
    ]
    for label, names, folded in asked:
        filters = [
            one
            for name, values in names.items()
            for value, said in values.items()
            if (one := _filter(request, said, name, value, counts)).count or one.current
        ]
        if filters:
            yield Group(label, filters, folded)


def _filter(request: HttpRequest, label: str, name: str, value: str, counts: queries.Counts) -> Filter:
    current = request.GET.get(name, "") == value
    count = counts.by.get(name, {}).get(value, 0)
    return Filter(label, _address(request, **{name: "" if current else value}), count, current)


def _address(request: HttpRequest, **changes: str) -> str:
    asked = request.GET.copy()
    for name, value in {**changes, "cursor": ""}.items():
        asked.pop(name, None)
        if value:
            asked[name] = value
    return f"?{asked.urlencode()}"


@allow(Audience.ANYONE)
def gig_detail(request: HttpRequest, gig_id: str) -> HttpResponse:
    """All that one needs for a yes: the pay worked out, the scene, the rights, the rules of time."""
    actor = actor_of(request)
    gig = queries.get_gig(actor, gig_id)
    return render(request, "marketplace/gig_detail.html", shown(gig, actor))


def shown(gig: Gig, actor: Actor) -> dict[str, Any]:
    """A gig's page in words: shared by the page itself and by applying."""
    mine = (
        gig.applications.filter(performer_id=actor.performer_id).order_by("-id").first()
        if actor.is_performer
        else None
    )
    return {
        "gig": gig,
        "listing": listing(gig, reader_zone=actor.time_zone, at=clock.now()),
        "granted": [label for name, label in PURPOSES.items() if name in gig.purposes],
        "refused": [label for name, label in PURPOSES.items() if name not in gig.purposes],
        "skills": [SKILLS[name] for name in gig.skills],
        "languages": [LANGUAGES[name] for name in gig.languages],
        "questions": list(gig.questions.all()),
        "is_open": gig.state == GigState.PUBLISHED and not queries.is_over(gig, at=clock.now()),
        "mine": mine,
        "is_company": gig.company_id in actor.company_ids,
        "late_share": _late_share(gig),
        "preview": False,
    }


def _late_share(gig: Gig) -> int:
    """What is paid, in percent of the minimum call, when a session is called off at the last moment."""
    return max((int(bps) for _, bps in gig.policy["cancel_tiers"]), default=0) // 100


urlpatterns = [
    path("", gig_board, name="gig_board"),
    path("gigs/<str:gig_id>/", gig_detail, name="gig_detail"),
]
