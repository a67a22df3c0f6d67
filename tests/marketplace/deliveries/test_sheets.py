"""What a buyer has to publish of the data: from receipts and recordings, each field with its source, the rest left to them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.deliveries import sheets
from tests.marketplace.deliveries.conftest import Played
from tests.marketplace.deliveries.test_deliveries import taken

NAMES = ("training-data-california", "training-summary-eu")
FACTS = sheets.Facts(
    delivery="dlv_1",
    house="https://callboard.org",
    company="Northlight",
    title="A lift",
    scene="Two people, one lift.",
    version=1,
    purposes={"fine_tuning": "Fine-tune a model"},
    texts=["Fine-tune a model: Northlight may."],
    receipts=2,
    people=2,
    sessions=1,
    recordings=2,
    seconds=3_725,
    bytes=1_000,
    first_on="2026-11-10",
    last_on="2026-11-12",
    labels=0,
    annotators=0,
    transcripts=0,
)


@pytest.mark.django_db
def test_a_delivery_has_both_filled_from_its_receipts(played: Played, tmp_path: Path) -> None:
    folder = taken(played, played.is_delivered(), tmp_path / "set")
    told = json.loads((folder / "receipts.json").read_text())
    texts = {row["receipt"]["grant"]["text"] for row in told["receipts"]}
    for name in NAMES:
        sheet, text = json.loads((folder / f"{name}.json").read_text()), (folder / f"{name}.md").read_text()
        assert sheet["checked_by_counsel"] is False
        (licensed,) = [row for row in sheet["fields"] if "icensed" in row["asks"]]
        assert licensed["source"] == "receipts.json"
        assert all(each in licensed["value"] for each in texts)
        assert f"by {len(told['receipts'])} receipts" in licensed["value"]
        assert all(f"## {row['number']} {row['asks']}" in text for row in sheet["fields"])
        assert played.seats[0].performer.stage_name not in text
    manifest = json.loads((folder / "manifest.json").read_text())
    listed = {each["name"] for each in manifest["files"]}
    assert listed >= {f"{name}.{ending}" for name in NAMES for ending in ("json", "md")}


@pytest.mark.parametrize("sheet", sheets.sheets(FACTS), ids=lambda sheet: sheet.name)
def test_each_field_says_its_source_or_that_it_is_the_buyers(sheet: sheets.Sheet) -> None:
    for field in sheet.fields:
        assert field.value
        assert (field.source == "") == (field.value == sheets.YOURS)
        assert field.source in ("", sheets.RECEIPTS, sheets.RECORDINGS, sheets.HOUSE)
    assert [f.number for f in sheet.fields] == sorted(
        (f.number for f in sheet.fields), key=lambda number: [int(n) for n in number.strip("()").split(".")]
    )


def test_california_asks_for_twelve_things() -> None:
    fields = sheets.california(FACTS).fields
    assert [field.number for field in fields] == [f"({n})" for n in range(1, 13)]
    by = {field.number: field.value for field in fields}
    assert by["(3)"].startswith("2 recordings of 2 people in 1 sessions: 1 h 2 min 5 s of video")
    assert by["(10)"] == "2026-11-10 to 2026-11-12. This version is closed."
    assert "which system that was for" in by["(2)"]


def test_what_was_not_granted_for_training_says_so() -> None:
    facts = replace(FACTS, purposes={"evaluation": "Evaluate a model"})
    said = {field.number: field.value for field in sheets.california(facts).fields}
    assert said["(2)"] == "Granted: Evaluate a model. Nothing in it may be used to train a generative model."


def test_what_people_wrote_is_no_markup() -> None:
    facts = replace(FACTS, scene="<b>[A](lift)</b>")
    text = sheets.as_text(sheets.california(facts), facts)
    assert "\\<b\\>\\[A\\](lift)" in text
    assert "<b>" not in text
