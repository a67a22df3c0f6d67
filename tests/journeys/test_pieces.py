"""A company asks for pieces: two are changed and accepted, one of them by programs, one is refused and won on appeal, one never
answered. All four are paid, up to the performer's statement; two more are taken back."""

import base64
import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.house import Person, waits_until
from tests.journeys.test_labels import delivered, loaded
from tests.journeys.test_rights_and_deliveries import a_recording
from tests.journeys.test_the_room import pays_in

pytestmark = pytest.mark.long_journey
RULES = ["One person in the picture", "It ends with a goodbye"]
MONEY = 30_000


def test_pieces_are_asked_for_answered_paid_and_delivered(busy: BusyWeek, tmp_path: Path) -> None:
    owner, company = busy.owner(3)
    ada = busy.performer(12)
    pays_in(busy, owner, company, MONEY)
    gig = busy.posts_a_gig(owner, company, "Farewells", set_aside_minor=MONEY)
    engagement = is_engaged(owner, ada, gig, grants=["evaluation"])
    body = a_recording()
    first = is_asked_for(owner, ada, gig, engagement)
    is_changed_and_accepted(owner, ada, first, body)
    is_refused_and_won(busy, owner, ada, asks(busy, owner, gig, engagement, "25.00"), body)
    found = loaded(owner, delivered(owner, gig), tmp_path / "set")
    keys = [
        row["key"] for row in map(json.loads, (tmp_path / "set" / "samples.jsonl").read_text().splitlines())
    ]
    assert len(keys) == len(found["told"]) == 2
    assert any(key.startswith(f"{first}-") for key in keys)
    is_done_by_an_app(owner, ada, asks(busy, owner, gig, engagement, "10.00", revisions=1), body)
    are_taken_back(owner, ada, *(asks(busy, owner, gig, engagement, "5.00") for _ in range(2)))
    is_never_answered(busy, asks(busy, owner, gig, engagement, "15.00"), body)
    is_paid(busy)


def is_asked_for(owner: Person, ada: Person, gig: str, engagement: str) -> str:
    """On the page, where the price is refused before it is right. The piece's id."""
    path = f"/gigs/{gig}/pieces/"
    page = owner.opens(path)
    assert "No piece is asked for yet" in page.text
    typed: dict[str, str | list[str]] = {
        "engagement": engagement,
        "title": "A farewell",
        "brief": "Say goodbye to somebody you will see tomorrow.",
        "rules": "\n".join(RULES),
        "price": "4,0",
        "due_at": f"{owner.house.now() + timedelta(days=5):%Y-%m-%dT12:00}",
        "revisions": "1",
        "purposes": ["evaluation"],
    }
    refused = owner.sends(page, path, **typed)
    assert "Write one of them" in refused.text
    assert "The performer was told." in owner.sends(refused, path, **typed | {"price": "40.00"}).text
    (piece,) = owner.does("GET", f"gigs/{gig}/commissions")["data"]
    assert ada.reads_in_mail("40.00 USD once it is accepted")
    assert "A farewell" in ada.opens("/work/pieces/").text
    return str(piece["id"])


def asks(busy: BusyWeek, owner: Person, gig: str, engagement: str, price: str, *, revisions: int = 0) -> str:
    """Over the API, once with more than there is."""
    said: dict[str, Any] = {
        "engagement": engagement,
        "title": f"Another for {price}",
        "brief": "As before, and shorter.",
        "rules": RULES,
        "due_at": busy.in_days(5),
        "revisions": revisions,
        "purposes": ["evaluation"],
    }
    path, minor = f"gigs/{gig}/commissions", int(price.replace(".", ""))
    owner.is_refused("POST", path, "gig_budget_exceeded", **said, price=usd(MONEY))
    return str(owner.does("POST", path, **said, price=usd(minor))["id"])


def sends(ada: Person, piece: str, body: bytes) -> dict[str, Any]:
    """By tus, in two parts, as after a line that broke; the version, once it was looked at."""
    address, half = begins_to_send(ada, piece, length=len(body)), len(body) // 2
    ada.tus("PATCH", address, body[:half], upload_offset="0")
    at = ada.tus("HEAD", address).headers["Upload-Offset"]
    ada.tus("PATCH", address, body[half:], upload_offset=at)
    waits_until(lambda: newest(ada, piece)["state"] == "ready", "the version is looked at")
    return newest(ada, piece)


def begins_to_send(ada: Person, piece: str, *, length: int) -> str:
    """Where the bytes go."""
    key = base64.b64encode(secrets.token_hex(16).encode()).decode()
    told = ada.tus(
        "POST", f"/pieces/{piece}/versions/", upload_metadata=f"key {key}", upload_length=str(length)
    )
    return told.headers["Location"]


def newest(person: Person, piece: str) -> dict[str, Any]:
    found: dict[str, Any] = person.does("GET", f"commissions/{piece}")["versions"][0]
    return found


def is_changed_and_accepted(owner: Person, ada: Person, piece: str, body: bytes) -> None:
    """Handed in on the page and over the API; the company plays it, says which rule fails, and then accepts by page."""
    path = f"/pieces/{piece}/"
    version = sends(ada, piece, body)
    assert owner.does("GET", f"commissions/{piece}")["versions"] == []
    handed_in = ada.sends(ada.opens(path), f"{path}versions/{version['id']}/submit/")
    assert "Handed in. The company was told" in handed_in.text
    assert owner.gets(newest(owner, piece)["address"])
    review = f"{path}review/"
    fails = {"met_0": "on", "change_1": "It ends in the middle of a word.", "does": "change"}
    said_nothing = owner.sends(owner.opens(path), review, **fails | {"change_1": ""})
    assert "Say what to change, or tick the rule." in said_nothing.text
    assert "The performer was told which rule" in owner.sends(owner.opens(path), review, **fails).text
    assert ada.reads_in_mail("It ends in the middle of a word.")
    again = sends(ada, piece, body)
    handed_in_again = ada.does("POST", f"commissions/{piece}/submit", artefact=again["id"])
    assert (handed_in_again["state"], handed_in_again["version"]) == ("submitted", 2)
    owner.is_refused("POST", f"commissions/{piece}/accept", "version_changed", version=1)
    all_met = {"met_0": "on", "met_1": "on", "does": "accept"}
    assert "It is part of the next payday" in owner.sends(owner.opens(path), review, **all_met).text
    assert ada.reads_in_mail("40.00 USD is part of the next payday")


def hands_in(ada: Person, piece: str, body: bytes) -> None:
    version = sends(ada, piece, body)
    assert ada.does("POST", f"commissions/{piece}/submit", artefact=version["id"])["state"] == "submitted"


def is_refused_and_won(busy: BusyWeek, owner: Person, ada: Person, piece: str, body: bytes) -> None:
    """By a reason of the list alone; talent operations play it, and find that it is what was asked for."""
    hands_in(ada, piece, body)
    results = [{"met": True}, {"met": False, "note": "It is a greeting."}]
    path, said = f"commissions/{piece}/refuse", {"version": 1, "results": results, "note": "A greeting."}
    owner.is_refused("POST", path, "invalid", **said, reason="mood")
    assert owner.does("POST", path, **said, reason="off_brief")["state"] == "refused"
    assert ada.reads_in_mail("A greeting.")
    page = ada.opens(f"/pieces/{piece}/")
    assert "Filed. Another person" in ada.sends(page, "/appeals/", text="It is a farewell.").text
    talent = busy.comes_in("Talent operations")
    assert "Another for 25.00" in talent.opens("/house/pieces/").text
    assert talent.gets(newest(talent, piece)["address"])
    (appeal,) = [row["id"] for row in ada.does("GET", "appeals")["data"] if row["state"] == "filed"]
    talent.does("POST", f"appeals/{appeal}/take-up")
    talent.does("POST", f"appeals/{appeal}/answer", outcome="reversed", text="It is one.")
    assert ada.does("GET", f"commissions/{piece}")["state"] == "accepted"
    assert owner.reads_in_mail("is to be accepted")


def is_done_by_an_app(owner: Person, ada: Person, piece: str, body: bytes) -> None:
    """Both sides use one; versions that were not handed in are let go over tus, by the API and on the page."""
    assert piece in [row["id"] for row in ada.does("GET", "commissions")["data"]]
    ada.tus("DELETE", begins_to_send(ada, piece, length=len(body)))
    ada.does("DELETE", f"artefacts/{sends(ada, piece, body)['id']}")
    delete = f"/artefacts/{sends(ada, piece, body)['id']}/delete/"
    assert "Deleted." in ada.sends(ada.opens(f"/pieces/{piece}/"), delete).text
    assert ada.does("GET", f"commissions/{piece}")["versions"] == []
    hands_in(ada, piece, body)
    results = [{"met": True}, {"met": False, "note": "Half a second more."}]
    changes = {"version": 1, "results": results}
    assert owner.does("POST", f"commissions/{piece}/ask-for-changes", **changes)["state"] == "revising"
    hands_in(ada, piece, body)
    assert owner.does("POST", f"commissions/{piece}/accept", version=2)["state"] == "accepted"


def are_taken_back(owner: Person, ada: Person, by_company: str, by_performer: str) -> None:
    """By either side, over the API and on the page; the other reads why."""
    over = owner.does("POST", f"commissions/{by_company}/take-back", reason="We have enough of them.")
    assert over["state"] == "withdrawn"
    assert ada.reads_in_mail("We have enough of them.")
    page = ada.opens(f"/pieces/{by_performer}/")
    taken_back = ada.sends(page, f"/pieces/{by_performer}/take-back/", reason="I am away that week.")
    assert "Taken back. The other side was told." in taken_back.text
    assert owner.reads_in_mail("I am away that week.")


def is_never_answered(busy: BusyWeek, piece: str, body: bytes) -> None:
    """Silence is decided for the performer; who did not answer was reminded."""
    hands_in(busy.performer(12), piece, body)
    busy.house.passes_to(busy.house.now() + timedelta(days=7, hours=1))
    owner, _ = busy.owner(3)
    waits_until(
        lambda: owner.does("GET", f"commissions/{piece}")["state"] == "accepted", "silence accepts it"
    )
    assert owner.reads_in_mail("without an answer it is accepted")
    owner.is_refused("POST", f"commissions/{piece}/take-back", "work_has_begun", reason="Too late.")


def is_paid(busy: BusyWeek) -> None:
    """40.00, 25.00, 15.00 and 10.00, in one run by two; the statement names each, and the books agree."""
    one, other = (busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    ada = busy.performer(12)
    waits_until(lambda: len(lines_of(ada)) == 4, "each has its line")
    assert sorted(row["amount"]["amount_minor"] for row in lines_of(ada)) == [1_000, 1_500, 2_500, 4_000]
    waits_until(lambda: owed_minor(one, ada) >= 9_000, "all four are earned")
    whose = owed(one, ada)["performer"]
    run = one.does("POST", "pay-runs/off-cycle", performers=[whose], reason="Four pieces.")["id"]
    frozen = one.does("POST", f"pay-runs/{run}/freeze")
    other.proves()
    approved = {"content_hash": frozen["content_hash"]}
    assert other.does("POST", f"pay-runs/{run}/approve", **approved)["state"] == "approved"
    other.waits_for(f"/pay/payday/{run}/", "The run Paid")
    statement = ada.opens(f"/pay/statements/{ada.does('GET', 'me/statements')['data'][0]['id']}/").text
    for words in (
        "“A farewell”",
        "“Another for 25.00”",
        "“Another for 15.00”",
        "“Another for 10.00”",
        "Commissioned piece",
    ):
        assert words in statement, words
    assert all(rule["violations"] == 0 for rule in one.does("GET", "audit/invariants")["data"])


def lines_of(ada: Person) -> list[dict[str, Any]]:
    return [row for row in ada.does("GET", "pay-lines")["data"] if row["kind"] == "piece"]


def owed(one: Person, ada: Person) -> dict[str, Any]:
    rows: list[dict[str, Any]] = one.does("GET", f"owed-performers?q={ada.name}")["data"]
    return rows[0] if rows else {}


def owed_minor(one: Person, ada: Person) -> int:
    found = owed(one, ada)
    return int(found["amount"]["amount_minor"]) if found else 0


def usd(minor: int) -> dict[str, Any]:
    return {"amount_minor": minor, "currency": "usd"}
