from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call,no-any-return] # ships no types


def test_nothing_is_left_undescribed(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))
    assert document["openapi"].startswith("3.1")


def test_every_operation_may_refuse_with_a_problem(document: dict[str, Any]) -> None:
    for operation in operations(document):
        assert "application/problem+json" in operation["responses"]["default"]["content"]


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
