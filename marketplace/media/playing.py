"""Playing what was recorded: by an address that is signed for one person, for minutes, and asked for the grant each time."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from kit.errors import DomainError, NotFound
from kit.http import signed as signed_address
from kit.rows import by_public_id
from marketplace.media.models import Recording, Segment
from marketplace.media.receiving import GrantWithdrawn
from marketplace.media.states import SegmentState
from marketplace.rights import uses
from marketplace.rights.models import Use
from marketplace.rights.queries import active_names, who_lets_record
from marketplace.sessions.models import Session

SALT = "marketplace.media.playing"


class AddressExpired(DomainError):
    """Open the page of the recordings again: it has a fresh address."""

    code = "address_expired"
    status = 403
    title = "This address is no longer good"


def segments_of(actor: Actor, session: Session) -> QuerySet[Segment]:
    """Of this session, those that the actor may know of; of each its recording, seat and performer."""
    rows = Segment.objects.visible_to(actor).filter(recording__session=session)
    return rows.select_related("recording__session__company", "seat__performer", "seat__engagement")


def recordings_of(session: Session) -> QuerySet[Recording]:
    return Recording.objects.filter(session=session).order_by("-id")


def get_segment(actor: Actor, public_id: str) -> Segment:
    """Raises NotFound (404), also for another's."""
    rows = Segment.objects.visible_to(actor)
    return by_public_id(
        rows.select_related("recording__session", "seat__performer", "seat__engagement"), public_id
    )


def granted(segments: list[Segment]) -> set[int]:
    """The keys of those whose performer lets them be used now; one query for all."""
    active = who_lets_record({segment.seat.engagement.application_id for segment in segments})
    kept = [segment for segment in segments if segment.deleting_since is None]
    return {segment.pk for segment in kept if segment.seat.engagement.application_id in active}


def deletes_at(segment: Segment) -> datetime | None:
    """When what nothing is granted for is deleted; None of what is granted, or was deleted."""
    if segment.quarantined_at is None or segment.gone_at is not None:
        return None
    return segment.deleting_since or segment.quarantined_at + settings.MEDIA_COOLING_OFF


def may_play(segment: Segment, by: Actor) -> bool:
    """Whose own it is, and the company's people who may be in its rooms: as long as it is granted (see `granted`)."""
    own = by.is_performer and segment.seat.performer_id == by.performer_id
    return own or by.may(Act.ATTEND, company_id=segment.recording.session.company_id)


def address(segment: Segment, *, by: Actor, at: datetime) -> str:
    """Good for whoever it was made for, for LASTS; empty where there is nothing that they may play."""
    if segment.state != SegmentState.CHECKED or not may_play(segment, by):
        return ""
    path = reverse("segment_play", args=[segment.public_id])
    return signed_address.address(path, segment.public_id, reader=by.label, salt=SALT, at=at)


def note(segment: Segment, *, signed: str, by: Actor, at: datetime) -> None:
    """A playing by another than whose it is, once for each address: the performer sees it."""
    seat, session = segment.seat, segment.recording.session
    if seat.performer_id == by.performer_id:
        return
    had = uses.Had(
        key=f"{segment.public_id}:{hashlib.sha256(signed.encode()).hexdigest()[:32]}",
        performer_id=seat.performer_id,
        company_id=session.company_id,
        gig_id=session.gig_id,
        about=segment.public_id,
        purposes=active_names(seat.engagement.application_id),
    )
    uses.note([had], kind=Use.Kind.PLAYED, at=at)


def to_play(*, segment_id: str, signed: str, by: Actor, at: datetime) -> Segment:
    """Raises NotFound (404), AddressExpired, GrantWithdrawn (403)."""
    segment = get_segment(by, segment_id)
    if segment.state != SegmentState.CHECKED:
        raise NotFound
    signed_address.check(signed, segment.public_id, reader=by.label, salt=SALT, at=at, expired=AddressExpired)
    if not may_play(segment, by):
        raise NotFound
    if not granted([segment]):
        raise GrantWithdrawn("The performer has withdrawn what they granted, or it is deleted.")
    return segment
