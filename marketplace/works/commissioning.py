"""A company asks a performer for a piece; either side takes the order back while nothing is owed for it; and what becomes of it
when the work under which it was asked for ends."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.notifications.news import About
from accounts.notifications.piece_kinds import PieceKind
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid
from kit.instants import day
from kit.money import Money
from kit.text import LONGEST_REASON, required_text
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement, Terms
from marketplace.engagements.states import EngagementState
from marketplace.gigs import calculate
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.rights.queries import active_names
from marketplace.sessions import booking
from marketplace.works import budget, notices
from marketplace.works.handing_in import hand_in, locked, ready_version
from marketplace.works.models import (
    LONGEST_BRIEF,
    LONGEST_RULE,
    LONGEST_TITLE,
    MOST_REVISIONS,
    MOST_RULES,
    Commission,
)
from marketplace.works.states import OPEN, CommissionState

S = CommissionState
MOST_MINOR = 10_000_000
SHORTEST = timedelta(hours=1)
# Of one performer in one gig: more than these are asked for once some are done.
MOST_OPEN = 50
LEFT = "The performer has left the house."


class TooManyPieces(DomainError):
    """Wait until some are handed in, or take some back."""

    code = "too_many_pieces"
    title = "So many pieces wait already"


class WorkHasBegun(DomainError):
    """Wait until it is handed in, or until its time is over; then accept it, ask for changes, or refuse it."""

    code = "work_has_begun"
    title = "They have sent work for it"


@dataclass(frozen=True)
class Ask:
    """What is asked for. `price` without the platform's fee; `revisions`: how often changes may be asked for."""

    title: str
    brief: str
    rules: Sequence[str]
    price: Money
    due_at: datetime
    revisions: int
    purposes: Collection[str]


@transaction.atomic
def commission(*, engagement: Engagement, ask: Ask, by: Actor, at: datetime) -> Commission:
    """A company asks for a piece; what it can cost is kept in the gig's budget, and the performer is told.

    Raises Forbidden (403), Invalid (422), NotApproved, Suspended, CompanyOwes, GigNotWorking, EngagementNotActive, TermsChanged,
    TooManyPieces, BudgetExceeded (409).
    """
    by.require(Act.COMMISSION, company_id=engagement.company_id)
    gig = booking.lock_gig(engagement.gig)
    rows = Engagement.objects.select_for_update(of=("self",)).select_related("gig", "company", "performer")
    engagement = rows.get(pk=engagement.pk)
    if engagement.state != EngagementState.ACTIVE:
        raise booking.EngagementNotActive(f"The engagement is {engagement.get_state_display().lower()}.")
    require_approved(engagement.performer.state, whose=engagement.performer.stage_name)
    if engagement.commissions.filter(state__in=OPEN).count() >= MOST_OPEN:
        raise TooManyPieces(f"At most {MOST_OPEN} at a time of one performer.")
    terms = engagements.terms_in_force(engagement)
    asked = _checked(ask, engagement, terms, at=at)
    fee = asked.price.share(terms.fee_bps)
    budget.keep(gig, asked.price + fee)
    piece = Commission.objects.create(
        engagement=engagement,
        title=asked.title,
        brief=asked.brief,
        rules=list(asked.rules),
        price_minor=asked.price.minor,
        fee_minor=fee.minor,
        currency=asked.price.currency,
        committed_minor=asked.price.minor + fee.minor,
        revisions=asked.revisions,
        purposes=list(asked.purposes),
        asked_at=at,
        asked_by=by.label,
        due_at=asked.due_at,
        lapses_at=asked.due_at + settings.PIECE_LATE,
    )
    audit.record(verb="piece.asked", thing=piece, by=by, at=at, price_minor=asked.price.minor)
    about: About = {
        "company": engagement.company.name,
        "gig": gig.title,
        "price": asked.price,
        "due_at": piece.due_at,
    }
    notices.tell_performer(piece, PieceKind.PIECE_ASKED, about, at=at)
    return piece


def _checked(ask: Ask, engagement: Engagement, terms: Terms, *, at: datetime) -> Ask:
    rules = [required_text(each, field="rules", longest=LONGEST_RULE) for each in ask.rules if each.strip()]
    if not 1 <= len(rules) <= MOST_RULES:
        raise Invalid.field("rules", f"From one to {MOST_RULES} rules.", code="out_of_range")
    if not 0 <= ask.revisions <= MOST_REVISIONS:
        raise Invalid.field("revisions", f"From 0 to {MOST_REVISIONS}.", code="out_of_range")
    return Ask(
        title=required_text(ask.title, field="title", missing="Give it a title.", longest=LONGEST_TITLE),
        brief=required_text(ask.brief, field="brief", missing="Say what is asked.", longest=LONGEST_BRIEF),
        rules=rules,
        price=_price(ask.price, terms),
        due_at=_due(ask.due_at, engagement.gig, terms, at=at),
        revisions=ask.revisions,
        purposes=_purposes(ask.purposes, engagement),
    )


def _price(price: Money, terms: Terms) -> Money:
    if price.currency != terms.currency:
        raise Invalid.field("price", f"In {terms.currency.upper()}, as agreed.", code="currency_mismatch")
    if not 0 < price.minor <= MOST_MINOR:
        most = Money(MOST_MINOR, terms.currency).display()
        raise Invalid.field("price", f"More than zero, and at most {most}.", code="out_of_range")
    return price


def _due(due_at: datetime, gig: Gig, terms: Terms, *, at: datetime) -> datetime:
    if due_at < at + SHORTEST:
        raise Invalid.field("due_at", "An hour from now at the earliest.", code="out_of_range")
    on = calculate.local_day(due_at, gig.time_zone)
    if not terms.starts_on <= on <= terms.ends_on:
        said = f"They signed for {day(terms.starts_on)} to {day(terms.ends_on)}."
        raise Invalid.field("due_at", said, code="outside_the_terms")
    return due_at


def _purposes(purposes: Collection[str], engagement: Engagement) -> list[str]:
    """Those that the performer grants now: nobody buys what may be used for nothing."""
    granted = active_names(engagement.application_id)
    wanted = [name for name in PURPOSES if name in purposes]
    if not wanted:
        raise Invalid.field("purposes", "Name at least one use that they grant.", code="required")
    if missing := [PURPOSES[name] for name in wanted if name not in granted]:
        who = engagement.performer.stage_name
        said = f"{who} does not grant this: {'; '.join(missing)}."
        raise Invalid.field("purposes", said, code="not_granted")
    return wanted


@transaction.atomic
def take_back(*, piece: Commission, reason: str, by: Actor, at: datetime) -> Commission:
    """The company, before anything was sent for it, or the performer, before it is decided: the order is over, and nothing is owed.

    Raises Forbidden (403), WorkHasBegun, IllegalMove (409), Invalid (422) without a reason.
    """
    piece = locked(piece)
    is_performer = by.is_performer and by.performer_id == piece.engagement.performer_id
    if not is_performer:
        by.require(Act.COMMISSION, company_id=piece.engagement.company_id)
    said = required_text(reason, missing="Say why; the other side reads it.")
    if not is_performer and (piece.state in (S.SUBMITTED, S.REVISING) or has_begun(piece)):
        raise WorkHasBegun("They have sent a version; it is answered, or its time runs out.")
    _is_over(piece, said, by_performer=is_performer, by=by, at=at)
    return piece


def has_begun(piece: Commission) -> bool:
    """Whether a version lies there that is whole, handed in or not."""
    return piece.versions.filter(state__in=["arrived", "ready"]).exists()


def end_all(engagement: Engagement, reason: str, *, by: Actor, at: datetime) -> None:
    """The engagement has ended, by either side: in the caller's transaction, under its gig's lock.

    What was handed in is answered as before. Where the company ends it, the last version that can be played is handed in as it
    is; all else is taken back.
    """
    is_performer = by.is_performer and by.performer_id == engagement.performer_id
    for row in engagement.commissions.filter(state__in=[S.ASKED, S.REVISING]).order_by("pk"):
        piece = locked(row)
        version = None if is_performer else ready_version(piece) or piece.submitted
        if version is not None:
            hand_in(piece, version, by=by, at=at)
            continue
        _is_over(piece, reason[:LONGEST_REASON], by_performer=is_performer, by=by, at=at)


@transaction.atomic
def leave(*, performer: Performer, by: Actor, at: datetime) -> None:
    """They leave the house: every order that is open is over, whatever lies there for it."""
    for row in Commission.objects.filter(engagement__performer=performer, state__in=OPEN).order_by("pk"):
        _is_over(locked(row), LEFT, by_performer=True, by=by, at=at)


def _is_over(piece: Commission, said: str, *, by_performer: bool, by: Actor, at: datetime) -> None:
    """Nothing is owed for a locked one, and the other side is told."""
    budget.free(piece)
    audit.move(
        piece,
        S.WITHDRAWN,
        by=by,
        at=at,
        reason=said,
        end_reason=said,
        ended_at=at,
        committed_minor=0,
        review_due_at=None,
    )
    if by_performer:
        notices.tell_its_company(piece, PieceKind.PIECE_TAKEN_BACK_TO_COMPANY, {"reason": said}, at=at)
    else:
        about: About = {"gig": piece.gig.title, "reason": said}
        notices.tell_performer(piece, PieceKind.PIECE_TAKEN_BACK_TO_PERFORMER, about, at=at)
