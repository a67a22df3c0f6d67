"""What a performer lets a company use recordings for: purpose by purpose, signed with the terms, withdrawn at any time."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.performers.models import Performer
from kit.errors import Invalid
from marketplace.casting.models import Application
from marketplace.gigs.models import PURPOSES
from marketplace.rights.models import Grant, GrantEvent
from marketplace.rights.states import LIVE, GrantState
from marketplace.rights.wording import wording

S = GrantState


@transaction.atomic
def give(
    *, application: Application, purposes: Sequence[str], terms_sha256: str, by: Actor, at: datetime
) -> list[Grant]:
    """The performer grants these purposes with their signature; they are active once the company has signed.

    What is granted already stays as it is. Raises Invalid (422) for a purpose that the gig does not ask for, NotFound (404).
    """
    by.require_performer(application.performer_id)
    asked = application.gig.purposes
    if strange := [name for name in purposes if name not in asked]:
        raise Invalid.field(
            "grants", f"The gig does not ask for this: {', '.join(strange)}.", code="not_asked_for"
        )
    live = set(application.grants.filter(state__in=LIVE).values_list("purpose", flat=True))
    fresh = [name for name in PURPOSES if name in purposes and name not in live]
    return [_give(application, name, terms_sha256, by=by, at=at) for name in fresh]


def _give(application: Application, purpose: str, terms_sha256: str, *, by: Actor, at: datetime) -> Grant:
    gig = application.gig
    text = wording(purpose, company=gig.company.name, title=gig.title)
    grant = Grant.objects.create(
        application=application,
        purpose=purpose,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        terms_sha256=terms_sha256,
        given_at=at,
    )
    audit.record(verb="grant.given", thing=grant, by=by, at=at, purpose=purpose, sha256=grant.text_sha256)
    _note(grant, by=by, at=at)
    return grant


@transaction.atomic
def activate(*, application: Application, by: Actor, at: datetime) -> None:
    """Both have signed: what was given with the terms is active."""
    for grant in application.grants.select_for_update().filter(state=S.GIVEN).order_by("id"):
        audit.move(grant, S.ACTIVE, by=by, at=at, active_at=at)
        _note(grant, by=by, at=at)


@transaction.atomic
def withdraw(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """The performer takes it back: from now on nothing is recorded or shown for this purpose. What was earned stays.

    Raises NotFound (404), IllegalMove (409).
    """
    rows = Grant.objects.select_for_update(of=("self",)).select_related(
        "application__gig", "application__performer"
    )
    grant = rows.get(pk=grant.pk)
    application = grant.application
    by.require_performer(application.performer_id)
    audit.move(grant, S.WITHDRAWN, by=by, at=at, withdrawn_at=at)
    _note(grant, by=by, at=at)
    tell_company(
        kind=Kind.GRANT_WITHDRAWN,
        company_id=application.gig.company_id,
        key=f"grant:{grant.public_id}:withdrawn",
        about={
            "performer": application.performer.stage_name,
            "gig": application.gig.title,
            "purpose": PURPOSES[grant.purpose],
        },
        where={"engagement_id": application.engagement.public_id},
        at=at,
    )
    return grant


def withdraw_all(*, performer: Performer, by: Actor, at: datetime) -> None:
    """The performer leaves the house: nothing of theirs is recorded or shown any more."""
    for grant in Grant.objects.filter(application__performer=performer, state__in=LIVE).order_by("id"):
        withdraw(grant=grant, by=by, at=at)


def _note(grant: Grant, *, by: Actor, at: datetime) -> None:
    GrantEvent.objects.create(
        grant=grant, kind=grant.state, at=at, by=by.label, text_sha256=grant.text_sha256
    )
