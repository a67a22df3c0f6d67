"""What a buyer has to publish of the data that a model was trained on, as far as the house knows it: two sheets, each field with
its source; what only the buyer knows is said to be theirs. Pure.

The fields are written from memory of the laws, and are to be checked by counsel: California Civil Code 3110 to 3111 (AB 2013 of
2024), and the Commission's template of 24 July 2025 for Article 53 (1) (d) of Regulation (EU) 2024/1689.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

RECEIPTS, RECORDINGS, HOUSE = "receipts.json", "samples.jsonl", "the house"
YOURS = "Not known from here: yours to say."
TRAINS = frozenset({"foundation_training", "fine_tuning", "synthesis"})


@dataclass(frozen=True)
class Facts:
    """What the receipts and the recordings say. `purposes`: names with their words; `texts`: each grant's own words, once."""

    delivery: str
    house: str
    company: str
    title: str
    scene: str
    version: int
    purposes: dict[str, str]
    texts: Sequence[str]
    receipts: int
    people: int
    sessions: int
    recordings: int
    seconds: int
    bytes: int
    first_on: str
    last_on: str
    labels: int
    annotators: int
    transcripts: int
    pieces: int = 0


@dataclass(frozen=True)
class Field:
    """`number` as the law counts it. `source` is empty where the value is the buyer's to say."""

    number: str
    asks: str
    value: str
    source: str


@dataclass(frozen=True)
class Sheet:
    name: str
    title: str
    law: str
    fields: Sequence[Field]


def sheets(facts: Facts) -> list[Sheet]:
    return [california(facts), european(facts)]


def california(facts: Facts) -> Sheet:
    """Civil Code 3111 (a): a high-level summary of the datasets used in the development of the system."""
    told = (
        ("(1)", "Sources or owners of the dataset", _source(facts), HOUSE),
        ("(2)", "How it furthers the intended purpose of the system", _purposes(facts), RECEIPTS),
        ("(3)", "Number of data points", _amount(facts), RECORDINGS),
        ("(4)", "Types of data points", _kinds(facts), RECORDINGS),
        ("(5)", "Protected by copyright, trademark or patent, or in the public domain", RIGHTS, HOUSE),
        ("(6)", "Purchased or licensed", _licensed(facts), RECEIPTS),
        ("(7)", "Personal information", PERSONAL, HOUSE),
        ("(8)", "Aggregate consumer information", "None.", HOUSE),
        ("(9)", "Cleaning, processing or other modification", _processed(facts), HOUSE),
        ("(10)", "Period in which it was collected", _period(facts), RECORDINGS),
        ("(11)", "When it was first used in development", YOURS, ""),
        ("(12)", "Use of synthetic data generation", SYNTHETIC, HOUSE),
    )
    law = "California Civil Code 3111 (a) (AB 2013 of 2024)"
    return Sheet("training-data-california", "Training data documentation", law, _fields(told))


def european(facts: Facts) -> Sheet:
    """What the template asks of data that was licensed; the rest of it is about the model and its provider."""
    told = (
        ("1.1", "Provider", YOURS, ""),
        ("1.2", "Model, its dependencies, date of placement on the market", YOURS, ""),
        ("1.3", "Modality and size of the data", f"Video with sound. {_amount(facts)}", RECORDINGS),
        ("1.3", "Period of acquisition", _period(facts), RECORDINGS),
        ("1.3", "Characteristics of the data", _kinds(facts), RECORDINGS),
        ("2.1", "Publicly available datasets", "None of this delivery.", HOUSE),
        ("2.2.1", "Datasets licensed by rightsholders or for them", _licensed(facts), RECEIPTS),
        ("2.2.2", "Private datasets of other third parties", "None of this delivery.", HOUSE),
        ("2.3", "Data crawled and scraped", "None of this delivery.", HOUSE),
        ("2.4", "User data", "None of this delivery: performers were paid to be recorded.", HOUSE),
        ("2.5", "Synthetic data", SYNTHETIC, HOUSE),
        ("2.6", "Other sources", "None of this delivery.", HOUSE),
        ("3.1", "Reservations of rights from text and data mining", RESERVED, HOUSE),
        ("3.2", "Removal of illegal content", YOURS, ""),
        ("3.3", "Other: what the data may be used for", _purposes(facts), RECEIPTS),
    )
    law = "Regulation (EU) 2024/1689, Article 53 (1) (d), template of 24 July 2025"
    title = "Public summary of training content"
    return Sheet("training-summary-eu", title, law, _fields(told))


RIGHTS = (
    "Performances of the people who are recorded, protected as such. Nothing in it is known to be in the public domain; what "
    "scripts, music or marks were heard or seen on camera is not known from here."
)
PERSONAL = "Yes: faces and voices of people who can be recognised, under numbers and without names."
PROCESSED = "Each recording was checked and packed anew so that it plays, without new encoding; a manifest says what it is."
SYNTHETIC = "None: each was recorded by a camera, as its manifest says."
RESERVED = "Each recording says in its manifest (cawg.training-mining) what is not allowed; data mining is allowed of none."


def _source(facts: Facts) -> str:
    which = f"“{facts.title}”, delivery {facts.delivery}, version {facts.version}"
    return f"Commissioned by {facts.company} through {facts.house}: {which}."


def _purposes(facts: Facts) -> str:
    granted = "; ".join(facts.purposes.values())
    if TRAINS & facts.purposes.keys():
        return f"Granted: {granted}. {YOURS.removesuffix('.')} which system that was for."
    return f"Granted: {granted}. Nothing in it may be used to train a generative model."


def _amount(facts: Facts) -> str:
    hours = f"{facts.seconds // 3600} h {facts.seconds % 3600 // 60} min {facts.seconds % 60} s"
    pieces = f", {facts.pieces} of them commissioned pieces" if facts.pieces else ""
    return (
        f"{facts.recordings} recordings of {facts.people} people in {facts.sessions} sessions{pieces}: {hours} of video with "
        f"sound, {facts.bytes} bytes."
    )


def _kinds(facts: Facts) -> str:
    beside = "Beside each: which cards were up, and which takes ran."
    return f"Unscripted scenes, one camera and microphone each. {facts.scene} {beside} {_said(facts)}"


def _said(facts: Facts) -> str:
    """What people say of it: the types of labels that are asked for, or that there are none."""
    labels = (
        f"{facts.labels} labels by people, of an emotion and its intensity: by performers of themselves, and by "
        f"{facts.annotators} annotators."
        if facts.labels
        else "No labels."
    )
    transcripts = f"Transcripts: {facts.transcripts}." if facts.transcripts else "No transcripts."
    return f"{labels} {transcripts}"


def _processed(facts: Facts) -> str:
    by_people = "Labels are by people, and none by a machine. " if facts.labels else "No label. "
    return f"{PROCESSED} {by_people}No crop or filter."


def _licensed(facts: Facts) -> str:
    return f"Licensed, by {facts.receipts} receipts. {' '.join(facts.texts)}"


def _period(facts: Facts) -> str:
    if facts.first_on == facts.last_on:
        return f"{facts.first_on}. This version is closed."
    return f"{facts.first_on} to {facts.last_on}. This version is closed."


def _fields(told: Iterable[tuple[str, str, str, str]]) -> list[Field]:
    return [Field(*each) for each in told]


def as_data(sheet: Sheet, facts: Facts) -> dict[str, Any]:
    return {
        "title": sheet.title,
        "law": sheet.law,
        "checked_by_counsel": False,
        "delivery": facts.delivery,
        "fields": [
            {"number": each.number, "asks": each.asks, "value": each.value, "source": each.source or None}
            for each in sheet.fields
        ],
    }


def as_text(sheet: Sheet, facts: Facts) -> str:
    """The same as Markdown, to be read, filled and published."""
    lines = [f"# {sheet.title}", "", f"{sheet.law}. Of delivery {facts.delivery}.", "", NOT_CHECKED, ""]
    for each in sheet.fields:
        source = f"Source: {each.source}." if each.source else "Source: you."
        lines += [f"## {each.number} {each.asks}", "", _plainly(each.value), "", source, ""]
    return "\n".join(lines)


NOT_CHECKED = "Counsel has yet to read how the house understands this law."


def _plainly(value: str) -> str:
    """What people wrote is text here, and no markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in value)
