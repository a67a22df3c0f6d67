"""What a performer reads before they grant a purpose. These words, and their hash, are what was granted."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.identity.residence import Where
from kit.money import Money
from marketplace.agreements.replicas import is_barred
from marketplace.gigs.models import PURPOSES, REPLICAS, Gig
from marketplace.rights.models import UseTerms

PASSED_ON = "sublicensing"


def wording(purpose: str, *, gig: Gig, terms: UseTerms | None) -> str:
    """One purpose in sentences of its own; the same figures always give the same words."""
    company, said = gig.company.name, []
    family = f", with {terms.model_family}," if terms and terms.model_family else ""
    where = f" in {terms.territory}" if terms and terms.territory else ""
    until = "until you withdraw it"
    if terms and terms.term_days:
        until = f"for {terms.term_days} days from both signatures, or until you withdraw it"
    said.append(
        f"{PURPOSES[purpose]}: {company} may use the recordings of your sessions of “{gig.title}” for this{family}{where} {until}."
    )
    if terms is None:
        return said[0]
    if terms.use:
        said.append(f"What is made of them: {terms.use}")
    if terms.not_for:
        said.append(f"Ruled out: {terms.not_for}")
    if terms.bonus_minor:
        pays = Money(terms.bonus_minor, gig.currency).display()
        when = "each time it is passed on, and you are told to whom" if purpose == PASSED_ON else "once"
        said.append(f"It pays you {pays} {when}, beside your time.")
    said.append(f"After a withdrawal each copy is deleted within {terms.deletion_days} days.")
    return " ".join(said)


def asked(purposes: Sequence[str], *, gig: Gig, where: Where) -> dict[str, str]:
    """Each purpose that is asked for and may be of somebody who lives there, in the order of the house, with its words."""
    terms = terms_of(gig)
    return {
        name: wording(name, gig=gig, terms=terms.get(name))
        for name in PURPOSES
        if name in purposes and may_be_asked(name, terms.get(name), where=where)
    }


def terms_of(gig: Gig) -> dict[str, UseTerms]:
    return {each.purpose: each for each in gig.use_terms.all()}


def may_be_asked(purpose: str, terms: UseTerms | None, *, where: Where | None = None) -> bool:
    """A replica only with a reasonably specific description of its use (New York, General Obligations Law 5-302;
    California, Labor Code 927): a grant without one would be void. Of a performer, also what may not be paid for where they
    live (Illinois, 740 ILCS 14/15 (c)); without `where`, of nobody in particular."""
    if where is not None and is_barred(purpose, bonus_minor=terms.bonus_minor if terms else 0, where=where):
        return False
    return purpose not in REPLICAS or (terms is not None and terms.use.strip() != "")


def not_asked_there(gig: Gig, *, where: Where) -> list[str]:
    """What the gig pays for and may not ask of somebody who lives there."""
    terms = terms_of(gig)
    return [
        name
        for name in gig.purposes
        if name in terms and is_barred(name, bonus_minor=terms[name].bonus_minor, where=where)
    ]


def frozen(terms: UseTerms | None, *, currency: str) -> dict[str, Any]:
    """What a grant keeps of them."""
    if terms is None:
        return {}
    told: Mapping[str, Any] = {
        "use": terms.use,
        "model_family": terms.model_family,
        "territory": terms.territory,
        "not_for": terms.not_for,
        "term_days": terms.term_days,
        "bonus_minor": terms.bonus_minor or None,
        "currency": currency if terms.bonus_minor else None,
        "deletion_days": terms.deletion_days,
    }
    return {name: value for name, value in told.items() if value not in ("", None)}
