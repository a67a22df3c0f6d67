"""The week after: who confirms, who disputes, what the company agrees to, and what talent operations decide instead of it."""

from typing import Any

from tests.journeys.house import Person
from tests.journeys.in_the_room import BadWeek

MORE_S = 600


def is_reviewed(week: BadWeek) -> None:
    week.busy.house.passes_to(week.at(7, 9))
    (ada, bo), (eve, _) = week.by_page, week.by_app
    confirmed = the_first_confirms(week, ada)
    disputes = {person: asks_for_more(week, person) for person in (bo, eve)}
    week.busy.house.passes_to(week.at(7, 20))
    is_refused_and_decided(week, bo, disputes[bo])
    is_agreed_to(week, eve, disputes[eve])
    the_company_approves(week, confirmed)


def sheet_of(week: BadWeek, person: Person) -> dict[str, Any]:
    """Their time of the week for this company, as they read it."""
    (sheet,) = person.does("GET", f"timesheets?week={week.monday}")["data"]
    read = person.does("GET", f"timesheets/{sheet['id']}")
    assert read["lines"] == sheet["lines"]
    return read


def longest(sheet: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = max(sheet["lines"], key=lambda line: line["payable_s"])
    return line


def the_first_confirms(week: BadWeek, ada: Person) -> str:
    """Stopped twice, called off once, and nothing lost by it: the minimum call for each scene that she was at."""
    sheet = sheet_of(week, ada)
    played = [line for line in sheet["lines"] if line["payable_s"]]
    assert len(played) == 2, sheet
    assert all(line["payable_s"] > line["worked_s"] for line in played)
    assert "Under review" in ada.opens("/pay/fragments/week-money/").text
    confirmed = ada.does("POST", f"timesheets/{sheet['id']}/submit")
    assert confirmed["confirmed_by_performer"]
    ada.is_refused("POST", f"timesheets/{sheet['id']}/submit", "illegal_state")
    return str(sheet["id"])


def asks_for_more(week: BadWeek, person: Person) -> dict[str, Any]:
    line = longest(sheet_of(week, person))
    asked = person.does(
        "POST",
        f"time-lines/{line['id']}/disputes",
        reason="time_missing",
        text="I stayed on.",
        claimed_s=line["payable_s"] + MORE_S,
    )
    return asked | {"was_s": line["payable_s"]}


def is_refused_and_decided(week: BadWeek, bo: Person, dispute: dict[str, Any]) -> None:
    path, tala = f"disputes/{dispute['id']}", week.tala
    sent = {"resolution": "The recording shows it.", "adjusted_s": dispute["claimed_s"]}
    assert dispute["id"] not in {row["id"] for row in tala.does("GET", "disputes")["data"]}
    said_no = week.owner.does("POST", f"{path}/disagree", text="The recording ends before.")
    assert said_no["disagreed_at"] is not None
    assert dispute["id"] in {row["id"] for row in tala.does("GET", "disputes")["data"]}
    assert "The recording ends before." in bo.opens(f"/week/line/{dispute['line']}/").text
    assert "What it rests on" in bo.opens(f"/week/line/{dispute['line']}/evidence/").text
    tala.does("POST", f"{path}/resolve", **sent)
    assert payable_s(bo, dispute) == dispute["claimed_s"]
    assert "The recording shows it." in bo.opens(f"/week/line/{dispute['line']}/").text


def is_agreed_to(week: BadWeek, eve: Person, dispute: dict[str, Any]) -> None:
    assert payable_s(eve, dispute) == dispute["was_s"]
    sent = {"resolution": "So it was.", "adjusted_s": dispute["claimed_s"]}
    week.owner.does("POST", f"disputes/{dispute['id']}/resolve", **sent)
    assert payable_s(eve, dispute) == dispute["claimed_s"]


def payable_s(person: Person, dispute: dict[str, Any]) -> int:
    """What the line says, and the corrections beside it, which stand in the week in which they are made."""
    of_the_line = int(person.does("GET", f"time-lines/{dispute['line']}")["payable_s"])
    sheets = person.does("GET", "timesheets")["data"]
    corrections = [line for sheet in sheets for line in sheet["lines"] if line["kind"] == "correction"]
    return of_the_line + sum(int(line["payable_s"]) for line in corrections)


def the_company_approves(week: BadWeek, confirmed: str) -> None:
    """One performer's week, read with what was odd in it; then all the rest."""
    path = f"companies/{week.company}/weeks/{week.monday}"
    read = week.owner.does("GET", path)
    assert read["waiting"]["lines"] == read["all"]["lines"] - 2, read[
        "waiting"
    ]  # those of the two disputes are decided
    assert read["exceptions"]
    approved = week.owner.does("POST", f"timesheets/{confirmed}/approve")
    assert approved["state"] == "approved"
    assert week.by_page[0].does("GET", f"timesheets/{confirmed}")["state"] == "approved"
    assert week.owner.does("POST", f"{path}/approve")["approved_lines"] > 0
    assert week.owner.does("GET", path)["waiting"]["lines"] == 0
