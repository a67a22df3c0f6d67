"""Anybody reads how fair a month was: what is there is what happened, and nothing of fewer than five people is there."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import NEW_YORK, BusyWeek, in_a_quiet_week
from tests.journeys.house import House, Person

FEWEST_PEOPLE, FEWEST_COMPANIES = 5, 3
COMPANIES = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def quiet() -> Iterator[BusyWeek]:
    with in_a_quiet_week() as found:
        yield found


@dataclass
class Happened:
    """What is behind one figure of one month, as those concerned read it: how much, to whom, by whom."""

    amount: int = 0
    people: set[str] = field(default_factory=set)
    companies: set[str] = field(default_factory=set)

    def adds(self, amount: int, sheet: dict[str, Any]) -> None:
        self.amount += amount
        self.people.add(sheet["performer"])
        self.companies.add(sheet["company"])

    @property
    def shown(self) -> dict[str, Any]:
        if len(self.people) < FEWEST_PEOPLE:
            return {"value": None, "masked": "people"}
        if len(self.companies) < FEWEST_COMPANIES:
            return {"value": None, "masked": "companies"}
        return {"value": self.amount, "masked": ""}


@pytest.mark.long_journey
def test_anybody_reads_how_the_month_was(quiet: BusyWeek) -> None:
    visitor = Person(quiet.house, "Vera Visitor")
    assert "Fairness in figures" in visitor.opens(visitor.opens("/").link("^/fairness/$")).text
    quiet.house.passes_to(the_ninth_of_next_month(quiet.house))

    report = quiet.house.answers("fairness").json()
    time_was, disputed = what_happened(quiet)
    said = {
        (each["name"], row["name"]): dict(zip(report["months"], row["months"], strict=True))
        for each in report["measures"]
        for row in each["rows"]
    }
    figures = 0
    for (month, code), happened in time_was.items():
        assert said["time", code][month] == happened.shown, (month, code, happened)
        figures += happened.shown["masked"] == ""
    assert figures >= 1
    (runs,) = {cell["value"] for cell in said["runs", ""].values()} - {None}
    assert runs == 10_000

    page = visitor.opens("/fairness/").text
    in_the_room = {said["time", "present"][month]["value"] for month, code in time_was if code == "present"}
    assert all(f"{seconds // 60:,}" in page for seconds in in_the_room - {None})
    assert_hidden(page, said, disputed)

    kept = list(csv.DictReader(io.StringIO(visitor.gets("/fairness/fairness.csv").decode("utf-8-sig"))))
    of_the_file = {
        (row["measure"], row["row"], row["month"]): (row["value"], row["masked"])
        for row in kept
        if row["month"]
    }
    for (measure, name), cells in said.items():
        for month, cell in cells.items():
            value, masked = of_the_file[measure, name, month]
            shown_there = "" if cell["value"] is None else str(cell["value"])
            assert (value, bool(masked)) == (shown_there, bool(cell["masked"]))


def assert_hidden(page: str, said: dict[tuple[str, str], dict[str, Any]], disputed: set[str]) -> None:
    """In a small house a few people disagreed: that it was so few is said, and not what came of it."""
    assert 1 <= len(disputed) < FEWEST_PEOPLE
    cells = [cell for (measure, _), row in said.items() if measure == "disputes" for cell in row.values()]
    assert {"value": None, "masked": "people"} in cells
    assert {cell["value"] for cell in cells} <= {0, None}
    assert "fewer than five" in page


def what_happened(quiet: BusyWeek) -> tuple[dict[tuple[str, str], Happened], set[str]]:
    """By month and code the seconds of each approved line, as the four companies read them; and who disputed one."""
    found: defaultdict[tuple[str, str], Happened] = defaultdict(Happened)
    disputed = set()
    for number in COMPANIES:
        owner, _ = quiet.owner(number)
        for sheet in all_of(owner, "timesheets"):
            for row in sheet["lines"]:
                line = owner.does("GET", f"time-lines/{row['id']}")
                if any(each["resolved_at"] for each in line["disputes"]):
                    disputed.add(sheet["performer"])
                if line["approved_at"] is None or line["kind"] != "session":
                    continue
                month = f"{datetime.fromisoformat(line['approved_at']).astimezone(NEW_YORK):%Y-%m}-01"
                for stretch in line["stretches"]:
                    if stretch["code"] != "absent":
                        found[month, stretch["code"]].adds(stretch["end"] - stretch["start"], sheet)
                if line["payable_s"] > line["worked_s"]:
                    found[month, "topped_up"].adds(line["payable_s"] - line["worked_s"], sheet)
    return found, disputed


def all_of(person: Person, path: str) -> list[dict[str, Any]]:
    answer = person.does("GET", path)
    rows: list[dict[str, Any]] = answer["data"]
    while answer["next_cursor"]:
        answer = person.does("GET", f"{path}?cursor={answer['next_cursor']}")
        rows += answer["data"]
    return rows


def the_ninth_of_next_month(house: House) -> datetime:
    today = house.now().astimezone(NEW_YORK).date()
    first: date = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return datetime.combine(first + timedelta(days=8), time(6), tzinfo=NEW_YORK)
