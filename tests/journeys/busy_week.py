"""A house in which a week was played already: `make demo`, its people, and what they do again and again."""

import contextlib
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys import reached
from tests.journeys.house import STANDS, House, Person, address_of
from tests.processes import plain_environment, staying_up

DOMAIN = "demo.callboard.example"
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class BusyWeek:
    """The house, the mail address of each who can log in by who they are, and what they all log in with."""

    house: House
    logins: dict[str, str]
    password: str
    _inside: dict[str, Person] = field(default_factory=dict)

    def comes_in(self, who: str) -> Person:
        """One of those whom the demo names, such as "Talent operations", logged in."""
        return self._logged_in(next(email for said, email in self.logins.items() if said.startswith(who)))

    def performer(self, number: int) -> Person:
        """One of its sixteen performers, logged in."""
        return self._logged_in(f"performer{number:02}@{DOMAIN}")

    def owner(self, number: int) -> tuple[Person, str]:
        """The owner of one of its four companies, logged in, and the company's id."""
        owner = self._logged_in(f"owner{number}@{DOMAIN}")
        return owner, owner.does("GET", "me")["companies"][0]["id"]

    def _logged_in(self, email: str) -> Person:
        """As `Person`, under their own name."""
        if email not in self._inside:
            person = Person(self.house, email)
            person.email, person.password = email, self.password
            assert person.logs_in().path == "/today/"
            person.name = person.does("GET", "me")["name"]
            self._inside[email] = person
        known = self._inside[email]
        if known.calls("GET", "me")["status_code"] == 401:  # other journeys let days go by
            known.logs_in()
        return known

    def in_days(self, days: int) -> str:
        """The moment that many days ahead, as the API takes it."""
        return f"{self.house.now() + timedelta(days=days):%Y-%m-%dT%H:%M:00Z}"

    def posts_a_gig(
        self, owner: Person, company: str, title: str, *, set_aside_minor: int = 10_000, **says: Any
    ) -> str:
        """On the board at once: the company's first was looked at. The gig's id."""
        # The day that it is where the gig plays: a call later today lies in it.
        today = self.house.now().astimezone(NEW_YORK).date()
        gig = owner.does(
            "POST",
            "gigs",
            company=company,
            **{
                "title": title,
                "scene": "Two people, one kettle.",
                "brief": "No script. One light prompt at a time.",
                "rate": {"amount_minor": 5000, "currency": "usd"},
                "seats": 1,
                "openings": 4,
                "session_s": 1800,
                "starts_on": f"{today}",
                "ends_on": f"{today + timedelta(days=90)}",
                "purposes": ["evaluation"],
            }
            | says,
        )["id"]
        owner.does("POST", f"gigs/{gig}/funding", amount={"amount_minor": set_aside_minor, "currency": "usd"})
        assert owner.does("POST", f"gigs/{gig}/publish")["state"] == "published"
        return str(gig)

    def books_soon(self, owner: Person, **asked: Any) -> tuple[str, datetime]:
        """A call within the hour, or on the first day after on which none of them lacks their night: earlier journeys may have
        played late. The session's id, and when it begins."""
        call_at = self.house.now().replace(second=0, microsecond=0) + timedelta(hours=1)
        for _ in range(4):
            answer = owner.calls("POST", "sessions", call_at=f"{call_at:%Y-%m-%dT%H:%M:%SZ}", **asked)
            if answer.get("code") != "guarantee_broken":
                break
            call_at += timedelta(days=1)
        assert answer["status_code"] == 201, answer
        return answer["id"], call_at


SELLER = {
    "name": "The Quiet House, Inc.",
    "street": "1 Stage Door",
    "city": "New York",
    "postal_code": "10001",
    "region": "NY",
    "country": "US",
    "registration": "7654321",
    "tax_category": "O",
    "tax_reason": "Not subject to VAT",
    "address_scheme": "0088",
    "address_id": "7300010000001",
}


@contextlib.contextmanager
def in_a_busy_week() -> Iterator[BusyWeek]:
    """`make demo` in a home and on ports of its own, until the block ends."""
    with _a_home() as told, _demo("--performers 16 --sessions 24", told) as said:
        assert [what for holds, what in _agreed(said) if holds != "yes"] == []
        assert re.search(r"^ +1[0-6] performers paid by", said, re.MULTILINE), said[
            -4000:
        ]  # all but who is held
        busy = _busy(said, said, told)
        # At whatever hour these journeys are told, they begin at the same one: calls fall into the same days and nights.
        busy.house.passes_to(_next(hour_utc=14, after=busy.house.now()))
        yield busy
        reached.note(address_of("Callboard", said))


def _next(*, hour_utc: int, after: datetime) -> datetime:
    at = after.astimezone(UTC).replace(hour=hour_utc, minute=0, second=0, microsecond=0)
    return at if at > after else at + timedelta(days=1)


@contextlib.contextmanager
def in_a_quiet_week() -> Iterator[BusyWeek]:
    """A smaller one of its own, whose clock may go on for months, which files its performers' forms itself, where two sign
    for a run above 3,500.00 USD, and which has said under which name and number it sells."""
    with _a_home() as told:
        told |= {"TAX_FILER": "house", "RUN_SIGNATURES": '{"usd": {"350000": 2}}'}
        told["INVOICE_SELLER"] = json.dumps(SELLER)
        with _demo("--performers 16 --sessions 16", told) as said:
            yield _busy(said, said, told)
            reached.note(address_of("Callboard", said))


@contextlib.contextmanager
def at_livekit() -> Iterator[BusyWeek]:
    """After a small week that was played in the platform's own room, the house goes on with LiveKit's stand-in."""
    with _a_home() as told:
        with _demo("--performers 16 --sessions 16", told) as before:
            pass
        command = ["make", "run", "ARGS=--video --port 0"]
        with staying_up(command, until=STANDS.replace(" everything", ""), environment=told) as said:
            yield _busy(before, said, told)
            reached.note(address_of("Callboard", said))


@contextlib.contextmanager
def _a_home() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="callboard-journeys-", ignore_cleanup_errors=True) as home:
        yield plain_environment(CALLBOARD_HOME=home, COLUMNS="200", PYTHONUNBUFFERED="1")


def _demo(how: str, told: dict[str, str]) -> contextlib.AbstractContextManager[str]:
    return staying_up(["make", "demo", f"ARGS={how} --port 0"], until=STANDS, environment=told)


def _agreed(said: str) -> list[tuple[str, str]]:
    agreed = re.findall(r"^ +(yes|NO) +(\w.*)$", said, re.MULTILINE)
    assert len(agreed) == 7, said[-4000:]
    return agreed


def _busy(demo: str, said: str, told: dict[str, str]) -> BusyWeek:
    """Whom the demo said, at the addresses that the house says now."""
    found = re.findall(r"^ {2}(\S.*?) {2,}(\S+@\S+) {2,}(\S+)$", demo, re.MULTILINE)
    url, stripe = address_of("Callboard", said), address_of("Stripe sandbox", said)
    house = House(url=url, stripe=stripe, home=Path(told["CALLBOARD_HOME"]))
    return BusyWeek(house, {who: email for who, email, _ in found}, password=found[0][2])


def applies(performer: Person, gig: str, note: str = "I listen.") -> str:
    """The application's id."""
    return str(performer.does("POST", f"gigs/{gig}/applications", note=note)["id"])


def signs(person: Person, engagement: str, *, grants: Sequence[str] = ()) -> None:
    """What they read, they sign, under the name of their account; a performer grants these uses of recordings and no other."""
    read = person.does("GET", f"engagements/{engagement}/agreement")
    said = {"name": person.name, "text_sha256": read["text_sha256"]}
    if grants:
        said |= {"grants": list(grants), "uses_sha256": read["uses_sha256"]}
    path = f"engagements/{engagement}/sign"
    if person.calls("POST", path, **said).get("code") == "reauthentication_required":
        person.proves()
        person.does("POST", path, **said)
    terms = person.does("GET", f"engagements/{engagement}")["terms"]
    assert person.name in (terms["performer_signature"], terms["company_signature"])


def is_engaged(owner: Person, performer: Person, gig: str, *, grants: Sequence[str] = ()) -> str:
    """From the application to both signatures; the engagement's id."""
    application = applies(performer, gig)
    owner.does("POST", "offers", applications=[application])
    engagement = performer.does("POST", f"applications/{application}/accept-offer")["id"]
    signs(performer, engagement, grants=grants)
    signs(owner, engagement)
    return str(engagement)
