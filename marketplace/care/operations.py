"""A private line from whoever plays to talent operations: what happened in a session, read by nobody of the company.

It is no rating mark, asks for no reason, and never counts against whoever writes.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.operations import notify, tell_staff
from accounts.notifications.session_kinds import SessionKind as Kind
from kit.errors import Forbidden
from kit.text import required_text
from marketplace.care.models import LONGEST_WORD, Report, Word
from marketplace.care.states import ReportState
from marketplace.sessions import room
from marketplace.sessions.models import Session

ANSWERED_WITHIN = timedelta(hours=24)
S = ReportState


@transaction.atomic
def write(*, session: Session, text: str, by: Actor, at: datetime) -> Report:
    """Tell talent operations about this session; more words go under the same report, and open it again.

    Raises Invalid (422), NotFound (404) for whom no seat brought here.
    """
    seat = room.seat_of(session, by)
    said = _words(text)
    report, is_new = Report.objects.select_for_update().get_or_create(
        session=session,
        performer_id=seat.performer_id,
        defaults={"opened_at": at, "answer_due_at": at + ANSWERED_WITHIN},
    )
    if is_new:
        audit.record(verb="report.opened", thing=report, by=by, at=at)
    elif report.state != S.WAITING:
        audit.move(report, S.WAITING, by=by, at=at, answer_due_at=at + ANSWERED_WITHIN, closed_at=None)
    word = Word.objects.create(report=report, said_at=at, of_house=False, text=said, by=by.label)
    # No name and no word of it leaves the page.
    tell_staff(
        kind=Kind.REPORT_TO_TALENT,
        key=f"report:{report.public_id}:{word.pk}",
        about={"due_at": report.answer_due_at or at},
        where={"report_id": report.public_id},
        at=at,
    )
    return report


@transaction.atomic
def answer(*, report: Report, text: str, closes: bool, by: Actor, at: datetime) -> Report:
    """Talent operations answer, and close it where nothing is left to do.

    Raises Forbidden (403), IllegalMove (409), Invalid (422).
    """
    if not by.is_talent or by.performer_id == report.performer_id:
        raise Forbidden("Talent operations answer, and nobody their own.")
    said = _words(text)
    report = Report.objects.select_for_update(of=("self",)).select_related("performer").get(pk=report.pk)
    target = S.CLOSED if closes else S.ANSWERED
    audit.move(report, target, by=by, at=at, answer_due_at=None, closed_at=at if closes else None)
    word = Word.objects.create(report=report, said_at=at, of_house=True, text=said, by=by.label)
    notify(
        kind=Kind.REPORT_ANSWERED,
        user_id=report.performer.user_id,
        key=f"report:{report.public_id}:{word.pk}",
        about={},
        where={"report_id": report.public_id},
        at=at,
    )
    return report


def _words(text: str) -> str:
    return required_text(
        text, field="text", missing="Write what happened, as you want.", longest=LONGEST_WORD
    )


def page_of(report: Report) -> str:
    return reverse("report", args=[report.public_id])
