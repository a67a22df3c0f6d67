"""Every route that shows the house other people's money is in the log, and nobody's look at their own is.

The access matrix says by hand whom a route lets in. What finance comes into and not everybody does is about money, but for
the routes named here; so is whatever of a room of money another of the house comes into.
"""

from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver, reverse

from accounts.access.rules import Audience, declared
from accounts.access_log.models import AccessEntry
from accounts.access_log.queries import _patterns
from accounts.access_log.rules import shows_money
from tests.architecture.access_matrix import ADMIN, BODIES, MATRIX, SIGNED_IN
from tests.architecture.test_access import House, _call, _filled, _is_in, house, routes

__all__ = ["house"]
# Finance comes in because everybody in the house does: people, recordings and rights, no amounts.
NO_MONEY = {
    "photo",
    "receipt_file",
    "api_application",
    "api_company",
    "api_members",
    "api_delivery",
    "api_licences",
    "api_deletion_orders",
    "api_receipts",
    "api_uses",
    "api_grants",
}


def views() -> dict[str, Any]:
    return {str(each.name): each.callback for each in _patterns(get_resolver().url_patterns)}


def test_what_finance_comes_into_and_not_everybody_is_in_the_log() -> None:
    """The matrix's word against the rule's. A new route of finance's that is not in it is named here, or shows no money."""
    every = views()
    lets_in = {name for (name, _), who in MATRIX.items() if "finance" in who and not who >= SIGNED_IN}
    missing = {name for name in lets_in if not shows_money(every[name])} - NO_MONEY
    assert sorted(missing) == []
    assert sorted(NO_MONEY & {name for name in every if shows_money(every[name])}) == []


def test_no_route_that_declares_finance_is_left_out_and_none_of_a_performers_own_is_in() -> None:
    every = views()
    for name, view in every.items():
        audiences = declared(view) or ()
        if Audience.FINANCE in audiences:
            assert shows_money(view), name
        if set(audiences) <= {Audience.PERFORMER, Audience.COMPANY, Audience.SIGNED_IN, Audience.ANYONE}:
            assert not shows_money(view), name
    assert all(shows_money(every[name]) for name in ("access_log", "access_log_csv", "api_access_log"))


@pytest.mark.parametrize("part", range(2))
def test_each_that_lets_somebody_of_the_house_in_leaves_a_row_and_others_leave_none(
    house: House, part: int
) -> None:
    paths, every = dict(routes()), views()
    of_money = [row for row in sorted(MATRIX) if shows_money(every[row[0]])]
    assert len(of_money) > 100
    wrong: dict[tuple[str, str, str], int] = {}
    for name, method in of_money[part::2]:
        for who in ("finance", "house administrator", "talent", "performer P", "owner A"):
            left, got_in = rows_left(house, name, method, paths[name], who=who)
            if left != int(got_in and who not in ("performer P", "owner A")):
                wrong[name, method, who] = left
    assert wrong == {}


def rows_left(house: House, name: str, method: str, path: str, *, who: str) -> tuple[int, bool]:
    """How many rows one call leaves, and whether it went well."""
    params = {param: value for param, value in house.params.items() if f":{param}>" in path}
    client = house.client_of(who)
    with transaction.atomic():
        before = AccessEntry.objects.count()
        answer = _call(
            client, method, reverse(name, kwargs=params), _filled(BODIES.get(name, {}), house.params)
        )
        rows = list(AccessEntry.objects.order_by("id")[before:])
        transaction.set_rollback(True)
    for row in rows:
        assert (row.route, row.pressed) == (name, method not in ("GET", "HEAD") and not _is_a_form(answer))
        assert set(row.things) == {str(value) for value in params.values()}
    return len(rows), _went_well(answer, method)


def _went_well(answer: Any, method: str) -> bool:
    if _is_a_form(answer):
        return True
    if not _is_in(answer) or answer.status_code >= 400:
        return False
    if method == "GET":
        return int(answer.status_code) < 300
    # What a form was refused for is said on the page to which it leads back.
    return not any("Nothing was changed." in str(said) for said in answer.wsgi_request._messages)


def _is_a_form(answer: Any) -> bool:
    """A page that shows all it has beside what is wrong in its form, and no refusal alone."""
    alone = "refused.html" in {each.name for each in answer.templates}
    return answer.status_code == 422 and answer.headers["Content-Type"].startswith("text/html") and not alone


def test_administration_alone_reads_it() -> None:
    reads = {MATRIX[name, "GET"] == ADMIN for name in ("access_log", "access_log_csv", "api_access_log")}
    assert reads == {True}
