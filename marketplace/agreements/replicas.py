"""What the laws ask of a grant of one's voice, likeness or body, beside what every grant has."""

from accounts.identity.residence import Where

# New York, General Obligations Law 5-302; California, Labor Code 927: void without a reasonably specific description of the
# use, and without counsel or a union at the performer's side. From memory: to be checked by counsel.
DIGITAL_REPLICAS = frozenset({"voice_replica", "likeness_replica", "avatar"})
# Illinois, Biometric Information Privacy Act, 740 ILCS 14/15 (c): nobody profits from a biometric identifier. Likewise.
BIOMETRIC = frozenset({"biometric_template"})
NO_PRICE_IN = "US-IL"


def is_barred(purpose: str, *, bonus_minor: int | None, where: Where) -> bool:
    """Whether this cannot be asked of somebody who lives there. Where nobody has said, it is not asked."""
    priced = purpose in BIOMETRIC and bool(bonus_minor)
    return priced and (where.code == NO_PRICE_IN or not where.is_known)
