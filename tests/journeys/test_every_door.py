"""What counts as walked with success, when `--every-door` asks it of every route."""

from tests.journeys import reached
from tests.journeys.reached import Door


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
