"""What schemathesis makes of our document, sent by a performer, a company's owner and finance: never a fault, never an
answer that the document does not describe, and refused exactly where the document says so.

Statuses, codes and shapes of answers are held against the document in tests/conftest.py, here as in every test.
"""

import json
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.architecture.test_access import House, house
from tests.fuzz import cases

__all__ = ["house"]
ROLES = ("performer P", "owner A", "finance")
PARTS = 4
# What a document can say of a field, and so must.
SAYABLE = {
    "unknown_field",
    "required",
    "null",
    "max_length",
    "min_length",
    "max_value",
    "min_value",
    "invalid_choice",
    "not_a_list",
    "not_a_dict",
    "empty",
    "max_string_length",
}


@pytest.mark.parametrize("part", range(PARTS))
def test_what_the_document_allows_is_understood(house: House, part: int) -> None:
    found: dict[str, set[str]] = {}

    def sends(name: str, case: Any) -> None:
        for who, answer in answers(house, case):
            assert answer.status_code < 500, (name, who, case.body, case.query)
            said = {f"{each['field']}: {each['code']}" for each in errors(answer) if each["code"] in SAYABLE}
            found.setdefault(name, set()).update(said)

    for name, operation in sorted(cases.operations().items())[part::PARTS]:
        cases.play(
            operation,
            kind=cases.ALLOWED,
            params=house.params,
            send=partial(sends, name),
        )
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_what_it_does_not_allow_is_refused(house: House, part: int) -> None:
    taken: list[Any] = []

    def sends(name: str, case: Any) -> None:
        for who, answer in answers(house, case):
            assert answer.status_code < 500, (name, who, case.body, case.query)
            if answer.status_code < 400 and cases.is_wrong(case):
                taken.append((name, who, case.body, case.meta.phase.data))

    for name, operation in sorted(cases.operations().items())[part::PARTS]:
        if operation.body:
            cases.play(
                operation,
                kind=cases.NOT_ALLOWED,
                params=house.params,
                send=partial(sends, name),
            )
    assert taken == [], "\n".join(map(str, taken))


def answers(house: House, case: Any) -> list[tuple[str, Any]]:
    """What each of the three is answered; nothing of it stays."""
    found = []
    for who in ROLES:
        client = house.client_of(who)
        with transaction.atomic():
            found.append((who, ask(client, case)))
            transaction.set_rollback(True)
    return found


def ask(client: Client, case: Any) -> Any:
    query = {key: value for key, value in (case.query or {}).items() if value is not None}
    return client.generic(
        case.method.upper(),
        case.formatted_path,
        cases.body_of(case),
        case.media_type or "application/json",
        query_params=query,
        headers={key: value for key, value in (case.headers or {}).items() if key == "Idempotency-Key"},
    )


def errors(answer: Any) -> list[dict[str, str]]:
    if answer.status_code != 422:
        return []
    listed: list[dict[str, str]] = json.loads(answer.content).get("errors", [])
    return listed
