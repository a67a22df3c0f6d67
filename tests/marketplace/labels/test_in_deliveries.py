"""A set carries what people said of its recordings, and their words: beside each, as tables, described, and without what was taken
back."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from marketplace.deliveries import building
from marketplace.deliveries.models import Delivery
from marketplace.deliveries.tasks import sweep
from marketplace.labels.models import Label
from tests.marketplace.deliveries.test_deliveries import CLIENT, taken
from tests.marketplace.labels.conftest import Labelled

pytestmark = pytest.mark.django_db
WORDS = "WEBVTT\n\n00:00.000 --> 00:01.500\nYou came back.\n"


@pytest.fixture
def said(labelled: Labelled) -> Labelled:
    """Both annotators on both pieces, Ada of herself, and the words of her recording."""
    pieces = labelled.waits_for(labelled.jo)
    for who, words in ((labelled.jo, ("joy", "fear")), (labelled.kim, ("joy", "anger"))):
        for piece, emotion in zip(pieces, words, strict=True):
            assert labelled.sees(who, piece, emotion)[0] == 201
    assert labelled.feels(labelled.ada, labelled.of_ada, 0, 900)[0] == 201
    path = f"segments/{labelled.of_ada.public_id}/transcript"
    assert labelled.nora.put(path, {"text": WORDS})[0] == 200
    return labelled


def at_the_client(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", CLIENT, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_loads_with_labels_and_transcripts_where_data_sets_are_loaded(said: Labelled, tmp_path: Path) -> None:
    folder = taken(said, said.is_delivered(), tmp_path / "set")
    found = at_the_client(folder)
    assert found["errors"] == []
    assert found["matches"] == [True, True]
    assert len(found["labels"]) == 5
    assert [each for labels in found["beside"] for each in labels] == [
        {**row, **{name: int(row[name]) for name in ("version", "from_ms", "until_ms", "intensity")}}
        for row in _with_times(found["labels"], found["beside"])
    ]
    assert {row["name"] for row in found["emotions"]} == {"joy", "fear", "anger", "neutral", "other"}
    assert sorted(found["transcripts"]) == ["", WORDS]
    told = {each["track"]: each for each in found["told"]}
    assert told[said.of_ada.public_id]["transcript"]["cues"] == 1
    assert told[said.of_bo.public_id]["transcript"] is None
    keys = {record["key"] for record in found["records"]}
    assert {row["sample"] for row in found["labels"]} == keys


def _with_times(rows: list[dict[str, str]], beside: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The reader shows an instant its own way; it is held against what lies beside the recording."""
    times = {each["label"]: each["given_at"] for labels in beside for each in labels}
    return [dict(row) | {"given_at": times[row["label"]]} for row in rows]


def test_says_how_far_the_annotators_agree_and_names_nobody(said: Labelled, tmp_path: Path) -> None:
    folder = taken(said, said.is_delivered(), tmp_path / "set")
    agreement = json.loads((folder / "agreement.json").read_text())
    assert agreement["emotion"] == {"distance": "nominal", "alpha": "2/5", "alpha_thousandths": 400}
    assert (agreement["annotators"], agreement["pieces"]) == (2, 2)
    raw = json.loads((folder / "croissant.json").read_text())
    assert "emotion (nominal) 0.400" in raw["rai:dataAnnotationAnalysis"][0]
    assert raw["rai:machineAnnotationTools"] == ["None."]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {"labels.jsonl", "agreement.json"} <= {each["name"] for each in manifest["files"]}
    everything = "".join(path.read_text() for path in folder.glob("*.json*"))
    for person in said.people:
        assert person.public_id not in everything
        assert person.name not in everything
    sheet = (folder / "training-data-california.md").read_text()
    assert "5 labels by people" in sheet
    assert "Transcripts: 1." in sheet.replace("\\", "")


def test_a_set_without_any_says_so(labelled: Labelled, tmp_path: Path) -> None:
    folder = taken(labelled, labelled.is_delivered(), tmp_path / "set")
    found = at_the_client(folder)
    assert (found["errors"], found["labels"], found["transcripts"]) == ([], [], ["", ""])
    assert [(each["labels"], each["transcript"]) for each in found["told"]] == [(0, None)] * 2
    assert not (folder / "labels.jsonl").exists()
    assert "No labels. No transcripts." in (folder / "training-data-california.md").read_text().replace(
        "\\", ""
    )


class TestTakenBack:
    def test_a_withdrawn_label_and_a_removed_transcript_are_in_no_later_version(
        self, said: Labelled, tmp_path: Path
    ) -> None:
        own = Label.objects.get(annotator=None)
        first = said.is_delivered()
        assert said.ada.post(f"labels/{own.public_id}/withdraw")[0] == 200
        assert said.nora.post(f"segments/{said.of_ada.public_id}/transcript/remove")[0] == 200
        said.passes(hours=1)
        second = said.is_delivered()
        before, after = (_labels_of(taken(said, each, tmp_path / each["id"])) for each in (first, second))
        assert own.public_id in before
        assert after == before - {own.public_id}
        assert _endings_of(tmp_path / second["id"]) == {"json", "labels.json", "webm", "c2pa"}
        assert "transcript.vtt" in _endings_of(tmp_path / first["id"])

    def test_one_that_is_taken_back_while_the_set_is_built_is_not_in_it(
        self, said: Labelled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Also where it was corrected in between: what its author took back comes in by no earlier version of it."""
        written, own = building._keep, Label.objects.get(annotator=None)
        done: list[str] = []

        def then_takes_back(delivery: Delivery, file: Any) -> None:
            written(delivery, file)
            if file.name == building.MANIFEST and not done:
                done.append(file.name)
                said.passes(seconds=1)
                body = {name: getattr(own, name) for name in ("sense", "starts_ms", "ends_ms", "intensity")}
                later = said.ada.put(f"labels/{own.public_id}", body | {"emotion": "anger"})[1]
                assert said.ada.post(f"labels/{later['id']}/withdraw")[0] == 200

        monkeypatch.setattr(building, "_keep", then_takes_back)
        _, told = said.asks()
        sweep()
        assert said.reads(told["id"])["state"] == "asked"
        sweep()
        delivery = said.reads(told["id"])
        assert delivery["state"] == "ready"
        found = _labels_of(taken(said, delivery, tmp_path / "set"))
        assert len(found) == 4
        assert own.public_id not in found

    def test_a_pen_that_writes_on_does_not_hold_the_building_up(
        self, said: Labelled, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """What comes after it was asked for is in the next version."""
        written = building._keep
        done: list[str] = []

        def then_says_more(delivery: Delivery, file: Any) -> None:
            written(delivery, file)
            if file.name == building.MANIFEST and not done:
                said.passes(seconds=1)
                done.append(said.feels(said.bo, said.of_bo, 0, 500)[1]["id"])

        monkeypatch.setattr(building, "_keep", then_says_more)
        first = said.is_delivered()
        assert first["state"] == "ready"
        assert done[0] not in _labels_of(taken(said, first, tmp_path / "first"))
        assert done[0] in _labels_of(taken(said, said.is_delivered(), tmp_path / "second"))

    def test_a_withdrawn_grant_takes_the_labels_of_the_scene_along(
        self, said: Labelled, tmp_path: Path
    ) -> None:
        from tests.marketplace.deliveries.others import another_pair_plays  # noqa: PLC0415

        another_pair_plays(said)
        both = said.is_delivered()
        assert len(_labels_of(taken(said, both, tmp_path / "both"))) == 5
        said.withdraws(said.ada)
        sweep()
        sweep()
        row = said.nora.get(said.path_of_gig)[1]["data"][0]
        assert (row["state"], row["recordings"]) == ("ready", 2)
        folder = taken(said, said.reads(row["id"]), tmp_path / "rest")
        assert not (folder / "labels.jsonl").exists()
        assert "labels.json" not in _endings_of(folder)


def _labels_of(folder: Path) -> set[str]:
    return {json.loads(line)["label"] for line in (folder / "labels.jsonl").read_text().splitlines()}


def _endings_of(folder: Path) -> set[str]:
    with tarfile.open(folder / "data-000000.tar") as shard:
        return {name.partition(".")[2] for name in shard.getnames()}
