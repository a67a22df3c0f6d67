"""What silence does to a piece: unanswered it is accepted, never handed in it lapses; each side is reminded before. And what was
kept for a refusal is free once nobody can appeal it any more."""

from datetime import datetime, timedelta

from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Value
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.appeals.models import Appeal
from accounts.appeals.states import OPEN as APPEAL_OPEN
from accounts.appeals.states import AppealState
from accounts.audit import operations as audit
from accounts.notifications.piece_kinds import PieceKind
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.works import budget, notices, reviewing
from marketplace.works.handing_in import locked
from marketplace.works.models import Commission
from marketplace.works.states import CommissionState

S = CommissionState
HOUSE = Actor.of_system("works")
REMINDED_BEFORE = timedelta(days=2)


def decide(*, at: datetime) -> int:
    """Every piece that its company left unanswered is accepted. Returns how many."""
    due = _pieces().filter(state=S.SUBMITTED, review_due_at__lte=at).order_by("review_due_at", "pk")
    return retries.each(due, lambda row: _decide(row, at=at), job=Job.DECIDE_PIECE, page=_page_of, at=at)


def _decide(row: Commission, *, at: datetime) -> bool:
    piece = locked(row)
    if piece.state != S.SUBMITTED or piece.review_due_at is None or piece.review_due_at > at:
        return False
    how = "Nobody answered it in time, so it stands."
    reviewing.is_accepted(piece, how=how, by=HOUSE, person_id=None, at=at)
    notices.tell_its_company(piece, PieceKind.PIECE_ACCEPTED_BY_SILENCE, {}, at=at)
    return True


def remind(*, at: datetime) -> int:
    """Whoever it waits for is reminded once, before it is too late. Returns how many pieces."""
    soon = at + REMINDED_BEFORE
    to_review = Q(state=S.SUBMITTED, review_due_at__lte=soon, review_due_at__gt=at)
    to_make = Q(state__in=[S.ASKED, S.REVISING], due_at__lte=soon, due_at__gt=at)
    due = _pieces().filter(to_review | to_make, reminded_at=None).order_by("pk")
    return retries.each(due, lambda row: _remind(row, at=at), job=Job.REMIND_OF_PIECE, page=_page_of, at=at)


def _remind(row: Commission, *, at: datetime) -> bool:
    piece = locked(row)
    if piece.state != row.state or piece.reminded_at is not None:
        return False
    Commission.objects.filter(pk=piece.pk).update(reminded_at=at)
    step = f"{at.timestamp():.0f}"
    if piece.review_due_at is not None:
        about = {"due_at": piece.review_due_at}
        notices.tell_its_company(piece, PieceKind.PIECE_REVIEW_DUE, about, step=step, at=at)
    else:
        about = {"due_at": piece.due_at, "lapses_at": piece.lapses_at}
        notices.tell_performer(piece, PieceKind.PIECE_DUE, about, step=step, at=at)
    return True


def lapse(*, at: datetime) -> int:
    """Every piece that never came, though a late one was still taken. Returns how many."""
    due = _pieces().filter(state__in=[S.ASKED, S.REVISING], lapses_at__lte=at).order_by("lapses_at", "pk")
    return retries.each(due, lambda row: _lapse(row, at=at), job=Job.LAPSE_PIECE, page=_page_of, at=at)


def _lapse(row: Commission, *, at: datetime) -> bool:
    piece = locked(row)
    if piece.state not in (S.ASKED, S.REVISING) or piece.lapses_at > at:
        return False
    budget.free(piece)
    audit.move(piece, S.LAPSED, by=HOUSE, at=at, ended_at=at, committed_minor=0)
    notices.tell_performer(piece, PieceKind.PIECE_LAPSED_TO_PERFORMER, {"gig": piece.gig.title}, at=at)
    notices.tell_its_company(piece, PieceKind.PIECE_LAPSED_TO_COMPANY, {}, at=at)
    return True


def free_refused(*, at: datetime) -> int:
    """What was kept for a refusal is free once its time to appeal is over, or an appeal was answered with it. Returns how many."""
    over = Q(contest_until__lte=at) | Q(Exists(_appeals().filter(state__in=STAYS)))
    due = _pieces().filter(over, ~Exists(_appeals().filter(state__in=APPEAL_OPEN)), state=S.REFUSED)
    due = due.filter(committed_minor__gt=0).order_by("contest_until", "pk")
    return retries.each(due, _free, job=Job.FREE_PIECE, page=_page_of, at=at)


STAYS = (AppealState.UPHELD, AppealState.REMEDIED)


def _appeals() -> QuerySet[Appeal]:
    """Against the piece: they name it by its id as people read it."""
    named = Func(Value("pce"), OuterRef("public_id"), function="callboard_typed_id", output_field=CharField())
    return Appeal.objects.filter(subject=named)


def _free(row: Commission) -> bool:
    piece = locked(row)
    if not piece.may_be_appealed:
        return False
    budget.free(piece)
    return bool(Commission.objects.filter(pk=piece.pk).update(committed_minor=0))


def _pieces() -> QuerySet[Commission]:
    return Commission.objects.select_related("engagement")


def _page_of(piece: Commission) -> str:
    return reverse("commission_detail", args=[piece.public_id])
