"""Time that two sides see differently: a dispute that nobody answers, and corrections of what was approved and paid already."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.house import Person

pytestmark = pytest.mark.long_journey
HALF_AN_HOUR_S = 1800


def test_a_dispute_that_nobody_answers_is_decided_for_the_performer(busy: BusyWeek) -> None:
    owner, company = busy.owner(2)
    ada, tala = busy.performer(12), busy.comes_in("Talent operations")
    line = a_recorded_line(busy, owner, company, ada, tala)
    page = f"/week/line/{line['id']}/"
    claimed_s = more_than(line)
    asked = ada.sends(
        ada.opens(page),
        f"{page}#dispute",
        reason="time_missing",
        text="I waited for an hour.",
        minutes=f"{claimed_s // 60}",
    )
    assert "Disputed. The rest of the week goes on and is paid on time." in asked.text
    (dispute,) = ada.does("GET", f"time-lines/{line['id']}")["disputes"]
    assert dispute["claimed_s"] == claimed_s
    assert "unanswered, it is paid as claimed" in owner.reads_in_mail("I waited for an hour.")
    due_at = datetime.fromisoformat(dispute["answer_due_at"])
    busy.house.passes_to(due_at - timedelta(hours=1))
    assert ada.does("GET", f"time-lines/{line['id']}")["state"] == "disputed"
    busy.house.passes_to(due_at + timedelta(minutes=2))
    for person in (ada, owner):
        assert "so it is paid as claimed." in person.reads_in_mail("Nobody answered in time")
    decided = ada.does("GET", f"time-lines/{line['id']}")
    assert decided["state"] == "approved"
    assert corrected_s(ada, since=due_at) == claimed_s - line["payable_s"]
    assert "Nobody answered in time, so it is paid as claimed." in owner.opens(page).text
    no = {"text": "We did not see it."}
    owner.is_refused("POST", f"disputes/{dispute['id']}/disagree", "already_resolved", **no)


def test_what_was_approved_is_corrected_beside_once_the_other_side_agrees(busy: BusyWeek) -> None:
    """Asked for by page and answered over the API, and the other way round; the line itself stays as it was approved."""
    first, second = two_with_approved_lines(busy)
    (ada, ada_s), (bo, bo_s) = first, second
    asks_by_page(ada, ada_s)
    is_answered_by_api(busy, ada, ada_s)
    asks_by_api(bo, bo_s)
    is_answered_by_page(busy, bo, bo_s)
    for person, line in (first, second):
        kept = person.does("GET", f"time-lines/{line['id']}")
        assert (kept["state"], kept["payable_s"]) == ("approved", line["payable_s"])
        short_by_s = line["claimed_s"] - line["payable_s"]
        assert corrected_s(person, since=busy.house.now() - timedelta(hours=1)) == short_by_s


def more_than(line: dict[str, Any]) -> int:
    """Ten minutes, up to a whole one: that is what a page takes."""
    return (int(line["payable_s"]) // 60 + 10) * 60


def a_recorded_line(busy: BusyWeek, owner: Person, company: str, ada: Person, tala: Person) -> dict[str, Any]:
    """Of a session that failed, to which she came: the minimum call, not approved yet."""
    gig = busy.posts_a_gig(owner, company, "A train that waits", set_aside_minor=40_000)
    engagement = is_engaged(owner, ada, gig)
    session, call_at = busy.books_soon(owner, gig=gig, engagements=[engagement], length_s=HALF_AN_HOUR_S)
    busy.house.passes_to(call_at + timedelta(minutes=1))
    tala.does("POST", f"sessions/{session}/technical-failure", reason="The room was down.")
    ada.does("POST", f"sessions/{session}/presence", event="knocked")
    busy.house.passes_to(call_at + timedelta(minutes=30))
    ada.waits_for(f"/sessions/{session}/", "From the seconds to the money")
    link = ada.opens(f"/sessions/{session}/").link(r"/week/line/")
    line = ada.does("GET", f"time-lines/{link.strip('/').split('/')[-1]}")
    assert (line["state"], line["payable_s"] > 0) == ("recorded", True), line
    return line


def two_with_approved_lines(busy: BusyWeek) -> list[tuple[Person, dict[str, Any]]]:
    """Two performers, each with a line of the week that the house played, and what they ask for."""
    found = []
    for number in range(1, 16):
        person = busy.performer(number)
        sheets = person.does("GET", "timesheets")["data"]
        lines = [
            line | {"company": sheet["company"], "claimed_s": more_than(line)}
            for sheet in sheets
            for line in sheet["lines"]
            if line["state"] == "approved" and line["kind"] == "session" and not line["disputes"]
        ]
        found += [(person, line) for line in lines if line["payable_s"]][:1]
        if len(found) == 2:
            return found
    raise AssertionError("nobody has such a line")


def asks_by_page(person: Person, line: dict[str, Any]) -> None:
    page = f"/week/line/{line['id']}/"
    opened = person.opens(page)
    assert "Ask for a correction" in opened.text
    minutes = f"{line['claimed_s'] // 60}"
    sent = person.sends(
        opened, f"{page}#dispute", reason="time_missing", text="We went on without a clock.", minutes=minutes
    )
    assert "Asked for; the other side answers." in sent.text


def asks_by_api(person: Person, line: dict[str, Any]) -> None:
    sent = {"reason": "time_missing", "text": "We went on, too.", "claimed_s": line["claimed_s"]}
    person.does("POST", f"time-lines/{line['id']}/disputes", **sent)
    person.is_refused("POST", f"time-lines/{line['id']}/disputes", "already_disputed", **sent)


def is_answered_by_api(busy: BusyWeek, person: Person, line: dict[str, Any]) -> None:
    (dispute,) = person.does("GET", f"time-lines/{line['id']}")["disputes"]
    sent = {"resolution": "So it was.", "adjusted_s": dispute["claimed_s"]}
    person.is_refused("POST", f"disputes/{dispute['id']}/resolve", "not_yours_to_decide", **sent)
    owner_of(busy, line).does("POST", f"disputes/{dispute['id']}/resolve", **sent)
    assert "So it was." in person.opens(f"/week/line/{line['id']}/").text


def is_answered_by_page(busy: BusyWeek, person: Person, line: dict[str, Any]) -> None:
    owner, page = owner_of(busy, line), f"/week/line/{line['id']}/"
    agreed = owner.sends(owner.opens(page), r"/week/dispute/\w+/answer/", text="We saw it.", answer="agree")
    assert "Agreed. Both sides are told." in agreed.text
    assert "We saw it." in person.reads_in_mail("We saw it.")


def owner_of(busy: BusyWeek, line: dict[str, Any]) -> Person:
    owners = [busy.owner(number) for number in range(1, 5)]
    return next(owner for owner, company in owners if company == line["company"])


def corrected_s(person: Person, *, since: datetime) -> int:
    """The seconds of their corrections that were approved since."""
    sheets = person.does("GET", "timesheets")["data"]
    corrections = [line for sheet in sheets for line in sheet["lines"] if line["kind"] == "correction"]
    late = [line for line in corrections if datetime.fromisoformat(line["approved_at"]) >= since]
    return sum(int(line["payable_s"]) for line in late)
