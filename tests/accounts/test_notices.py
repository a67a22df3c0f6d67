"""The table of what people are told: each kind's route is its audience's, and each call fills exactly its words."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import get_resolver, resolve, reverse

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.access.rules import Audience, declared
from accounts.identity.names import LONGEST_NAME
from accounts.notifications.account_kinds import AccountKind
from accounts.notifications.models import Notification
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import News, Said
from accounts.notifications.operations import notify, tell_staff
from accounts.notifications.pay_line_kinds import PayLineKind
from accounts.notifications.piece_kinds import PieceKind
from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.standing_kinds import StandingKind
from accounts.notifications.time_kinds import TimeKind
from accounts.notifications.work_kinds import WorkKind
from kit.instants import length_in_words
from kit.money import Money
from marketplace.gigs.models import Gig
from tests import stories

ALL: tuple[type[News], ...] = (
    AccountKind,
    MoneyKind,
    PayLineKind,
    PieceKind,
    SessionKind,
    StandingKind,
    TimeKind,
    WorkKind,
)
ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "marketplace", "payments")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS: dict[str, News] = {kind.name: kind for some in ALL for kind in some}
# Who stands behind each audience's door. A finance or talent role is the house's staff too.
DOORS = {
    Audience.SIGNED_IN: {Audience.SIGNED_IN},
    Audience.PERFORMER: {Audience.PERFORMER, Audience.SIGNED_IN, Audience.ANYONE},
    Staff.FINANCE: {Audience.FINANCE, Audience.STAFF, Audience.SIGNED_IN},
    Staff.ADMIN: {Audience.ADMIN, Audience.STAFF, Audience.SIGNED_IN},
    Staff.TALENT: {Audience.TALENT, Audience.STAFF, Audience.SIGNED_IN},
} | {act: {Audience.COMPANY, Audience.SIGNED_IN} for act in Act}


@pytest.fixture(autouse=True)
def _that_year(it_is: Callable[[datetime], None]) -> None:
    """A year that is this one is not said."""
    it_is(datetime(2026, 11, 20, 12, tzinfo=UTC))


def keys_of(route: str) -> set[str]:
    """The names in a route's address, such as `gig_id`."""
    [(possibility, _, _, _)] = get_resolver().reverse_dict.getlist(route)
    return set(possibility[0][1])


def test_these_are_all_and_no_two_have_one_name() -> None:
    assert set(ALL) == set(News.__subclasses__())
    assert len(KINDS) == sum(len(some) for some in ALL)


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_kinds_route_resolves_and_admits_its_audience(kind: News) -> None:
    path = reverse(kind.route, kwargs=dict.fromkeys(keys_of(kind.route), "one"))
    found = resolve(path)
    assert found.url_name == kind.route
    assert set(declared(found.func) or ()) & DOORS[kind.audience]


@pytest.mark.parametrize("kind", KINDS.values())
def test_the_row_holds_the_longest_title(kind: News) -> None:
    longest: dict[str, Said] = {
        "gig": "g" * (Gig._meta.get_field("title").max_length or 0),
        "performer": "p" * LONGEST_NAME,
        "amount": Money(99_999_999_99, "usd"),
    }
    about: dict[str, Said] = {place: longest.get(place, "x") for place in kind.places}
    title, _ = kind.words(about, where=None)
    assert len(title) <= (Notification._meta.get_field("title").max_length or 0)
    assert len(kind.stored) <= (Notification._meta.get_field("kind").max_length or 0)


class TestWords:
    def test_say_a_time_in_the_readers_zone_and_an_amount_with_its_currency(self) -> None:
        about: dict[str, Said] = {"company": "Lab", "gig": "A lift", "message": "Come!", "answer_by": NOON}
        said = kind_says(WorkKind.OFFER, about, where="Asia/Tokyo")
        assert said == "Lab offers you “A lift”. Come! Please answer by Fri 20 Nov, 21:00 JST."
        assert (
            MoneyKind.PAID.words({"amount": Money(7400, "usd")}, where=None)[0] == "74.00 USD is on its way"
        )

    def test_close_up_around_what_was_not_said(self) -> None:
        about: dict[str, Said] = {"company": "Lab", "gig": "A lift", "message": "", "answer_by": NOON}
        said = kind_says(WorkKind.OFFER, about, where="UTC")
        assert said == "Lab offers you “A lift”. Please answer by Fri 20 Nov, 12:00 UTC."

    @pytest.mark.parametrize(
        "text", ["{company}", "{0}", "{", "}", "{{gig}}", "{gig.__class__}", "{message} ", "%s %(gig)s"]
    )
    def test_leave_braces_in_what_people_wrote_alone(self, text: str) -> None:
        about: dict[str, Said] = {"company": text, "gig": text, "message": text, "answer_by": NOON}
        assert kind_says(WorkKind.OFFER, about, where="UTC") == (
            f"{text} offers you “{text}”. {text} Please answer by Fri 20 Nov, 12:00 UTC."
        )

    @pytest.mark.parametrize("about", [{}, {"gig": "x", "reason": "x"}])
    def test_refuse_a_place_that_is_missing_or_left_over(self, about: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="ENGAGEMENT_ACTIVE"):
            WorkKind.ENGAGEMENT_ACTIVE.words(about, where=None)


def kind_says(kind: News, about: Mapping[str, Said], *, where: str) -> str:
    return kind.words(about, where=where)[1]


@pytest.mark.django_db
class TestTelling:
    def test_keeps_the_kind_the_words_and_the_way(self) -> None:
        reader = stories.a_person()
        notify(
            kind=SessionKind.CALLED_OFF,
            user_id=reader.pk,
            key="one",
            about={"gig": "{}", "call_at": NOON, "reason": "{reason}"},
            where={"session_id": "ses_1"},
            at=NOON,
        )
        row = Notification.objects.get(user=reader)
        assert (row.kind, row.title) == ("session", "A session was called off")
        assert row.body == "“{}”, Fri 20 Nov, 07:00 EST. {reason}"
        assert row.path == "/sessions/ses_1/"

    def test_the_house_is_told_by_role(self) -> None:
        finance, _ = stories.a_member_of_staff(Staff.FINANCE), stories.a_member_of_staff(Staff.TALENT)
        tell_staff(kind=MoneyKind.FINDING, key="one", about={"detail": "Look."}, at=NOON)
        assert Notification.objects.get().user == finance
        with pytest.raises(TypeError):
            tell_staff(kind=MoneyKind.PAID, key="two", about={"amount": "1"}, at=NOON)

    def test_who_has_set_up_no_second_factor_for_the_role_is_not_told_yet(self) -> None:
        waits = stories.a_person()
        stories.says_yes_to_the_house(waits, Staff.FINANCE)
        tell_staff(kind=MoneyKind.FINDING, key="one", about={"detail": "Look."}, at=NOON)
        assert not Notification.objects.exists()
        stories.sets_up_a_second_factor(waits)
        tell_staff(kind=MoneyKind.FINDING, key="two", about={"detail": "Look."}, at=NOON)
        assert Notification.objects.get().user == waits


def tellings(module: ast.Module) -> Iterator[tuple[int, set[str], set[str]]]:
    """Where a kind and what is said of it stand side by side: the line, the names of the kinds, the places filled."""
    named = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node, local in _nodes(module):
        kind, about = _beside(node)
        if isinstance(about, ast.Name):
            about = local.get(about.id, about)
        if not isinstance(about, ast.Dict):
            continue
        inner = kind.value if isinstance(kind, ast.Subscript) else kind
        table = named.get(inner.id, inner) if isinstance(inner, ast.Name) else inner
        kinds = {each.attr for each in ast.walk(table) if _is_kind(each) and isinstance(each, ast.Attribute)}
        if kinds:
            yield node.lineno, kinds, {key.value for key in about.keys if isinstance(key, ast.Constant)}  # type: ignore[misc,attr-defined] # places are texts; a call has a line


def _nodes(module: ast.Module) -> Iterator[tuple[ast.AST, dict[str, ast.expr]]]:
    """Each node with what the names of its function are given there."""
    seen: set[int] = set()
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    for scope in [*reversed(functions), module]:
        local = {}
        for node in ast.walk(scope):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                local[node.target.id] = node.value
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                local[node.targets[0].id] = node.value
        for node in ast.walk(scope):
            if id(node) not in seen:
                seen.add(id(node))
                yield node, local


def _beside(node: ast.AST) -> tuple[ast.expr, ast.expr]:
    nothing = ast.Constant(value=None)
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        return node.elts[0], node.elts[1]
    words = {word.arg: word.value for word in node.keywords} if isinstance(node, ast.Call) else {}
    return words.get("kind", words.get("kinds", nothing)), words.get("about", nothing)


def _is_kind(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return False
    return node.value.id in ("Kind", *(some.__name__ for some in ALL)) and node.attr in KINDS


def every_telling() -> Iterator[tuple[str, set[str], set[str]]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for line, kinds, filled in tellings(ast.parse(path.read_text())):
                yield f"{path.relative_to(ROOT)}:{line}", kinds, filled


def test_every_call_fills_each_place_of_its_kind_and_no_more() -> None:
    wrong = [
        (where, name, sorted(filled ^ KINDS[name].places))
        for where, kinds, filled in every_telling()
        for name in kinds
        if filled != KINDS[name].places
    ]
    assert wrong == []


def test_every_kind_is_told_somewhere() -> None:
    modules = (ast.parse(path.read_text()) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    named = {node.attr for module in modules for node in ast.walk(module) if _is_kind(node)}  # type: ignore[attr-defined] # is one
    assert named == set(KINDS)


@pytest.mark.parametrize(
    "call",
    [
        'notify(kind=MoneyKind.PAID, about={"amount": 1, "fix": 2})',
        "notify(kind=NEWS[state], about={})\nNEWS = {1: MoneyKind.PAID}",
        '_tell(kinds=NEWS, about={"said": 1})\nNEWS = {1: MoneyKind.PAID}',
        "said = MoneyKind.PAID, {}",
    ],
)
def test_a_call_that_did_not_would_be_found(call: str) -> None:
    [(_, kinds, filled)] = tellings(ast.parse(call))
    assert kinds == {"PAID"}
    assert filled != MoneyKind.PAID.places


# A number that is written out is one that nothing keeps, or somebody else's promise.
SOMEBODY_ELSES = {
    "accounts/notifications/money_kinds.py": "four business days",  # Stripe's, for a bank debit
    "payments/templates/payments/fragments/company_money.html": "four business days",  # likewise
    "payments/templates/payments/wallet.html": "four business days",  # likewise
    "payments/templates/payments/payouts_setup.html": "five minutes",  # what Stripe's form takes
    "payments/control/audit.py": "1 hour",  # in a question to the database, beside the claim that says so
    "callboard/openapi/words.py": "ten minutes",  # in an example
    "payments/paylines/models.py": "two days",  # between which a night lies
    "payments/paylines/watching.py": "two days",  # likewise
    "callboard/templates/gallery.html": "four minutes",  # a sample
}
LENGTH = re.compile(
    r"\b(?:\d+|two|three|four|five|seven|ten|thirty)[ -](?:business )?(?:hours?|days?|minutes?|weeks?|months?|years?)\b",
    re.I,
)


def sentences() -> Iterator[tuple[str, str]]:
    """Every text that a person may read: each template, and each literal of the code but docstrings."""
    for room in (*ROOMS, "callboard"):
        for path in sorted((ROOT / room).rglob("*.*")):
            name = str(path.relative_to(ROOT))
            if {"migrations", "sandbox", "demo", "management"} & set(path.parts):
                continue
            if path.suffix == ".html":
                yield name, path.read_text()
            elif path.suffix == ".py":
                yield from ((name, text) for text in _literals(ast.parse(path.read_text())))


def _literals(module: ast.Module) -> Iterator[str]:
    said_of_code = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said_of_code:
            yield node.value


def test_a_length_of_time_in_a_sentence_is_the_one_that_is_kept() -> None:
    found = {(name, said) for name, text in sentences() for said in LENGTH.findall(text)}
    assert {(name, said) for name, said in found if SOMEBODY_ELSES.get(name) != said} == set()
    assert set(SOMEBODY_ELSES) == {name for name, _ in found}


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=72), "72 hours"),
        (timedelta(days=5), "5 days"),
        (timedelta(hours=121), "121 hours"),
        (timedelta(minutes=30), "30 minutes"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(days=1), "24 hours"),
    ],
)
def test_a_length_in_words(length: timedelta, said: str) -> None:
    assert length_in_words(length) == said
