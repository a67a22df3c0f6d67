"""A client's own machine: loads a delivery by `mlcroissant` and `webdataset`, checks every hash, and knows nothing of the house.

python client.py FOLDER; says what it found as JSON.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import mlcroissant  # noqa: E402 -- it warns of its own parts when it is imported
import webdataset  # noqa: E402


def main(folder: Path) -> None:
    described = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    context = described.metadata.ctx
    shards = sorted(str(path) for path in folder.glob("data-*.tar"))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False, empty_check=False))
    told = [json.loads(sample["json"]) for sample in samples]
    matches = [
        hashlib.sha256(next(sample[kind] for kind in ("webm", "mp4") if kind in sample)).hexdigest()
        == each["sha256"]
        for sample, each in zip(samples, told, strict=True)
    ]
    found = {
        "errors": sorted(context.issues.errors),
        "is_1_1": context.is_v1_1(),
        "records": _records(described, "samples"),
        "labels": _records(described, "labels"),
        "emotions": _records(described, "emotions"),
        "beside": [json.loads(sample.get("labels.json", b'{"labels": []}'))["labels"] for sample in samples],
        "transcripts": [sample.get("transcript.vtt", b"").decode() for sample in samples],
        "told": told,
        "matches": matches,
    }
    sys.stdout.write(json.dumps(found))


def _records(described: "mlcroissant.Dataset", name: str) -> list[dict[str, str]]:
    if name not in {each.id for each in described.metadata.record_sets}:
        return []
    return [
        {key.removeprefix(f"{name}/"): _plain(value) for key, value in record.items()}
        for record in described.records(name)
    ]


def _plain(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
