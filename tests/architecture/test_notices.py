"""Every time in a notice or its mail is in the zone of who reads it, named; one function writes them all."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail

from accounts.access.roles import Staff
from accounts.identity.models import User
from accounts.keys import acting
from accounts.notifications.models import Notification
from accounts.notifications.operations import send_due_mail
from kit import instants
from kit.errors import DomainError
from marketplace.casting import operations as casting
from marketplace.sessions import calling_off
from marketplace.timekeeping import operations as timekeeping
from payments.payroll import operations as payroll
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in

ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "marketplace", "payments")
TELLS = re.compile(r"^(notify|notify_many|report|tell_finance|_?tell\w*|_?remind\w*|_ask_to_set_up|_news)$")
# Days and instants as machines write them, such as in the key of a notice.
FOR_MACHINES = {"%Y-%m-%d", "%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y-%m-%dT%H:%M:%SZ"}
WRITES = {"strftime", "isoformat", "ctime"}


@pytest.fixture(autouse=True)
def _that_year(it_is: Callable[[datetime], None]) -> None:
    """A year that is this one is not said."""
    it_is(datetime(2026, 11, 20, 12, tzinfo=UTC))


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if not {"migrations", "sandbox"} & set(path.parts):
                yield path, ast.parse(path.read_text())


def times_written(module: ast.Module) -> Iterator[int]:
    """Lines that write a time in another way than `kit.instants`, in a module that tells people something.

    In the function that tells, not even a machine's form may stand outside of the notice's key.
    """
    if not any(_tells(node) for node in ast.walk(module)):
        return
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        inside = list(ast.walk(function))
        tells, keys = any(map(_tells, inside)), _in_keys(inside)
        for node in inside:
            spec = _spec(node)
            if isinstance(node, ast.FormattedValue) and "%" in spec:
                if spec not in FOR_MACHINES or (tells and id(node) not in keys):
                    yield node.lineno
            elif isinstance(node, ast.Call) and tells and _name(node.func) in WRITES:
                yield node.lineno


def _tells(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and bool(TELLS.match(_name(node.func)))


def _in_keys(nodes: Iterable[ast.AST]) -> set[int]:
    words = [
        word for node in nodes if isinstance(node, ast.Call) for word in node.keywords if word.arg == "key"
    ]
    return {id(node) for word in words for node in ast.walk(word)}


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _spec(node: ast.AST) -> str:
    spec = getattr(node, "format_spec", None)
    return "".join(str(part.value) for part in spec.values if isinstance(part, ast.Constant)) if spec else ""


def test_no_notice_writes_a_time_of_its_own() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}" for path, module in modules() for line in times_written(module)
    ]
    assert wrong == [], "say it with kit.instants.in_words, in the reader's zone"


@pytest.mark.parametrize(
    "body",
    [
        'notify(body=f"at {at:%H:%M}")',
        'notify(body=at.strftime("%H:%M"), key=f"{at:%Y%m%d}")',
        "text = at.isoformat()\n    tell_finance(body=text)",
        'notify(key=f"{at:%a %d %b}")',
        'say = f"{at:%d %b}"\n    _tell_performers(say)',
        'notify(body=words(at))\ndef words(at):\n    return f"{at:%H:%M}"',
    ],
)
def test_a_notice_that_did_would_be_found(body: str) -> None:
    assert list(times_written(ast.parse(f"def tell_them(at):\n    {body}")))


def test_no_sentence_of_a_room_says_a_time_in_utc() -> None:
    """Pages, refusals and explanations too: nobody lives in UTC."""
    wrong = {
        str(path.relative_to(ROOT))
        for path, module in modules()
        if re.search(r":%[^}]*%H:%M[^}]*\} UTC", path.read_text())
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "Thu 26 Nov, 18:22 EST"),
        ("Europe/London", "Thu 26 Nov, 23:22 GMT"),
        ("Asia/Tokyo", "Fri 27 Nov, 08:22 JST"),
        ("Asia/Kathmandu", "Fri 27 Nov, 05:07 GMT+5:45"),
        ("America/Sao_Paulo", "Thu 26 Nov, 20:22 GMT-3"),
        ("UTC", "Thu 26 Nov, 23:22 UTC"),
    ],
)
def test_an_instant_in_words(zone: str, said: str) -> None:
    assert instants.in_words(datetime(2026, 11, 26, 23, 22, tzinfo=UTC), zone) == said


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    both = [instants.in_words(first + timedelta(hours=n), "America/New_York") for n in (0, 1)]
    assert both == ["Sun 1 Nov, 01:30 EDT", "Sun 1 Nov, 01:30 EST"]


@pytest.mark.django_db
class TestTheReader:
    def told(self, user: User, title: str) -> str:
        """The same in the app and in the mail."""
        told = Notification.objects.get(user=user, title=title)
        send_due_mail(at=told.created_at)
        assert any(told.body in message.body for message in mail.outbox if message.to == [user.email])
        seen = body_of(Api(client=logs_in(user)).get("notifications"))["data"]
        assert told.body in [news["body"] for news in seen]
        return told.body

    def test_is_told_of_a_call_in_their_own_zone(self) -> None:
        gig = stories.a_gig(stories.a_company())
        zones = ("America/New_York", "Europe/Paris")
        pair = [stories.an_active_engagement(gig, stories.a_performer(zone=zone)) for zone in zones]
        call_at = datetime(2026, 11, 26, 23, 22, tzinfo=UTC)
        session = stories.a_booked_session(*pair, call_at=call_at)
        here, there = (self.told(engagement.performer.user, "You are booked") for engagement in pair)
        assert "Thu 26 Nov, 18:22 EST." in here
        assert "Fri 27 Nov, 00:22 CET." in there
        calling_off.cancel_session(
            session=session,
            reason="No studio.",
            by=stories.owner_of(gig.company),
            at=call_at - timedelta(days=3),
        )
        off = self.told(pair[0].performer.user, "A session was called off")
        assert off == "“Two strangers in a lift”, Thu 26 Nov, 18:22 EST. No studio."

    def test_is_told_until_when_an_offer_stands(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer(zone="Asia/Tokyo")
        applied = casting.apply(
            gig=gig, performer=performer, note="", answers={}, by=stories.acting(performer), at=stories.BEFORE
        )
        casting.offer(applications=[applied], by=stories.owner_of(gig.company), at=stories.BEFORE)
        applied.refresh_from_db()
        due = instants.in_words(applied.offer_expires_at or stories.BEFORE, "Asia/Tokyo")
        assert f"Please answer by {due}." in self.told(performer.user, "You have an offer")
        assert "JST" in due

    def test_is_told_by_when_a_week_is_to_be_looked_at(self) -> None:
        gig = stories.a_gig(stories.a_company())
        engaged = [
            stories.an_active_engagement(gig, stories.a_performer(zone=zone))
            for zone in ("Europe/London", "UTC")
        ]
        stories.they_play(stories.a_booked_session(*engaged))
        ended = timekeeping.ensure_week(starts_on=stories.MONDAY).ends_at
        stories.everyone_confirms(stories.the_week_is_over(at=ended))
        said = [self.told(engagement.performer.user, "Your week is ready") for engagement in engaged]
        assert "by Mon 16 Nov, 17:00 GMT." in said[0]
        assert "by Mon 16 Nov, 17:00 UTC." in said[1]
        owner = stories.person(stories.owner_of(gig.company))
        assert "by Wed 18 Nov, 23:59 EST;" in self.told(owner, "A week waits for your approval")


@pytest.mark.django_db
def test_a_refusal_says_it_in_the_readers_zone_too() -> None:
    week = timekeeping.ensure_week(starts_on=date(2026, 11, 9))
    by = acting.of_user(stories.a_member_of_staff(Staff.FINANCE))
    with pytest.raises(DomainError) as refused:
        payroll.close_week(week=week, currency="usd", by=by, at=week.ends_at)
    assert "until Wed 18 Nov, 23:59 EST." in refused.value.detail
