"""Junk on every endpoint, by someone who is let in: a problem with a stable code, never a fault, and nothing changed."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from kit.http.nesting import DEEPEST, nests_deep
from tests.architecture.access_matrix import BODIES, MATRIX
from tests.architecture.test_access import House, _filled, house, routes

__all__ = ["house"]
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "x" * 10_000,
    "\x00",
    "🎭",
    [],
    [None],
    {},
    {"a": 1},
    "not-an-id",
    "gig_zzz",
)
TURNS = 3
NO_OBJECT: tuple[Any, ...] = (None, 7, "text", [], [{}], True)
BAD_IDS = (
    "x",
    "gig_zzz",
    "cmp_01m82r9snme6qtqv39y2ysh3c4",
    "%00",
    "..%2f..",
    "a" * 300,
    "gig_01m82r9snme6qtqv39y2ysh3c4",
)
STANDS_IN = 987_654_321
API = {(name, method): who for (name, method), who in MATRIX.items() if name.startswith("api_") and who}


def bodies(schema: dict[str, Any], good: dict[str, Any], *, turn: int) -> Iterator[Any]:
    """Every way to get this body wrong that we can think of; each field by every third of them, as `turn` says."""
    yield from NO_OBJECT
    yield good | {"no_such_field": 1}
    for n, field in enumerate(schema, start=turn):
        for wrong in WRONG[n % TURNS :: TURNS]:
            yield good | {field: wrong}


@pytest.fixture(scope="module")
def fields() -> dict[str, dict[str, Any]]:
    """The fields of each operation's body, by method and path, from our own OpenAPI document."""
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call] # drf-spectacular
    components, found = document["components"]["schemas"], {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = (
                operation.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema", {})
            )
            name = content.get("$ref", "").rsplit("/", 1)[-1]
            found[f"{method.upper()} {path}"] = components.get(name, {}).get("properties", {})
    return found


# Kept by the log-in, not by the request.
BESIDE = ("usersessions", "sessions")


@pytest.fixture
def rows(house: House) -> Iterator[Callable[[], Any]]:
    """How many rows each table has, in one statement that is planned once."""
    kinds = ContentType.objects.exclude(app_label__in=BESIDE)
    models = [model for kind in kinds if (model := kind.model_class()) and model._meta.managed]
    counts = ", ".join(f'(SELECT count(*) FROM "{model._meta.db_table}")' for model in models)  # noqa: S608 -- tables of ours

    def count() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("EXECUTE rows_of_all")
            return cursor.fetchone()

    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE rows_of_all AS SELECT {counts}", None)
    yield count
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE rows_of_all")


def _path(name: str, params: dict[str, str]) -> tuple[str, str]:
    path = dict(routes())[name]
    used = {param: value for param, value in params.items() if f":{param}>" in path}
    template = path
    for param in used:
        template = template.replace(f"<str:{param}>", "{" + param + "}")
    return reverse(name, kwargs=used), "/" + template


# Every field meets every wrong value by night, and every id each that is none; each day a third of them, of each value somewhere.
by_turns = pytest.mark.parametrize(
    "turn", [0, *(pytest.param(turn, marks=pytest.mark.slow_run) for turn in range(1, TURNS))]
)


@by_turns
@pytest.mark.parametrize("part", range(4))
def test_a_junk_body_is_a_problem_and_changes_nothing(
    house: House, fields: dict[str, dict[str, Any]], rows: Callable[[], Any], part: int, turn: int
) -> None:
    changing = sorted(key for key in API if key[1] not in ("GET", "DELETE"))
    for name, method in changing[part::4]:
        address, template = _path(name, house.params)
        good = _filled(BODIES.get(name, {}), house.params)
        client = house.client_of(min(API[name, method] - {"anonymous"}))
        before = rows()  # and again after each body, which is taken back
        for body in bodies(fields.get(f"{method} {template}", {}), good, turn=turn):
            with transaction.atomic():
                answer = getattr(client, method.lower())(address, data=body, content_type="application/json")
                refused = answer.status_code >= 400
                assert answer.status_code < 500 or answer.status_code == 503, (
                    f"{method} {address} {body!r:.200}"
                )
                if refused:
                    assert answer.headers["Content-Type"] == "application/problem+json", (
                        f"{method} {address} {body!r:.200}"
                    )
                    assert answer.json()["code"]
                    assert answer.json()["detail"]
                    assert rows() == before, f"{method} {address} {body!r:.200}"
                transaction.set_rollback(True)


READ_BY_HAND = re.compile(r'POST\.get(?:list)?\("(\w+)"')
PAGES = sorted(
    name
    for name, method in MATRIX
    if method == "POST" and not name.startswith("api_") and MATRIX[name, method]
)


@pytest.mark.parametrize("part", range(2))
def test_a_null_character_in_a_form_is_no_fault(house: House, part: int) -> None:
    """In every word that a page reads without a form, too."""
    modules = [
        path for app in ("accounts", "marketplace", "payments") for path in Path(app).rglob("*pages*.py")
    ]
    words = {word for path in modules for word in READ_BY_HAND.findall(path.read_text())}
    assert {"code", "reason", "answer"} <= words
    for name in PAGES[part::2]:
        address, _ = _path(name, house.params)
        client = house.client_of(min(MATRIX[name, "POST"] - {"anonymous"}))
        good = _filled(BODIES.get(name, {}), house.params)
        for sent in (dict.fromkeys(words, "\x00") | good, dict.fromkeys(words | good.keys(), "a\x00b")):
            with transaction.atomic():
                answer = client.post(address, sent)
                assert answer.status_code < 500, address
                transaction.set_rollback(True)


@by_turns
def test_a_junk_id_is_a_404(house: House, turn: int) -> None:
    for n, (name, method) in enumerate(sorted(API), start=turn):
        path = dict(routes())[name]
        params = {param: value for param, value in house.params.items() if f":{param}>" in path}
        client = house.client_of(min(API[name, method] - {"anonymous"}))
        good = _filled(BODIES.get(name, {}), house.params)
        for param in params:
            # A number, which a route may ask for, stands in until the junk does.
            address = reverse(name, kwargs=params | {param: STANDS_IN}).replace(str(STANDS_IN), "JUNK")
            for bad in BAD_IDS[n % TURNS :: TURNS]:
                with transaction.atomic():
                    options = {} if method == "GET" else {"data": good, "content_type": "application/json"}
                    answer = getattr(client, method.lower())(address.replace("JUNK", bad), **options)
                    assert answer.status_code in (404, 422), (
                        f"{method} {address} with {bad}: {answer.status_code}"
                    )
                    transaction.set_rollback(True)


JUNK_PAGES = (
    *("limit=0", "limit=101", "limit=-1", "limit=x"),
    *("cursor=junk", "cursor=W10", "cursor=%00", "cursor=WzFd"),
)


def test_a_junk_page_is_a_problem(house: House) -> None:
    lists = [
        name
        for name, method in API
        if method == "GET" and name.endswith("s") and name not in ("api_invariants",)
    ]
    for name in sorted(lists):
        address, _ = _path(name, house.params)
        client = house.client_of(min(API[name, "GET"] - {"anonymous"}))
        for query in JUNK_PAGES:
            assert client.get(f"{address}?{query}").status_code < 500, f"{address}?{query}"


class TestNesting:
    """The parsers give up on a body that nests by the thousand with a crash, so it ends before them."""

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "path", ["/api/v1/gigs", "/_allauth/app/v1/auth/signup", "/_allauth/browser/v1/auth/signup"]
    )
    @pytest.mark.parametrize("body", ["[" * 30_000, '{"a":' * 990 + "1" + "}" * 990])
    def test_too_deep_is_a_400(self, path: str, body: str) -> None:
        answer = Client().post(path, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")

    def test_reads_brackets_and_not_texts(self) -> None:
        assert nests_deep(b"[" * (DEEPEST + 1))
        assert not nests_deep(b"[" * DEEPEST + b"]" * DEEPEST)
        assert not nests_deep(b"[{}," * (DEEPEST - 1))
        assert not nests_deep(b'{"scene": "' + b"[" * 1_000 + rb"\"" + b"{" * 1_000 + b'"}')
        assert not nests_deep(b"[[]," * 1 + b"[]," * 10_000 + b"[]]")
