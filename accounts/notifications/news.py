"""What a kind of news is: whom it is for, its words, and the page it leads to. The kinds stand in `kinds` and beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from string import Formatter
from typing import Literal

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.access.rules import Audience
from kit.instants import in_words
from kit.money import Money

Said = str | datetime | Money
About = Mapping[str, Said]
PERFORMER: Literal[Audience.PERFORMER] = Audience.PERFORMER
PERSON: Literal[Audience.SIGNED_IN] = Audience.SIGNED_IN


@dataclass(frozen=True)
class CalendarMail:
    """What a mail says to the reader's calendar: a whole iCalendar object, and its METHOD (RFC 6047)."""

    method: str
    text: str


class News(Enum):
    """One kind of news, to one audience: anyone, a performer, those of a company who may do an act, a role in the house.

    `stored` is the kind as the row keeps it: news that are stored alike go out in one mail. `route` is the name of the
    page's route. A place in the words, such as `{gig}`, is filled with what `about` says of it. The title heads the mail:
    nothing that people wrote stands in it, only an amount of the house's own.
    """

    def __init__(
        self,
        stored: str,
        audience: Literal[Audience.PERFORMER, Audience.SIGNED_IN] | Act | Staff,
        route: str,
        title: str,
        body: str,
    ) -> None:
        self.stored = stored
        self.audience = audience
        self.route = route
        self.title = title
        self.body = body

    @property
    def places(self) -> frozenset[str]:
        """The named places in the title and the body."""
        return _places(self.title) | _places(self.body)

    def words(self, about: About, *, where: str | None) -> tuple[str, str]:
        """Title and body, their times in the zone `where`. Raises ValueError unless `about` fills each place and no more."""
        if set(about) != self.places:
            raise ValueError(f"{self} says {sorted(self.places)}, and {sorted(about)} was given")
        said = {place: _in_words(value, where) for place, value in about.items()}
        return _filled(self.title, said), _filled(self.body, said)


def _places(template: str) -> frozenset[str]:
    return frozenset(place for _, place, _, _ in Formatter().parse(template) if place)


def _filled(template: str, said: Mapping[str, str]) -> str:
    """Only the template is read for places: braces in what people wrote stay theirs."""
    for place, words in said.items():
        if not words:
            template = template.replace(f"{{{place}}} ", "")
    return template.format_map(said)


def _in_words(value: Said, where: str | None) -> str:
    match value:
        case Money():
            return value.display()
        case datetime():
            return in_words(value, where)
        case str():
            return value
