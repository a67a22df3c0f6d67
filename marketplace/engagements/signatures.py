"""A signature, with all that shows whose it is: kept beside the terms that it is under, and never changed."""

from collections.abc import Mapping
from datetime import datetime

from accounts.access.actors import Actor
from accounts.identity.models import User
from accounts.identity.residence import Where
from kit.errors import DomainError
from marketplace.engagements.models import Proof, Side, Signature, Terms


class PlaceUnknown(DomainError):
    """Say the country, and in the United States the state: on your profile or the company's page, or over the API."""

    code = "place_unknown"
    title = "We do not know where you are"


def require_place(where: Where, said: str) -> None:
    """Raises PlaceUnknown (409) unless it is enough to say which law holds."""
    if not where.is_known:
        raise PlaceUnknown(f"Say {said} first: the law that protects this work differs by it.")


def keep(
    terms: Terms,
    side: Side,
    person: User,
    where: Where,
    *,
    uses: Mapping[str, str] | None = None,
    uses_sha256: str = "",
    address: str,
    by: Actor,
    at: datetime,
) -> None:
    """All that shows whose signature it is, and over what: of `uses`, where they were read, every word, so that the hash over them
    can be made again."""
    proof = Proof.SECOND_FACTOR if by.has_second_factor else Proof.PASSWORD
    Signature.objects.create(
        terms=terms,
        side=side,
        person=person,
        name=terms.performer_signature if side == Side.PERFORMER else terms.company_signature,
        signed_at=at,
        address=address or None,
        text_sha256=terms.text_sha256,
        uses_sha256=uses_sha256,
        uses=dict(uses or {}),
        proved_by=proof if by.proved_at else Proof.UNKNOWN,
        proved_at=by.proved_at,
        where=where.code,
    )
