"""A performer alone, before the camera: she records herself, plays a list of feelings card by card, says of each take what she
played, is paid, and all of it is delivered. Nobody of the company was there, and one who looks in directs nothing."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import tests.browser.chromium
from tests.journeys.busy_week import NEW_YORK, BusyWeek, signs
from tests.journeys.house import Person, waits_until
from tests.journeys.test_labels import delivered
from tests.journeys.test_recording import (
    all_checked,
    cameras,
    comes_back,
    is_recorded,
    presses_record,
    segments,
)
from tests.journeys.test_the_room import SECONDS, comes_in, pays_in, screen

__all__ = ["cameras"]
chromium = tests.browser.chromium
pytestmark = [
    pytest.mark.long_journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
MONEY = 20_000
LENGTH_S = 1800
# Sooner than a page looks by itself.
SOON_MS = 40 * SECONDS
FIRST, SECOND = "Joy, barely there", "Joy, as strong as it gets"


@dataclass
class Call:
    owner: Person
    ada: Person
    gig: str
    session: str
    call_at: datetime

    @property
    def path(self) -> str:
        return f"sessions/{self.session}"


def test_one_who_directs_herself_from_the_gig_to_the_delivery(busy: BusyWeek, cameras: Browser) -> None:
    owner, company = busy.owner(4)
    ada = busy.performer(12)
    gig = is_posted(busy, owner, company)
    reads_that_she_directs(ada, gig)
    engagement = is_engaged(owner, ada, gig)
    assert "its absence is no fault of either side" in ada.opens(f"/engagements/{engagement}/").text
    busy.house.passes_to(busy.house.now() + timedelta(days=1))
    session, call_at = busy.books_soon(owner, gig=gig, engagements=[engagement], length_s=LENGTH_S)
    call = Call(owner, ada, gig, session, call_at)
    busy.house.passes_to(call_at - timedelta(minutes=2))
    plays_card_by_card(busy, call, cameras)
    is_paid_by_what_she_was_there(busy, call)
    says_what_she_played(call)
    is_delivered(call)


def is_posted(busy: BusyWeek, owner: Person, company: str) -> str:
    """From the house's template, on pages; with two seats or after it was published it is no such gig."""
    pays_in(busy, owner, company, MONEY)
    today = busy.house.now().astimezone(NEW_YORK).date()
    days = {"starts_on": f"{today}", "ends_on": f"{today + timedelta(days=60)}"}
    gallery = owner.opens(f"/company/{company}/gigs/templates/")
    template = owner.opens(gallery.link("/templates/solo-emotions/"))
    assert "who directs alone" in template.text
    saved = owner.sends(template, template.path, rate="50.00", **days)
    gig = saved.path.rstrip("/").rsplit("/", 1)[1]
    change = owner.opens(saved.path).link(rf"/gigs/{gig}/change/")
    refused = owner.sends(owner.opens(change), change, seats="2", self_directed="on")
    assert "Whoever directs themself plays alone: give a session one seat." in refused.text
    owner.is_refused("PATCH", f"gigs/{gig}", "invalid", seats=2)
    assert (
        "You direct yourself: nobody of the company need be there."
        in owner.opens(f"/gigs/{gig}/preview/").text
    )
    owner.does("POST", f"gigs/{gig}/funding", amount={"amount_minor": MONEY, "currency": "usd"})
    posted = owner.sends(owner.opens(saved.path), f"{saved.path}step/publish/")
    assert "It is on the board now." in posted.text
    owner.is_refused("PATCH", f"gigs/{gig}", "gig_is_promised", self_directed=False)
    said: dict[str, str | list[str]] = {"emotions": ["joy", "surprise", "fear"], "wanted": "2"}
    kept = owner.sends(
        owner.opens(f"/gigs/{gig}/labels/"), f"/gigs/{gig}/labels/words/", piece_s="30", **said
    )
    assert "That is how it is labelled" in kept.text
    return gig


def reads_that_she_directs(ada: Person, gig: str) -> None:
    assert "Solo, you direct yourself" in ada.opens("/?seats=1").text
    assert "You direct yourself: nobody of the company need be there." in ada.opens(f"/gigs/{gig}/").text
    assert ada.does("GET", f"gigs/{gig}")["self_directed"] is True


def is_engaged(owner: Person, ada: Person, gig: str) -> str:
    """With the template's two questions answered; the engagement's id."""
    said = [{"position": 1, "text": "Shame. I look at the floor first."}, {"position": 2, "text": "yes"}]
    application = ada.does("POST", f"gigs/{gig}/applications", note="I play alone well.", answers=said)["id"]
    owner.does("POST", "offers", applications=[application])
    engagement = ada.does("POST", f"applications/{application}/accept-offer")["id"]
    signs(ada, engagement, grants=["evaluation"])
    signs(owner, engagement)
    return str(engagement)


def plays_card_by_card(busy: BusyWeek, call: Call, cameras: Browser) -> None:
    """She reads the first card before the call; from it on she records, begins and cuts, plays one again, and wraps."""
    url = f"{busy.house.url}/{call.path}/room/"
    with screen(cameras, call.ada) as hers:
        hers.goto(url)
        expect(hers.get_by_text("You direct yourself:")).to_be_visible()
        comes_in(hers, url)
        expect(hers.locator(".meeting-alone")).to_contain_text("You are alone here, as is meant")
        hers.get_by_role("button", name="Take the first card").click()
        expect(hers.locator("#cards")).to_contain_text(FIRST, timeout=SOON_MS)
        assert hers.get_by_role("button", name="Begin a take").count() == 0
        busy.house.passes_to(max(call.call_at, busy.house.now()) + timedelta(seconds=10))
        # While it passed she was away for too long: until she is in again nothing is recorded.
        hers.reload()
        presses_record(hers)
        expect(hers.get_by_text("You are not in the room.")).to_be_visible(timeout=SOON_MS)
        comes_back(hers, url)
        presses_record(hers)
        is_recorded(hers)
        plays(hers, "Begin a take", "Scene 1, take 1")
        plays(hers, "Once more", "Scene 1, take 2")
        hers.get_by_role("button", name="Next card").click()
        expect(hers.locator("#cards")).to_contain_text(SECOND, timeout=SOON_MS)
        hers.get_by_role("button", name="Begin a take").click()
        expect(hers.locator(".room-slate")).to_have_text("Scene 2, take 1", timeout=SOON_MS)
        one_looks_in_and_directs_nothing(call, hers, cameras)
        hers.get_by_role("button", name="Next card").click()
        expect(hers.locator(".room-slate")).to_have_count(0, timeout=SOON_MS)
        hers.get_by_role("button", name="Stop recording").click()
        expect(hers.locator(".light-on")).to_have_count(0, timeout=SOON_MS)
        hers.wait_for_timeout(2 * SECONDS)
        hers.get_by_role("button", name="Wrap", exact=True).click()
        expect(hers.get_by_text("It cannot be opened again.")).to_be_visible()
        hers.get_by_role("button", name="Wrap the session").click()
        expect(hers.get_by_text("Ended. The time is being worked out.")).to_be_visible()
        (row,) = all_checked(call.owner, call.session, count=1)
        assert row["state"] == "checked", row
    takes = call.owner.does("GET", f"{call.path}/takes")["data"]
    assert [(row["scene"], row["number"], row["prompt"]) for row in takes] == [
        (1, 1, 1),
        (1, 2, 1),
        (2, 1, 2),
    ]
    assert all(row["cut_at"] for row in takes)


def plays(hers: Page, press: str, slate: str) -> None:
    hers.get_by_role("button", name=press).click()
    expect(hers.locator(".room-slate")).to_have_text(slate, timeout=SOON_MS)
    hers.wait_for_timeout(3 * SECONDS)
    hers.get_by_role("button", name="Cut", exact=True).click()
    expect(hers.locator(".room-slate")).to_have_count(0, timeout=SOON_MS)


def one_looks_in_and_directs_nothing(call: Call, hers: Page, cameras: Browser) -> None:
    """The owner is seen in the room; what they may press is to hold, to end and to stop."""
    people = hers.get_by_role("region", name="Who is here")
    expect(people).to_contain_text("Need not be here", timeout=SOON_MS)
    with screen(cameras, call.owner) as theirs:
        theirs.goto(f"{call.owner.house.url}/{call.path}/room/")
        expect(people).not_to_contain_text("Need not be here", timeout=SOON_MS)
        expect(theirs.get_by_role("button", name="End")).to_be_visible()
        for name in ("Next card", "Cut", "Stop recording"):
            assert theirs.get_by_role("button", name=name).count() == 0
    for path in ("cards", "takes", "recording"):
        call.owner.is_refused("POST", f"{call.path}/{path}", "performer_directs")
    call.owner.is_refused("POST", f"{call.path}/company-no-show", "nobody_need_come")


def is_paid_by_what_she_was_there(busy: BusyWeek, call: Call) -> None:
    """The minimum call, as for anyone who was there for less, and nothing of a company that did not come."""

    def recorded() -> bool:
        return bool(call.ada.does("GET", call.path)["state"] == "time_recorded")

    busy.house.passes_to(busy.house.now() + timedelta(minutes=20))
    waits_until(recorded, "its time was never worked out")
    found = call.ada.does("GET", call.path)
    assert (found["outcome"], found["no_show_found_at"]) == ("wrapped", None)
    page = call.ada.opens(f"/{call.path}/")
    assert "The minimum call is paid" in page.text
    assert "50.00" in page.text
    assert "did not come" not in page.text


def says_what_she_played(call: Call) -> None:
    """Take by take, on the page beside her recording: its times stand there already."""
    path = f"/{call.path}/labels/"
    page = call.ada.opens(call.ada.opens(f"/{call.path}/recordings/").link(path))
    links = [link for link in page.links if "take=" in link]
    assert len(links) == 3, page.text
    assert FIRST in page.text
    for link, (emotion, intensity) in zip(
        links, (("joy", "1"), ("joy", "2"), ("surprise", "5")), strict=True
    ):
        chosen = call.ada.opens(link)
        kept = call.ada.sends(chosen, re.escape(path), emotion=emotion, intensity=intensity)
        assert "Kept." in kept.text
    assert call.ada.opens(path).text.count("Labelled") == 3
    (segment,) = segments(call.ada, call.session)
    labels = call.ada.does("GET", f"segments/{segment['id']}/labels")["data"]
    given = sorted(labels, key=lambda row: row["starts_ms"])
    assert [(row["sense"], row["emotion"], row["intensity"]) for row in given] == [
        ("played", "joy", 1),
        ("played", "joy", 2),
        ("played", "surprise", 5),
    ]
    assert all(row["ends_ms"] - row["starts_ms"] > 1_000 for row in given[:2])


def is_delivered(call: Call) -> None:
    """Her recording is a track of the gig's set, with what she said of each take."""
    delivery = call.owner.does("GET", f"deliveries/{delivered(call.owner, call.gig)}")
    files = {file["name"]: file["address"] for file in delivery["files"]}
    samples, labels = (rows(call.owner.gets(files[name])) for name in ("samples.jsonl", "labels.jsonl"))
    assert len(samples) == 1
    assert sorted((row["emotion"], row["intensity"]) for row in labels) == [
        ("joy", 1),
        ("joy", 2),
        ("surprise", 5),
    ]


def rows(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.decode().splitlines()]
