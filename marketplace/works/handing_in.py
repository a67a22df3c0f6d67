"""A version of a piece comes in as every file that is sent (`media.sent`), and is handed in once it plays."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.news import About
from accounts.notifications.piece_kinds import PieceKind
from kit.errors import DomainError, NotFound
from kit.instants import length_in_words
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.media import sent, store
from marketplace.media.sent import WAITED_FOR
from marketplace.media.states import SentState
from marketplace.works import notices
from marketplace.works.models import Artefact, Commission
from marketplace.works.states import TAKES_VERSIONS, CommissionState

S, V = CommissionState, SentState
Why = Artefact.Why
# Of one piece: whoever sends more sends something else.
MOST_TRIES = 40


class NoVersionNow(DomainError):
    """A version is sent until the piece is accepted, refused or over, while the engagement lasts."""

    code = "no_version_now"
    title = "No version of it is taken now"


class NotReady(DomainError):
    """Wait until it was looked at, or send another one."""

    code = "version_not_ready"
    title = "This version cannot be handed in"


class HandedIn(DomainError):
    """It is what they look at, or have answered; send the next version."""

    code = "version_handed_in"
    title = "This version was handed in"


@transaction.atomic
def open_version(*, piece: Commission, key: str, length: int | None, by: Actor, at: datetime) -> Artefact:
    """A device begins to send one; opened twice under one key it is one. Whatever else of it was on its way is let go.

    `length` in bytes, None while a device records. Raises NotFound (404), NoVersionNow (409), TapeTooLarge (413), Invalid (422).
    """
    by.require_performer(piece.engagement.performer_id)
    sent.refuse_length(length)
    piece = locked(piece)
    before = Artefact.objects.filter(performer_id=piece.engagement.performer_id, key=key).first()
    if before is not None:
        if before.commission_id != piece.pk:
            raise NotFound
        return before
    _refuse_late(piece)
    if piece.versions.filter(opened_at__gt=at - WAITED_FOR).count() >= MOST_TRIES:
        raise NoVersionNow(f"That were very many in {length_in_words(WAITED_FOR)}. Go on tomorrow.")
    for other in piece.versions.filter(state=V.ARRIVING):
        sent.let_go(other, Why.REPLACED, by=by, at=at)
    version = Artefact.objects.create(
        performer_id=piece.engagement.performer_id,
        commission=piece,
        key=key,
        length=length,
        opened_at=at,
        expires_at=at + WAITED_FOR,
    )
    store.create(sent.original(version))
    return version


def takes_versions(piece: Commission) -> bool:
    return piece.state in TAKES_VERSIONS and piece.engagement.state != EngagementState.TERMINATED


def _refuse_late(piece: Commission) -> None:
    if not takes_versions(piece):
        raise NoVersionNow(f"It is {piece.get_state_display().lower()}, or the engagement has ended.")


@transaction.atomic
def submit(*, piece: Commission, version: Artefact, by: Actor, at: datetime) -> Commission:
    """Hand a version in; twice is once. One that the company has not answered yet takes the place of the one before, and the clock
    begins anew.

    Raises NotFound (404), NoVersionNow, NotReady, HandedIn (409).
    """
    by.require_performer(piece.engagement.performer_id)
    piece = locked(piece)
    version = sent.locked(version)
    if version.commission_id != piece.pk:
        raise NotFound
    if piece.submitted_id == version.pk and piece.state == S.SUBMITTED:
        return piece
    _refuse_late(piece)
    if version.version is not None:
        raise HandedIn("It has its answer, or waits for one.")
    if version.state != V.READY:
        raise NotReady(f"It is {version.get_state_display().lower()}.")
    hand_in(piece, version, by=by, at=at)
    return piece


def hand_in(piece: Commission, version: Artefact, *, by: Actor, at: datetime) -> None:
    """In the caller's transaction, the piece locked: from now on this version waits for the company."""
    before = piece.submitted
    if version.version is None:
        last = piece.versions.aggregate(last=Max("version"))["last"] or 0
        version.version, version.submitted_at = last + 1, at
        version.save(update_fields=["version", "submitted_at"])
    waits: dict[str, Any] = {
        "submitted": version,
        "review_due_at": at + settings.PIECE_REVIEW,
        "reminded_at": None,
    }
    if piece.state == S.SUBMITTED:
        Commission.objects.filter(pk=piece.pk).update(**waits)
        for name, value in waits.items():
            setattr(piece, name, value)
        audit.record(verb="piece.replaced", thing=piece, by=by, at=at, version=version.version)
        if before is not None and before.pk != version.pk and before.state == V.READY:
            sent.let_go(before, Why.REPLACED, by=by, at=at)
    else:
        audit.move(piece, S.SUBMITTED, by=by, at=at, **waits)
    about: About = {"version": str(version.version), "due_at": at + settings.PIECE_REVIEW}
    step = f"{version.version}:{at.timestamp():.0f}"
    notices.tell_its_company(piece, PieceKind.PIECE_SUBMITTED, about, step=step, at=at)


def ready_version(piece: Commission) -> Artefact | None:
    """The one that could be handed in now."""
    return piece.versions.filter(state=V.READY, version=None).order_by("-pk").first()


@transaction.atomic
def take_back(*, version: Artefact, by: Actor, at: datetime) -> None:
    """Whoever sent it lets it go before it is handed in; twice changes nothing. Raises NotFound (404), HandedIn (409)."""
    by.require_performer(version.performer_id)
    version = sent.locked(version)
    if version.state == V.GONE:
        return
    if version.version is not None:
        raise HandedIn("They look at it, or have answered it. Hand in another one in its place.")
    sent.let_go(version, Why.TAKEN_BACK, by=by, at=at)


def locked(piece: Commission) -> Commission:
    """The gig first, then the piece, as everywhere: where the work under it ends at this moment, nothing comes in behind."""
    Gig.objects.select_for_update().get(pk=piece.engagement.gig_id)
    rows = Commission.objects.select_for_update(of=("self",))
    return rows.select_related(
        "submitted", "engagement__gig", "engagement__company", "engagement__performer"
    ).get(pk=piece.pk)
