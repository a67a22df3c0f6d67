"""A company's first gig: talent operations look at it before it is on the board."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.standing_kinds import StandingKind as Kind
from accounts.standing.vetting import require_other
from kit.text import required_text
from marketplace.gigs.limits import LONGEST_REVIEW_NOTE
from marketplace.gigs.models import Gig
from marketplace.gigs.operations import locked_to_publish
from marketplace.gigs.states import GIG, GigState


@transaction.atomic
def approve(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """On the board with it; the company's next ones go there at once.

    Raises Forbidden, OwnStanding (403), NotApproved, Suspended, NotFunded, GigIsOver, IllegalMove (409).
    """
    require_other(gig.company, by)
    gig = locked_to_publish(gig, at=at)
    # A paused one goes back on the board by its company's own hand.
    GIG.check(gig.state, GigState.DRAFT)
    audit.move(
        gig,
        GigState.PUBLISHED,
        by=by,
        at=at,
        published_at=at,
        listed_at=at,
        review_asked_at=None,
        review_note="",
    )
    tell_company(
        kind=Kind.GIG_APPROVED,
        company_id=gig.company_id,
        key=f"gig:{gig.public_id}:approved",
        about={"gig": gig.title},
        where={"company_id": gig.company.public_id, "gig_id": gig.public_id},
        at=at,
    )
    return gig


@transaction.atomic
def send_back(*, gig: Gig, reason: str, by: Actor, at: datetime) -> Gig:
    """A draft again, with what needs another look; the company is told and can hand it in once more.

    Raises Forbidden, OwnStanding (403), IllegalMove (409), Invalid (422) without a reason.
    """
    require_other(gig.company, by)
    said = required_text(reason, missing="Say what needs another look.", longest=LONGEST_REVIEW_NOTE)
    gig = _locked(gig)
    audit.move(gig, GigState.DRAFT, by=by, at=at, reason=said, review_note=said, review_asked_at=None)
    tell_company(
        kind=Kind.GIG_SENT_BACK,
        company_id=gig.company_id,
        key=f"gig:{gig.public_id}:back:{at.timestamp():.0f}",
        about={"gig": gig.title, "reason": said},
        where={"company_id": gig.company.public_id, "gig_id": gig.public_id},
        at=at,
    )
    return gig


@transaction.atomic
def take_back(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """The company takes it back to change it, before it was looked at. Raises Forbidden (403), IllegalMove (409)."""
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    gig = _locked(gig)
    audit.move(gig, GigState.DRAFT, by=by, at=at, review_asked_at=None)
    return gig


def pause_all(*, company: Company, by: Actor, at: datetime) -> int:
    """Take the company's gigs off the board, as while it is suspended; returns how many. In the caller's transaction."""
    published = Gig.objects.filter(company=company, state=GigState.PUBLISHED)
    return len(audit.move_many(published, GigState.PAUSED, by=by, at=at, reason="The company is suspended."))


def _locked(gig: Gig) -> Gig:
    return Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
