"""Anybody reads it: as a page, by the API and as a file, and each says the same."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from payments.fairness.models import FairFigure, FairMonth

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 2, 9, tzinfo=UTC)


def html(path: str = "/fairness/") -> str:
    return str(Client().get(path).content.decode())


@pytest.fixture
def month() -> FairMonth:
    """November, in which eight people of three companies waited half a day or three for an answer, and one disputed a line."""
    month = FairMonth.objects.create(starts_on=date(2026, 11, 1), reckoned_at=AT)
    enough: dict[str, Any] = {"month": month, "people": 8, "people_keys": list(range(8))}
    of_companies: dict[str, Any] = {**enough, "companies": 3, "company_keys": [1, 2, 3]}
    FairFigure.objects.create(**of_companies, measure="answer", value=50, spread={"5": 30, "30": 20})
    FairFigure.objects.create(**enough, measure="runs", value=3, of=4)
    FairFigure.objects.create(**of_companies, measure="time", part="before_call", value=7_260)
    FairFigure.objects.create(**of_companies, measure="corrected", part="up", currency="usd", value=123_456)
    FairFigure.objects.create(
        month=month,
        measure="disputes",
        part="performer_as_claimed",
        value=77,
        people=1,
        companies=1,
        people_keys=[4],
        company_keys=[1],
    )
    return month


class TestThePage:
    def test_says_what_will_be_there_before_the_first_month_is_over(self) -> None:
        page = html()
        assert "The first figures come a week after the first month is over" in page
        assert 'href="/fairness/"' in html("/")

    def test_says_each_figure_with_what_it_means(self, month: FairMonth) -> None:
        page = html()
        for said in (
            "From the moment an application is sent until it is answered",
            ">0.5</td>",
            ">3.0</td>",
            ">75</td>",
            ">121</td>",
            ">1,234.56</td>",
            "November 2026: 0.5 days",
        ):
            assert said in page, said

    def test_does_not_say_what_is_of_one_person(self, month: FairMonth) -> None:
        page = html()
        assert page.count(">fewer than five</td>") == 2  # of the month, and of all time
        assert ">77<" not in page

    def test_asks_nothing_of_who_reads_it(self, month: FairMonth) -> None:
        answer = Client().get("/fairness/")
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)


class TestProgramsReadTheSame:
    def test_over_the_api(self, month: FairMonth) -> None:
        told = Client().get("/api/v1/fairness").json()
        assert (told["as_of"], told["since"], told["months"]) == (
            "2026-12-02T09:00:00Z",
            "2026-11-01",
            ["2026-11-01"],
        )
        rows = {(each["name"], row["name"]): row for each in told["measures"] for row in each["rows"]}
        assert rows["answer", "median"]["months"] == [{"value": 43_200, "masked": ""}]
        assert rows["runs", ""]["all_time"] == {"value": 7_500, "masked": ""}
        assert rows["disputes", "performer_as_claimed"]["months"] == [{"value": None, "masked": "people"}]
        assert "77" not in str(told)

    def test_as_a_file(self, month: FairMonth) -> None:
        answer = Client().get("/fairness/fairness.csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        by_row = {(row["measure"], row["row"], row["month"]): row for row in rows}
        assert by_row["time", "before_call", "2026-11-01"]["value"] == "7260"
        hidden = by_row["disputes", "performer_as_claimed", ""]
        assert (hidden["value"], hidden["masked"]) == ("", "fewer than five")
        assert "77" not in {row["value"] for row in rows}
