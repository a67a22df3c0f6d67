"""Disputes that the other side did not answer in time: the house decides them for the performer."""

from datetime import datetime

import structlog
from django.urls import reverse

from accounts.access.actors import Actor
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.timekeeping.disputes import AlreadyResolved, hand_to_talent, resolve_dispute
from marketplace.timekeeping.models import Dispute

log = structlog.get_logger(__name__)
CALENDAR = Actor.of_system("calendar")
AS_CLAIMED = "Nobody answered in time, so it is paid as claimed."
AS_RECORDED = "The performer did not answer in time, so the line stays as it is recorded."
NOT_DECIDED = "Nobody answered in time, and the house could not decide it by itself."


def decide_unanswered(*, at: datetime) -> int:
    """Each dispute whose time is over: the performer's as claimed, the company's as recorded; returns how many.

    One transaction each. What cannot be decided goes to talent operations, and holds up nothing.
    """
    waiting = Dispute.objects.unanswered(at=at).select_related("line").order_by("answer_due_at", "id")
    return retries.each(
        waiting,
        lambda dispute: _decide_or_hand_over(dispute, at=at),
        job=Job.DECIDE_DISPUTE,
        page=page_of_its_line,
        at=at,
    )


def page_of_its_line(dispute: Dispute) -> str:
    return reverse("line_detail", args=[dispute.line.public_id])


def _decide_or_hand_over(dispute: Dispute, *, at: datetime) -> bool:
    try:
        _decide(dispute, at=at)
    except AlreadyResolved:
        return False
    except retries.OF_NO_ROW:
        raise
    except Exception:
        # Whatever it is, a person is asked, and the others are decided.
        log.exception("dispute_not_decided", dispute=dispute.public_id)
        hand_to_talent(dispute, NOT_DECIDED, at=at)
        return False
    return True


def _decide(dispute: Dispute, *, at: datetime) -> None:
    by_performer = dispute.raised_by == "performer"
    resolve_dispute(
        dispute=dispute,
        resolution=AS_CLAIMED if by_performer else AS_RECORDED,
        adjusted_s=dispute.claimed_s if by_performer else None,
        by=CALENDAR,
        at=at,
    )
