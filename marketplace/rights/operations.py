"""What a performer lets a company use recordings for: purpose by purpose, signed with the terms, withdrawn at any time."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.operations import notify
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.performers.models import Performer
from kit.errors import Invalid
from marketplace.agreements.replicas import BIOMETRIC, DIGITAL_REPLICAS, is_barred
from marketplace.casting.models import Application
from marketplace.gigs.models import PURPOSES
from marketplace.rights import receipts
from marketplace.rights.models import Grant, GrantEvent, UseTerms
from marketplace.rights.states import LIVE, GrantState
from marketplace.rights.wording import frozen, may_be_asked, not_asked_there, terms_of, wording

S = GrantState
AT_MOST = 500
NOT_LAWFUL = "Where you live nobody may pay for this, so it is not asked of you"
CALENDAR = Actor.of_system("rights")


@transaction.atomic
def give(
    *,
    application: Application,
    purposes: Sequence[str],
    terms_sha256: str,
    replica_signed: bool = False,
    by: Actor,
    at: datetime,
) -> list[Grant]:
    """The performer grants these purposes with their signature; they are active once the company has signed.

    What is granted already stays as it is. Raises Invalid (422) for a purpose that the gig does not ask for, or not of
    somebody who lives there, for a replica of which nobody said what it is used for, or one that is not signed by itself
    (`replica_signed`); NotFound (404).
    """
    by.require_performer(application.performer_id)
    terms, where = terms_of(application.gig), application.performer.where
    asked = [name for name in application.gig.purposes if may_be_asked(name, terms.get(name), where=where)]
    if barred := set(purposes) & set(not_asked_there(application.gig, where=where)):
        raise Invalid.field("grants", f"{NOT_LAWFUL}: {', '.join(sorted(barred))}.", code="not_lawful_there")
    if not replica_signed and (replicas := DIGITAL_REPLICAS & set(purposes) & set(asked)):
        said = f"A replica takes a signature of its own: {', '.join(sorted(replicas))}."
        raise Invalid.field("grants", said, code="own_signature")
    if strange := [name for name in purposes if name not in asked]:
        raise Invalid.field(
            "grants", f"The gig does not ask for this: {', '.join(strange)}.", code="not_asked_for"
        )
    live = set(application.grants.filter(state__in=LIVE).values_list("purpose", flat=True))
    fresh = [name for name in PURPOSES if name in purposes and name not in live]
    given = [_give(application, name, terms.get(name), terms_sha256, by=by, at=at) for name in fresh]
    receipts.issue(application.performer)
    return given


def _give(
    application: Application,
    purpose: str,
    terms: UseTerms | None,
    terms_sha256: str,
    *,
    by: Actor,
    at: datetime,
) -> Grant:
    gig = application.gig
    text = wording(purpose, gig=gig, terms=terms)
    grant = Grant.objects.create(
        application=application,
        purpose=purpose,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        terms_sha256=terms_sha256,
        conditions=frozen(terms, currency=gig.currency),
        given_at=at,
    )
    audit.record(verb="grant.given", thing=grant, by=by, at=at, purpose=purpose, sha256=grant.text_sha256)
    _note(grant, by=by, at=at)
    return grant


@transaction.atomic
def supersede(*, application: Application, by: Actor, at: datetime) -> None:
    """What they gave with terms that the company never signed holds no more: the performer signs a later version, with which only
    that is given which they give with it; or it ends before both have signed. What is active stays."""
    given = list(application.grants.select_for_update().filter(state=S.GIVEN).order_by("id"))
    for grant in given:
        audit.move(grant, S.SUPERSEDED, by=by, at=at, superseded_at=at)
        _note(grant, by=by, at=at)
    # The chain of receipts is locked only for a receipt: an act that ends many engagements would meet another in other orders.
    if given:
        receipts.issue(application.performer)


@transaction.atomic
def activate(*, application: Application, terms_sha256: str, by: Actor, at: datetime) -> None:
    """Both have signed these terms: what was given with them is active, and its time, where it has one, begins. What was given
    with others, before that was asked anew with each, holds no more."""
    for grant in application.grants.select_for_update().filter(state=S.GIVEN).order_by("id"):
        if grant.terms_sha256 != terms_sha256:
            audit.move(grant, S.SUPERSEDED, by=by, at=at, superseded_at=at)
            _note(grant, by=by, at=at)
            continue
        days = grant.conditions.get("term_days")
        audit.move(
            grant,
            S.ACTIVE,
            by=by,
            at=at,
            active_at=at,
            until=at + timedelta(days=days) if days else None,
        )
        _note(grant, by=by, at=at)
    receipts.issue(application.performer)


def expire(*, at: datetime) -> None:
    """What was granted for a time is over when it is; both are told."""
    over = Grant.objects.filter(state=S.ACTIVE, until__lte=at).order_by("until", "id")
    for pk in list(over.values_list("pk", flat=True)[:AT_MOST]):
        _expire(pk, at=at)


@transaction.atomic
def _expire(pk: int, *, at: datetime) -> None:
    grant = _locked(pk)
    if grant.state != S.ACTIVE or grant.until is None or grant.until > at:
        return
    audit.move(grant, S.EXPIRED, by=CALENDAR, at=at, expired_at=at)
    _note(grant, by=CALENDAR, at=at)
    receipts.issue(grant.application.performer)
    _tell(grant, kind=Kind.GRANT_EXPIRED, at=at)
    notify(
        kind=Kind.GRANT_EXPIRED_TO_PERFORMER,
        user_id=grant.application.performer.user_id,
        key=f"grant:{grant.public_id}:expired",
        about={"gig": grant.application.gig.title, "purpose": PURPOSES[grant.purpose]},
        at=at,
    )


@transaction.atomic
def withdraw(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """The performer takes it back: from now on nothing is recorded or shown for this purpose. What was earned stays.

    Raises NotFound (404), IllegalMove (409).
    """
    grant = _locked(grant.pk)
    application = grant.application
    by.require_performer(application.performer_id)
    audit.move(grant, S.WITHDRAWN, by=by, at=at, withdrawn_at=at)
    _note(grant, by=by, at=at)
    receipts.issue(application.performer)
    _tell(grant, kind=Kind.GRANT_WITHDRAWN, at=at)
    return grant


def _locked(pk: int) -> Grant:
    rows = Grant.objects.select_for_update(of=("self",))
    return rows.select_related("application__gig", "application__performer__user").get(pk=pk)


def _tell(grant: Grant, *, kind: Kind, at: datetime) -> None:
    application = grant.application
    tell_company(
        kind=kind,
        company_id=application.gig.company_id,
        key=f"grant:{grant.public_id}:{grant.state}",
        about={
            "performer": application.performer.stage_name,
            "gig": application.gig.title,
            "purpose": PURPOSES[grant.purpose],
        },
        where={"engagement_id": application.engagement.public_id},
        at=at,
    )


@transaction.atomic
def stop_unlawful(*, performer: Performer, at: datetime) -> None:
    """Somebody moves to where what they granted may not be paid for: nothing new is done by it, and both are told. What was
    paid stays theirs."""
    live = Grant.objects.filter(application__performer=performer, state__in=LIVE, purpose__in=BIOMETRIC)
    for pk in list(live.order_by("id").values_list("pk", flat=True)):
        grant = _locked(pk)
        bonus = grant.conditions.get("bonus_minor")
        if performer.where.is_known and is_barred(grant.purpose, bonus_minor=bonus, where=performer.where):
            _stop(grant, at=at)


def _stop(grant: Grant, *, at: datetime) -> None:
    audit.move(grant, S.WITHDRAWN, by=CALENDAR, at=at, withdrawn_at=at)
    _note(grant, by=CALENDAR, at=at)
    performer = grant.application.performer
    receipts.issue(performer)
    _tell(grant, kind=Kind.GRANT_STOPPED, at=at)
    notify(
        kind=Kind.GRANT_STOPPED_TO_PERFORMER,
        user_id=performer.user_id,
        key=f"grant:{grant.public_id}:stopped",
        about={"gig": grant.application.gig.title, "purpose": PURPOSES[grant.purpose]},
        at=at,
    )


def withdraw_all(*, performer: Performer, by: Actor, at: datetime) -> None:
    """The performer leaves the house: nothing of theirs is recorded or shown any more."""
    for grant in Grant.objects.filter(application__performer=performer, state__in=LIVE).order_by("id"):
        withdraw(grant=grant, by=by, at=at)


def _note(grant: Grant, *, by: Actor, at: datetime) -> None:
    GrantEvent.objects.create(
        grant=grant, kind=grant.state, at=at, by=by.label, text_sha256=grant.text_sha256
    )
