"""An engagement: terms that both read and signed, in versions, from which every booking takes its rate and policy."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.identity.models import User
from accounts.notifications.kinds import Kind
from accounts.notifications.operations import PLACE, notify
from accounts.onboarding.queries import TO_BE_BOOKED, missing
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.engagements.agreement import agreement
from marketplace.engagements.models import LONGEST_END_REASON, Engagement, Terms
from marketplace.engagements.states import EngagementState

E = EngagementState


class AlreadySigned(DomainError):
    """Nothing to do on your side: this version has your signature."""

    code = "already_signed"
    title = "That is signed already"


class TermsChanged(DomainError):
    """Read the newest version of the terms, then sign it."""

    code = "terms_changed"
    title = "These are not the terms that you read"


@transaction.atomic
def accept_offer(*, application: Application, by: Actor, at: datetime) -> Engagement:
    """The performer says yes to an offer: an engagement with the first version of its terms is sent for both to sign.

    Raises NotApproved, Suspended, OfferExpired, IllegalMove (409), NotFound (404).
    """
    application = casting.accept(application=application, by=by, at=at)
    gig = application.gig
    require_approved(application.performer.state, whose="Your profile")
    require_approved(gig.company.state, whose=gig.company.name)
    engagement = Engagement.objects.create(
        application=application, gig=gig, company=gig.company, performer=application.performer, created_at=at
    )
    _new_version(engagement, version=1, rate_minor=gig.rate_minor, at=at)
    audit.record(verb="engagement.sent", thing=engagement, by=by, at=at)
    return engagement


def _new_version(engagement: Engagement, *, version: int, rate_minor: int, at: datetime) -> Terms:
    gig = engagement.gig
    text = agreement(
        company=engagement.company.name,
        performer=_party(engagement.performer),
        title=gig.title,
        rate=Money(rate_minor, gig.currency),
        policy=gig.policy,
        purposes=gig.purposes,
        exclusive=gig.exclusive,
        starts_on=gig.starts_on,
        ends_on=gig.ends_on,
    )
    return Terms.objects.create(
        engagement=engagement,
        version=version,
        rate_minor=rate_minor,
        currency=gig.currency,
        fee_bps=gig.fee_bps,
        policy=gig.policy,
        purposes=gig.purposes,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
    )


@transaction.atomic
def sign_as_performer(
    *, engagement: Engagement, name: str, read_sha256: str, by: Actor, at: datetime
) -> Engagement:
    """The performer signs the version they read, by typing their full name.

    Raises NotFound (404), TermsChanged, AlreadySigned (409), Invalid (422) for another name than theirs.
    """
    by.require_performer(engagement.performer_id)
    engagement, terms = _to_sign(engagement, read_sha256=read_sha256)
    if terms.performer_signed_at is not None:
        raise AlreadySigned("You signed this version; the company is next.")
    terms.performer_signed_at = at
    terms.performer_signature = _signature(name, of=engagement.performer.user)
    terms.save(update_fields=["performer_signed_at", "performer_signature"])
    if engagement.state == E.SENT:
        audit.move(engagement, E.PERFORMER_SIGNED, by=by, at=at)
    audit.record(verb="terms.signed_by_performer", thing=terms, by=by, at=at, sha256=terms.text_sha256)
    tell_company(
        kind=Kind.TO_SIGN,
        company_id=engagement.company.pk,
        key=f"countersign:{terms.public_id}",
        about={"performer": engagement.performer.stage_name, "gig": engagement.gig.title},
        where={"engagement_id": engagement.public_id, PLACE: "sign"},
        at=at,
    )
    return engagement


@transaction.atomic
def countersign(
    *, engagement: Engagement, name: str, read_sha256: str, by: Actor, at: datetime
) -> Engagement:
    """The company signs after the performer. The engagement is active once the performer is ready to be booked.

    Raises Forbidden (403), AlreadySigned, TermsChanged (409), Invalid (422) for another name than the person's who signs.
    """
    by.require(Act.SIGN, company_id=engagement.company_id)
    person = User.objects.get(pk=by.require_person("A person signs, not a key."))
    engagement, terms = _to_sign(engagement, read_sha256=read_sha256)
    if terms.performer_signed_at is None:
        raise TermsChanged("The performer signs first.")
    if terms.company_signed_at is not None:
        raise AlreadySigned("The company signed this version already.")
    terms.company_signature = _signature(name, of=person)
    terms.company_signed_at, terms.company_signed_by = at, person
    terms.save(update_fields=["company_signed_at", "company_signature", "company_signed_by"])
    audit.record(verb="terms.signed_by_company", thing=terms, by=by, at=at, sha256=terms.text_sha256)
    if engagement.state == E.PERFORMER_SIGNED:
        audit.move(engagement, E.COUNTERSIGNED, by=by, at=at)
        audit.move(engagement, E.ONBOARDING, by=by, at=at)
        activate_if_ready(engagement=engagement, at=at)
    return engagement


@transaction.atomic
def activate_if_ready(*, engagement: Engagement, at: datetime) -> bool:
    """Make a signed engagement active once nothing stands between the performer and a booking."""
    engagement = (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("performer", "gig")
        .get(pk=engagement.pk)
    )
    if engagement.state != E.ONBOARDING or missing(engagement.performer, of=TO_BE_BOOKED):
        return False
    audit.move(engagement, E.ACTIVE, by=Actor.of_system("engagements"), at=at)
    notify(
        kind=Kind.ENGAGEMENT_ACTIVE,
        user_id=engagement.performer.user_id,
        key=f"active:{engagement.public_id}",
        about={"gig": engagement.gig.title},
        where={"engagement_id": engagement.public_id},
        at=at,
    )
    return True


def activate_ready(*, at: datetime, at_most: int = 200) -> int:
    """The tick: engagements whose performers finished their steps since. Returns how many became active."""
    waiting = Engagement.objects.filter(state=E.ONBOARDING).order_by("id")[:at_most]
    return sum(activate_if_ready(engagement=engagement, at=at) for engagement in waiting)


@transaction.atomic
def amend(*, engagement: Engagement, rate: Money, by: Actor, at: datetime) -> Terms:
    """Propose the next version of the terms; it holds for bookings made after both have signed it.

    Raises Forbidden (403), Invalid (422).
    """
    by.require(Act.SIGN, company_id=engagement.company_id)
    engagement = (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("gig", "company", "performer")
        .get(pk=engagement.pk)
    )
    latest = engagement.versions.order_by("-version").first()
    currency = engagement.gig.currency
    if rate.currency != currency:
        raise Invalid.field("rate.currency", f"This gig pays in {currency}.", code="currency_mismatch")
    if latest is not None and rate.minor < latest.rate_minor:
        raise Invalid.field("rate", "A rate never falls.", code="rate_never_falls")
    version = latest.version + 1 if latest else 1
    terms = _new_version(engagement, version=version, rate_minor=rate.minor, at=at)
    audit.record(verb="terms.proposed", thing=terms, by=by, at=at, rate_minor=rate.minor)
    return terms


@transaction.atomic
def terminate(*, engagement: Engagement, reason: str, by: Actor, at: datetime) -> Engagement:
    """End it with a reason, by either side. What was worked is paid. Raises Forbidden (403), Invalid (422)."""
    if by.performer_id != engagement.performer_id:
        by.require(Act.SIGN, company_id=engagement.company_id)
    reason = required_text(
        reason, missing="Give a reason; the other side reads it.", longest=LONGEST_END_REASON
    )
    engagement = Engagement.objects.select_for_update(of=("self",)).get(pk=engagement.pk)
    audit.move(engagement, E.TERMINATED, by=by, at=at, reason=reason, ended_at=at, end_reason=reason)
    return engagement


def terms_in_force(engagement: Engagement) -> Terms:
    """The latest version that both signed. Raises TermsChanged (409) when there is none."""
    signed = engagement.versions.filter(company_signed_at__isnull=False).order_by("-version").first()
    if signed is None:
        raise TermsChanged("Both must sign before anything is booked.")
    return signed


def _signature(typed: str, *, of: User) -> str:
    """The full name of whoever signs, as they typed it: in whichever case, with whatever space between."""
    said = " ".join(typed.split())
    if not said:
        raise Invalid.field("name", "Type your name to sign.", code="required")
    if said.casefold() != " ".join(of.name.split()).casefold():
        detail = f"You sign with your own name, which is “{of.name}” here. You can change it in the settings."
        raise Invalid.field("name", detail, code="other_name")
    return said


def _party(performer: Performer) -> str:
    """The performer as a party to terms: by their own name, and by that on stage where it is another."""
    name, on_stage = performer.user.name, performer.stage_name
    return name if on_stage == name else f"{name}, on stage {on_stage}"


def _to_sign(engagement: Engagement, *, read_sha256: str) -> tuple[Engagement, Terms]:
    rows = Engagement.objects.select_for_update(of=("self",)).select_related(
        "company", "performer__user", "gig"
    )
    engagement = rows.get(pk=engagement.pk)
    terms = engagement.versions.select_for_update().order_by("-version").first()
    if terms is None or terms.text_sha256 != read_sha256:
        raise TermsChanged("A newer version was sent meanwhile. Read it, then sign.")
    return engagement, terms
