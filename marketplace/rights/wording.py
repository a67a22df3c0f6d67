"""What a performer reads before they grant a purpose. These words, and their hash, are what was granted."""

from collections.abc import Sequence

from marketplace.gigs.models import PURPOSES


def wording(purpose: str, *, company: str, title: str) -> str:
    """One purpose in a sentence of its own; the same figures always give the same words."""
    return f"{PURPOSES[purpose]}: {company} may use the recordings of your sessions of “{title}” for this until you withdraw it."


def asked(purposes: Sequence[str], *, company: str, title: str) -> dict[str, str]:
    """Each purpose that is asked for, in the order of the house, with its words."""
    return {name: wording(name, company=company, title=title) for name in PURPOSES if name in purposes}
