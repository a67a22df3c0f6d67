"""What another site can make a browser send changes nothing: a form needs its token, and looking changes nothing."""

import json
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import stories
from tests.accounts.browsing import logs_in
from tests.architecture.access_matrix import MATRIX
from tests.architecture.test_access import House, house, routes  # noqa: F401 -- a fixture

WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
# Who looked, and that a session is in use; a notice is read by following it; a week of the calendar is there once asked for.
OF_LOOKING = {
    "accounts_accessentry",  # that somebody looked
    "marketplace_payweek",
    "django_session",
    "usersessions_usersession",
    "accounts_auditevent",
    "accounts_notification",
    "marketplace_calendarfeed",  # when the address was read last
}


def forged(user: Any) -> Client:
    """The browser of someone who is logged in, as another site drives it: with its cookies and without a token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = logs_in(user).cookies
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "body", "kind"),
    [
        ("/settings/", {"name": "Mallory", "time_zone": "UTC"}, "form"),
        ("/accounts/logout/", {}, "form"),
        ("/accounts/login/", {"login": "a@example.org", "password": "x"}, "form"),
        ("/accounts/signup/", {"email": "a@example.org", "password1": "x"}, "form"),
        ("/api/v1/companies", {"name": "Mallory"}, "application/json"),
        ("/api/v1/companies", {"name": "Mallory"}, "text/plain"),
        ("/_allauth/browser/v1/auth/login", {"email": "a@example.org", "password": "x"}, "application/json"),
    ],
)
def test_a_form_of_another_site_is_refused(where: str, body: dict[str, str], kind: str) -> None:
    user = stories.a_person()
    client = forged(user)
    answer: Any = client.post(where, body) if kind == "form" else client.post(where, json.dumps(body), kind)
    assert answer.status_code in (403, 415)
    assert forged(user).get("/today/").status_code == 200


@pytest.mark.parametrize("part", range(2))
def test_looking_changes_nothing(house: House, part: int) -> None:  # noqa: F811 -- the fixture
    paths, wrote = dict(routes()), {}
    for name, method in sorted(MATRIX)[part::2]:
        insiders = sorted(MATRIX[name, method] - {"anonymous"})
        if method != "GET" or not insiders:
            continue
        given = {param: value for param, value in house.params.items() if f":{param}>" in paths[name]}
        client = house.client_of(insiders[0])
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            client.get(reverse(name, kwargs=given))
            transaction.set_rollback(True)
        tables = {found[1] for each in asked if (found := WRITES.match(each["sql"]))} - OF_LOOKING
        if tables:
            wrote[name] = tables
    assert wrote == {}
