"""Two who have granted it are recorded, each on their own device: what arrives is what was recorded, and lies on one clock."""

import base64
import hashlib
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import av
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import tests.browser.chromium
from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import Person, waits_until
from tests.journeys.test_the_room import FAKES, SECONDS, Call, are_called, comes_in, screen, until

chromium = tests.browser.chromium
pytestmark = [
    pytest.mark.long_journey,
    pytest.mark.browser,
    pytest.mark.skipif(chromium.find() is None, reason=chromium.WHY_SKIPPED),
]
SAFE_MS, STOPS_MS = 30 * SECONDS, 10 * SECONDS
ARRIVES_S = 90
ALIGNED_MS, TIMES_PLAYED = 40, 3
# Each slice as the device gave it, before anybody else has it.
LISTENS = """() => {
  const Own = MediaRecorder;
  globalThis.MediaRecorder = class extends Own {
    constructor(...given) {
      super(...given);
      let before = Promise.resolve();
      this.addEventListener("dataavailable", ({ data }) => { before = before.then(() => hears(data)); });
      const hears = async (data) => {
        const bytes = new Uint8Array(await data.arrayBuffer());
        let text = "";
        for (let n = 0; n < bytes.length; n += 8192) text += String.fromCharCode(...bytes.subarray(n, n + 8192));
        if (bytes.length) await globalThis.heard(btoa(text));
      };
    }
  };
}"""
# In place of a camera: a picture that changes, and a click at each full second of this machine's clock.
CLICKS = """() => {
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const pen = canvas.getContext("2d");
    setInterval(() => {
      pen.fillStyle = `hsl(${Date.now() / 10 % 360} 50% 50%)`;
      pen.fillRect(0, 0, 320, 180);
    }, 40);
    const sound = new AudioContext();
    await sound.resume();
    const out = sound.createMediaStreamDestination();
    const still = new GainNode(sound, { gain: 0.001 });
    const hum = new OscillatorNode(sound, { frequency: 50 });
    hum.connect(still).connect(out);
    hum.start();
    const clicks = () => {
      const wait = (1000 - Date.now() % 1000) / 1000;
      const click = new OscillatorNode(sound, { frequency: 1000 });
      click.connect(new GainNode(sound, { gain: 0.8 })).connect(out);
      click.start(sound.currentTime + wait);
      click.stop(sound.currentTime + wait + 0.05);
      setTimeout(clicks, wait * 1000 + 200);
    };
    clicks();
    return new MediaStream([...canvas.captureStream(25).getTracks(), ...out.stream.getTracks()]);
  };
}"""


@pytest.fixture(scope="module")
def cameras() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = [*FAKES, "--autoplay-policy=no-user-gesture-required"]
        opened = playwright.chromium.launch(executable_path=chromium.find(), args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def call(busy: BusyWeek) -> Call:
    """A pair that has granted its evaluation, after the call."""
    found = are_called(busy, "Two on record", numbers=(12, 14), grants=[["evaluation"], ["evaluation"]])
    begins(busy, found)
    return found


def begins(busy: BusyWeek, call: Call) -> None:
    owner, _, session = call
    starts = datetime.fromisoformat(owner.does("GET", f"sessions/{session}")["call_at"])
    busy.house.passes_to(max(starts, busy.house.now()) + timedelta(seconds=10))


def listens(page: Page) -> list[bytes]:
    """What its devices give from now on, slice by slice."""
    heard = list[bytes]()
    page.expose_function("heard", lambda text: heard.append(base64.b64decode(text)))
    page.add_init_script(f"({LISTENS})()")
    return heard


def comes_back(page: Page, url: str) -> None:
    """Through the door where one was away for so long that one is in no more."""
    page.goto(url)
    if page.get_by_role("button", name="Come in").is_visible():
        page.get_by_role("button", name="Come in").click()
    expect(page.locator("#meeting")).to_be_visible()


def presses_record(theirs: Page) -> None:
    theirs.get_by_role("button", name="Record", exact=True).click(timeout=SAFE_MS)


def stops(theirs: Page) -> None:
    theirs.get_by_role("button", name="Stop recording").click()
    expect(theirs.locator(".light-on")).to_have_count(0, timeout=STOPS_MS)


def is_recorded(*pages: Page) -> None:
    """The light is red, and not before the house says so."""
    for page in pages:
        expect(page.locator(".light-on")).to_have_text("Recording", timeout=SAFE_MS)


def segments(person: Person, session: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = person.does("GET", f"sessions/{session}/segments")["data"]
    return rows


def all_checked(owner: Person, session: str, *, count: int) -> list[dict[str, Any]]:
    def done() -> bool:
        found = segments(owner, session)
        return len(found) >= count and all(row["state"] in ("checked", "refused", "lost") for row in found)

    waits_until(done, f"never arrived: {segments(owner, session)}", for_s=ARRIVES_S)
    return segments(owner, session)


def sha256(parts: list[bytes]) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def both_are_recorded_and_play(call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    with screen(cameras, ada) as hers, screen(cameras, bo) as his, screen(cameras, owner) as theirs:
        heard = [listens(page) for page in (hers, his)]
        for page in (hers, his):
            comes_in(page, url)
        theirs.goto(url)
        expect(hers.locator(".room-light")).to_have_attribute("data-state", "off")
        presses_record(theirs)
        is_recorded(hers, his, theirs)
        hers.wait_for_timeout(5 * SECONDS)
        stops(theirs)
        rows = all_checked(owner, session, count=2)
        assert [row["state"] for row in rows] == ["checked", "checked"], rows
        for page in (hers, his):
            page.wait_for_timeout(SECONDS)  # what their devices gave is told while somebody listens
        told = sorted((row["size"], row["sha256"]) for row in rows)
        assert told == sorted((len(b"".join(each)), sha256(each)) for each in heard)
        assert all(row["duration_ms"] > 4_000 for row in rows)
        assert {track["kind"] for row in rows for track in row["tracks"]} == {"video", "audio"}
        plays(theirs, session, count=2)
        plays(hers, session, count=1)


def plays(page: Page, session: str, *, count: int) -> None:
    page.goto(f"{page.url.split('/sessions/')[0]}/sessions/{session}/recordings/")
    videos = page.locator("video.recording-video")
    expect(videos).to_have_count(count)
    for n in range(count):
        video = videos.nth(n)
        assert video.evaluate(
            """async (video) => {
              video.muted = true;
              await video.play();
              video.currentTime = video.duration / 2;
              await new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
              return video.videoWidth > 0 && video.currentTime > 1 && video.error === null;
            }"""
        )


def a_tab_that_was_killed_goes_on_at_the_next_visit(call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    before = len(segments(owner, session))
    with screen(cameras, ada) as hers, screen(cameras, bo) as his, screen(cameras, owner) as theirs:
        heard = listens(hers)
        for page in (hers, his):
            comes_back(page, url)
        theirs.goto(url)
        presses_record(theirs)
        is_recorded(hers, his)
        hers.context.route("**/uploads/**", lambda route: route.abort())
        hers.wait_for_timeout(4 * SECONDS)
        context = hers.context
        hers.wait_for_timeout(SECONDS)
        hers.close()
        context.unroute("**/uploads/**")
        mine = segments(ada, session)[-1]
        assert mine["state"] == "arriving"
        assert mine["size"] < len(b"".join(heard))
        stops(theirs)
        again = context.new_page()
        again.goto(f"{owner.house.url}/sessions/{session}/recordings/")
        rows = all_checked(owner, session, count=before + 2)
        brought = next(row for row in rows if row["id"] == mine["id"])
        assert brought["state"] == "checked", brought
        # All that was kept, to the last slice or the one before it.
        assert brought["sha256"] in {sha256(heard[: len(heard) - cut]) for cut in (0, 1)}
        expect(again.locator("#brings")).to_be_hidden()
        assert again.evaluate("async () => (await indexedDB.databases()).length") == 1


def a_device_that_changes_begins_a_part_of_its_own(call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    known = {row["id"] for row in segments(owner, session)}
    with screen(cameras, ada) as hers, screen(cameras, bo) as his:
        for page in (hers, his):
            comes_back(page, url)
        owner.does("POST", f"sessions/{session}/recording")
        owner.is_refused("POST", f"sessions/{session}/recording", "already_recording")
        is_recorded(hers, his)
        # As where a camera is unplugged: the next best takes its place.
        hers.evaluate("() => document.querySelector('#meeting').meeting.capture.open()")
        hers.wait_for_timeout(4 * SECONDS)
        expect(hers.locator(".light-on")).to_be_visible()
        assert not owner.does("POST", f"sessions/{session}/recording/stop")["is_on"]
        expect(hers.locator(".light-on")).to_have_count(0, timeout=STOPS_MS)
        rows = [row for row in all_checked(owner, session, count=len(known) + 3) if row["id"] not in known]
    own = [row for row in rows if row["id"] in {each["id"] for each in segments(ada, session)}]
    assert [(row["number"], row["state"]) for row in own] == [(1, "checked"), (2, "checked")], rows
    first, second = own
    gap_ms = second["offset_ms"] - first["offset_ms"] - first["duration_ms"]
    assert abs(gap_ms) < 2_000, own  # the one follows upon the other


def the_tracks_lie_on_one_clock(call: Call, cameras: Browser) -> None:
    """A machine that is busy with more than this plays its own clicks late in one of the pages: then they are played anew. Where
    the house set the tracks wrong, they lie apart each time."""
    apart: list[list[float]] = []
    while not apart or abs(median(apart[-1])) > ALIGNED_MS:
        assert len(apart) < TIMES_PLAYED, apart
        apart.append(clicks_apart(call, cameras))


def clicks_apart(call: Call, cameras: Browser) -> list[float]:
    """What lies between the two recordings of each click, in milliseconds."""
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    known = {row["id"] for row in segments(owner, session)}
    with screen(cameras, ada) as hers, screen(cameras, bo) as his, screen(cameras, owner) as theirs:
        for page in (hers, his):
            page.add_init_script(f"({CLICKS})()")
            comes_back(page, url)
        theirs.goto(url)
        presses_record(theirs)
        is_recorded(hers, his)
        hers.wait_for_timeout(12 * SECONDS)
        stops(theirs)
        arrived = all_checked(owner, session, count=len(known) + 2)
    rows = [row for row in arrived if row["id"] not in known]
    assert [row["state"] for row in rows] == ["checked", "checked"], rows
    first, second = (clicks(owner.gets(row["address"]), begins_ms=row["offset_ms"]) for row in rows)
    apart = [min((other - each for other in second), key=abs) for each in first]
    apart = [each for each in apart if abs(each) < 500]
    assert len(apart) >= 6, (first, second)
    return apart


def clicks(body: bytes, *, begins_ms: int) -> list[float]:
    """When each click begins, in the recording's own time, in milliseconds."""
    found = list[float]()
    with av.open(io.BytesIO(body), "r") as read:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        for frame in read.decode(audio=0):
            for part in resampler.resample(frame):
                at_ms = begins_ms + float(part.time or 0) * 1000
                samples = memoryview(bytes(part.planes[0])[: part.samples * 2]).cast("h")
                loud = next((n for n, sample in enumerate(samples) if abs(sample) > 6_000), None)
                if loud is not None and (not found or at_ms + loud / 48 - found[-1] > 500):
                    found.append(at_ms + loud / 48)
    return found


def a_clients_own_uploads_are_taken(call: Call, cameras: Browser) -> None:
    """tus-js-client as it is: a length told or to come, a pause, a resumption, a termination."""
    owner, (ada, _), session = call
    recording = ada.does("GET", f"sessions/{session}/recording")["id"]
    with screen(cameras, ada) as hers:
        hers.goto(f"{owner.house.url}/sessions/{session}/recordings/")
        for how in ("told", "deferred", "resumed", "terminated"):
            said = hers.evaluate(UPLOADS, [how, session, recording])
            assert said["how"] == how
            if how == "terminated":
                assert said["status"] == 410
            else:
                assert said["size"] == 2_500_000
                waits_until(
                    lambda: (
                        segments(ada, session)[-1]["sha256"] or segments(ada, session)[-1]["refusal"] != ""
                    ),
                    how,
                    for_s=ARRIVES_S,
                )
                row = segments(ada, session)[-1]
                assert (row["state"], row["size"]) == ("refused", 2_500_000)  # it is chance, and no recording


UPLOADS = """async ([how, session, recording]) => {
  const bytes = new Uint8Array(2500000);
  for (let n = 0; n < bytes.length; n += 50000) crypto.getRandomValues(bytes.subarray(n, n + 50000));
  const blob = new Blob([bytes]);
  const key = [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const options = {
    endpoint: `/sessions/${session}/uploads/`,
    chunkSize: 600000,
    headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    metadata: { recording, key, filetype: "video/webm", started: String(Date.now()) },
  };
  const whole = (input, more) => new Promise((resolve, reject) => {
    const upload = new tus.Upload(input, { ...options, ...more, onSuccess: () => resolve(upload), onError: reject });
    upload.start();
  });
  const half = (more) => new Promise((resolve, reject) => {
    const upload = new tus.Upload(blob, { ...options, ...more, onError: reject, onChunkComplete: async (_, safe) => {
      if (safe >= 1200000) { await upload.abort(more.gives_up); resolve(upload); }
    } });
    upload.start();
  });
  if (how === "told") await whole(blob, {});
  if (how === "deferred") await whole(blob.stream().getReader(), { uploadLengthDeferred: true });
  if (how === "resumed") {
    const { url } = await half({ gives_up: false });
    await whole(blob, { uploadUrl: url });
  }
  if (how === "terminated") {
    const { url } = await half({ gives_up: true });
    const answer = await fetch(url, { method: "HEAD", headers: { "Tus-Resumable": "1.0.0" } });
    return { how, status: answer.status };
  }
  return { how, size: blob.size };
}"""


def a_withdrawal_stops_it_and_ends_access(call: Call, cameras: Browser) -> None:
    owner, (ada, bo), session = call
    url = f"{owner.house.url}/sessions/{session}/room/"
    played = [row for row in segments(owner, session) if row["address"]]
    with screen(cameras, ada) as hers, screen(cameras, bo) as his, screen(cameras, owner) as theirs:
        for page in (hers, his):
            comes_back(page, url)
        theirs.goto(url)
        presses_record(theirs)
        is_recorded(hers, his)
        rights = bo.opens("/rights/")
        assert "Withdrawn, from this moment on." in bo.sends(rights, r"/rights/\w+/withdraw/").text
        for page in (hers, his, theirs):
            expect(page.locator(".room-light")).to_have_attribute("data-state", "off", timeout=STOPS_MS)
        until(his, "document.querySelector('#meeting').recorder.part === null")
        assert theirs.get_by_role("button", name="Record", exact=True).count() == 0
    owner.is_refused("POST", f"sessions/{session}/recording", "not_granted")
    seat_of_bo = segments(bo, session)[0]["seat"]
    for row in played:
        assert owner.opens(row["address"]).status == (403 if row["seat"] == seat_of_bo else 200)
    assert all(row["address"] == "" for row in segments(bo, session))
    assert "nobody plays it any more" in bo.opens(f"/sessions/{session}/recordings/").text


def test_a_pair_on_record(busy: BusyWeek, call: Call, cameras: Browser) -> None:
    # One after the other: each leaves the room as the next finds it.
    both_are_recorded_and_play(call, cameras)
    a_tab_that_was_killed_goes_on_at_the_next_visit(call, cameras)
    a_device_that_changes_begins_a_part_of_its_own(call, cameras)
    the_tracks_lie_on_one_clock(call, cameras)
    a_clients_own_uploads_are_taken(call, cameras)
    a_withdrawal_stops_it_and_ends_access(call, cameras)


def test_without_one_grant_nothing_is_recorded(busy: BusyWeek) -> None:
    """By app: one of the two has granted it, and takes it back in the end."""
    call = are_called(busy, "One on record", numbers=(11, 16), grants=[["evaluation"]])
    begins(busy, call)
    owner, (ada, bo), session = call
    for person in (ada, bo):
        person.does("POST", f"sessions/{session}/presence", event="joined")
    path = f"sessions/{session}/recording"
    owner.is_refused("POST", path, "not_granted")
    assert owner.does("GET", path)["missing"] == [bo.name]
    assert "no grant of" in bo.opens(f"/{path}/").text
    grant = ada.does("GET", "grants")["data"][0]
    assert ada.does("POST", f"grants/{grant['id']}/withdraw")["state"] == "withdrawn"
    assert "Withdrawn" in ada.opens("/rights/").text
