"""A receipt as anybody can check it: canonical JSON (RFC 8785), SHA-256, Ed25519. No database; the published keys are handed in.

`{"receipt": {…}, "sha256": "…", "signature": "…"}`: the hash and the signature are over the canonical form of `receipt`, which
names its key and the hash of the receipt before it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KIND = "callboard.grant-receipt/1"
LARGEST_FILE = 4 << 20


class NotProved(Exception):
    """It proves nothing; the text says what is wrong with it."""


@dataclass(frozen=True)
class Signed:
    """A receipt's canonical form, its hash and signature."""

    body: str
    sha256: str
    signature: str


def sign(receipt: Mapping[str, Any], *, key: Ed25519PrivateKey) -> Signed:
    body = rfc8785.dumps(dict(receipt))
    return Signed(body.decode(), hashlib.sha256(body).hexdigest(), encoded(key.sign(body)))


def read(file: bytes) -> list[dict[str, Any]]:
    """The receipts of a file: one, or a list of them as the house hands out a chain. Raises NotProved."""
    if len(file) > LARGEST_FILE:
        raise NotProved("The file is too large for receipts.")
    try:
        told = json.loads(file)
    except (ValueError, RecursionError) as error:
        raise NotProved("The file is no JSON.") from error
    found = told["receipts"] if isinstance(told, dict) and isinstance(told.get("receipts"), list) else told
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(_has_the_form(row) for row in rows):
        raise NotProved("The file holds no receipt: it wants “receipt”, “sha256” and “signature”.")
    return rows


def verify(row: Mapping[str, Any], *, keys: Mapping[str, str]) -> dict[str, Any]:
    """What the receipt says, once hash and signature hold. `keys`: each published key by its id. Raises NotProved."""
    receipt: dict[str, Any] = row["receipt"]
    try:
        body = rfc8785.dumps(receipt)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise NotProved("What it says has no canonical form.") from error
    if hashlib.sha256(body).hexdigest() != row["sha256"]:
        raise NotProved("What it says is not what was signed: the hash is another.")
    if (public := keys.get(str(receipt.get("key", "")))) is None:
        raise NotProved("It names a key that was not published.")
    try:
        Ed25519PublicKey.from_public_bytes(decoded(public)).verify(decoded(row["signature"]), body)
    except (InvalidSignature, ValueError) as error:
        raise NotProved("The signature is not of that key.") from error
    if receipt.get("kind") != KIND:
        raise NotProved("It is signed, but it is no receipt of a grant.")
    return receipt


def verify_chain(rows: Sequence[Mapping[str, Any]], *, keys: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each of them, and that no one between the first and the last of a performer is missing or moved. Raises NotProved."""
    said = sorted(
        (verify(row, keys=keys) for row in rows), key=lambda each: (each["performer"], each["number"])
    )
    hashes = {row["receipt"]["performer"] + str(row["receipt"]["number"]): row["sha256"] for row in rows}
    for before, after in pairwise(said):
        if before["performer"] != after["performer"]:
            continue
        expected = hashes[before["performer"] + str(before["number"])]
        if after["number"] != before["number"] + 1 or after["previous_sha256"] != expected:
            raise NotProved(
                f"Receipt {after['number']} does not follow on receipt {before['number']}: one is missing or was changed."
            )
    return said


def key_id(public: str) -> str:
    return hashlib.sha256(decoded(public)).hexdigest()[:16]


def public_of(key: Ed25519PrivateKey) -> str:
    return encoded(key.public_key().public_bytes_raw())


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64") from error


def _has_the_form(row: object) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("receipt"), dict)
        and isinstance(row.get("sha256"), str)
        and isinstance(row.get("signature"), str)
        and isinstance(row["receipt"].get("performer"), str)
        and isinstance(row["receipt"].get("number"), int)
    )
