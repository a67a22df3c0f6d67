"""What a performer reads beside the terms: the uses that they may grant with their signature, and the hash of all these words."""

import hashlib
from collections.abc import Mapping

import rfc8785

from kit.errors import DomainError
from marketplace.agreements.replicas import DIGITAL_REPLICAS
from marketplace.engagements.models import Engagement, Terms
from marketplace.rights.queries import still_asked
from marketplace.rights.states import GrantState


class UsesChanged(DomainError):
    """Read again what each use is asked for, as it stands now; then tick and sign."""

    code = "uses_changed"
    title = "These are not the uses that you read"


def asked_with(terms: Terms, engagement: Engagement) -> dict[str, str]:
    """Each use that may be granted with a signature under this version, with its words; none once the performer has signed.
    A replica takes a signature of its own."""
    if terms.performer_signed_at is not None:
        return {}
    still = still_asked(
        engagement.application_id,
        engagement.gig,
        where=engagement.performer.where,
        held=(GrantState.ACTIVE,),
    )
    return {name: words for name, words in still.items() if name not in DIGITAL_REPLICAS}


def hash_of(uses: Mapping[str, str]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of all that was shown: the words by their purpose."""
    return hashlib.sha256(rfc8785.dumps(dict(uses))).hexdigest()


def require_read(uses: Mapping[str, str], read_sha256: str) -> None:
    """Raises UsesChanged (409) unless exactly these words were read."""
    if read_sha256 != hash_of(uses):
        raise UsesChanged(
            "The words of a use are other than those that you sign. Read them again, then sign."
        )
