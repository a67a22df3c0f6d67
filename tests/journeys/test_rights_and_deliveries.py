"""What was recorded is proved, delivered, loaded and recalled: by a performer, a client, a stranger and talent operations."""

import base64
import io
import json
import math
import secrets
import subprocess
import sys
import time
from array import array
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.house import Person
from tests.journeys.test_the_room import DECK, pays_in

pytestmark = pytest.mark.long_journey
CLIENT, MANIFESTS = "tests/clients/data_set.py", "tests/clients/manifests.py"
SCRIPT = "marketplace/static/marketplace/check_receipt.py"
LENGTH_S, WAITS_S = 1_800, 90
GRANTED = ["evaluation", "sublicensing"]
MONEY = 15_000


def test_what_was_recorded_is_proved_delivered_and_recalled(busy: BusyWeek, tmp_path: Path) -> None:
    owner, company = busy.owner(4)
    pays_in(busy, owner, company, MONEY)
    gig = busy.posts_a_gig(
        owner,
        company,
        "Two to deliver",
        seats=2,
        openings=2,
        set_aside_minor=MONEY,
        prompts=DECK,
        purposes=GRANTED,
    )
    says_what_recordings_are_for(owner, company, gig)
    cast = [busy.performer(number) for number in (12, 14)]
    engagements = [is_engaged(owner, person, gig, grants=GRANTED) for person in cast]
    session = is_played_and_recorded(busy, owner, cast, gig, engagements)
    receipts_are_proved(busy, cast[0], tmp_path)
    delivery = is_delivered(owner, company, gig)
    is_loaded_at_the_client(owner, delivery, tmp_path / "set")
    each_recording_says_what_it_is(busy, tmp_path)
    the_sheets_are_filled(tmp_path / "set")
    a_performer_sees_who_had_it(cast[0], owner, session, delivery)
    second = is_passed_on_and_pays(busy, owner, cast[0], delivery)
    is_withdrawn_and_deleted(busy, owner, second, cast, delivery)


def says_what_recordings_are_for(owner: Person, company: str, gig: str) -> None:
    """By the page; over the API it is made better for performers, and no worse."""
    path = f"/company/{company}/gigs/{gig}/uses/"
    page = owner.opens(path)
    assert "until you withdraw it" in page.text
    said = {
        "evaluation-deletion_days": "14",
        "evaluation-model_family": "Aria 2",
        "evaluation-not_for": "Advertising.",
    }
    assert "Aria 2" in owner.sends(page, path, purpose="evaluation", **said).text
    known = {"model_family": "Aria 2", "not_for": "Advertising.", "deletion_days": 7}
    told = owner.does("PUT", f"gigs/{gig}/purposes/evaluation", **known)
    assert "deleted within 7 days" in told["text"]
    worse = known | {"deletion_days": 60}
    owner.is_refused("PUT", f"gigs/{gig}/purposes/evaluation", "gig_is_promised", **worse)
    owner.does("PUT", f"gigs/{gig}/purposes/sublicensing", bonus_minor=1_500)
    read = owner.does("GET", f"gigs/{gig}/purposes")["data"]
    assert told["text"] in {row["text"] for row in read}


def is_played_and_recorded(
    busy: BusyWeek, owner: Person, cast: list[Person], gig: str, engagements: list[str]
) -> str:
    """Both are in the room, the company records, and what their devices made arrives by the resumable upload."""
    house = busy.house
    house.passes_to(house.now() + timedelta(days=1))
    session, call_at = busy.books_soon(owner, gig=gig, length_s=LENGTH_S, engagements=engagements)
    house.passes_to(call_at + timedelta(seconds=5))
    room = f"/sessions/{session}/room/"
    for person in cast:
        assert "Connected." in person.sends(person.opens(room), f"{room}enter/").text
    recording = owner.does("POST", f"sessions/{session}/recording")["id"]
    body = a_recording()
    for person in cast:
        sends(person, session, recording, body, began_ms=int(house.now().timestamp() * 1000))
    owner.does("POST", f"sessions/{session}/recording/stop")
    deadline = time.monotonic() + WAITS_S
    while {row["state"] for row in segments(owner, session)} != {"checked"}:
        assert time.monotonic() < deadline, segments(owner, session)
        time.sleep(0.5)
    owner.sends(owner.opens(room), f"{room}end/")
    return session


def a_recording() -> bytes:
    """Three seconds of picture and tone, as browsers record them."""
    made = io.BytesIO()
    with av.open(made, "w", format="webm") as file:
        video: Any = file.add_stream("libvpx-vp9", rate=25, options={"deadline": "realtime", "cpu-used": "8"})
        video.width, video.height, video.pix_fmt, video.gop_size = 160, 90, "yuv420p", 25
        audio: Any = file.add_stream("libopus", rate=48_000, layout="mono")
        for n in range(75):
            frame = av.VideoFrame(160, 90, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([n]) * plane.buffer_size)
            frame.pts, frame.time_base = n, Fraction(1, 25)
            file.mux(video.encode(frame))
        for n in range(150):
            tone = array("h", (int(8_000 * math.sin(each / 20)) for each in range(960)))
            sound = av.AudioFrame(format="s16", layout="mono", samples=960)
            sound.planes[0].update(tone.tobytes())
            sound.sample_rate, sound.pts, sound.time_base = 48_000, n * 960, Fraction(1, 48_000)
            file.mux(audio.encode(sound))
        file.mux(video.encode(None))
        file.mux(audio.encode(None))
    return made.getvalue()


def sends(person: Person, session: str, recording: str, body: bytes, *, began_ms: int) -> None:
    """By tus, in two parts, as a device does whose line broke between them."""
    told = {
        "recording": recording,
        "key": secrets.token_hex(16),
        "filetype": "video/webm;codecs=vp9,opus",
        "started": str(began_ms),
    }
    pairs = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    opened = person.tus(
        "POST", f"/sessions/{session}/uploads/", upload_metadata=pairs, upload_defer_length="1"
    )
    address, half = opened.headers["Location"], len(body) // 2
    person.tus("PATCH", address, body[:half], upload_offset="0")
    at = person.tus("HEAD", address).headers["Upload-Offset"]
    assert at == str(half)
    person.tus("PATCH", address, body[half:], upload_offset=at, upload_length=str(len(body)))


def segments(person: Person, session: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = person.does("GET", f"sessions/{session}/segments")["data"]
    return rows


def receipts_are_proved(busy: BusyWeek, ada: Person, folder: Path) -> None:
    """Hers are proved by a stranger on the page, by the command, and by the script on a machine of its own."""
    chain = ada.gets("/rights/receipts.json")
    (folder / "receipts.json").write_bytes(chain)
    stranger = Person(busy.house, "Nobody Known")
    check = "/receipts/check/"
    said = stranger.sends(stranger.opens(check), check, text=chain.decode()).text
    assert "signed by this house and unchanged" in said
    assert "signed by this house and unchanged" in busy.house.makes(
        "verify_receipt", str(folder / "receipts.json")
    )
    (folder / "keys.json").write_bytes(stranger.gets("/.well-known/callboard-receipt-keys.json"))
    script = [sys.executable, "-I", SCRIPT, str(folder / "receipts.json"), str(folder / "keys.json")]
    assert subprocess.run(script, check=False, capture_output=True).returncode == 0
    assert stranger.does("GET", "receipt-keys")["data"][0]["algorithm"] == "Ed25519"
    forged = json.loads(chain)
    forged["receipts"][0]["receipt"]["grant"]["purpose"] = "voice_replica"
    assert "It proves nothing" in stranger.sends(stranger.opens(check), check, text=json.dumps(forged)).text
    mine = ada.does("GET", "receipts")["data"]
    assert len(mine) == len(json.loads(chain)["receipts"])
    assert (
        json.loads(ada.gets(f"/receipts/{mine[0]['id']}.json"))["receipts"][0]["receipt"]
        == mine[0]["receipt"]
    )
    assert "Aria 2" in ada.opens("/rights/").text


def is_delivered(owner: Person, company: str, gig: str) -> str:
    """Asked for on the page, ready within a minute, told by mail; the same is had over the API."""
    path = f"/company/{company}/gigs/{gig}/deliveries/"
    assert "being put together" in owner.sends(owner.opens(path), path, purposes="evaluation").text
    owner.is_refused("POST", f"gigs/{gig}/deliveries", "invalid", purposes=["avatar"])
    (row,) = owner.does("GET", f"gigs/{gig}/deliveries")["data"]
    waits(owner, row["id"], "ready")
    # Over the API it is the next version; the first one stays what it is.
    later = owner.does("POST", f"gigs/{gig}/deliveries", purposes=["evaluation"])
    assert later["version"] == 2
    waits(owner, later["id"], "ready")
    assert "Two to deliver" in owner.reads_mail("A delivery is ready")
    return str(row["id"])


def waits(owner: Person, delivery: str, state: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAITS_S
    while (found := owner.does("GET", f"deliveries/{delivery}"))["state"] != state:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return found


def is_loaded_at_the_client(owner: Person, delivery: str, folder: Path) -> None:
    """Every file, by the page's links and over the API; then on a machine that knows nothing of the house."""
    folder.mkdir()
    page = owner.opens(f"/deliveries/{delivery}/")
    for file in owner.does("GET", f"deliveries/{delivery}")["files"]:
        body = owner.gets(file["address"])
        assert owner.gets(page.link(rf"/files/{file['name']}")) == body
        (folder / file["name"]).write_bytes(body)
    done = subprocess.run(
        [sys.executable, "-I", CLIENT, str(folder)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["errors"], found["matches"]) == ([], [True, True])
    proved = {row["sha256"] for row in json.loads((folder / "receipts.json").read_text())["receipts"]}
    assert {receipt for told in found["told"] for receipt in told["receipts"]} == proved


def each_recording_says_what_it_is(busy: BusyWeek, folder: Path) -> None:
    """Offline, on a machine that knows nothing of the house but whom it trusts: by the anchor that is published to anybody."""
    anchors = folder / "provenance.pem"
    anchors.write_bytes(Person(busy.house, "Nobody Known").gets("/.well-known/callboard-provenance.pem"))
    words = [sys.executable, "-I", MANIFESTS, str(folder / "set"), str(anchors)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [(each["state"], each["flipped"]) for each in found] == [("Trusted", "Invalid")] * 2
    proved = {row["sha256"] for row in json.loads((folder / "set" / "receipts.json").read_text())["receipts"]}
    for each in found:
        said = each["assertions"]
        entries = said["cawg.training-mining"]["entries"]
        assert entries["cawg.ai_generative_training"] == {"use": "notAllowed"}
        assert "Aria 2" in entries["cawg.ai_inference"]["constraint_info"]
        assert set(said["org.callboard.receipts"]["receipts"]) <= proved
        assert said["org.callboard.replicas"]["entries"]["voice_replica"] == {"use": "notAllowed"}


def the_sheets_are_filled(folder: Path) -> None:
    for name in ("training-data-california", "training-summary-eu"):
        sheet = json.loads((folder / f"{name}.json").read_text())
        values = " ".join(row["value"] for row in sheet["fields"])
        assert "2 recordings of 2 people" in values
        assert "Aria 2" in values
        assert "yours to say" in (folder / f"{name}.md").read_text()


def a_performer_sees_who_had_it(ada: Person, owner: Person, session: str, delivery: str) -> None:
    owner.gets(segments(owner, session)[0]["address"])
    owner.gets(segments(owner, session)[1]["address"])
    seen = ada.opens("/rights/uses/").text
    for what in ("Put into a delivery", "Downloaded", "Played"):
        assert what in seen
    kinds = {row["kind"] for row in ada.does("GET", "uses")["data"]}
    assert kinds >= {"delivered", "downloaded", "played"}
    # Whose it is reads of the uses, and takes no delivery.
    ada.is_refused("GET", f"deliveries/{delivery}", "forbidden")


def is_passed_on_and_pays(busy: BusyWeek, owner: Person, ada: Person, delivery: str) -> Person:
    """A second company declines, is offered it again and accepts it on the page; a third one by an app. She is told of each, and
    paid for each."""
    (second, reader), (third, listener) = busy.owner(1), busy.owner(2)
    page, path = f"/deliveries/{delivery}/", f"deliveries/{delivery}/licences"
    assert "Offered." in owner.sends(owner.opens(page), f"{page}pass-on/", company=reader).text
    offered = second.does("GET", "licences")["data"][0]
    assert "Two to deliver" in second.reads_mail("A data set is offered to you")
    second.does("POST", f"licences/{offered['id']}/decline")
    taken_back = owner.does("POST", path, company=reader)
    owner.does("POST", f"licences/{taken_back['id']}/withdraw")
    again = owner.does("POST", path, company=reader)
    asked = second.opens(page)
    assert "For nothing else." in asked.text
    assert "Accepted." in second.sends(asked, f"/licences/{again['id']}/accept/").text
    assert "Two to deliver" in second.opens("/licences/").text
    second.gets(second.does("GET", f"deliveries/{delivery}")["files"][0]["address"])
    third.does("POST", f"licences/{owner.does('POST', path, company=listener)['id']}/accept")
    assert {row["state"] for row in owner.does("GET", path)["data"]} == {"accepted", "declined", "withdrawn"}
    assert "to Meridian" not in ada.reads_mail("Your work was passed on")
    busy.house.passes_to(busy.house.now() + timedelta(minutes=2))  # pay lines are made once a minute
    paid = ada.waits_for("/pay/lines/", "was passed on to")
    assert "15.00" in paid.text
    return second


def ordered(owner: Person, delivery: str) -> list[dict[str, Any]]:
    """What is to be deleted of that delivery."""
    rows: list[dict[str, Any]] = owner.does("GET", "deletion-orders")["data"]
    return [row for row in rows if row["delivery"] == delivery]


def is_withdrawn_and_deleted(
    busy: BusyWeek, owner: Person, second: Person, cast: list[Person], delivery: str
) -> None:
    """She withdraws, then he: each has an order; one is confirmed on the page, one by an app, and each is told."""
    ada, bo = cast
    for person in cast:
        rows = person.does("GET", "grants")["data"]
        grant = next(
            row
            for row in rows
            if row["state"] == "active" and row["conditions"].get("model_family") == "Aria 2"
        )
        person.sends(person.opens("/rights/"), rf"/rights/{grant['id']}/withdraw/")
        if person is ada:
            waits(owner, delivery, "recalled")
    assert "Two to deliver" in owner.reads_mail("Delete a delivery that you took")
    deadline = time.monotonic() + WAITS_S
    while len(orders := ordered(owner, delivery)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    hers = {row["id"] for row in ada.does("GET", "deletion-orders")["data"]}
    of_ada = next(row for row in orders if row["id"] in hers)
    of_bo = next(row for row in orders if row is not of_ada)
    tala = busy.comes_in("Talent operations")
    assert "Two to deliver" in tala.opens("/house/deletions/").text
    page = owner.opens(f"/deliveries/{delivery}/")
    assert "Recalled" in page.text
    owner.sends(page, f"/deletions/{of_ada['id']}/acknowledge/", statement="The bucket and its backup.")
    ada_reads = ada.reads_mail("Copies of your work are deleted")
    assert "The bucket and its backup." in ada_reads
    assert "The bucket and its backup." in ada.opens("/rights/deletions/").text
    said = owner.does("POST", f"deletion-orders/{of_bo['id']}/acknowledge", statement="The same.")
    assert said["state"] == "acknowledged"
    for order in second.does("GET", "deletion-orders")["data"]:
        second.does("POST", f"deletion-orders/{order['id']}/acknowledge", statement="Ours too.")
    # Other journeys may have left orders of their own.
    assert "Two to deliver" not in tala.opens("/house/deletions/").text
    last = bo.does("GET", "receipts")["data"][0]
    assert last["event"] == "withdrawn"
