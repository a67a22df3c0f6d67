from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.companies.models import Company
from kit.rows import by_public_id
from marketplace.gigs.models import Gig
from marketplace.media.granted import active_grants
from marketplace.media.states import SentState
from marketplace.works import playing, reviewing
from marketplace.works.commissioning import has_begun
from marketplace.works.handing_in import takes_versions
from marketplace.works.models import Artefact, Commission, Review
from marketplace.works.states import OPEN, CommissionState, Refusal

S = CommissionState


def commissions(actor: Actor) -> QuerySet[Commission]:
    """Those that the actor may see, each with its gig, company and performer."""
    rows = Commission.objects.visible_to(actor)
    return rows.select_related(
        "engagement__gig", "engagement__company", "engagement__performer__user", "submitted"
    )


def to_review(company: Company) -> QuerySet[Commission]:
    """What performers have handed in, the one that silence accepts first."""
    rows = Commission.objects.filter(engagement__company=company, state=S.SUBMITTED)
    return rows.select_related("engagement__gig", "engagement__performer").order_by("review_due_at", "pk")


def to_make(actor: Actor) -> QuerySet[Commission]:
    """What the performer was asked for and has not handed in, or is to change; what is due first first."""
    rows = commissions(actor).filter(
        engagement__performer_id=actor.performer_id, state__in=[S.ASKED, S.REVISING]
    )
    return rows.order_by("due_at", "pk")


def get_commission(actor: Actor, public_id: str) -> Commission:
    """Raises NotFound (404), also for another's."""
    return by_public_id(commissions(actor), public_id)


def get_artefact(actor: Actor, public_id: str) -> Artefact:
    """Raises NotFound (404), also for another's, and for what its performer has not handed in."""
    rows = Artefact.objects.visible_to(actor).select_related("commission__engagement", "performer")
    return by_public_id(rows, public_id)


@dataclass(frozen=True)
class Version:
    """One version as a page or an app shows it: where it plays, if it may, and what was said of it."""

    artefact: Artefact
    address: str
    review: Review | None

    @property
    def lasts_s(self) -> int:
        return round((self.artefact.duration_ms or 0) / 1000)

    @property
    def is_to_hand_in(self) -> bool:
        return self.artefact.version is None and self.artefact.state == SentState.READY


@dataclass(frozen=True)
class Doing:
    """What this reader may do with a piece now."""

    send: bool
    review: bool
    changes_left: int
    take_back: bool
    appeal: bool


def versions_of(piece: Commission, actor: Actor, *, at: datetime) -> list[Version]:
    """Those that the reader may see, the newest first, without what is deleted and was never handed in; three queries."""
    rows = Artefact.objects.visible_to(actor).filter(commission=piece).select_related("review")
    kept = [each for each in rows.order_by("-pk") if each.version or each.state != SentState.GONE]
    is_granted = bool(playing.granted(piece))
    return [
        Version(
            each,
            playing.address(each, piece, by=actor, is_granted=is_granted, at=at),
            getattr(each, "review", None),
        )
        for each in kept
    ]


def doing(piece: Commission, actor: Actor) -> Doing:
    is_performer = actor.is_performer and actor.performer_id == piece.engagement.performer_id
    company_id = piece.engagement.company_id
    reviews = actor.may(Act.REVIEW_PIECES, company_id=company_id) and not is_performer
    takes_back = piece.state in OPEN if is_performer else _company_may_take_back(piece, actor)
    return Doing(
        send=is_performer and takes_versions(piece),
        review=reviews and piece.state == S.SUBMITTED,
        changes_left=reviewing.changes_left(piece),
        take_back=takes_back,
        appeal=is_performer and piece.may_be_appealed,
    )


def _company_may_take_back(piece: Commission, actor: Actor) -> bool:
    may = actor.may(Act.COMMISSION, company_id=piece.engagement.company_id)
    return may and piece.state == S.ASKED and not has_begun(piece)


def reasons(changes_left: int) -> list[tuple[str, str]]:
    """Why a piece may be refused now: unmet rules only after the last revision."""
    return [
        (reason.value, str(reason.label))
        for reason in Refusal
        if not (changes_left and reason == Refusal.RULES_NOT_MET)
    ]


def deliverable(gig: Gig, purposes: Collection[str], *, at: datetime) -> list[Artefact]:
    """The accepted versions of the gig's pieces that are for every one of the purposes, and whose performer grants them all now."""
    rows = Artefact.objects.filter(
        commission__engagement__gig=gig,
        commission__state=S.ACCEPTED,
        commission__submitted=F("pk"),
        commission__purposes__contains=list(purposes),
        state=SentState.READY,
    )
    found = list(rows.select_related("commission__engagement", "performer").order_by("commission_id"))
    given = active_grants({_application(each) for each in found}, purposes, at=at)
    return [each for each in found if set(purposes) <= given[_application(each)].keys()]


def _application(artefact: Artefact) -> int:
    return artefact.commission.engagement.application_id


def with_open_pieces(gigs: QuerySet[Gig]) -> QuerySet[Gig]:
    """Of these, the ones of whose budget a piece may still take something: it waits to be made, answered, appealed or paid."""
    waits = Commission.objects.filter(engagement__gig=OuterRef("pk"))
    kept = waits.filter(state__in=OPEN) | waits.filter(state=S.REFUSED, committed_minor__gt=0)
    unpaid = waits.filter(state=S.ACCEPTED, paid_at=None)
    return gigs.filter(Exists(kept | unpaid))


def refused(actor: Actor) -> QuerySet[Commission]:
    """What was refused, also where that was taken back on appeal; for talent operations."""
    return commissions(actor).exclude(refusal="")
