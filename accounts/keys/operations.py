"""A company's API keys: made once and shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.keys.models import ApiKey
from kit.errors import Invalid

SCOPES: dict[str, str] = {
    "gigs:read": "Read gigs",
    "gigs:write": "Post and change gigs",
    "casting:read": "Read applications",
    "casting:write": "Review applications and make offers",
    "sessions:read": "Read sessions and recorded time",
    "sessions:write": "Book and cancel sessions",
    "deliveries:read": "Take deliveries of recordings",
    "deliveries:write": "Have recordings put together",
    "billing:read": "Read the wallet and its movements",
}
LONGEST_DAYS = 365
SEEN_EVERY = timedelta(minutes=5)


@transaction.atomic
def create(
    *, company: Company, name: str, scopes: Sequence[str], days: int, by: Actor, at: datetime
) -> tuple[ApiKey, str]:
    """Make a key; the secret is in the answer and nowhere else. Owners only, with a fresh proof.

    Raises Forbidden, StaleProof (403), Invalid (422).
    """
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    by.require_proof(StepUp.MAKE_KEY, at=at)
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        raise Invalid.field("scopes", f"Choose from {', '.join(SCOPES)}.", code="not_a_choice")
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid.field("days", f"A key lives 1 to {LONGEST_DAYS} days.")
    person_id = by.require_person("A key is made by a person.")
    secret = f"cb_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        company=company,
        created_by_id=person_id,
        name=name.strip(),
        hint=secret[:8],
        secret_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    audit.record(verb="api_key.created", thing=key, by=by, at=at, scopes=key.scopes)
    return key, secret


@transaction.atomic
def revoke(*, key: ApiKey, by: Actor, at: datetime) -> None:
    """Ends a key at once. Revoking twice changes nothing. Raises Forbidden (403)."""
    by.require(Act.RUN_COMPANY, company_id=key.company_id)
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
        audit.record(verb="api_key.revoked", thing=key, by=by, at=at)


def find(*, secret: str, at: datetime) -> ApiKey | None:
    """The live key behind `secret`. Its last use is noted, at most once in SEEN_EVERY."""
    key = (
        ApiKey.objects.select_related("created_by", "company")
        .filter(secret_hash=_hash(secret), revoked_at=None, expires_at__gt=at, created_by__is_active=True)
        # A key ends with its maker's place in the company.
        .filter(
            company__memberships__user=F("created_by"), company__memberships__role__in=MAY[Act.RUN_COMPANY]
        )
        .first()
    )
    if key is not None and (key.last_used_at is None or at - key.last_used_at > SEEN_EVERY):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


def _hash(secret: str) -> bytes:
    # The secret has 256 random bits, so a plain hash is as good as a slow one and costs each request nothing.
    return hashlib.sha256(secret.encode()).digest()
