"""The checklist, always worked out from the facts and never stored: it cannot go stale."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from allauth.account.models import EmailAddress

from accounts.access.standings import MAY_BE_PAID, Standing
from accounts.onboarding.models import TermsAcceptance
from accounts.performers.models import IdentityProof, Performer

TERMS_VERSION = "2026-11"


class Step(StrEnum):
    EMAIL = "email"
    PROFILE = "profile"
    IDENTITY = "identity"
    TERMS = "terms"
    VETTING = "vetting"
    PAYOUTS = "payouts"


# What one does oneself before talent operations are asked.
TO_BE_VETTED = (Step.EMAIL, Step.PROFILE, Step.TERMS)
TO_BE_BOOKED = (*TO_BE_VETTED, Step.VETTING)
TO_BE_PAID = (*TO_BE_BOOKED, Step.PAYOUTS)

LABELS: dict[Step, tuple[str, str]] = {
    Step.EMAIL: ("Confirm your email", "So that offers and pay news reach you."),
    Step.PROFILE: ("Fill in your profile", "Stage name, skills and languages: what producers look for."),
    Step.IDENTITY: (
        "Prove who you are, and that you are 18 or older",
        "Our partner looks at your document. We keep that it was good, not your birthday and no number.",
    ),
    Step.TERMS: ("Accept the performers' terms", "Plain words on pay, time, rights and how to appeal."),
    Step.VETTING: ("Be vetted", "A person in talent operations looks at your profile and answers you."),
    Step.PAYOUTS: ("Set up how you are paid", "Stripe asks for your bank details; we never see them."),
}


@dataclass(frozen=True)
class Item:
    step: Step
    label: str
    why: str
    done: bool


def checklist(performer: Performer) -> list[Item]:
    """Each step in order, with whether it is done."""
    done = {
        Step.EMAIL: EmailAddress.objects.filter(user_id=performer.user_id, verified=True).exists(),
        Step.PROFILE: has_profile(performer),
        # Who was vetted before the partner came in was looked at by a person.
        Step.IDENTITY: performer.state in MAY_BE_PAID or has_proof(performer),
        Step.TERMS: TermsAcceptance.objects.filter(user_id=performer.user_id, version=TERMS_VERSION).exists(),
        Step.VETTING: performer.state == Standing.APPROVED,
        Step.PAYOUTS: performer.payouts_enabled_at is not None,
    }
    return [Item(step=step, label=LABELS[step][0], why=LABELS[step][1], done=done[step]) for step in Step]


def has_profile(performer: Performer) -> bool:
    """Whether producers find in it what they look for."""
    return bool(performer.stage_name and performer.skills and performer.languages)


def has_proof(performer: Performer) -> bool:
    """Whether the identity partner vouched for the performer's identity and age."""
    return IdentityProof.objects.filter(performer=performer, outcome=IdentityProof.Outcome.PROVEN).exists()


def missing(performer: Performer, *, of: tuple[Step, ...]) -> list[Item]:
    """What still stands between the performer and being booked (`TO_BE_BOOKED`) or paid (`TO_BE_PAID`)."""
    return still_open(checklist(performer), of=of)


def still_open(steps: Sequence[Item], *, of: tuple[Step, ...]) -> list[Item]:
    """Of a checklist that was read, what is missing for being booked or paid."""
    return [item for item in steps if item.step in of and not item.done]
