"""A gig is cast by craft: a self-tape recorded in the browser, two who judge it blind, a message with its answer, and an answer
with its reason; and whoever has nothing to do with it plays nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from playwright.sync_api import Browser, expect, sync_playwright

import tests.browser.chromium
from tests.journeys.busy_week import BusyWeek, applies
from tests.journeys.coming_in import joins
from tests.journeys.house import Person
from tests.journeys.test_the_room import FAKES, SECONDS, screen

chromium = tests.browser.chromium
pytestmark = [
    pytest.mark.long_journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
AUDITION = "Somebody asks you for your umbrella; it does not rain."
SOON_MS, LOOKED_AT_MS = 10 * SECONDS, 60 * SECONDS
LINE = {
    "name_1": "Listens",
    "weight_1": "2",
    "anchor_low_1": "Waits.",
    "anchor_middle_1": "Hears.",
    "anchor_high_1": "Builds.",
}


@pytest.fixture(scope="module")
def cameras() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.find(), args=FAKES)
        yield opened
        opened.close()


def test_a_performer_is_judged_by_a_tape_and_everyone_is_answered(busy: BusyWeek, cameras: Browser) -> None:
    owner, company = busy.owner(3)
    ada, ben = busy.performer(2), busy.performer(6)
    jo, kim = two_reviewers(busy, owner, company)
    gig = busy.posts_a_gig(owner, company, "By craft", audition=AUDITION)
    assert "A self-tape, unpaid" in ada.opens(f"/gigs/{gig}/").text

    application = says_what_they_play_and_applies(ada, gig)
    sends_a_tape(cameras, ada, application)
    assert ada.does("GET", f"applications/{application}")["state"] == "audition_submitted"

    plays_for_the_company_and_for_no_stranger(busy, jo, application)
    writes_and_is_answered(ada, owner, application)
    are_assigned(owner, (jo, kim), gig)
    is_a_benchmark(owner, application)
    judge_blind(cameras, (jo, kim), gig, application, ada.name)
    they_read_how_far_they_were_off(owner, (jo, kim), gig, application)
    is_declined_with_a_reason(ada, jo, application)
    # The other one, who never sent a tape, has an answer too.
    without = applies(ben, gig)
    owner.does("POST", f"applications/{without}/decline", reason="no_audition")
    assert "The self-tape did not come" in ben.opens("/work/").text


def two_reviewers(busy: BusyWeek, owner: Person, company: str) -> tuple[Person, Person]:
    jo, kim = Person(busy.house, "Jo Keen"), Person(busy.house, "Kim Fair")
    for person in (jo, kim):
        owner.does("POST", f"companies/{company}/invitations", email=person.email, role="reviewer")
        joins(person)
    return jo, kim


def says_what_they_play_and_applies(ada: Person, gig: str) -> str:
    profile = ada.sends(
        ada.opens("/profile/"),
        "/profile/$",
        skills=["duo"],
        languages=["en"],
        accents=["irish"],
        plays_from="25",
        plays_to="40",
        credits="The Kettle, 2026",
    )
    assert "Your profile is saved." in profile.text
    sent = ada.sends(ada.opens(f"/gigs/{gig}/apply/"), f"/gigs/{gig}/apply/", note="I listen.")
    assert AUDITION in sent.text
    found = re.search(r"/work/applications/(app_\w+)/tape/", sent.path)
    assert found is not None
    return found[1]


def sends_a_tape(cameras: Browser, ada: Person, application: str) -> None:
    """Recorded in the browser; looked at before anybody has it; sent."""
    with screen(cameras, ada) as page:
        page.goto(f"{ada.house.url}/work/applications/{application}/tape/")
        page.get_by_role("button", name="Turn on camera and microphone").click()
        page.get_by_role("button", name="Record", exact=True).click(timeout=SOON_MS)
        page.wait_for_timeout(3 * SECONDS)
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".booth-take")).to_be_visible(timeout=SOON_MS)
        assert ada.does("GET", f"applications/{application}/tapes")["data"] == []
        page.get_by_role("button", name="Send this take").click()
        expect(page.locator("#tapes video")).to_be_visible(timeout=LOOKED_AT_MS)


def plays_for_the_company_and_for_no_stranger(busy: BusyWeek, jo: Person, application: str) -> None:
    """The yes, and the noes: another company, another performer, whoever is not logged in, and the same one later."""
    (tape,) = jo.does("GET", f"applications/{application}/tapes")["data"]
    assert b"ftyp" in jo.gets(tape["address"])[:64] or jo.gets(tape["address"]).startswith(b"\x1aE\xdf\xa3")
    stranger, _ = busy.owner(1)
    another = busy.performer(9)
    for person in (stranger, another):
        assert person.calls("GET", f"applications/{application}/tapes")["status_code"] == 404
        assert person.opens(tape["address"]).status == 404
    nobody = requests.get(f"{busy.house.url}{tape['address']}", timeout=20, allow_redirects=False)
    assert nobody.status_code in (302, 401, 404)
    busy.house.passes_to(busy.house.now() + timedelta(minutes=11))
    assert jo.opens(tape["address"]).status == 403
    (again,) = jo.does("GET", f"applications/{application}/tapes")["data"]
    assert jo.opens(again["address"]).status == 200


def writes_and_is_answered(ada: Person, owner: Person, application: str) -> None:
    page = f"/applications/{application}/messages/"
    asked = ada.sends(ada.opens(page), f"{page}$", text="Which days would it be?")
    assert "Sent. They are told." in asked.text
    read = owner.opens(page)
    assert "Which days would it be?" in read.text
    assert ada.name not in read.text
    owner.sends(read, f"{page}$", text="Tuesdays.")
    assert "Tuesdays." in ada.opens(page).text


def are_assigned(owner: Person, judges: tuple[Person, Person], gig: str) -> None:
    page = f"/gigs/{gig}/judging/"
    assert "The rubric stands." in owner.sends(owner.opens(page), f"{page}rubric/", **LINE).text
    chosen = [str(judge.does("GET", "me")["id"]) for judge in judges]
    assert "Saved." in owner.sends(owner.opens(page), f"{page}judges/", judges=chosen).text


def is_a_benchmark(owner: Person, application: str) -> None:
    page = f"/applicants/{application}/"
    put = owner.sends(owner.opens(page), f"{page}benchmark/", score_1="5", note="Builds on every line.")
    assert "each judge scores it first" in put.text


def they_read_how_far_they_were_off(
    owner: Person, judges: tuple[Person, Person], gig: str, application: str
) -> None:
    for judge, off in zip(judges, ("1.00", "0.00"), strict=True):
        assert f"You were {off} off." in judge.opens(f"/applicants/{application}/").text
    assert "By the benchmarks" in owner.opens(f"/gigs/{gig}/judging/").text


def judge_blind(
    cameras: Browser, judges: tuple[Person, Person], gig: str, application: str, name: str
) -> None:
    """By keys alone: the score, and Enter. Nobody reads a name or another's verdict before their own is in."""
    page = f"/gigs/{gig}/judging/"
    for judge, key in zip(judges, ("4", "5"), strict=True):
        with screen(cameras, judge) as theirs:
            theirs.goto(f"{judge.house.url}{page}")
            theirs.keyboard.press("n")
            expect(theirs.locator("#verdict")).to_be_visible(timeout=SOON_MS)
            assert name not in theirs.content()
            assert "So far" not in theirs.content()
            assert "Builds on every line." not in theirs.content()
            theirs.keyboard.press(key)
            theirs.keyboard.press("Enter")
            expect(theirs.get_by_role("heading", name="The verdicts")).to_be_visible(timeout=SOON_MS)
            assert name in theirs.content()
    assert len(judges[0].does("GET", f"applications/{application}/verdicts")["data"]) == 2


def is_declined_with_a_reason(ada: Person, jo: Person, application: str) -> None:
    declined = jo.sends(
        jo.opens(f"/applicants/{application}/"),
        f"/applicants/{application}/decline/",
        reason="audition",
        note="Warm; we looked for colder.",
    )
    assert "has your answer, with the reason." in declined.text
    assert "The audition was not what this scene needs" in ada.opens("/work/").text
    assert all(not tape["address"] for tape in jo.does("GET", f"applications/{application}/tapes")["data"])
    assert ada.does("GET", f"applications/{application}/tapes")["data"][0]["address"]
