"""The data set described, as Croissant 1.1 (ML Commons) with its vocabulary for responsible use, PROV-O and ODRL. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.instants import for_machines, to_the_microsecond
from marketplace.deliveries.shards import Written

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
    ("session", "sc:Text", "The session that was played."),
    ("performer", "sc:Text", "Who played, under the number by which the house knows them."),
    ("recorded_at", "sc:DateTime", "When the recording began, in UTC."),
    ("offset_ms", "sc:Integer", "Where the track begins on the session's one clock."),
    ("duration_ms", "sc:Integer", "How long it plays."),
    ("sha256", "sc:Text", "Of the recording."),
    (
        "receipt",
        "sc:Text",
        "The hash of the receipt of the grant under which it is here; with several, the first.",
    ),
)


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


def describe(about: Described, shards: Sequence[Written], *, table: Written) -> dict[str, Any]:
    """The description as JSON-LD, to lie beside the shards; their addresses are relative to it."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": about.title,
        "description": f"{about.scene} {about.tracks} recordings of {about.people} performers in {about.sessions} sessions.",
        "version": f"{about.version}.0.0",
        "datePublished": for_machines(about.at.date()),
        "url": f"{about.house}/deliveries/{about.delivery_id}/",
        "license": f"{about.house}/deliveries/{about.delivery_id}/",
        "citeAs": f"{about.title}, version {about.version}. Performed for {about.company} through {about.house}.",
        "creator": {"@type": "sc:Organization", "name": about.company, "url": about.house},
        **_responsible(about),
        **_provenance(about),
        "distribution": [_table(table), *(_shard(each) for each in shards), *_told_apart(shards)],
        "recordSet": [_samples()],
    }


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


def _table(table: Written) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": TABLE,
        "name": TABLE,
        "description": "A line for each recording, in the order of the shards.",
        "contentUrl": TABLE,
        "contentSize": f"{table.size} B",
        "encodingFormat": "application/jsonlines",
        "sha256": table.sha256,
    }


def _told_apart(shards: Sequence[Written]) -> list[dict[str, Any]]:
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


def _samples() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "samples",
        "name": "samples",
        "description": "One track a sample: one seat's own camera and microphone.",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"samples/{name}",
                "name": name,
                "description": what,
                "dataType": kind,
                "source": {"fileObject": {"@id": TABLE}, "extract": {"column": name}},
            }
            for name, kind, what in COLUMNS
        ],
    }


def _responsible(about: Described) -> dict[str, Any]:
    hours = f"{about.seconds // 3600} h {about.seconds % 3600 // 60} min"
    return {
        "rai:dataCollection": (
            f"Unscripted scenes between paid performers, each recorded on their own device: {hours} on camera. Each was paid "
            "by the hour for the whole of the session, whatever was recorded."
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
