"""What somebody sends in place of a picture or a tape: each is refused with a sentence that helps, or made harmless."""

import base64
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.performers.models import Photo
from marketplace.craft.models import Tape
from marketplace.media import sent
from tests.accounts.browsing import body_of
from tests.marketplace.craft import hostile
from tests.marketplace.craft.conftest import Booth
from tests.marketplace.media.conftest import checksum

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# What to do stands in each refusal.
HELPS = re.compile(r"Save|Add|Send|Record|Cut|At least|At most|smaller|pixels")
PICTURES, HARMLESS_PICTURES = hostile.pictures_refused(), hostile.pictures_made_harmless()


def puts(booth: Booth, content: bytes) -> Any:
    body = {"photo": base64.b64encode(content).decode()}
    return booth.ada.api.send("PUT", "me/performer/photo", body)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_none_is_refused(plain: Booth, name: str) -> None:
    assert puts(plain, hostile.a_picture()).status_code == 200, "the yes behind it"
    before = bytes(Photo.objects.get().content)
    for answer in (
        puts(plain, PICTURES[name]),
        plain.ada.client.post(
            "/profile/photo/", {"photo": SimpleUploadedFile("../../me.jpg", PICTURES[name])}
        ),
    ):
        assert answer.status_code == 422, (name, answer.status_code)
    refused = puts(plain, PICTURES[name]).json()["errors"][0]
    assert HELPS.search(refused["detail"]), refused
    assert bytes(Photo.objects.get().content) == before, "the picture of before stays"


@pytest.mark.parametrize("name", HARMLESS_PICTURES)
def test_a_picture_is_made_anew_without_what_was_hidden_in_it(plain: Booth, name: str) -> None:
    sent, hidden = HARMLESS_PICTURES[name]
    assert hidden in sent, "or the test shows nothing"
    address = body_of(puts(plain, sent))["address"]
    shown = plain.ada.client.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert hidden not in shown.content
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (300, 400))
        assert not picture.getexif()


def test_a_large_picture_is_kept_small(plain: Booth) -> None:
    body = body_of(puts(plain, hostile.a_picture(size=(4_000, 3_000))))
    assert (body["width"], body["height"]) == (1_200, 900)


def test_no_tape_that_is_none_is_ever_played(plain: Booth, tmp_path: Path) -> None:
    wrong, count = {}, 0
    for count, (name, body) in enumerate(hostile.tapes_refused(tmp_path), start=1):
        tape = plain.brings(body, key=f"{count:032d}")
        if tape.state != "refused" or not HELPS.search(tape.refusal):
            wrong[name] = (tape.state, tape.refusal, tape.tracks)
        assert not sent.playable(tape).exists(), name
        assert plain.address_for(plain.nora) == "", name
    assert (wrong, count >= 35) == ({}, True)
    page = plain.ada.client.get(f"/work/applications/{plain.application.public_id}/tape/").content.decode()
    assert "Save it as MP4 with H.264 and AAC" in page


def test_a_tape_is_played_without_what_was_hidden_in_it(plain: Booth, tmp_path: Path) -> None:
    for count, (name, body, hidden) in enumerate(hostile.tapes_made_harmless(tmp_path), start=1):
        assert hidden in body, f"{name}: or the test shows nothing"
        tape = plain.brings(body, key=f"{count:032d}")
        assert tape.state == "ready", (name, tape.refusal)
        played = plain.nora.client.get(plain.address_for(plain.nora))
        assert played["Content-Type"] == f"video/{tape.form}", name
        assert hidden not in played.content, name


@pytest.mark.parametrize(
    "said",
    [
        {"Upload-Length": "0"},
        {"Upload-Length": "500000001"},
        {"Upload-Length": "99999999999999999999"},
        {"Upload-Length": "-1"},
        {"Upload-Length": "nine"},
        {},
        {"Upload-Length": "9", "Upload-Defer-Length": "1"},
        {"Upload-Length": "9", "Tus-Resumable": "0.2"},
    ],
    ids=str,
)
def test_a_tape_is_not_even_opened(plain: Booth, said: dict[str, str]) -> None:
    answer = plain.opens(said)
    assert 400 <= answer.status_code < 500
    assert len(answer.json()["detail"]) > 10
    assert not Tape.objects.exists()


@pytest.mark.parametrize(
    "key", ["", "short", "../" * 10, "k" * 33, "k" * 31 + "/", "k" * 31 + "\0", "ключ" * 8]
)
def test_a_name_leads_nowhere(plain: Booth, key: str) -> None:
    assert plain.opens({"Upload-Length": "9"}, key=key).status_code == 422
    assert not Tape.objects.exists()
    assert plain.files() == []


def test_what_a_file_is_called_and_said_to_be_is_not_read(plain: Booth, mp4: bytes) -> None:
    pairs = {"key": "k" * 32, "filename": hostile.TRAVERSAL, "filetype": "text/html", "name": "a\0b"}
    told = ",".join(f"{name} {base64.b64encode(said.encode()).decode()}" for name, said in pairs.items())
    opened = plain.opens({"Upload-Length": str(len(mp4)), "Upload-Metadata": told})
    plain.sends(opened["Location"], 0, mp4)
    plain.ticks()
    played = plain.nora.client.get(plain.address_for(plain.nora))
    assert played["Content-Type"] == "video/mp4"
    assert played["X-Content-Type-Options"] == "nosniff"
    assert "cron" not in played["Content-Disposition"]


def test_bytes_that_changed_or_are_too_many_are_not_kept(plain: Booth) -> None:
    address = plain.opens({"Upload-Length": "4"})["Location"]
    changed = plain.sends(address, 0, b"scam", **{"Upload-Checksum": checksum(b"scan")})
    assert (changed.status_code, changed.json()["code"]) == (460, "checksum_mismatch")
    many = plain.sends(address, 0, b"scanner")
    assert (many.status_code, many.json()["code"]) == (413, "tape_too_large")
    assert Tape.objects.get().size == 0
    assert plain.sends(address, 0, b"scan", **{"Upload-Checksum": checksum(b"scan")}).status_code == 204


def test_a_length_that_is_told_late_is_held_to_the_same_limit(plain: Booth) -> None:
    address = plain.opens({"Upload-Defer-Length": "1"})["Location"]
    refused = plain.sends(address, 0, b"scan", **{"Upload-Length": "500000001"})
    assert (refused.status_code, refused.json()["code"]) == (413, "tape_too_large")
    assert plain.sends(address, 0, b"", **{"Upload-Length": "0"}).status_code == 422


def test_the_corpus_has_sixty_files_and_more(tmp_path: Path) -> None:
    tapes = [*hostile.tapes_refused(tmp_path), *hostile.tapes_made_harmless(tmp_path)]
    assert len(PICTURES) + len(HARMLESS_PICTURES) + len(tapes) >= 90
