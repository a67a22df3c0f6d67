"""A recording says itself what it is (C2PA): a manifest signed by the house, in an MP4, beside a WebM. One bit flipped is found.

Whom to trust is the reader's: the last certificate of `PROVENANCE_CERT`, published with those of before at
`/.well-known/callboard-provenance.pem`.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from marketplace.deliveries.models import ProvenanceAnchor

TYPES = {"mp4": "video/mp4", "webm": "video/webm"}
A_PART = 1 << 20
# Nothing is fetched while a manifest is made and read back.
OFFLINE: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True)
class Sealed:
    """The recording as it is delivered, and its manifest where that lies beside it."""

    path: Path
    size: int
    sha256: str
    beside: bytes | None


class NotWhatWasChecked(ValueError):
    """A recording rotted, or somebody changed it, since it was checked."""


@contextmanager
def sealed(
    recording: BinaryIO, *, sha256: str, kind: str, manifest: Mapping[str, Any], draft: Path
) -> Iterator[Sealed]:
    """Sign what is claimed of the recording, `mp4` or `webm`, which is left as it is; the delivered one lies at `draft` until
    the block ends. Raises NotWhatWasChecked where its SHA-256 is another than when it was checked, c2pa.C2paError for what is no
    such file, or a certificate that no reader would take."""
    try:
        with (
            _seekable(recording, draft.with_suffix(".source")) as source,
            draft.open("w+b") as delivered,
        ):
            _refuse_other(source, sha256)
            written = _signed(source, delivered, kind, manifest)
        with draft.open("rb") as made:
            delivered_sha256 = _sha256_of(made)
        yield Sealed(draft, draft.stat().st_size, delivered_sha256, written if kind == "webm" else None)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _seekable(recording: BinaryIO, copy: Path) -> Iterator[BinaryIO]:
    """From a bucket it comes as a stream, and what is signed is read more than once."""
    if recording.seekable():
        yield recording
        return
    try:
        with copy.open("w+b") as file:
            shutil.copyfileobj(recording, file, A_PART)
            file.seek(0)
            yield file
    finally:
        copy.unlink(missing_ok=True)


def _signed(source: BinaryIO, delivered: BinaryIO, kind: str, manifest: Mapping[str, Any]) -> bytes:
    """The manifest, once the library has read it back and found it whole."""
    import c2pa  # noqa: PLC0415 -- loads a library of 23 MB, which only the worker needs

    key, certificates = settings.PROVENANCE_KEY, settings.PROVENANCE_CERT
    trusted = {"trust": {"trust_config": "\n".join(settings.PROVENANCE_USES)}}
    who = c2pa.C2paSignerInfo(_algorithm(key).encode(), certificates.encode(), key.encode(), None)
    with c2pa.Context.from_dict(OFFLINE | trusted) as context, c2pa.Signer.from_info(who) as signer:
        builder = c2pa.Builder({**manifest, "format": TYPES[kind]}, context=context)
        if kind == "webm":  # a WebM holds no manifest
            builder.set_no_embed()
        return bytes(builder.sign(signer, TYPES[kind], source, delivered))


def _algorithm(key: str) -> str:
    """As COSE names it. Raises ValueError for a key that C2PA knows no signature by."""
    match load_pem_private_key(key.encode(), password=None):
        case ec.EllipticCurvePrivateKey(curve=ec.SECP256R1()):
            return "es256"
        case ec.EllipticCurvePrivateKey(curve=ec.SECP384R1()):
            return "es384"
        case ec.EllipticCurvePrivateKey(curve=ec.SECP521R1()):
            return "es512"
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case rsa.RSAPrivateKey():
            return "ps256"
    raise ValueError("PROVENANCE_KEY is of no kind that C2PA signs with")


def anchor(certificates: str) -> str:
    """The last of them, PEM: the root that whoever checks a recording of this house trusts."""
    begin = "-----BEGIN CERTIFICATE-----"
    return begin + certificates.rpartition(begin)[2]


def note_anchor(*, at: datetime) -> None:
    """Remember under which root recordings are signed from now on. Twice is once."""
    root = anchor(settings.PROVENANCE_CERT)
    sha256 = hashlib.sha256(root.encode()).hexdigest()
    ProvenanceAnchor.objects.bulk_create(
        [ProvenanceAnchor(sha256=sha256, certificate=root, used_since=at)], ignore_conflicts=True
    )


def anchors() -> str:
    """The root of now, then each of before, the newest first: PEM."""
    now = anchor(settings.PROVENANCE_CERT)
    before = ProvenanceAnchor.objects.exclude(certificate=now).order_by("-id")
    return "".join([now, *before.values_list("certificate", flat=True)])


def _refuse_other(source: BinaryIO, sha256: str) -> None:
    """The house signs for what it checked when it came in, and for nothing that lies there instead."""
    if _sha256_of(source) != sha256:
        raise NotWhatWasChecked("What lies there is not the recording that was checked.")
    source.seek(0)


def _sha256_of(file: BinaryIO) -> str:
    found = hashlib.sha256()
    while part := file.read(A_PART):
        found.update(part)
    return found.hexdigest()
