"""What a recording's manifest claims: what may be made of it, as the receipts say, purpose by purpose. Pure.

The house's labels: `org.callboard.replicas` (which replicas may be made of who is seen and heard) and `org.callboard.receipts`
(the proofs). What may be done to train on it is said as `cawg.training-mining` (Training and Data Mining Assertion 1.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REPLICAS, RECEIPTS, TRAINING = "org.callboard.replicas", "org.callboard.receipts", "cawg.training-mining"
A_CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
# The assertion's entries, and the purposes of the house that allow something of each. Nothing of ours allows data mining.
ENTRIES: Mapping[str, frozenset[str]] = {
    "cawg.ai_generative_training": frozenset({"foundation_training", "fine_tuning", "synthesis"}),
    "cawg.ai_inference": frozenset({"evaluation", "voice_replica", "likeness_replica", "avatar"}),
    "cawg.ai_training": frozenset({"foundation_training", "fine_tuning", "biometric_template"}),
    "cawg.data_mining": frozenset(),
}
OF_A_PERSON = ("voice_replica", "likeness_replica", "biometric_template", "avatar")


@dataclass(frozen=True)
class Granted:
    """One receipt of the recording's performer: its hash, and what it proves."""

    sha256: str
    purpose: str
    text: str
    licensee: str


@dataclass(frozen=True)
class Claimed:
    """What is said of one recording, of a session or a piece. `key` is its name in the set."""

    key: str
    house: str
    delivery: str
    session: str
    track: str
    recorded_at: str
    sha256: str
    granted: Sequence[Granted]
    piece: str = ""


def manifest(said: Claimed) -> dict[str, Any]:
    """The definition of the manifest, as c2pa's builder takes it. No name of a person stands in it."""
    return {
        "claim_generator_info": [{"name": "Callboard"}],
        "title": said.key,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [_made(said)]}},
            {"label": TRAINING, "data": {"entries": training(said.granted)}},
            {"label": REPLICAS, "data": {"entries": replicas(said.granted)}},
            {"label": RECEIPTS, "data": _proofs(said)},
        ],
    }


def training(granted: Sequence[Granted]) -> dict[str, dict[str, str]]:
    """Each entry of the assertion: what nobody granted is not allowed, and what was granted was to somebody, for something."""
    return {name: _use([each for each in granted if each.purpose in of]) for name, of in ENTRIES.items()}


def replicas(granted: Sequence[Granted]) -> dict[str, dict[str, str]]:
    """The same for each kind of replica of the performer."""
    return {name: _use([each for each in granted if each.purpose == name]) for name in OF_A_PERSON}


def _use(granted: Iterable[Granted]) -> dict[str, str]:
    said = [f"{each.text} Licensee {each.licensee}, receipt {each.sha256}." for each in granted]
    return {"use": "constrained", "constraint_info": " ".join(said)} if said else {"use": "notAllowed"}


def _made(said: Claimed) -> dict[str, str]:
    return {"action": "c2pa.created", "when": said.recorded_at, "digitalSourceType": A_CAMERA}


def _proofs(said: Claimed) -> dict[str, Any]:
    return {
        "house": said.house,
        "delivery": said.delivery,
        **({"piece": said.piece} if said.piece else {"session": said.session}),
        "track": said.track,
        "sha256_before_its_manifest": said.sha256,
        "receipts": [each.sha256 for each in said.granted],
        "keys": f"{said.house}/.well-known/callboard-receipt-keys.json",
    }
