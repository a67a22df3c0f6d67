import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.access.schema import NOT_ONCE, SUMMARY_MOST
from accounts.keys.operations import SCOPES
from callboard.openapi.document import CHANGELOG, DOCUMENT, digest, render
from callboard.openapi.refusals import refusals
from callboard.openapi.words import WORDS
from kit.http.problems import OF_THE_FRAMEWORK
from tests import openapi


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def test_nothing_is_left_undescribed(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


class TestEveryOperation:
    def test_is_named_as_its_resource_and_what_is_done(self, document: dict[str, Any]) -> None:
        names = [operation["operationId"] for _, _, operation in openapi.operations()]
        assert len(names) == len(set(names))
        assert not [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)]
        assert document["openapi"].startswith("3.1")

    def test_says_in_a_line_what_it_does_and_who_may(self) -> None:
        for _, _, operation in openapi.operations():
            assert operation["summary"].endswith("."), operation["operationId"]
            assert len(operation["summary"]) <= SUMMARY_MOST, operation["operationId"]
            assert operation["x-audience"], operation["operationId"]

    def test_names_the_codes_of_its_refusals(self) -> None:
        for _, _, operation in openapi.operations():
            refused = [answer for status, answer in operation["responses"].items() if status >= "400"]
            assert all(answer["x-codes"] for answer in refused), operation["operationId"]
            assert {"401", "429"} <= operation["responses"].keys(), operation["operationId"]

    def test_takes_an_idempotency_key_or_says_why_not(self) -> None:
        for _, method, operation in openapi.operations():
            if method == "POST":
                taken = any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", []))
                assert taken != bool(operation.get(NOT_ONCE)), operation["operationId"]

    def test_opens_to_a_key_only_with_a_scope_that_keys_can_have(self) -> None:
        for _, _, operation in openapi.operations():
            for way in operation["security"]:
                assert set(way.get("company_key", [])) <= SCOPES.keys(), operation["operationId"]


def test_every_parameter_has_words() -> None:
    for _, _, operation in openapi.operations():
        assert all(each.get("description") for each in operation.get("parameters", [])), operation[
            "operationId"
        ]


def test_every_field_has_words_and_no_words_are_left_over(document: dict[str, Any]) -> None:
    fields = {
        (component, field): described
        for component, schema in document["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
    }
    assert not [name for name, described in fields.items() if not described.get("description")]
    names = {field for _, field in fields} | {f"{field}.{component}" for component, field in fields}
    assert WORDS.keys() <= names


def test_every_code_is_one_refusal(document: dict[str, Any]) -> None:
    codes = Counter(refusal.code for refusal in refusals())
    assert not [code for code, times in codes.items() if times > 1]
    assert not codes.keys() & OF_THE_FRAMEWORK.keys()


def test_the_document_in_the_repository_is_this_one_and_its_change_is_told() -> None:
    served = render()
    assert DOCUMENT.read_text() == served, "run `make schema`, and say in CHANGELOG.md what changed"
    assert digest(served) in CHANGELOG.read_text(), (
        f"CHANGELOG.md says nothing of the schema {digest(served)}"
    )


def test_a_list_is_described_as_the_page_it_is(document: dict[str, Any]) -> None:
    answer = document["paths"]["/api/v1/notifications"]["get"]["responses"]["200"]["content"]
    reference = answer["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(document["components"]["schemas"][reference]["properties"]) == {"data", "next_cursor"}


@pytest.mark.django_db
def test_is_public() -> None:
    assert Client().get("/api/v1/schema/").status_code == 200


@pytest.mark.django_db
def test_health_readiness_and_metrics_answer(broker_url: str) -> None:
    assert Client().get("/healthz").json() == {"ok": True}
    assert Client().get("/readyz").json() == {"ok": True, "database": True, "broker": True}
    assert b"django_http_requests" in Client().get("/metrics").content


@pytest.mark.django_db
def test_a_broker_that_is_away_is_said(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["broker"] is False


@pytest.mark.django_db
def test_the_admin_logs_in_through_the_same_door() -> None:
    response = Client().get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")
