"""python check_receipt.py RECEIPTS.json KEYS.json: is each receipt signed by a published key, unchanged, and none missing?

Needs nothing of the house: the receipts as it hands them out, its published keys, and the package `cryptography`.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def main(receipts: str, keys: str) -> str:
    published = {key["id"]: raw(key["public_key"]) for key in json.loads(Path(keys).read_text())["keys"]}
    last: dict[str, str] = {}
    for row in sorted(
        json.loads(Path(receipts).read_text())["receipts"], key=lambda row: row["receipt"]["number"]
    ):
        said = row["receipt"]
        # RFC 8785 for what a receipt holds: text, whole numbers below 2^53, nothing else.
        body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        if hashlib.sha256(body).hexdigest() != row["sha256"]:
            return f"receipt {said['number']}: changed"
        try:
            Ed25519PublicKey.from_public_bytes(published[said["key"]]).verify(raw(row["signature"]), body)
        except (InvalidSignature, KeyError):
            return f"receipt {said['number']}: not signed by a published key"
        if last.get(said["performer"], said["previous_sha256"]) != said["previous_sha256"]:
            return f"receipt {said['number']}: the one before it is missing"
        last[said["performer"]] = row["sha256"]
    return ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) or None)
