from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.identity import residence
from accounts.identity.models import User
from accounts.performers.models import (
    LONGEST_CREDITS,
    OLDEST_PLAYED,
    YOUNGEST_PLAYED,
    IdentityProof,
    Performer,
)
from accounts.performers.skills import ACCENTS, LANGUAGES, SKILLS
from kit.errors import DomainError, Invalid
from kit.text import optional_text

Outcome = IdentityProof.Outcome


class AlreadyPerformer(DomainError):
    """Change the profile that you have."""

    code = "already_a_performer"
    title = "You already have a profile"


@transaction.atomic
def create_performer(*, user: User, stage_name: str, by: Actor, at: datetime) -> Performer:
    """Give `user` a performer's profile. Raises AlreadyPerformer (409)."""
    User.objects.select_for_update().get(pk=user.pk)
    if Performer.objects.filter(user=user).exists():
        raise AlreadyPerformer("You already have a performer's profile; change that one.")
    performer = Performer.objects.create(user=user, stage_name=stage_name.strip())
    audit.record(verb="performer.created", thing=performer, by=by, at=at)
    return performer


@transaction.atomic
def update_profile(
    *,
    performer: Performer,
    stage_name: str,
    about: str,
    country: str,
    skills: Sequence[str],
    languages: Sequence[str],
    time_zone: str,
    accents: Sequence[str] = (),
    plays_from: int | None = None,
    plays_to: int | None = None,
    credits: str = "",  # noqa: A002 -- the trade's word
    region: str | None = None,
    by: Actor,
    at: datetime,
) -> Performer:
    """Replace the profile's fields. Raises Invalid (422) for what is not on the list of skills, languages or accents, for
    ages that are no range, and for a state that the country has not. Without `region` the state stays, in the same country."""
    _known("skills", skills, SKILLS)
    _known("languages", languages, LANGUAGES)
    _known("accents", accents, ACCENTS)
    _check_ages(plays_from, plays_to)
    before, kept = performer.where, performer.region if country.upper() == performer.country else ""
    now = residence.checked(country.upper(), kept if region is None else region)
    performer.credits = optional_text(credits, field="credits", longest=LONGEST_CREDITS)
    performer.stage_name = stage_name.strip()
    performer.about = about.strip()
    performer.country, performer.region = now.country, now.region
    performer.skills = sorted(set(skills))
    performer.languages = sorted(set(languages))
    performer.accents = sorted(set(accents))
    performer.plays_from, performer.plays_to = plays_from, plays_to
    performer.save(
        update_fields=[
            "stage_name", "about", "country", "region", "skills", "languages", "accents", "plays_from", "plays_to", "credits",
        ]
    )  # fmt: skip
    User.objects.filter(pk=performer.user_id).update(time_zone=time_zone)
    audit.record(verb="performer.profile_updated", thing=performer, by=by, at=at)
    if before != now:
        residence.moved.send(sender=Performer, performer=performer, company=None, at=at)
    return performer


@transaction.atomic
def say_where(*, performer: Performer, country: str, region: str, by: Actor, at: datetime) -> Performer:
    """Where they live from now on. Raises NotFound (404), Invalid (422) where that is no answer to which law holds."""
    by.require_performer(performer.pk)
    performer = Performer.objects.select_for_update(no_key=True).get(pk=performer.pk)
    now = residence.checked(country, region)
    if not now.is_known:
        raise Invalid.field("region", "Say in which state you live.", code="required")
    if performer.where != now:
        performer.country, performer.region = now.country, now.region
        performer.save(update_fields=["country", "region"])
        audit.record(verb="performer.moved", thing=performer, by=by, at=at, to=now.code)
        residence.moved.send(sender=Performer, performer=performer, company=None, at=at)
    return performer


@transaction.atomic
def record_identity(
    *, performer: Performer, reference: str, fingerprint: str, by: Actor, at: datetime
) -> IdentityProof:
    """Payments writes down what the partner vouched for; an empty `fingerprint`: they are younger than 18.

    Who is proven stays so. The same check told twice changes nothing.
    """
    Performer.objects.select_for_update().get(pk=performer.pk)
    before = IdentityProof.objects.filter(performer=performer).first()
    if before is not None and (before.outcome == Outcome.PROVEN or before.reference == reference):
        return before
    proof, _ = IdentityProof.objects.update_or_create(
        performer=performer,
        defaults={
            "reference": reference,
            "outcome": Outcome.PROVEN if fingerprint else Outcome.UNDER_AGE,
            "fingerprint": fingerprint,
            "proven_at": at,
        },
    )
    audit.record(verb=f"performer.identity_{proof.outcome}", thing=performer, by=by, at=at, check=reference)
    return proof


@transaction.atomic
def record_payouts(*, performer: Performer, enabled: bool, by: Actor, at: datetime) -> None:
    """Payments writes down whether Stripe lets this performer be paid. Saying the same twice changes nothing."""
    rows = Performer.objects.filter(pk=performer.pk, payouts_enabled_at__isnull=enabled)
    if rows.update(payouts_enabled_at=at if enabled else None):
        performer.payouts_enabled_at = at if enabled else None
        verb = "performer.payouts_enabled" if enabled else "performer.payouts_disabled"
        audit.record(verb=verb, thing=performer, by=by, at=at)


def _check_ages(youngest: int | None, oldest: int | None) -> None:
    if youngest is None and oldest is None:
        return
    if youngest is None or oldest is None:
        missing = "plays_from" if youngest is None else "plays_to"
        raise Invalid.field(missing, "Say both ages, or neither.", code="required")
    for field, age in (("plays_from", youngest), ("plays_to", oldest)):
        if not YOUNGEST_PLAYED <= age <= OLDEST_PLAYED:
            said = f"From {YOUNGEST_PLAYED} to {OLDEST_PLAYED}: nobody here plays a child."
            raise Invalid.field(field, said, code="out_of_range")
    if oldest < youngest:
        raise Invalid.field("plays_to", "The oldest age is not below the youngest.", code="out_of_range")


def _known(field: str, given: Sequence[str], known: dict[str, str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Invalid.field(field, f"Not on the list: {', '.join(unknown)}.", code="not_a_choice")
