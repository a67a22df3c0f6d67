"""A recording says itself what it is: a manifest that verifies on a machine of its own, and one bit flipped is found."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callboard.embedded import own_certificate
from marketplace.deliveries import claims, provenance
from marketplace.gigs.models import PURPOSES
from tests.accounts.browsing import browser
from tests.clients.manifests import read
from tests.marketplace.conftest import Caller
from tests.marketplace.deliveries.conftest import ItIs, Played
from tests.marketplace.deliveries.test_deliveries import taken
from tests.marketplace.media.conftest import a_recording

pytestmark = pytest.mark.django_db
CLIENT = "tests/clients/manifests.py"


def at_the_client(folder: Path, anchors: bytes) -> list[dict[str, Any]]:
    (folder.parent / "anchors.pem").write_bytes(anchors)
    words = [sys.executable, "-I", CLIENT, str(folder), str(folder.parent / "anchors.pem")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", ["webm", "mp4"])
def test_each_recording_verifies_offline_and_one_flipped_bit_is_found(
    as_someone: Callable[[Any], Caller], it_is: ItIs, tmp_path: Path, settings: Any, kind: str
) -> None:
    """In an MP4, beside a WebM; under the anchor that the house publishes."""
    settings.MEDIA_FOLDER = str(tmp_path / "media")
    played = Played(as_someone, it_is, tmp_path, kind=kind)
    folder = taken(played, played.is_delivered(), tmp_path / "set")
    anchors = browser().get("/.well-known/callboard-provenance.pem")
    assert anchors.status_code == 200
    found = at_the_client(folder, anchors.content)
    assert len(found) == 2
    proved = {row["sha256"] for row in json.loads((folder / "receipts.json").read_text())["receipts"]}
    for each in found:
        assert (each["state"], each["flipped"], each["to_a_stranger"]) == ("Trusted", "Invalid", "Valid")
        assert each["is_beside"] == (kind == "webm")
        said = each["assertions"]
        entries = said["cawg.training-mining"]["entries"]
        assert {name: entry["use"] for name, entry in entries.items()} == {
            "cawg.ai_generative_training": "notAllowed",
            "cawg.ai_inference": "constrained",
            "cawg.ai_training": "notAllowed",
            "cawg.data_mining": "notAllowed",
        }
        (receipt,) = said["org.callboard.receipts"]["receipts"]
        assert receipt in proved
        assert receipt in entries["cawg.ai_inference"]["constraint_info"]
        assert {entry["use"] for entry in said["org.callboard.replicas"]["entries"].values()} == {
            "notAllowed"
        }
    # Another pair is used from now on: what was delivered before is trusted as before.
    settings.PROVENANCE_CERT = own_certificate.made_for_recordings("Another")["PROVENANCE_CERT"]
    rolled = browser().get("/.well-known/callboard-provenance.pem").content
    assert rolled.startswith(provenance.anchor(settings.PROVENANCE_CERT).encode())
    assert {each["state"] for each in at_the_client(folder, rolled)} == {"Trusted"}
    whole = json.dumps(found)
    assert not any(seat.performer.stage_name in whole for seat in played.seats)
    assert not list((tmp_path / "media" / "deliveries").rglob("*.draft"))


def test_a_manifest_of_another_recording_proves_nothing(tmp_path: Path, settings: Any) -> None:
    bodies = [a_recording(tmp_path / f"{n}.webm", kind="webm", seconds=n) for n in (1, 2)]
    manifests = [beside(body, tmp_path) for body in bodies]
    anchors = provenance.anchor(settings.PROVENANCE_CERT)

    def state(body: bytes, manifest: bytes, anchors: str = anchors) -> str:
        return read("webm", body, manifest, anchors)[0]

    assert [state(*each) for each in zip(bodies, manifests, strict=True)] == ["Trusted", "Trusted"]
    assert state(bodies[0], manifests[1]) == "Invalid"
    other = provenance.anchor(own_certificate.made_for_recordings()["PROVENANCE_CERT"])
    assert (
        state(bodies[0], manifests[0], other) == "Valid"
    )  # whole, and signed by nobody whom that reader trusts


def test_what_lies_there_instead_of_what_was_checked_is_not_signed(tmp_path: Path) -> None:
    body = a_recording(tmp_path / "one.webm", kind="webm", seconds=1)
    with pytest.raises(provenance.NotWhatWasChecked):
        beside(body[:-1] + bytes([body[-1] ^ 1]), tmp_path, checked=body)
    assert beside(body, tmp_path, checked=body)


def beside(body: bytes, folder: Path, *, checked: bytes | None = None) -> bytes:
    (folder / "source").write_bytes(body)
    said, sha256 = claims.manifest(claimed()), hashlib.sha256(checked or body).hexdigest()
    with (
        (folder / "source").open("rb") as file,
        provenance.sealed(file, sha256=sha256, kind="webm", manifest=said, draft=folder / "draft") as sealed,
    ):
        assert sealed.path.read_bytes() == body  # a WebM is left as it is
        assert sealed.sha256 == hashlib.sha256(body).hexdigest()
        assert sealed.beside is not None
        return sealed.beside


def claimed(*purposes: str) -> claims.Claimed:
    granted = [claims.Granted(f"{n}" * 64, name, f"{name}.", "cmp_1") for n, name in enumerate(purposes)]
    return claims.Claimed(
        key="ses_1-seg_1",
        house="https://callboard.org",
        delivery="dlv_1",
        session="ses_1",
        track="seg_1",
        recorded_at="2026-11-10T15:00:00Z",
        sha256="0" * 64,
        granted=granted,
    )


def allowed(*purposes: str) -> tuple[set[str], set[str]]:
    granted = claimed(*purposes).granted
    both = claims.training(granted), claims.replicas(granted)
    training, replicas = (
        {name for name, said in each.items() if said["use"] != "notAllowed"} for each in both
    )
    return training, replicas


def test_each_purpose_allows_what_it_says_and_nothing_else() -> None:
    assert allowed() == (set(), set())
    assert allowed("evaluation") == ({"cawg.ai_inference"}, set())
    assert allowed("synthesis") == ({"cawg.ai_generative_training"}, set())
    both = {"cawg.ai_generative_training", "cawg.ai_training"}
    assert allowed("foundation_training") == allowed("fine_tuning") == (both, set())
    assert allowed("voice_replica") == ({"cawg.ai_inference"}, {"voice_replica"})
    assert allowed("biometric_template") == ({"cawg.ai_training"}, {"biometric_template"})
    for name in ("public_display", "sublicensing"):
        assert allowed(name) == (set(), set())
    of_all = allowed(*PURPOSES)
    assert "cawg.data_mining" not in of_all[0]
    assert of_all[1] == set(claims.OF_A_PERSON)


def test_training_never_implies_a_replica_and_nothing_is_allowed_without_a_word() -> None:
    said = claims.training(claimed(*PURPOSES).granted).values()
    assert {entry["use"] for entry in said} == {"constrained", "notAllowed"}
    assert all(entry["constraint_info"] for entry in said if entry["use"] == "constrained")
