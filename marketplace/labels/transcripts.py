"""A place for the words of each recording. The company brings them; no machine of the house writes any."""

import hashlib
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import Invalid, NotFound
from marketplace.labels import queries, webvtt
from marketplace.labels.models import Transcript
from marketplace.labels.operations import NotToBeLabelled
from marketplace.media.models import Segment


@transaction.atomic
def put(*, segment: Segment, body: bytes, by: Actor, at: datetime) -> Transcript:
    """Its transcript from now on, as WebVTT whose times are those of the recording alone, from 0. The one before is in no later
    delivery; the same one once more changes nothing.

    Raises Forbidden (403), NotToBeLabelled (409), Invalid (422, `not_webvtt`) with what is wrong in which line.
    """
    segment = _of_company(segment, by)
    if not queries.is_open(segment, at=at):
        raise NotToBeLabelled("Nothing is granted that covers a transcript.")
    try:
        found = webvtt.read(body, duration_ms=segment.duration_ms or 0)
    except webvtt.NotWebVtt as error:
        raise Invalid.field("text", str(error), code="not_webvtt") from error
    sha256 = hashlib.sha256(found.text.encode()).hexdigest()
    before = segment.transcripts.filter(ended_at=None).first()
    if before is not None and before.sha256 == sha256:
        return before
    segment.transcripts.filter(ended_at=None).update(ended_at=at)
    made = Transcript.objects.create(
        segment=segment, text=found.text, sha256=sha256, cues=found.cues, put_at=at, put_by=by.label
    )
    audit.record(verb="transcript.put", thing=made, by=by, at=at, segment=segment.public_id)
    return made


@transaction.atomic
def remove(*, segment: Segment, by: Actor, at: datetime) -> Transcript:
    """It is in no later delivery. Raises Forbidden (403), NotFound (404) where there is none."""
    segment = _of_company(segment, by)
    found = segment.transcripts.filter(ended_at=None).first()
    if found is None:
        raise NotFound("This recording has no transcript.")
    found.ended_at = at
    found.save(update_fields=["ended_at"])
    audit.record(verb="transcript.removed", thing=found, by=by, at=at, segment=segment.public_id)
    return found


def _of_company(segment: Segment, by: Actor) -> Segment:
    by.require(Act.DELIVER, company_id=segment.recording.session.company_id)
    rows = Segment.objects.select_for_update(of=("self",)).select_related("recording__session")
    return rows.get(pk=segment.pk)
