"""The board: full text, filters with counts, keyset pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.identity.zones import names
from accounts.performers.skills import LANGUAGES, SKILLS
from kit.errors import NotFound
from kit.rows import by_public_id
from marketplace.gigs import calculate
from marketplace.gigs.limits import LONG_CAMERA_S, MOST_SEATS
from marketplace.gigs.models import REPLICAS, Gig

NEWEST, BEST_PAID = "newest", "rate"
ORDER: dict[str, Sequence[str]] = {NEWEST: ("-published_at", "-id"), BEST_PAID: ("-rate_minor", "-id")}
LAST_TO_END = timedelta(hours=12)
RATES_MINOR = (5_000, 7_500, 10_000)
STARTS_WITHIN = (14, 30)
NEAR_H = 3


@dataclass(frozen=True)
class Search:
    """What someone looks for on the board. Everything left out is open.

    `near_zone`: gigs whose hours lie within NEAR_H of those of this zone. `starts_within`: days from now.
    """

    text: str = ""
    rate_min_minor: int | None = None
    skills: Sequence[str] = field(default_factory=tuple)
    language: str = ""
    seats: int | None = None
    starts_before: date | None = None
    starts_within: int | None = None
    near_zone: str = ""
    no_replica: bool = False
    no_exclusivity: bool = False
    no_unpaid_audition: bool = False
    short_camera: bool = False
    order: str = NEWEST


# What is not asked, by its name in the address: each a mark on the board, and a filter.
NOT_ASKED: dict[str, Q] = {
    "no_replica": ~Q(purposes__overlap=sorted(REPLICAS)),
    "no_exclusivity": Q(exclusive=False),
    "no_unpaid_audition": Q(audition=""),
    "short_camera": Q(session_s__lte=LONG_CAMERA_S),
}


def board(search: Search, *, at: datetime) -> QuerySet[Gig]:
    """The published gigs that fit and are not over, unordered: page them by `ORDER[search.order]`."""
    return _open(search.text, at).filter(*_wanted(search, at).values()).select_related("company__pace")


def is_over(gig: Gig, *, at: datetime) -> bool:
    """Whether its last day is past where it plays."""
    return gig.ends_on < calculate.local_day(at, gig.time_zone)


def _open(text: str, at: datetime) -> QuerySet[Gig]:
    # Over everywhere: a last day ends last twelve hours west of Greenwich.
    gigs = Gig.objects.on_the_board().filter(ends_on__gte=(at - LAST_TO_END).date())
    if text.strip():
        gigs = gigs.filter(search=SearchQuery(text, search_type="websearch", config="english"))
    return gigs


def _wanted(search: Search, at: datetime) -> dict[str, Q]:
    """A condition for each part of the search that is set, by its name in the address."""
    wanted: dict[str, Q] = {name: fits for name, fits in NOT_ASKED.items() if getattr(search, name)}
    if search.rate_min_minor is not None:
        wanted["rate_min"] = Q(rate_minor__gte=search.rate_min_minor)
    if search.skills:
        wanted["skill"] = Q(skills__contains=list(search.skills))
    if search.language:
        wanted["language"] = Q(languages__contains=[search.language])
    if search.seats is not None:
        wanted["seats"] = Q(seats=search.seats)
    if search.starts_before is not None:
        wanted["starts_before"] = Q(starts_on__lte=search.starts_before)
    if search.starts_within is not None:
        wanted["starts_within"] = _starts_within(search.starts_within, at)
    if search.near_zone:
        wanted["near"] = Q(time_zone__in=zones_near(search.near_zone, at=at))
    return wanted


def _starts_within(days: int, at: datetime) -> Q:
    return Q(starts_on__lte=at.date() + timedelta(days=days))


@dataclass(frozen=True)
class Counts:
    """How many gigs the search finds, and how many each filter would leave with the others kept: all of it in one query.

    `by`: name in the address → value there → how many.
    """

    total: int
    by: Mapping[str, Mapping[str, int]]


def counts(search: Search, *, at: datetime, reader_zone: str = "") -> Counts:
    """What each filter link says behind its name. `reader_zone`: whose hours “near” means; empty: nobody's."""
    wanted = _wanted(search, at)
    asked, links = {"total": Count("id", filter=_all_but("", wanted))}, list(_links(reader_zone, at))
    for number, (name, _, fits) in enumerate(links):
        asked[f"n{number}"] = Count("id", filter=fits & _all_but(name, wanted))
    found = _open(search.text, at).aggregate(**asked)
    by: dict[str, dict[str, int]] = {}
    for number, (name, value, _) in enumerate(links):
        by.setdefault(name, {})[value] = found[f"n{number}"]
    return Counts(total=found["total"], by=by)


def _all_but(name: str, wanted: Mapping[str, Q]) -> Q:
    """Every condition but the one that this filter would take the place of."""
    kept = Q(pk__isnull=False)
    for other, fits in wanted.items():
        kept &= Q() if other == name else fits
    return kept


def _links(reader_zone: str, at: datetime) -> Iterator[tuple[str, str, Q]]:
    """Each filter of the board: its name and value in the address, and what fits it."""
    yield from (("rate_min", str(minor), Q(rate_minor__gte=minor)) for minor in RATES_MINOR)
    yield from (("seats", str(n), Q(seats=n)) for n in range(1, MOST_SEATS + 1))
    yield from (("starts_within", str(days), _starts_within(days, at)) for days in STARTS_WITHIN)
    if reader_zone:
        yield "near", "on", Q(time_zone__in=zones_near(reader_zone, at=at))
    yield from ((name, "on", fits) for name, fits in NOT_ASKED.items())
    yield from (("language", name, Q(languages__contains=[name])) for name in LANGUAGES)
    yield from (("skill", name, Q(skills__contains=[name])) for name in SKILLS)


def zones_near(zone: str, *, at: datetime) -> Sequence[str]:
    """The zones whose clocks stand within NEAR_H of this one's today. Raises nothing for a zone that is on the list."""
    return _zones_near(zone, at.replace(hour=12, minute=0, second=0, microsecond=0))


@lru_cache(maxsize=256)
def _zones_near(zone: str, at: datetime) -> Sequence[str]:
    here = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    offsets = {name: at.astimezone(ZoneInfo(name)).utcoffset() or timedelta() for name in names()}
    return [name for name, there in offsets.items() if abs(there - here) <= timedelta(hours=NEAR_H)]


def get_gig(actor: Actor, gig_id: str) -> Gig:
    """A gig that the actor may see, with its questions and prompts. Raises NotFound (404)."""
    gigs = (
        Gig.objects.visible_to(actor).select_related("company__pace").prefetch_related("questions", "prompts")
    )
    return by_public_id(gigs, gig_id)


def get_gig_of(company: Company, gig_id: str) -> Gig:
    """A gig of that company. Raises NotFound (404), also for another's."""
    return by_public_id(Gig.objects.filter(company=company), gig_id)


def get_own_gig(actor: Actor, gig_id: str) -> Gig:
    """A gig of one of the actor's companies. Raises NotFound (404) for another's, though it be on the board."""
    found = (
        Gig.objects.select_related("company__pace")
        .filter(public_id=gig_id, company_id__in=actor.company_ids)
        .first()
    )
    if found is None:
        raise NotFound
    return found
