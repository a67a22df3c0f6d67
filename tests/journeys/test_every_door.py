"""Every route that the access matrix promises is walked with success by a journey, from outside. Runs after all others."""

import pytest

from tests.architecture.access_matrix import MATRIX
from tests.journeys import reached
from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import House
from tests.journeys.reached import Door

PROMISED = {Door(*key) for key in MATRIX}


@pytest.mark.long_journey
def test_is_walked_with_success(house: House, busy: BusyWeek) -> None:
    for each in (house, busy.house):
        reached.note(each.url)
    missed = PROMISED - reached.BY_NOW
    assert not missed, f"promised, and no journey has done it with success: {said(missed)}"


def test_a_refusal_counts_for_nothing() -> None:
    metric = "django_http_responses_total_by_status_view_method_total"
    said = "\n".join(
        f'{metric}{{method="{method}",status="{status}",view="{view}"}} 1.0'
        for view, method, status in (
            ("board", "GET", 200),
            ("gig", "POST", 302),
            ("wallet", "GET", 302),
            ("pay", "POST", 403),
            ("api_pay", "POST", 409),
        )
    )
    assert reached.successes(said) == {Door("board", "GET"), Door("gig", "POST")}


def said(doors: set[Door]) -> str:
    return "\n".join(sorted(f"{door.method} {door.route}" for door in doors))
