"""Reading the log: administration's, and what a person may know of looks at their own."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.access_log.models import AccessEntry
from accounts.access_log.rules import KEY, shows_money
from accounts.identity.models import User
from kit.csv_files import Cell, write
from kit.errors import Invalid
from kit.ids import MalformedId, to_uuid
from kit.instants import for_machines

# Lines of one file.
MOST_LINES, CHUNK = 50_000, 2_000
# Letters of a thing that a page shows whole; an id of ours has thirty.
LONGEST_SHOWN = 20
HEAD = ["When (UTC)", "Who", "Name", "As", "Route", "What", "How", "Pressed"]


@dataclass(frozen=True)
class Asked:
    """What is looked for; both days are included, in the reader's zone. All empty is everything."""

    who: str = ""
    route: str = ""
    thing: str = ""
    first: date | None = None
    last: date | None = None


def entries(actor: Actor, asked: Asked) -> QuerySet[AccessEntry]:
    """What stands in the log, for administration. Raises Forbidden (403), Invalid (422) for a last day before the first."""
    actor.require_admin()
    if asked.first and asked.last and asked.last < asked.first:
        raise Invalid.field("last", "The last day comes after the first.")
    rows = AccessEntry.objects.all()
    if asked.who:
        rows = rows.filter(Q(actor=asked.who) | Q(actor__in=_people(asked.who)))
    if asked.route:
        rows = rows.filter(route=asked.route)
    if asked.thing:
        rows = rows.filter(things__contains=[asked.thing])
    if asked.first:
        rows = rows.filter(at__gte=_midnight(asked.first, actor))
    if asked.last:
        rows = rows.filter(at__lt=_midnight(asked.last + timedelta(days=1), actor))
    return rows


def _midnight(on: date, actor: Actor) -> datetime:
    return datetime.combine(on, time.min, ZoneInfo(actor.zone))


def _people(who: str) -> QuerySet[User, str]:
    """The ids, as the log writes them, of all who are meant by a mail address or a part of a name. An id stands in the log for
    itself, whoever has left."""
    people = User.objects.filter(Q(email__iexact=who) | Q(name__icontains=who))
    label = Func(Value("usr"), F("public_id"), function="callboard_typed_id", output_field=CharField())
    return people.annotate(label=label).values_list("label", flat=True)


@dataclass(frozen=True)
class Line:
    """An entry, with the name that its person has today; empty for a key."""

    entry: AccessEntry
    name: str

    @property
    def page(self) -> str:
        return self.entry.route.replace("_", " ")

    @property
    def things(self) -> list[tuple[str, str]]:
        """Each thing with how it is shown: of an id its kind and its end, which tell it from its neighbours."""
        return [
            (thing, f"{thing.rpartition('_')[0]}_…{thing[-5:]}" if len(thing) > LONGEST_SHOWN else thing)
            for thing in self.entry.things
        ]


def lines(rows: Sequence[AccessEntry]) -> list[Line]:
    """The same, in their order; one query for all names."""
    names = _names({row.actor for row in rows})
    return [Line(row, names.get(row.actor, "")) for row in rows]


def _names(labels: Collection[str]) -> dict[str, str]:
    ids = [label for label in labels if _is_person(label)]
    return {str(person.public_id): person.name for person in User.objects.filter(public_id__in=ids)}


def _is_person(label: str) -> bool:
    try:
        return bool(to_uuid(label, prefix="usr"))
    except MalformedId:
        return False


def csv_of(actor: Actor, asked: Asked) -> bytes:
    """The same as a file. Raises Forbidden (403), Invalid (422) for more than a file holds."""
    rows = entries(actor, asked).order_by("-id")
    if rows[MOST_LINES : MOST_LINES + 1].exists():
        raise Invalid.field("first", f"A file holds {MOST_LINES:,} lines. Ask for fewer days.")
    return write(HEAD, _cells(rows))


def _cells(rows: QuerySet[AccessEntry]) -> Iterator[list[Cell]]:
    names = _names(set(rows.order_by().values_list("actor", flat=True).distinct()))
    for row in rows.iterator(chunk_size=CHUNK):
        yield [
            for_machines(row.at),
            row.actor,
            names.get(row.actor, ""),
            row.role,
            row.route,
            " ".join(row.things),
            row.get_way_display(),
            "yes" if row.pressed else "no",
        ]


@dataclass(frozen=True)
class Opened:
    """That the house looked at something of somebody's: as what, and when; never who."""

    at: datetime
    role: str
    pressed: bool

    @property
    def as_what(self) -> str:
        return dict(Staff.choices).get(self.role, "Staff")


def opened(thing: str, *, most: int) -> list[Opened]:
    """As what the house came to a thing by its id, the newest first. The caller says whether its reader may know."""
    rows = AccessEntry.objects.filter(things__contains=[thing]).exclude(role=KEY).order_by("-id")[:most]
    return [Opened(row.at, row.role, row.pressed) for row in rows]


@cache
def routes() -> list[str]:
    """The names of all routes that the log is about, in the order of the alphabet."""
    return sorted(
        {str(each.name) for each in _patterns(get_resolver().url_patterns) if shows_money(each.callback)}
    )


def _patterns(patterns: Sequence[Any]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns)
        elif isinstance(each, URLPattern):
            yield each
