"""The data set described, as Croissant 1.1 (ML Commons) with its vocabulary for responsible use, PROV-O and ODRL. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.instants import for_machines, to_the_microsecond
from marketplace.deliveries.shards import Written
from marketplace.labels.words import INTENSITIES

CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
# The table of the set: what stands in each line of it, as what.
TABLE = "samples.jsonl"
COLUMNS = (
    ("key", "sc:Text", "The name of the recording and of what is known of it, in its shard."),
    ("shard", "sc:Text", "The shard in which both lie."),
    ("session", "sc:Text", "The session that was played; empty of a piece."),
    ("piece", "sc:Text", "The commissioned piece that it is; empty of a session's recording."),
    ("performer", "sc:Text", "Who played, under the number by which the house knows them."),
    ("recorded_at", "sc:DateTime", "When the recording began, in UTC; of a piece, when it was handed in."),
    ("offset_ms", "sc:Integer", "Where the track begins on the session's one clock."),
    ("duration_ms", "sc:Integer", "How long it plays."),
    ("sha256", "sc:Text", "Of the recording."),
    (
        "receipt",
        "sc:Text",
        "The hash of the receipt of the grant under which it is here; with several, the first.",
    ),
    ("labels", "sc:Integer", "How many labels it has."),
    ("transcript", "sc:Text", "The SHA-256 of its transcript; empty where it has none."),
)
# The table of labels, where there are any.
LABELS = "labels.jsonl"
STRENGTH = "; ".join(f"{number} {words.lower()}" for number, words in INTENSITIES.items())
LABEL_COLUMNS = (
    ("label", "sc:Text", "The id of the label."),
    ("version", "sc:Integer", "Which version of it; the ones before were replaced by whoever gave it."),
    ("sample", "sc:Text", "The recording that it is of."),
    (
        "sense",
        "sc:Text",
        "felt or played: the performer of themself. seen: an annotator, who read no other label before.",
    ),
    ("by", "sc:Text", "performer, or the number of an annotator in this gig. No name."),
    ("from_ms", "sc:Integer", "Where it begins on the session's one clock, as offset_ms of the sample."),
    ("until_ms", "sc:Integer", "Where it ends; this millisecond does not belong to it."),
    ("emotion", "sc:Text", "One of the gig's words."),
    ("intensity", "sc:Integer", f"{STRENGTH}."),
    ("given_at", "sc:DateTime", "When it was given, in UTC."),
)


@dataclass(frozen=True)
class Labelled:
    """The labels and transcripts of a version in figures. `alphas`: of emotion and of intensity, in thousandths, None where there
    is nothing to agree about; `emotions`: the gig's words."""

    labels: int = 0
    by_performers: int = 0
    annotators: int = 0
    pieces: int = 0
    emotions: Sequence[tuple[str, str]] = ()
    alphas: tuple[int | None, int | None] = (None, None)
    transcripts: int = 0


@dataclass(frozen=True)
class Tables:
    """What lies beside the shards to be read line by line."""

    samples: Written
    labels: Written | None = None
    agreement: Written | None = None

    @property
    def written(self) -> list[Written]:
        return [each for each in (self.samples, self.labels, self.agreement) if each is not None]


@dataclass(frozen=True)
class Described:
    """What is said of a delivery. `purposes`: the names, with their words."""

    delivery_id: str
    house: str
    company: str
    title: str
    scene: str
    version: int
    purposes: dict[str, str]
    refused: Sequence[str]
    at: datetime
    tracks: int
    sessions: int
    people: int
    seconds: int
    labelled: Labelled
    pieces: int = 0


def describe(about: Described, shards: Sequence[Written], *, tables: Tables) -> dict[str, Any]:
    """The description as JSON-LD, to lie beside the shards; their addresses are relative to it."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": about.title,
        "description": f"{about.scene} {_counted(about)}",
        "version": f"{about.version}.0.0",
        "datePublished": for_machines(about.at.date()),
        "url": f"{about.house}/deliveries/{about.delivery_id}/",
        "license": f"{about.house}/deliveries/{about.delivery_id}/",
        "citeAs": f"{about.title}, version {about.version}. Performed for {about.company} through {about.house}.",
        "creator": {"@type": "sc:Organization", "name": about.company, "url": about.house},
        **_responsible(about),
        **_annotated(about.labelled),
        **_provenance(about),
        "distribution": [
            *_tables(tables),
            *(_shard(each) for each in shards),
            *_told_apart(shards, about.labelled),
        ],
        "recordSet": [
            _rows("samples", "One track a sample: one seat's own camera and microphone.", TABLE, COLUMNS),
            *_labels(tables, about.labelled),
        ],
    }


def _counted(about: Described) -> str:
    pieces = f", {about.pieces} of them commissioned pieces" if about.pieces else ""
    return f"{about.tracks} recordings of {about.people} performers in {about.sessions} sessions{pieces}."


def _shard(shard: Written) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": shard.name,
        "name": shard.name,
        "contentUrl": shard.name,
        "contentSize": f"{shard.size} B",
        "encodingFormat": "application/x-tar",
        "sha256": shard.sha256,
    }


def _tables(tables: Tables) -> Iterator[dict[str, Any]]:
    lines = "application/jsonlines"
    yield _file(tables.samples, lines, "A line for each recording, in the order of the shards.")
    if tables.labels is not None:
        yield _file(tables.labels, lines, "A line for each label, in the order of the samples.")
    if tables.agreement is not None:
        yield _file(tables.agreement, "application/json", "How far the annotators agree.")


def _file(file: Written, form: str, what: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "description": what,
        "contentUrl": file.name,
        "contentSize": f"{file.size} B",
        "encodingFormat": form,
        "sha256": file.sha256,
    }


def _told_apart(shards: Sequence[Written], labelled: Labelled) -> list[dict[str, Any]]:
    """What lies in the shards, by its endings."""
    inside = (
        (
            "sample-files",
            "application/json",
            ["*.json"],
            "What is known of each recording: cards, takes, receipts.",
        ),
        ("recordings-webm", "video/webm", ["*.webm"], "One seat's own camera and microphone, as WebM."),
        (
            "recordings-mp4",
            "video/mp4",
            ["*.mp4"],
            "The same, of devices that record MP4; its C2PA manifest lies in it.",
        ),
        ("manifests", "application/c2pa", ["*.c2pa"], "The C2PA manifest of each WebM of the same name."),
        *_people_said(labelled),
    )
    return [
        {
            "@type": "cr:FileSet",
            "@id": name,
            "name": name,
            "description": what,
            "containedIn": [{"@id": shard.name} for shard in shards],
            "encodingFormat": form,
            "includes": endings,
        }
        for name, form, endings, what in inside
    ]


def _people_said(labelled: Labelled) -> Iterator[tuple[str, str, list[str], str]]:
    if labelled.labels:
        what = "The labels of the recording of the same name, as in labels.jsonl, with their words."
        yield "label-files", "application/json", ["*.labels.json"], what
    if labelled.transcripts:
        what = "The words of the recording of the same name, from its own beginning, as the company wrote them down."
        yield "transcripts", "text/vtt", ["*.transcript.vtt"], what


def _rows(
    name: str, what: str, file: str, columns: Sequence[tuple[str, str, str]], **more: dict[str, Any]
) -> dict[str, Any]:
    """A table as records; `more`: what is said of one of its columns beside."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": what,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": column,
                "description": said,
                "dataType": kind,
                "source": {"fileObject": {"@id": file}, "extract": {"column": column}},
                **more.get(column, {}),
            }
            for column, kind, said in columns
        ],
    }


def _labels(tables: Tables, labelled: Labelled) -> Iterator[dict[str, Any]]:
    if tables.labels is None:
        return
    yield {
        "@type": "cr:RecordSet",
        "@id": "emotions",
        "name": "emotions",
        "description": "The words of this gig: nobody could say another.",
        "dataType": "sc:Enumeration",
        "key": {"@id": "emotions/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"emotions/{name}", "name": name, "dataType": "sc:Text"}
            for name in ("name", "words")
        ],
        "data": [{"emotions/name": name, "emotions/words": words} for name, words in labelled.emotions],
    }
    yield _rows(
        "labels",
        "What one person says of one range of one recording.",
        LABELS,
        LABEL_COLUMNS,
        sample={"references": {"field": {"@id": "samples/key"}}},
        emotion={"references": {"field": {"@id": "emotions/name"}}},
    )


def _annotated(labelled: Labelled) -> dict[str, Any]:
    """In the words of the vocabulary for responsible use; nothing where nobody labelled anything."""
    if not labelled.labels:
        return {}
    emotion, intensity = (
        "nothing to agree about" if alpha is None else f"{alpha / 1000:.3f}" for alpha in labelled.alphas
    )
    return {
        "rai:dataAnnotationProtocol": (
            "Annotators watch one piece at a time and say one emotion of a closed list and its strength, from 1 to 5; they read no "
            "other label of a piece before their own is in. Performers may say what they felt or played, of themselves."
        ),
        "rai:dataAnnotationPlatform": ["The house in which the sessions were played."],
        "rai:machineAnnotationTools": ["None."],
        "rai:annotationsPerItem": (
            f"{labelled.labels} labels: {labelled.by_performers} of performers of themselves, the others of {labelled.annotators} "
            f"annotators; {labelled.pieces} pieces have two or more."
        ),
        "rai:dataAnnotationAnalysis": [
            f"Krippendorff's alpha of the annotators: emotion (nominal) {emotion}, intensity (ordinal) {intensity}."
        ],
    }


def _responsible(about: Described) -> dict[str, Any]:
    hours = f"{about.seconds // 3600} h {about.seconds % 3600 // 60} min"
    return {
        "rai:dataCollection": (
            f"Unscripted scenes between paid performers, each recorded on their own device: {hours} on camera. Each was paid "
            f"by the hour for the whole of the session, whatever was recorded.{_of_pieces(about)}"
        ),
        "rai:dataCollectionType": ["Direct measurement"],
        "rai:dataUseCases": list(about.purposes.values()),
        "rai:dataLimitations": f"Not granted, and so not allowed: {'; '.join(about.refused)}.",
        "rai:personalSensitiveInformation": [
            "Faces and voices of people who can be recognised. No names; a number for each person."
        ],
        "rai:dataReleaseMaintenancePlan": (
            "A performer may withdraw a grant at any time. The house then recalls this version, gives out one without them, "
            "and orders each copy of this one to be deleted by a date, which is to be confirmed."
        ),
    }


def _of_pieces(about: Described) -> str:
    if not about.pieces:
        return ""
    return (
        f" {about.pieces} pieces were commissioned: recorded by one performer alone, reviewed by people against rules that stood "
        "before, and paid by the piece."
    )


def _provenance(about: Described) -> dict[str, Any]:
    return {
        "prov:wasAttributedTo": {"@type": "prov:Organization", "name": about.company},
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "name": "Recorded and delivered under grants whose receipts lie beside this file",
            "prov:endedAtTime": to_the_microsecond(about.at),
        },
        "odrl:hasPolicy": {
            "@type": "odrl:Agreement",
            "odrl:permission": [
                {"odrl:action": "odrl:use", "odrl:constraint": {"odrl:purpose": name}}
                for name in about.purposes
            ],
            "odrl:prohibition": [{"odrl:action": words} for words in about.refused],
            "odrl:duty": [{"odrl:action": "odrl:delete", "odrl:constraint": "on the order of the house"}],
        },
    }
