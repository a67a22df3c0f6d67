"""An engagement: terms that both read and signed, in versions, from which every booking takes its rate and policy."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.identity.models import User
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.onboarding.queries import TO_BE_BOOKED, missing
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from kit.transitions import IllegalMove
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.engagements import asking, drawing, signatures
from marketplace.engagements.models import LONGEST_END_REASON, Engagement, Side, Terms
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.rights import operations as rights

E = EngagementState
PAUSED = {Side.PERFORMER: Kind.PAUSED_TO_PERFORMER, Side.COMPANY: Kind.PAUSED_TO_COMPANY}
RESUMED = {Side.PERFORMER: Kind.RESUMED_TO_PERFORMER, Side.COMPANY: Kind.RESUMED_TO_COMPANY}
ENDED = {Side.PERFORMER: Kind.ENGAGEMENT_ENDED_TO_PERFORMER, Side.COMPANY: Kind.ENGAGEMENT_ENDED_TO_COMPANY}


class AlreadySigned(DomainError):
    """Nothing to do on your side: this version has your signature."""

    code = "already_signed"
    title = "That is signed already"


class NotYoursToResume(DomainError):
    """Wait for the side that paused it, or end it."""

    code = "not_yours_to_resume"
    status = 403
    title = "The other side paused it"


class EngagementEnded(DomainError):
    """Apply again, or offer again: what has ended is not signed any more."""

    code = "engagement_ended"
    title = "This engagement has ended"


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
    drawing.new_version(engagement, version=1, rate_minor=gig.rate_minor, at=at)
    audit.record(verb="engagement.sent", thing=engagement, by=by, at=at)
    tell_company(
        kind=Kind.OFFER_ACCEPTED,
        company_id=gig.company_id,
        key=f"engagement:{engagement.public_id}:sent",
        about={"performer": engagement.performer.stage_name, "gig": gig.title},
        where={"engagement_id": engagement.public_id},
        at=at,
    )
    return engagement


@transaction.atomic
def sign_as_performer(
    *,
    engagement: Engagement,
    name: str,
    read_sha256: str,
    grants: Sequence[str] = (),
    uses_sha256: str = "",
    address: str = "",
    by: Actor,
    at: datetime,
) -> Engagement:
    """The performer signs the version they read, by typing their full name, and grants the purposes that they name: each by
    itself, and no other. `uses_sha256`: of the words of all uses that were shown (`asking.hash_of`); who grants none may leave
    it out. `address`: from where the request came.

    Raises NotFound (404), StaleProof (403), PlaceUnknown, TermsChanged, UsesChanged, AlreadySigned (409), Invalid (422) for
    another name than theirs, or a purpose that nobody asked for.
    """
    by.require_performer(engagement.performer_id)
    by.require_proof(StepUp.SIGN, at=at)
    engagement, terms = _to_sign(engagement, read_sha256=read_sha256)
    if terms.performer_signed_at is not None:
        raise AlreadySigned("You signed this version; the company is next.")
    performer = engagement.performer
    signatures.require_place(performer.where, "where you live")
    uses = asking.asked_with(terms, engagement)
    if grants or uses_sha256:
        asking.require_read(uses, uses_sha256)
    terms.performer_signed_at = at
    terms.performer_signature = signature_of(name, of=performer.user)
    terms.save(update_fields=["performer_signed_at", "performer_signature"])
    signatures.keep(
        terms,
        Side.PERFORMER,
        performer.user,
        performer.where,
        uses=uses if uses_sha256 else None,
        uses_sha256=uses_sha256,
        address=address,
        by=by,
        at=at,
    )
    rights.supersede(application=engagement.application, by=by, at=at)
    rights.give(
        application=engagement.application,
        purposes=grants,
        terms_sha256=terms.text_sha256,
        by=by,
        at=at,
    )
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
    *, engagement: Engagement, name: str, read_sha256: str, address: str = "", by: Actor, at: datetime
) -> Engagement:
    """The company signs after the performer. The engagement is active once the performer is ready to be booked.

    Raises Forbidden, StaleProof (403), PlaceUnknown, AlreadySigned, TermsChanged (409), Invalid (422) for another name than the
    person's who signs.
    """
    by.require(Act.SIGN, company_id=engagement.company_id)
    by.require_proof(StepUp.SIGN, at=at)
    person = User.objects.get(pk=by.require_person("A person signs, not a key."))
    engagement, terms = _to_sign(engagement, read_sha256=read_sha256)
    if terms.performer_signed_at is None:
        raise TermsChanged("The performer signs first.")
    if terms.company_signed_at is not None:
        raise AlreadySigned("The company signed this version already.")
    signatures.require_place(engagement.company.where, "where the company sits")
    terms.company_signature = signature_of(name, of=person)
    terms.company_signed_at, terms.company_signed_by = at, person
    terms.save(update_fields=["company_signed_at", "company_signature", "company_signed_by"])
    signatures.keep(terms, Side.COMPANY, person, engagement.company.where, address=address, by=by, at=at)
    audit.record(verb="terms.signed_by_company", thing=terms, by=by, at=at, sha256=terms.text_sha256)
    rights.activate(application=engagement.application, terms_sha256=terms.text_sha256, by=by, at=at)
    if terms.version > 1:
        _tell_signed(engagement, terms, at=at)
    if engagement.state == E.PERFORMER_SIGNED:
        audit.move(engagement, E.COUNTERSIGNED, by=by, at=at)
        audit.move(engagement, E.ONBOARDING, by=by, at=at)
        if not activate_if_ready(engagement=engagement, at=at):
            _tell_steps_open(engagement, at=at)
    return engagement


def _tell_steps_open(engagement: Engagement, *, at: datetime) -> None:
    """Signed by both, and yet not to be booked: what is left is the performer's."""
    notify(
        kind=Kind.SIGNED_STEPS_OPEN,
        user_id=engagement.performer.user_id,
        key=f"signed:{engagement.public_id}",
        about={"gig": engagement.gig.title},
        where={"engagement_id": engagement.public_id},
        at=at,
    )


def _tell_signed(engagement: Engagement, terms: Terms, *, at: datetime) -> None:
    """A later version holds now; the first is told by what it leads to."""
    notify(
        kind=Kind.TERMS_SIGNED,
        user_id=engagement.performer.user_id,
        key=f"terms:{terms.public_id}:signed",
        about={"gig": engagement.gig.title, "rate": Money(terms.rate_minor, terms.currency).display()},
        where={"engagement_id": engagement.public_id},
        at=at,
    )


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


def activate_ready(*, at: datetime) -> int:
    """The tick: engagements whose performers finished their steps since. Returns how many became active.

    All that wait are looked at: those who never finish do not starve who did.
    """
    waiting = Engagement.objects.filter(state=E.ONBOARDING).order_by("id")
    return retries.each(
        waiting, lambda row: activate_if_ready(engagement=row, at=at), job=Job.ACTIVATE, page=_page_of, at=at
    )


def _page_of(engagement: Engagement) -> str:
    return reverse("engagement_detail", args=[engagement.public_id])


@transaction.atomic
def amend(*, engagement: Engagement, rate: Money, by: Actor, at: datetime) -> Terms:
    """Propose the next version of the terms; it holds for bookings made after both have signed it. The same proposed twice,
    before both have signed, is one.

    Raises Forbidden (403), EngagementEnded (409), Invalid (422).
    """
    by.require(Act.SIGN, company_id=engagement.company_id)
    engagement = _locked(engagement)
    if engagement.state == E.TERMINATED:
        raise EngagementEnded("A new rate needs a new engagement.")
    latest = engagement.versions.latest("version")
    currency = engagement.gig.currency
    if rate.currency != currency:
        raise Invalid.field("rate.currency", f"This gig pays in {currency}.", code="currency_mismatch")
    if rate.minor < latest.rate_minor:
        raise Invalid.field("rate", "A rate never falls.", code="rate_never_falls")
    if drawing.says_the_same(latest, rate, at=at):
        return latest
    terms = drawing.new_version(engagement, version=latest.version + 1, rate_minor=rate.minor, at=at)
    audit.record(verb="terms.proposed", thing=terms, by=by, at=at, rate_minor=rate.minor)
    drawing.tell_of(terms, engagement, at=at)
    return terms


@transaction.atomic
def pause(*, engagement: Engagement, reason: str, by: Actor, at: datetime) -> Engagement:
    """No new bookings until whoever paused it takes it up again; what is booked takes place. Either side may.

    Raises Forbidden (403), IllegalMove (409), Invalid (422) without a reason.
    """
    engagement, side = _locked(engagement), _side(engagement, by)
    said = required_text(reason, missing="Say why; the other side reads it.", longest=LONGEST_END_REASON)
    audit.move(engagement, E.PAUSED, by=by, at=at, reason=said, paused_by=side)
    _tell_other(
        engagement,
        side,
        kinds=PAUSED,
        about={"who": _name(engagement, side), "gig": engagement.gig.title, "reason": said},
        at=at,
    )
    return engagement


@transaction.atomic
def resume(*, engagement: Engagement, by: Actor, at: datetime) -> Engagement:
    """Whoever paused it takes it up again. Raises NotYoursToResume, Forbidden (403), IllegalMove (409)."""
    engagement, side = _locked(engagement), _side(engagement, by)
    # Active is also what follows on the steps before a booking: those are not passed by.
    if engagement.state != E.PAUSED:
        raise IllegalMove("It is not paused.")
    if engagement.paused_by != side:
        raise NotYoursToResume("The other side paused it. You can end it.")
    audit.move(engagement, E.ACTIVE, by=by, at=at, paused_by="")
    _tell_other(
        engagement,
        side,
        kinds=RESUMED,
        about={"who": _name(engagement, side), "gig": engagement.gig.title},
        at=at,
    )
    return engagement


@transaction.atomic
def terminate(*, engagement: Engagement, reason: str, by: Actor, at: datetime) -> Engagement:
    """End it with a reason, by either side. What was worked is paid; what is booked, `endings` answers for.

    Raises Forbidden (403), IllegalMove (409), Invalid (422).
    """
    engagement, side = _locked(engagement), _side(engagement, by)
    said = required_text(
        reason, missing="Give a reason; the other side reads it.", longest=LONGEST_END_REASON
    )
    audit.move(
        engagement, E.TERMINATED, by=by, at=at, reason=said, ended_at=at, end_reason=said, paused_by=""
    )
    casting.end_work(application=engagement.application, by=by, at=at)
    rights.supersede(application=engagement.application, by=by, at=at)
    _tell_other(
        engagement,
        side,
        kinds=ENDED,
        about={"who": _name(engagement, side), "gig": engagement.gig.title, "reason": said},
        at=at,
    )
    return engagement


def _side(engagement: Engagement, by: Actor) -> Side:
    """Which of the two acts. Raises Forbidden (403)."""
    if by.performer_id == engagement.performer_id:
        return Side.PERFORMER
    if not by.is_system:
        by.require(Act.SIGN, company_id=engagement.company_id)
    return Side.COMPANY


def _locked(engagement: Engagement) -> Engagement:
    """The gig first, then the engagement: as everywhere."""
    Gig.objects.select_for_update().get(pk=engagement.gig_id)
    rows = Engagement.objects.select_for_update(of=("self",))
    return rows.select_related("gig", "company", "performer", "application").get(pk=engagement.pk)


def _tell_other(
    engagement: Engagement, side: Side, *, kinds: Mapping[Side, Kind], about: About, at: datetime
) -> None:
    """Whoever did not do it is told."""
    key = f"engagement:{engagement.public_id}:{engagement.state}:{at.timestamp():.0f}"
    where = {"engagement_id": engagement.public_id}
    if side == Side.COMPANY:
        reader, kind = engagement.performer.user_id, kinds[Side.PERFORMER]
        notify(kind=kind, user_id=reader, key=key, about=about, where=where, at=at)
    else:
        company, kind = engagement.company_id, kinds[Side.COMPANY]
        tell_company(kind=kind, company_id=company, key=key, about=about, where=where, at=at)


def _name(engagement: Engagement, side: Side) -> str:
    """Of whoever did it."""
    return engagement.company.name if side == Side.COMPANY else engagement.performer.stage_name


def terms_in_force(engagement: Engagement) -> Terms:
    """The latest version that both signed. Raises TermsChanged (409) when there is none."""
    signed = engagement.versions.filter(company_signed_at__isnull=False).order_by("-version").first()
    if signed is None:
        raise TermsChanged("Both must sign before anything is booked.")
    return signed


def signature_of(typed: str, *, of: User) -> str:
    """The full name of whoever signs, as they typed it: in whichever case, with whatever space between. Raises Invalid (422) for
    nothing, and for another name than their own."""
    said = " ".join(typed.split())
    if not said:
        raise Invalid.field("name", "Type your name to sign.", code="required")
    if said.casefold() != " ".join(of.name.split()).casefold():
        detail = f"You sign with your own name, which is “{of.name}” here. You can change it in the settings."
        raise Invalid.field("name", detail, code="other_name")
    return said


def _to_sign(engagement: Engagement, *, read_sha256: str) -> tuple[Engagement, Terms]:
    # The gig first, as everywhere: nobody says meanwhile otherwise what its uses are asked for.
    Gig.objects.select_for_update().get(pk=engagement.gig_id)
    rows = Engagement.objects.select_for_update(of=("self",)).select_related(
        "company", "performer__user", "gig__company", "application__gig__company"
    )
    engagement = rows.get(pk=engagement.pk)
    if engagement.state == E.TERMINATED:
        raise EngagementEnded("It was ended before both had signed.")
    terms = engagement.versions.select_for_update().order_by("-version").first()
    if terms is None or terms.text_sha256 != read_sha256:
        raise TermsChanged("A newer version was sent meanwhile. Read it, then sign.")
    return engagement, terms
