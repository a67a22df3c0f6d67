"""A performer says what she felt, two of the company what they see, how far these agree is shown, the words are written down, and
a client loads all of it; then she takes it back, and her partner his grant."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.coming_in import joins
from tests.journeys.house import Person, waits_until
from tests.journeys.test_rights_and_deliveries import (
    CLIENT,
    MONEY,
    is_played_and_recorded,
    segments,
    waits,
)
from tests.journeys.test_the_room import DECK, pays_in

pytestmark = pytest.mark.long_journey
WORDS = b"WEBVTT\n\n00:00.000 --> 00:02.000\n<v One>You came back.\n"


def test_what_people_say_of_a_recording_goes_with_it_and_is_taken_back(
    busy: BusyWeek, tmp_path: Path
) -> None:
    owner, company = busy.owner(3)
    pays_in(busy, owner, company, MONEY)
    gig = busy.posts_a_gig(
        owner, company, "Two to label", seats=2, openings=2, set_aside_minor=MONEY, prompts=DECK
    )
    cast = [busy.performer(number) for number in (10, 11)]
    engagements = [is_engaged(owner, person, gig, grants=["evaluation"]) for person in cast]
    page = owner.opens(f"/gigs/{gig}/labels/")
    assert "First choose the words" in page.text
    session = is_played_and_recorded(busy, owner, cast, gig, engagements)
    jo, kim = (Person(busy.house, name) for name in ("Jolanda Reed", "Kimberly Moss"))
    chooses_words_and_who_labels(owner, [jo, kim], company, gig)
    felt = says_what_she_felt(cast[0], session, owner)
    label_blind(jo, kim, gig)
    agreement_is_shown(owner, gig)
    he_thinks_better_of_it(cast[1], owner, session)
    of_first = writes_down_what_was_said(owner, cast[0], session)
    first = delivered(owner, gig)
    found = loaded(owner, first, tmp_path / "first")
    assert {row["sense"] for row in found["labels"]} == {"felt", "seen"}
    assert len(found["labels"]) == 5
    assert sorted(found["transcripts"]) == ["", WORDS.decode()]
    agreed = json.loads((tmp_path / "first" / "agreement.json").read_text())
    assert agreed["intensity"]["alpha_thousandths"] == 1000
    assert jo.name not in (tmp_path / "first" / "labels.jsonl").read_text()
    is_taken_back(owner, cast, Told(gig, engagements[1], session, felt, of_first, first), tmp_path / "second")


def chooses_words_and_who_labels(owner: Person, people: list[Person], company: str, gig: str) -> None:
    """Two people come into the company by mail; the owner names them on the page, and they hear of it."""
    path = f"/gigs/{gig}/labels/"
    owner.proves()
    for person in people:
        owner.does("POST", f"companies/{company}/invitations", email=person.email, role="reviewer")
        joins(person)
    typed: dict[str, str | list[str]] = {"emotions": ["joy", "fear", "anger"], "wanted": "2", "piece_s": "30"}
    kept = owner.sends(owner.opens(path), f"{path}words/", **typed)
    assert "That is how it is labelled" in kept.text
    said = {name: owner.does("GET", f"gigs/{gig}/labelling")[name] for name in ("emotions", "piece_s")}
    assert set(said["emotions"]) == {"joy", "fear", "anger", "neutral", "other"}
    assert owner.does("PUT", f"gigs/{gig}/labelling", **said, wanted=3)["wanted"] == 3
    assert owner.does("PUT", f"gigs/{gig}/labelling", **said, wanted=2)["wanted"] == 2
    members = owner.does("GET", f"companies/{company}/members")["data"]
    ids = [row["id"] for row in members if row["name"] in {person.name for person in people}]
    owner.is_refused("PUT", f"gigs/{gig}/labelling", "invalid", emotions=["joy"], wanted=2, piece_s=30)
    assert "Saved" in owner.sends(owner.opens(path), f"{path}annotators/", annotators=ids).text
    both = owner.does("PUT", f"gigs/{gig}/annotators", annotators=ids)["data"]
    assert owner.does("GET", f"gigs/{gig}/annotators")["data"] == both
    assert {row["name"] for row in both} == {person.name for person in people}
    assert "Two to label" in people[0].reads_mail("You label a gig's recordings")


def own(person: Person, owner: Person, session: str) -> str:
    """The id of their own recording."""
    (row,) = segments(person, session)
    return str(row["id"])


def says_what_she_felt(ada: Person, session: str, owner: Person) -> str:
    """On the page beside her recording, where she reads what it is for; corrected once. What stands."""
    path, segment = f"/sessions/{session}/labels/", own(ada, owner, session)
    page = ada.opens(ada.opens(f"/sessions/{session}/recordings/").link(path))
    assert "They never feed casting, your standing or your pay" in page.text
    typed = {"starts_ms": "0:00", "ends_ms": "0:01.5", "sense": "felt", "emotion": "fear", "intensity": "4"}
    assert "lie within the recording" in ada.sends(page, path, **typed | {"ends_ms": "9:00"}).text
    assert "Kept." in ada.sends(ada.opens(path), path, **typed).text
    (given,) = ada.does("GET", f"segments/{segment}/labels")["data"]
    again = ada.sends(ada.opens(path), f"/labels/{given['id']}/replace/", **typed | {"emotion": "joy"})
    assert "Corrected." in again.text
    (stands,) = ada.does("GET", f"segments/{segment}/labels")["data"]
    assert (stands["emotion"], stands["version"]) == ("joy", 2)
    return str(stands["id"])


def label_blind(jo: Person, kim: Person, gig: str) -> None:
    """Jo piece by piece on the page, Kim by an app: neither reads the other before their own is in, nor corrects it after."""
    path = f"/gigs/{gig}/labels/"
    assert "2 pieces wait for your label" in jo.opens(path).text
    for strength in ("3", "4"):
        page = jo.opens(f"{path}next/")
        assert jo.sends(page, f"{path}next/", emotion="joy", intensity=strength).status == 200
    assert "Nothing waits for your label" in jo.opens(path).text
    (slip,) = [row for row in jo.does("GET", f"gigs/{gig}/labels")["data"] if row["intensity"] == 4]
    meant = {name: slip[name] for name in ("sense", "starts_ms", "ends_ms", "emotion")}
    corrected = jo.does("PUT", f"labels/{slip['id']}", **meant, intensity=5)
    assert corrected["version"] == 2
    assert kim.does("GET", f"gigs/{gig}/labels")["data"] == []
    pieces = kim.does("GET", f"gigs/{gig}/pieces")["data"]
    for piece, (emotion, how) in zip(pieces, (("joy", 3), ("anger", 5)), strict=True):
        assert kim.gets(piece["address"])
        said = {name: piece[name] for name in ("starts_ms", "ends_ms")} | {
            "sense": "seen",
            "emotion": emotion,
        }
        given = kim.does("POST", f"segments/{piece['segment']}/labels", **said, intensity=how)
        again = f"segments/{piece['segment']}/labels"
        kim.is_refused("POST", again, "already_labelled", **said, intensity=how)
    assert len(kim.does("GET", f"gigs/{gig}/labels")["data"]) == 4
    kim.is_refused("PUT", f"labels/{given['id']}", "label_read_before", **said, intensity=4)
    kim.is_refused("POST", f"labels/{corrected['id']}/withdraw", "not_found")
    assert "You can read the others now" in jo.opens(path).text


def agreement_is_shown(owner: Person, gig: str) -> None:
    stands = owner.does("GET", f"gigs/{gig}/labelling/standing")
    assert (stands["pieces"], stands["done"], stands["compared"]) == (2, 2, 2)
    assert stands["intensity_thousandths"] == 1000
    assert stands["emotion_thousandths"] is not None
    shown = f"{stands['emotion_thousandths'] / 1000:.2f}"
    assert shown in owner.opens(f"/gigs/{gig}/labels/").text


def writes_down_what_was_said(owner: Person, ada: Person, session: str) -> str:
    """From the recordings' page; a hostile file is refused with a sentence, and says which line."""
    segment = own(ada, owner, session)
    owner.opens(f"/sessions/{session}/recordings/").link(f"/segments/{segment}/transcript/")
    path = f"/segments/{segment}/transcript/"
    assert "Deliveries say that there is none" in owner.opens(path).text
    bad = b"WEBVTT\n\n00:00.000 --> 00:01.000\n<script src=//x></script>\n"
    refused = owner.uploads(owner.opens(path), path, receipt=("a.vtt", bad), field="file")
    assert "Line 4: it holds a tag that no transcript needs" in refused.text
    assert "Kept." in owner.uploads(owner.opens(path), path, receipt=("a.vtt", WORDS), field="file").text
    assert "You came back." in ada.does("GET", f"segments/{segment}/transcript")["text"]
    return segment


def he_thinks_better_of_it(bo: Person, owner: Person, session: str) -> None:
    """By an app: he says what he played, and takes it back; the owner brings words of his, and removes them."""
    (segment,) = segments(bo, session)
    said = {"sense": "played", "emotion": "anger", "intensity": 2}
    said |= {"starts_ms": segment["offset_ms"], "ends_ms": segment["offset_ms"] + 1_000}
    given = bo.does("POST", f"segments/{segment['id']}/labels", **said)
    assert bo.does("POST", f"labels/{given['id']}/withdraw")["withdrawn_at"]
    bo.is_refused("POST", f"labels/{given['id']}/withdraw", "label_over")
    path = f"segments/{segment['id']}/transcript"
    bad = WORDS.decode().replace("00:02.000", "09:02.000")
    owner.is_refused("PUT", path, "invalid", text=bad)
    assert owner.does("PUT", path, text=WORDS.decode())["cues"] == 1
    assert owner.does("POST", f"{path}/remove")["ended_at"]
    owner.is_refused("GET", path, "not_found")


def delivered(owner: Person, gig: str) -> str:
    made = owner.does("POST", f"gigs/{gig}/deliveries", purposes=["evaluation"])
    waits(owner, made["id"], "ready")
    return str(made["id"])


def loaded(owner: Person, delivery: str, folder: Path) -> dict[str, Any]:
    """As a client's own machine loads it, which knows nothing of the house."""
    folder.mkdir()
    for file in owner.does("GET", f"deliveries/{delivery}")["files"]:
        (folder / file["name"]).write_bytes(owner.gets(file["address"]))
    done = subprocess.run(
        [sys.executable, "-I", CLIENT, str(folder)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["errors"], found["matches"]) == ([], [True, True])
    return found


@dataclass
class Told:
    """What there is to take back."""

    gig: str
    engagement: str
    session: str
    label: str
    segment: str
    delivery: str


def is_taken_back(owner: Person, cast: list[Person], told: Told, folder: Path) -> None:
    """Her label and the transcript are in no later version; when he withdraws his grant nothing of the scene is."""
    (ada, bo), gig = cast, told.gig
    path = f"/sessions/{told.session}/labels/"
    assert "Taken back." in ada.sends(ada.opens(path), f"/labels/{told.label}/withdraw/").text
    remove = f"/segments/{told.segment}/transcript/remove/"
    assert "Removed." in owner.sends(owner.opens(remove.removesuffix("remove/")), remove).text
    found = loaded(owner, delivered(owner, gig), folder)
    assert {row["sense"] for row in found["labels"]} == {"seen"}
    assert (len(found["labels"]), found["transcripts"]) == (4, ["", ""])
    assert [each["transcript"] for each in found["told"]] == [None, None]
    the_owner_takes_back_for_who_labels_no_more(owner, gig)
    (grant,) = [row for row in bo.does("GET", "grants")["data"] if row["engagement"] == told.engagement]
    bo.does("POST", f"grants/{grant['id']}/withdraw")
    assert owner.does("GET", f"gigs/{gig}/labelling/standing")["pieces"] == 0
    assert "No recording to label yet" in owner.opens(f"/gigs/{gig}/labels/").text
    waits(owner, told.delivery, "recalled")
    waits_until(
        lambda: all(row["state"] != "ready" for row in owner.does("GET", f"gigs/{gig}/deliveries")["data"]),
        "nothing of it is given out",
    )
    owner.is_refused("POST", f"gigs/{gig}/deliveries", "nothing_to_deliver", purposes=["evaluation"])


def the_owner_takes_back_for_who_labels_no_more(owner: Person, gig: str) -> None:
    """Of one over the API, of the other on the page; not while they still can by themselves."""
    path = f"/gigs/{gig}/labels/"
    one, other = (row["id"] for row in owner.does("GET", f"gigs/{gig}/annotators")["data"])
    takes = f"gigs/{gig}/annotators/{one}/withdraw"
    owner.is_refused("POST", takes, "still_labels", reason="She asked.")
    owner.does("PUT", f"gigs/{gig}/annotators", annotators=[])
    assert owner.does("POST", takes, reason="She asked.")["id"] == one
    taken = owner.sends(owner.opens(path), f"{path}annotators/{other}/withdraw/", reason="So did she.")
    assert "Taken back." in taken.text
    assert owner.does("GET", f"gigs/{gig}/labels")["data"] == []
