"""Who looks at what others are paid: finance does, administration reads that it did, the performer that somebody did. And money
that waits, with whose turn it is and since when."""

import csv
import io
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import Person

LOG, HELD = "/access-log/", "/pay/held/"


@pytest.mark.long_journey
def test_whoever_of_the_house_opens_a_statement_stands_in_a_log_that_administration_reads(
    busy: BusyWeek,
) -> None:
    finance, admin, ada = (
        busy.comes_in("Finance, who freezes"),
        busy.comes_in("The administrator"),
        busy.performer(2),
    )
    item = ada.does("GET", "me/statements")["data"][0]["id"]
    own, me = f"/pay/statements/{item}/", finance.does("GET", "me")["id"]
    assert "Nobody, so far as it is kept." in ada.opens(own).text
    assert "Nobody looked at that" in admin.opens(f"{LOG}?thing={item}").text

    for _ in range(2):  # at once it is one look
        assert finance.opens(own).status == 200
    finance.gets(f"{own}statement.csv")
    assert finance.does("GET", f"explain/{item}")["data"]

    page = admin.opens(admin.opens(admin.opens("/staff/").link(f"{LOG}$")).path + f"?thing={item}")
    assert finance.name in page.text
    assert ada.name not in page.text
    looks = of(admin, f"thing={item}")
    assert [(row["route"], row["way"]) for row in looks] == [
        ("api_explain", "api"),
        ("statement_csv", "file"),
        ("statement", "page"),
    ]
    assert {(row["who"], row["role"], row["pressed"]) for row in looks} == {(me, "finance", False)}
    assert [row["route"] for row in of(admin, f"who={me}&route=statement&thing={item}")] == ["statement"]
    assert of(admin, f"thing={item}&first=2020-01-01&last=2020-12-31") == []

    lines = csv.DictReader(
        io.StringIO(admin.gets(f"{LOG}access-log.csv?thing={item}").decode("utf-8-sig"), newline="")
    )
    assert [(line["Name"], line["As"], line["What"]) for line in lines] == [
        (finance.name, "finance", item)
    ] * 3
    assert {row["route"] for row in of(admin, "route=access_log_csv")} == {"access_log_csv"}

    assert finance.opens(LOG).status == 403
    finance.is_refused("GET", "access-log", "forbidden")
    said = ada.opens(own).text
    assert "Finance, " in said
    assert finance.name not in said


def of(admin: Person, asked: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = admin.does("GET", f"access-log?{asked}")["data"]
    return rows


@pytest.mark.long_journey
def test_what_is_held_says_whose_turn_it_is_for_how_long_and_who_was_told(busy: BusyWeek) -> None:
    finance, waits = busy.comes_in("Finance, who freezes"), busy.comes_in("A performer whose pay is held")
    held = [row for row in waits.does("GET", "me/statements")["data"] if row["state"] == "held"]
    mine = waits.does("GET", "me/performer")["id"]
    rows = [row for row in finance.does("GET", "holds?owner=performer")["data"] if row["whose"] == mine]
    assert {row["id"] for row in rows} == {row["id"] for row in held}
    (oldest, *_) = rows
    assert oldest["days"] >= 0
    assert oldest["fix"]
    assert waits.name in oldest["told"][0]["names"]
    counts = finance.does("GET", "holds/counts")
    (of_performers,) = [each for each in counts["owners"] if each["key"] == "performer"]
    assert of_performers["count"] >= len(rows)
    assert sum(each["count"] for each in counts["owners"]) == sum(each["count"] for each in counts["reasons"])

    assert "must act" in finance.opens(HELD).text
    page = finance.opens(finance.opens(HELD).link(r"\?owner=performer"))
    for said in ("The performer", oldest["means"], oldest["name"], f"{waits.name}: in the app"):
        assert said in page.text
    assert "Nothing of that waits" in finance.opens(f"{HELD}?q=nobody+is+called+so").text
    assert oldest["name"] in finance.opens(f"{HELD}?q={oldest['name']}").text
    busy.comes_in("The administrator").is_refused("GET", "holds", "forbidden")
