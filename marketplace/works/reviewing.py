"""A person of the company answers a version: accepts it, asks for changes rule by rule, or refuses it with a reason of the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.notifications.news import About
from accounts.notifications.piece_kinds import PieceKind
from kit.errors import DomainError, Invalid
from kit.text import optional_text, required_text
from kit.transitions import IllegalMove
from marketplace.engagements.states import EngagementState
from marketplace.works import notices
from marketplace.works.handing_in import locked
from marketplace.works.models import LONGEST_NOTE, LONGEST_RULE, Artefact, Commission, Review
from marketplace.works.states import COMMISSION, CommissionState, Refusal

S = CommissionState
Outcome = Review.Outcome


class VersionChanged(DomainError):
    """Look at the version that is there now, and answer that."""

    code = "version_changed"
    title = "They have handed in another version"


class NoRevisionsLeft(DomainError):
    """Accept it, or refuse it with a reason."""

    code = "no_revisions_left"
    title = "The revisions that were agreed are used up"


class ChangesFirst(DomainError):
    """Ask for changes: revisions are included, and left."""

    code = "changes_first"
    title = "They may still change it"


class OwnPiece(DomainError):
    """Ask a colleague whose work it is not."""

    code = "own_piece"
    status = 403
    title = "Someone else reviews your own piece"


@dataclass(frozen=True)
class Verdict:
    """Of one rule: whether it is met, and where it is not, what to change."""

    met: bool
    note: str = ""


@transaction.atomic
def accept(*, piece: Commission, version: int, by: Actor, at: datetime) -> Commission:
    """Every rule is met, so it is paid. The same press twice is once.

    Raises Forbidden, OwnPiece (403), VersionChanged, IllegalMove (409).
    """
    piece = locked(piece)
    person_id = _reviewer(piece, by)
    if piece.state == S.ACCEPTED and piece.decided_by_id == person_id and _is(piece, version):
        return piece
    seen = _seen(piece, S.ACCEPTED, version)
    _note(piece, seen, Outcome.ACCEPTED, [Verdict(met=True) for _ in piece.rules], "", by=person_id, at=at)
    is_accepted(piece, how=f"{piece.company.name} accepted it.", by=by, person_id=person_id, at=at)
    return piece


def is_accepted(piece: Commission, *, how: str, by: Actor, person_id: int | None, at: datetime) -> None:
    """Move a locked one to accepted: from here on its price is owed, whatever becomes of the gig. Payments make one line of it."""
    audit.move(piece, S.ACCEPTED, by=by, at=at, ended_at=at, decided_by_id=person_id, review_due_at=None)
    notices.tell_performer(piece, PieceKind.PIECE_ACCEPTED, {"price": piece.price, "how": how}, at=at)


def note_paid(piece: Commission, *, at: datetime) -> None:
    """Payments have made its line: it is no longer to pay. In the caller's transaction, the piece locked."""
    Commission.objects.filter(pk=piece.pk).update(paid_at=at)


@transaction.atomic
def ask_for_changes(
    *, piece: Commission, version: int, results: Sequence[Verdict], note: str = "", by: Actor, at: datetime
) -> Commission:
    """Which rules are not met, and what to change; as often as was agreed. There is time for it.

    Raises Forbidden, OwnPiece (403), VersionChanged, NoRevisionsLeft, NoVersionNow, IllegalMove (409), Invalid (422).
    """
    piece = locked(piece)
    person_id = _reviewer(piece, by)
    seen = _seen(piece, S.REVISING, version)
    _judged(piece, results, one_fails=True)
    said = optional_text(note, field="note", longest=LONGEST_NOTE)
    if not changes_left(piece):
        raise NoRevisionsLeft(f"{piece.revisions} were agreed, and the engagement has to last for them.")
    _note(piece, seen, Outcome.REVISE, results, said, by=person_id, at=at)
    due_at = max(piece.due_at, at + settings.PIECE_CHANGES)
    audit.move(
        piece,
        S.REVISING,
        by=by,
        at=at,
        due_at=due_at,
        lapses_at=due_at + settings.PIECE_LATE,
        review_due_at=None,
        reminded_at=None,
    )
    about: About = {"company": piece.company.name, "what": _what(piece, results), "due_at": due_at}
    notices.tell_performer(piece, PieceKind.PIECE_TO_CHANGE, about, step=str(version), at=at)
    return piece


def changes_left(piece: Commission) -> int:
    """How often changes can still be asked for; none once the engagement has ended."""
    if piece.engagement.state == EngagementState.TERMINATED:
        return 0
    return max(0, piece.revisions - piece.reviews.filter(outcome=Outcome.REVISE).count())


@transaction.atomic
def refuse(
    *,
    piece: Commission,
    version: int,
    reason: str,
    results: Sequence[Verdict],
    note: str,
    by: Actor,
    at: datetime,
) -> Commission:
    """Nothing is paid for it, unless talent operations find otherwise: the performer may appeal, and until that is over its price
    stays reserved.

    Raises Forbidden, OwnPiece (403), VersionChanged, ChangesFirst, IllegalMove (409), Invalid (422) without words, for another
    reason than the list's, or for unmet rules of which none fails.
    """
    piece = locked(piece)
    person_id = _reviewer(piece, by)
    seen = _seen(piece, S.REFUSED, version)
    if reason not in Refusal.values:
        raise Invalid.field("reason", "Choose one of the list.", code="not_a_choice")
    said = required_text(note, field="note", missing="Say what is wrong; they read it.", longest=LONGEST_NOTE)
    _judged(piece, results, one_fails=reason == Refusal.RULES_NOT_MET)
    if reason == Refusal.RULES_NOT_MET and changes_left(piece):
        raise ChangesFirst("Tell them what to change; unmet rules are a reason after the last revision.")
    _note(piece, seen, Outcome.REFUSED, results, said, by=person_id, at=at)
    until = at + settings.PIECE_CONTEST
    audit.move(
        piece,
        S.REFUSED,
        by=by,
        at=at,
        reason=said,
        refusal=reason,
        refusal_note=said,
        contest_until=until,
        ended_at=at,
        decided_by_id=person_id,
        review_due_at=None,
    )
    about: About = {
        "company": piece.company.name,
        "reason": Refusal(reason).label,
        "note": said,
        "until": until,
    }
    notices.tell_performer(piece, PieceKind.PIECE_REFUSED, about, at=at)
    return piece


def _reviewer(piece: Commission, by: Actor) -> int:
    person_id = by.require_person("A person reviews a piece, not a key.")
    by.require(Act.REVIEW_PIECES, company_id=piece.engagement.company_id)
    if by.is_performer and by.performer_id == piece.engagement.performer_id:
        raise OwnPiece("It is your own work, and your own pay.")
    return person_id


def _seen(piece: Commission, to: CommissionState, version: int) -> Artefact:
    """The version that is answered: the one that was looked at. Raises IllegalMove, VersionChanged (409)."""
    COMMISSION.check(piece.state, to)
    if piece.state != S.SUBMITTED:  # a refusal is taken back on appeal alone
        raise IllegalMove("It has its answer.")
    if piece.submitted is None or not _is(piece, version):
        raise VersionChanged("What you looked at is not what waits now.")
    return piece.submitted


def _is(piece: Commission, version: int) -> bool:
    return piece.submitted is not None and piece.submitted.version == version


def _judged(piece: Commission, results: Sequence[Verdict], *, one_fails: bool) -> None:
    if len(results) != len(piece.rules):
        raise Invalid.field("results", "One for each rule, in their order.", code="wrong_number")
    for each in results:
        if not each.met:
            missing = "Say of each rule that is not met what to change."
            required_text(each.note, field="results", missing=missing, longest=LONGEST_NOTE)
    if one_fails and all(each.met for each in results):
        raise Invalid.field("results", "Say which rule is not met.", code="nothing_fails")


def _note(
    piece: Commission,
    version: Artefact,
    outcome: Outcome,
    results: Sequence[Verdict],
    note: str,
    *,
    by: int,
    at: datetime,
) -> None:
    Review.objects.create(
        commission=piece,
        artefact=version,
        outcome=outcome,
        results=[_result(rule, each) for rule, each in zip(piece.rules, results, strict=True)],
        note=note,
        reviewed_by_id=by,
        reviewed_at=at,
    )


def _result(rule: str, verdict: Verdict) -> dict[str, Any]:
    return {"rule": rule, "met": verdict.met, "note": "" if verdict.met else verdict.note.strip()}


def _what(piece: Commission, results: Sequence[Verdict]) -> str:
    """The first that fails, to be read in a mail; the page has them all."""
    failing = [
        f"{rule[:LONGEST_RULE]}: {each.note.strip()[:200]}"
        for rule, each in zip(piece.rules, results, strict=True)
        if not each.met
    ]
    more = f" And {len(failing) - 1} more." if len(failing) > 1 else ""
    return failing[0] + more
