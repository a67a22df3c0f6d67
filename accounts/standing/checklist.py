"""What must be so before somebody is approved: data. The house fills in what it knows; a person looks at the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import TextChoices

from accounts.access.roles import Role
from accounts.companies.models import Company
from accounts.onboarding.models import TermsAcceptance
from accounts.onboarding.queries import TERMS_VERSION, has_profile, has_proof
from accounts.performers.models import IdentityProof, Performer
from accounts.standing.models import Check, Subject, Vetting


class Item(TextChoices):
    MAIL = "mail", "The mail address is confirmed"
    IDENTITY = "identity", "Identity and age are proven by the partner"
    ONE_ACCOUNT = "one_account", "One person, one account"
    PROFILE = "profile", "The profile is complete"
    TERMS = "terms", "The terms are accepted"
    REGISTRATION = "registration", "The registration was looked up"
    DOMAIN = "domain", "The website is theirs"
    OWNER = "owner", "The owner is known by name"


@dataclass(frozen=True)
class Found:
    """What the house knows of an item by itself, in words."""

    met: bool
    words: str
    may_be_ticked: bool = True


@dataclass(frozen=True)
class Point:
    """An item with what the house knows of it, and what a person looks at who ticks it; empty: nobody may."""

    item: Item
    knows: Callable[[Subject], Found | None] | None = None
    by_hand: str = ""


@dataclass(frozen=True)
class Checked:
    """An item of one vetting as it stands: met or open; by whom, and when, where a person ticked it."""

    item: Item
    met: bool
    words: str
    by_hand: str
    by: str = ""
    at: datetime | None = None


def of(vetting: Vetting) -> list[Checked]:
    """The checklist of a vetting: of one that was decided, as it was decided."""
    kept = {check.item: check for check in vetting.checks.select_related("by").order_by("id")}
    if vetting.decided_at is not None:
        return [_as_kept(Item(item), check) for item, check in kept.items()]
    return [_as_it_stands(point, vetting.subject, kept.get(point.item)) for point in points(vetting.subject)]


def points(subject: Subject) -> Sequence[Point]:
    return OF_COMPANIES if isinstance(subject, Company) else OF_PERFORMERS


def point(subject: Subject, item: str) -> Point | None:
    return next((each for each in points(subject) if each.item == item), None)


def _as_it_stands(point: Point, subject: Subject, ticked: Check | None) -> Checked:
    found = point.knows(subject) if point.knows else None
    if ticked is not None:
        return _as_kept(point.item, ticked)
    if found is None:
        return Checked(point.item, met=False, words="", by_hand=point.by_hand)
    by_hand = point.by_hand if found.may_be_ticked and not found.met else ""
    return Checked(point.item, met=found.met, words=found.words, by_hand=by_hand)


def _as_kept(item: Item, check: Check) -> Checked:
    by = check.by.name if check.by else ""
    return Checked(item, met=True, words=check.note, by_hand="", by=by, at=check.met_at)


def _performers_mail(subject: Subject) -> Found | None:
    if not isinstance(subject, Performer):
        return None
    found = EmailAddress.objects.filter(user_id=subject.user_id, verified=True).first()
    return Found(met=found is not None, words=found.email if found else "Not confirmed.")


def _identity(subject: Subject) -> Found | None:
    if not isinstance(subject, Performer):
        return None
    proof = IdentityProof.objects.filter(performer=subject).first()
    if proof is None:
        return Found(met=False, words="No check has come to its end.")
    return Found(met=has_proof(subject), words=f"{proof.get_outcome_display()}: {proof.reference}.")


def _one_account(subject: Subject) -> Found | None:
    """An equal fingerprint may be one person, or two of one name and birthday: a person looks, nobody is refused by it."""
    if not isinstance(subject, Performer):
        return None
    proof = IdentityProof.objects.filter(performer=subject).exclude(fingerprint="").first()
    if proof is None:
        return Found(met=False, words="Known once the identity is proven.", may_be_ticked=False)
    same = IdentityProof.objects.filter(fingerprint=proof.fingerprint).exclude(pk=proof.pk)
    names = [each.performer.public_id for each in same.select_related("performer").order_by("id")]
    if not names:
        return Found(met=True, words="No other account has this name and birthday.")
    return Found(met=False, words=f"The same name and birthday: {', '.join(names)}.")


def _profile(subject: Subject) -> Found | None:
    return Found(met=has_profile(subject), words="") if isinstance(subject, Performer) else None


def _terms(subject: Subject) -> Found | None:
    if not isinstance(subject, Performer):
        return None
    accepted = TermsAcceptance.objects.filter(user_id=subject.user_id, version=TERMS_VERSION).exists()
    return Found(met=accepted, words=f"Version {TERMS_VERSION}." if accepted else "")


def owners_mail(company: Company) -> list[str]:
    """The addresses that the company's owners have confirmed."""
    owners = company.memberships.filter(role=Role.OWNER, user__is_active=True).values("user_id")
    found = EmailAddress.objects.filter(user_id__in=owners, verified=True).order_by("id")
    return list(found.values_list("email", flat=True))


def _companys_mail(subject: Subject) -> Found | None:
    if not isinstance(subject, Company):
        return None
    confirmed = owners_mail(subject)
    return Found(met=bool(confirmed), words=", ".join(confirmed) or "No owner has confirmed one.")


def _domain(subject: Subject) -> Found | None:
    """Whoever reads mail at the website's own domain is let in by whoever has the website."""
    if not isinstance(subject, Company) or not subject.domain:
        return None
    hosts = [email.rpartition("@")[2].lower() for email in owners_mail(subject)]
    proven = [host for host in hosts if subject.domain == host or subject.domain.endswith(f".{host}")]
    if proven:
        return Found(met=True, words=f"An owner confirmed an address at {proven[0]}.")
    return Found(met=False, words=f"No owner's address is at {subject.domain}.")


OF_PERFORMERS = (
    Point(Item.MAIL, _performers_mail),
    Point(Item.IDENTITY, _identity),
    Point(Item.ONE_ACCOUNT, _one_account, "Compare the accounts: is it one person, or two of one name?"),
    Point(Item.PROFILE, _profile),
    Point(Item.TERMS, _terms),
)
OF_COMPANIES = (
    Point(Item.REGISTRATION, by_hand="Find it in the public register of its country: name, number, active."),
    Point(Item.DOMAIN, _domain, "Write down how you know that the website is theirs."),
    Point(Item.MAIL, _companys_mail),
    Point(Item.OWNER, by_hand="Who answers for it, by name, and how you know."),
)
