"""A replica of voice or likeness is granted by a signature of its own, with counsel or a union named: what the laws ask of it."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.identity.names import LONGEST_NAME
from kit.errors import DomainError, Invalid
from kit.text import required_text
from marketplace.agreements.replicas import DIGITAL_REPLICAS
from marketplace.engagements.models import Engagement
from marketplace.engagements.operations import EngagementEnded, signature_of
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.rights import operations as rights
from marketplace.rights import queries
from marketplace.rights.models import Grant, ReplicaSignature


class TermsFirst(DomainError):
    """Sign the newest version of the terms; then the replica."""

    code = "terms_first"
    title = "The terms come first"


class ReplicaChanged(DomainError):
    """Read what the replica is for as it stands now, then sign it."""

    code = "replica_changed"
    title = "This is not what you read"


def asked(engagement: Engagement) -> dict[str, tuple[str, str]]:
    """The replicas that are asked for and not granted: the words to be read, and their SHA-256."""
    where = engagement.performer.where
    still = queries.still_asked(engagement.application_id, engagement.gig, where=where)
    return {
        name: (words, hashlib.sha256(words.encode()).hexdigest())
        for name, words in still.items()
        if name in DIGITAL_REPLICAS
    }


@transaction.atomic
def sign(
    *,
    engagement: Engagement,
    purpose: str,
    name: str,
    read_sha256: str,
    represented_by: str,
    representative: str,
    address: str = "",
    by: Actor,
    at: datetime,
) -> Grant:
    """The performer grants one replica, over exactly the words that they read. It is active once both have signed the terms.

    Raises NotFound (404), StaleProof (403), EngagementEnded, TermsFirst, ReplicaChanged (409), Invalid (422) for another name
    than theirs, without counsel or union, or for what is not asked for.
    """
    by.require_performer(engagement.performer_id)
    by.require_proof(StepUp.SIGN, at=at)
    # The gig first, as everywhere: nobody says meanwhile otherwise what the replica is for.
    Gig.objects.select_for_update().get(pk=engagement.gig_id)
    rows = Engagement.objects.select_for_update(of=("self",)).select_related(
        "performer__user", "application__gig__company", "gig"
    )
    engagement = rows.get(pk=engagement.pk)
    if engagement.state == EngagementState.TERMINATED:
        raise EngagementEnded("Nothing is granted for what has ended.")
    terms = engagement.versions.latest("version")
    if terms.performer_signed_at is None:
        raise TermsFirst("Sign the terms before a replica.")
    words = asked(engagement).get(purpose)
    if words is None:
        raise Invalid.field("purpose", "The gig does not ask for this replica.", code="not_asked_for")
    if words[1] != read_sha256:
        raise ReplicaChanged("It was made better meanwhile. Read it, then sign.")
    signed, beside = signature_of(name, of=engagement.performer.user), _beside(represented_by, representative)
    (grant,) = rights.give(
        application=engagement.application,
        purposes=[purpose],
        terms_sha256=terms.text_sha256,
        replica_signed=True,
        by=by,
        at=at,
    )
    ReplicaSignature.objects.create(
        grant=grant,
        name=signed,
        represented_by=beside[0],
        representative=beside[1],
        text_sha256=grant.text_sha256,
        signed_at=at,
        proved_at=by.proved_at,
        address=address or None,
    )
    if terms.company_signed_at is not None:
        rights.activate(application=engagement.application, terms_sha256=terms.text_sha256, by=by, at=at)
        grant.refresh_from_db()
    return grant


def _beside(represented_by: str, representative: str) -> tuple[str, str]:
    """Who stands at the performer's side. Raises Invalid (422)."""
    if represented_by not in ReplicaSignature.By.values:
        said = "Without a lawyer of your own or a union this grant would be void, so it is not taken."
        raise Invalid.field("represented_by", said, code="not_a_choice")
    missing = "Name the lawyer or the union."
    return represented_by, required_text(
        representative, field="representative", missing=missing, longest=LONGEST_NAME
    )
