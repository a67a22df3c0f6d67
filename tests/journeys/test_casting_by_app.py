"""The same casting by apps and by the pages that its other journey does not open: a picture, a reel, words that are reported and
answered, a thread that is ended, a rubric, two verdicts far apart and the ruling."""

import base64
import secrets

import pytest

from tests.architecture.access_matrix import PICTURE
from tests.journeys import reached
from tests.journeys.busy_week import BusyWeek, applies
from tests.journeys.coming_in import joins
from tests.journeys.house import Person

pytestmark = pytest.mark.long_journey
LINES = [
    {
        "name": "Listens",
        "weight": 1,
        "anchor_low": "Waits.",
        "anchor_middle": "Hears.",
        "anchor_high": "Builds.",
    }
]


def test_an_app_casts_as_the_pages_do(busy: BusyWeek) -> None:
    owner, company = busy.owner(2)
    ada, ben = busy.performer(4), busy.performer(7)
    has_a_picture_and_a_reel(ada)
    gig = busy.posts_a_gig(owner, company, "By app", set_aside_minor=10_000)
    hers, his = applies(ada, gig), applies(ben, gig)
    # Of an applicant the company reads no more than the application says; of whom it engaged, their craft.
    owner.is_refused("GET", f"performers/{ada.does('GET', 'me')['performer']}", "not_found")
    engaged = owner.does("GET", "engagements?limit=1")["data"][0]["performer"]
    assert "skills" in owner.does("GET", f"performers/{engaged}")
    words_are_reported_and_answered(busy, owner, ada, hers)
    a_thread_is_ended_and_taken_up(owner, ada, hers)
    are_judged(owner, a_reviewer(busy, owner, company), gig, hers, his)


def has_a_picture_and_a_reel(ada: Person) -> None:
    address = ada.does("PUT", "me/performer/photo", photo=PICTURE)["address"]
    assert ada.gets(address)
    assert ada.does("DELETE", "me/performer/photo")["status_code"] == 204
    page = ada.opens("/profile/")
    picture = ("me.png", base64.b64decode(PICTURE))
    assert "picture" in ada.uploads(page, "/profile/photo/", field="photo", receipt=picture).text.lower()
    assert ada.does("GET", "me/performer")["id"]
    # One let go half-way, one taken back by an app, one on the page.
    half = begins_a_reel(ada)
    ada.tus("PATCH", half, b"\x00" * 5, upload_offset="0")
    assert ada.tus("HEAD", half).headers["Upload-Offset"] == "5"
    ada.tus("DELETE", half)
    begins_a_reel(ada)
    reel = ada.does("GET", "me/performer/reels")["data"][0]["id"]
    assert ada.does("DELETE", f"tapes/{reel}")["status_code"] in (200, 204)
    begins_a_reel(ada)
    shown = ada.opens("/profile/reel/")
    ada.sends(shown, r"/tapes/\w+/delete/")


def begins_a_reel(ada: Person) -> str:
    key = base64.b64encode(secrets.token_hex(16).encode()).decode()
    opened = ada.tus("POST", "/profile/reel/uploads/", upload_metadata=f"key {key}", upload_length="9")
    return opened.headers["Location"]


def words_are_reported_and_answered(busy: BusyWeek, owner: Person, ada: Person, application: str) -> None:
    tala = busy.comes_in("Talent operations")
    path, page = f"applications/{application}/messages", f"/applications/{application}/messages/"
    ada.does("POST", path, text="Which days?")
    owner.does("POST", path, text="Smile for me first.")
    rows = ada.does("GET", path)["data"]
    theirs = next(row["id"] for row in rows if row["of_company"])
    ada.does("POST", f"messages/{theirs}/report", text="It is rude.")
    (flag,) = [row["id"] for row in tala.does("GET", "message-reports")["data"] if row["message"] == theirs]
    assert "Smile for me first." in tala.opens(f"/reported/{flag}/").text
    tala.does("POST", f"message-reports/{flag}/answer", text="We spoke to them.")
    owner.does("POST", path, text="I am sorry; smile anyway.")
    ada.sends(ada.opens(page), r"/messages/\w+/report/", text="Again.")
    again = tala.does("GET", "message-reports")["data"][0]["id"]
    tala.sends(
        tala.opens(f"/reported/{again}/"), f"/reported/{again}/answer/", text="They may not write any more."
    )


def a_thread_is_ended_and_taken_up(owner: Person, ada: Person, application: str) -> None:
    path, page = f"applications/{application}/block", f"/applications/{application}/messages/"
    assert ada.does("PUT", path)["blocked"]
    assert owner.calls("POST", f"applications/{application}/messages", text="?")["status_code"] in (403, 409)
    assert not ada.does("DELETE", path)["blocked"]
    ada.sends(ada.opens(page), f"/applications/{application}/messages/block/")
    ada.does("DELETE", path)


def a_reviewer(busy: BusyWeek, owner: Person, company: str) -> Person:
    lia = Person(busy.house, "Lia Marsh")
    owner.proves()  # it may be long since they came in
    owner.does("POST", f"companies/{company}/invitations", email=lia.email, role="reviewer")
    joins(lia)
    return lia


def a_benchmark_is_set_and_taken_off(owner: Person, hers: str, his: str) -> None:
    """Of hers by an app, of his on the page: the owner judges too, so none of them stays one."""
    path, scores = f"applications/{hers}/benchmark", [{"position": 1, "score": 4}]
    assert owner.does("PUT", path, scores=scores, reason="The middle.")["scores"] == scores
    assert owner.does("GET", path)["reason"] == "The middle."
    owner.does("DELETE", path)
    page = f"/applicants/{his}/"
    put = owner.sends(owner.opens(page), f"{page}benchmark/", score_1="4", note="The middle.")
    assert "each judge scores it first" in put.text
    assert "like any other again" in owner.sends(put, f"{page}benchmark/").text


def are_judged(owner: Person, lia: Person, gig: str, hers: str, his: str) -> None:
    """Of two applicants one is ruled upon by an app, the other on the page."""
    owner.does("PUT", f"gigs/{gig}/rubric", lines=LINES)
    assert owner.does("GET", f"gigs/{gig}/rubric")["data"][0]["name"] == "Listens"
    a_benchmark_is_set_and_taken_off(owner, hers, his)
    judges = [str(person.does("GET", "me")["id"]) for person in (owner, lia)]
    owner.does("PUT", f"gigs/{gig}/judges", judges=judges)
    assert {row["id"] for row in owner.does("GET", f"gigs/{gig}/judges")["data"]} == set(judges)
    assert lia.opens(f"/gigs/{gig}/judging/next/").path.startswith("/applicants/")
    reached.led_on("judge_next")
    for application in (hers, his):
        owner.does("POST", f"applications/{application}/verdicts", scores=[{"position": 1, "score": 5}])
        lia.does("POST", f"applications/{application}/verdicts", scores=[{"position": 1, "score": 1}])
    assert set(owner.does("GET", f"gigs/{gig}/judging")["apart"]) == {hers, his}
    owner.does("PUT", f"applications/{hers}/tags", tags=["warm"])
    owner.does(
        "PUT", f"applications/{hers}/ruling", scores=[{"position": 1, "score": 4}], reason="I saw it live."
    )
    page = f"/applicants/{his}/"
    owner.sends(owner.opens(page), f"{page}rule/", score_1="2", note="Too quick.")
    owner.sends(owner.opens(page), f"{page}tags/", tags="quick")
    owner.sends(owner.opens(page), f"{page}call-back/", text="Would you read once more, slower?")
