"""A client's own machine: checks by `c2pa` what each recording says of itself, and that one bit flipped is found. Offline.

python manifests.py FOLDER ANCHORS.pem; says what it found as JSON. The anchors are fetched from the house beforehand.
"""

import io
import json
import sys
import tarfile
from pathlib import Path

import c2pa

TYPES = {"webm": "video/webm", "mp4": "video/mp4"}
OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


def main(folder: Path, anchors: str) -> None:
    found = []
    for shard in sorted(folder.glob("data-*.tar")):
        with tarfile.open(shard) as file:
            files = {member.name: file.extractfile(member).read() for member in file.getmembers()}  # type: ignore[union-attr]
        for name, body in files.items():
            key, _, ending = name.partition(".")
            if ending in TYPES:
                found.append(checked(key, ending, body, files.get(f"{key}.c2pa"), anchors))
    sys.stdout.write(json.dumps(found))


def checked(key: str, ending: str, body: bytes, beside: bytes | None, anchors: str) -> dict[str, object]:
    state, manifest = read(ending, body, beside, anchors)
    flipped = bytearray(body)
    flipped[len(body) // 2] ^= 1
    return {
        "key": key,
        "state": state,
        "is_beside": beside is not None,
        "flipped": read(ending, bytes(flipped), beside, anchors)[0],
        "to_a_stranger": read(ending, body, beside, "")[0],
        "title": manifest["title"],
        "assertions": {each["label"]: each["data"] for each in manifest["assertions"]},
    }


def read(ending: str, body: bytes, beside: bytes | None, anchors: str) -> tuple[str, dict]:  # type: ignore[type-arg]
    trust = {"trust": {"trust_anchors": anchors}} if anchors else {}
    with (
        c2pa.Context.from_dict({**OFFLINE, **trust}) as context,
        c2pa.Reader(TYPES[ending], io.BytesIO(body), manifest_data=beside, context=context) as reader,
    ):
        return str(reader.get_validation_state()), reader.get_active_manifest() or {}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
