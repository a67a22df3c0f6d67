"""The board: full text, filters with counts, keyset pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Q, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.errors import NotFound
from kit.rows import by_public_id
from marketplace.gigs import calculate
from marketplace.gigs.models import REPLICAS, Gig

NEWEST, BEST_PAID = "newest", "rate"
ORDER: dict[str, Sequence[str]] = {NEWEST: ("-published_at", "-id"), BEST_PAID: ("-rate_minor", "-id")}
LAST_TO_END = timedelta(hours=12)
RATES_MINOR = (5_000, 7_500, 10_000)


@dataclass(frozen=True)
class Search:
    """What someone looks for on the board. Everything left out is open."""

    text: str = ""
    rate_min_minor: int | None = None
    skills: Sequence[str] = field(default_factory=tuple)
    language: str = ""
    seats: int | None = None
    starts_before: date | None = None
    no_replica: bool = False
    order: str = NEWEST


def board(search: Search, *, at: datetime) -> QuerySet[Gig]:
    """The published gigs that fit and are not over, unordered: page them by `ORDER[search.order]`."""
    return _matching(search, at).select_related("company")


def is_over(gig: Gig, *, at: datetime) -> bool:
    """Whether its last day is past where it plays."""
    return gig.ends_on < calculate.local_day(at, gig.time_zone)


def _matching(search: Search, at: datetime) -> QuerySet[Gig]:
    # Over everywhere: a last day ends last twelve hours west of Greenwich.
    gigs = Gig.objects.on_the_board().filter(ends_on__gte=(at - LAST_TO_END).date())
    if search.text.strip():
        gigs = gigs.filter(search=SearchQuery(search.text, search_type="websearch", config="english"))
    if search.rate_min_minor is not None:
        gigs = gigs.filter(rate_minor__gte=search.rate_min_minor)
    if search.skills:
        gigs = gigs.filter(skills__contains=list(search.skills))
    if search.language:
        gigs = gigs.filter(languages__contains=[search.language])
    if search.seats is not None:
        gigs = gigs.filter(seats=search.seats)
    if search.starts_before is not None:
        gigs = gigs.filter(starts_on__lte=search.starts_before)
    if search.no_replica:
        gigs = gigs.exclude(purposes__overlap=list(REPLICAS))
    return gigs


@dataclass(frozen=True)
class Counts:
    """How many gigs each filter would leave, in one query for all."""

    total: int
    by_rate: dict[int, int]
    by_seats: dict[int, int]
    no_replica: int


def counts(search: Search, *, at: datetime) -> Counts:
    """What each filter link says behind its name: the gigs that it would leave with the text kept."""
    base = _matching(Search(text=search.text), at)
    rates = {f"rate_{minor}": Count("id", filter=Q(rate_minor__gte=minor)) for minor in RATES_MINOR}
    seats = {f"seats_{n}": Count("id", filter=Q(seats=n)) for n in range(1, 5)}
    found = base.aggregate(
        total=Count("id"), free=Count("id", filter=~Q(purposes__overlap=list(REPLICAS))), **rates, **seats
    )
    return Counts(
        total=found["total"],
        by_rate={minor: found[f"rate_{minor}"] for minor in RATES_MINOR},
        by_seats={n: found[f"seats_{n}"] for n in range(1, 5)},
        no_replica=found["free"],
    )


def get_gig(actor: Actor, gig_id: str) -> Gig:
    """A gig that the actor may see, with its questions and prompts. Raises NotFound (404)."""
    gigs = Gig.objects.visible_to(actor).select_related("company").prefetch_related("questions", "prompts")
    return by_public_id(gigs, gig_id)


def get_gig_of(company: Company, gig_id: str) -> Gig:
    """A gig of that company. Raises NotFound (404), also for another's."""
    return by_public_id(Gig.objects.filter(company=company), gig_id)


def get_own_gig(actor: Actor, gig_id: str) -> Gig:
    """A gig of one of the actor's companies. Raises NotFound (404) for another's, though it be on the board."""
    found = (
        Gig.objects.select_related("company")
        .filter(public_id=gig_id, company_id__in=actor.company_ids)
        .first()
    )
    if found is None:
        raise NotFound
    return found
