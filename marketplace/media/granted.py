"""What may be delivered or labelled now: recordings of sessions in which everybody who was recorded granted what it is for."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from marketplace.gigs.models import Gig
from marketplace.media.models import Segment
from marketplace.media.states import SegmentState
from marketplace.rights.models import Grant
from marketplace.rights.states import GrantState
from marketplace.sessions.models import Seat


def deliverable(gig: Gig, purposes: Collection[str], *, at: datetime) -> list[Segment]:
    """The checked recordings under every one of the purposes, in the order of sessions, seats and parts; a fixed number of
    queries.

    A pair's recordings stand or fall together: a scene is both, and each may say no to it.
    """
    found = _checked(gig)
    shared = shared_purposes({each.recording.session_id for each in found}, purposes, at=at)
    return [each for each in found if set(purposes) <= shared[each.recording.session_id]]


def under_any(gig: Gig, purposes: Collection[str], *, at: datetime) -> list[Segment]:
    """The same under at least one of them."""
    found = _checked(gig)
    shared = shared_purposes({each.recording.session_id for each in found}, purposes, at=at)
    return [each for each in found if shared[each.recording.session_id]]


def _checked(gig: Gig) -> list[Segment]:
    rows = Segment.objects.filter(
        recording__session__gig=gig, state=SegmentState.CHECKED, deleting_since=None
    )
    segments = rows.select_related(
        "recording__session", "seat__performer", "seat__engagement", "seat__session"
    )
    return list(
        segments.order_by(
            "recording__session__call_at", "recording__session_id", "seat_id", "recording_id", "number"
        )
    )


def still_granted(application_ids: Collection[int], purposes: Collection[str], *, at: datetime) -> set[int]:
    """Of the applications, those whose performer grants each of these purposes now."""
    given = active_grants(application_ids, purposes, at=at)
    return {key for key in application_ids if set(purposes) <= given[key].keys()}


def active_grants(
    application_ids: Collection[int], purposes: Collection[str], *, at: datetime
) -> defaultdict[int, dict[str, Grant]]:
    """Of each application its active grants among these purposes; one whose time is over is none, before anybody looked."""
    found: defaultdict[int, dict[str, Grant]] = defaultdict(dict)
    rows = Grant.objects.filter(
        Q(until=None) | Q(until__gt=at),
        application_id__in=application_ids,
        purpose__in=purposes,
        state=GrantState.ACTIVE,
    )
    for grant in rows:
        found[grant.application_id][grant.purpose] = grant
    return found


def shared_purposes(
    session_ids: Collection[int], purposes: Collection[str], *, at: datetime
) -> defaultdict[int, set[str]]:
    """Of each session those of the purposes that whoever had a seat, or was recorded in one, grants now."""
    of: defaultdict[int, set[int]] = defaultdict(set)
    rows = Seat.objects.filter(session_id__in=session_ids).values_list(
        "session_id", "engagement__application_id", "released_at", "segments"
    )
    for session_id, application_id, released_at, segment in rows:
        if released_at is None or segment is not None:
            of[session_id].add(application_id)
    given = active_grants({key for keys in of.values() for key in keys}, purposes, at=at)
    shared: defaultdict[int, set[str]] = defaultdict(set)
    for session_id, keys in of.items():
        shared[session_id] = set.intersection(*(set(given[key]) for key in keys))
    return shared
