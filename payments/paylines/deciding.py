"""How a line ends: agreed by its second person, declined, contested, or taken back. What silence does stands in `silence`."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from kit.crash import crash_point
from kit.errors import DomainError, Forbidden
from kit.instants import length_in_words
from kit.text import required_text
from marketplace.timekeeping.weeks import week_of
from payments.paylines import notices, promising
from payments.paylines.answering import able_to_approve, require_answerer, require_party, require_withdrawer
from payments.paylines.kinds import RULES, Kind, Party
from payments.paylines.models import PayLine
from payments.paylines.states import PAY_LINE, PayLineState


class ContestIsOver(DomainError):
    """Write to us; it stands."""

    code = "contest_is_over"
    title = "The time to contest is over"


@transaction.atomic
def approve(*, line: PayLine, by: Actor, at: datetime) -> PayLine:
    """The second person agrees, and it is paid; a performer who agrees to a deduction proves who they are. Twice is once.

    Raises Forbidden, SameMaker, OwnLine, OwnCompany, StaleProof (403), NotContested, IllegalMove (409); for a bonus also
    NotApproved, Suspended, CompanyOwes, BonusNotFunded (409).
    """
    line = _locked(line)
    person_id = _answerer(line, by, at=at)
    if line.state == PayLineState.APPROVED and line.decided_by_id == person_id:
        return line
    if line.kind == Kind.DEDUCTION:
        by.require_proof(StepUp.AGREE_TO_DEDUCTION, at=at)
    if line.kind == Kind.BONUS:
        promising.require_company(line.engagement.company)
        promising.require_cover(line)
    stands(line, by=by, person_id=person_id, at=at)
    return line


def stands(line: PayLine, *, by: Actor, person_id: int | None, at: datetime) -> None:
    """Move a locked line to approved: from here on it is earned, in the running week."""
    week = week_of(at)
    audit.move(
        line, PayLineState.APPROVED, by=by, at=at, decided_by_id=person_id, decided_at=at, week_id=week.pk
    )
    crash_point("pay_line.approved")
    notices.tell_ended(line, at=at)


@transaction.atomic
def decline(*, line: PayLine, answer: str, by: Actor, at: datetime) -> PayLine:
    """Whoever may agree says no, with a reason. Raises as `approve`, and Invalid (422) without a reason."""
    line = _locked(line)
    person_id = _answerer(line, by, at=at)
    answer = required_text(answer, field="answer", missing="Say why; they read it.")
    return _end(line, PayLineState.DECLINED, answer, person_id=person_id, by=by, at=at)


@transaction.atomic
def withdraw(*, line: PayLine, answer: str, by: Actor, at: datetime) -> PayLine:
    """Its maker's side takes it back, with a reason.

    Raises Forbidden, OwnLine, OwnCompany (403), Invalid (422), IllegalMove (409).
    """
    line = _locked(line)
    person_id = require_withdrawer(line, by)
    answer = required_text(answer, field="answer", missing="Say why; they read it.")
    return _end(line, PayLineState.WITHDRAWN, answer, person_id=person_id, by=by, at=at)


@transaction.atomic
def waive(*, line: PayLine, answer: str, by: Actor, at: datetime) -> PayLine:
    """Finance gives up what of an agreed deduction is not taken yet, with a reason; what was taken stays taken.

    Raises Forbidden, OwnLine, OwnCompany (403), Invalid (422) without a reason, IllegalMove (409).
    """
    line = _locked(line)
    if line.kind != Kind.DEDUCTION:
        raise Forbidden("Only a deduction is given up.")
    person_id = require_withdrawer(line, by)
    answer = required_text(answer, field="answer", missing="Say why; they read it.")
    PAY_LINE.check(line.state, PayLineState.WAIVED)
    return _end(line, PayLineState.WAIVED, answer, person_id=person_id, by=by, at=at)


@transaction.atomic
def contest(*, line: PayLine, answer: str, by: Actor, at: datetime) -> PayLine:
    """The company says that no guarantee was broken; a second person in talent operations decides.

    Raises Forbidden (403), Invalid (422) without a reason, ContestIsOver, IllegalMove (409).
    """
    line = _locked(line)
    require_party(Party.COMPANY, line, by)
    by.require_person("A person contests it.")
    if line.kind != Kind.BREACH:
        raise Forbidden("Only a breach is contested; anything else is declined.")
    answer = required_text(answer, field="answer", missing="Say why; talent operations read it.")
    PAY_LINE.check(line.state, PayLineState.CONTESTED)
    within = RULES[Kind.BREACH].answer_within
    if at >= line.due_at:
        raise ContestIsOver(f"It could be contested within {length_in_words(within)} of being told.")
    audit.move(line, PayLineState.CONTESTED, by=by, at=at, reason=answer, contest=answer, due_at=at + within)
    notices.ask(line, Party.TALENT, otherwise="it waits, overdue", at=at)
    return line


def _end(line: PayLine, to: PayLineState, answer: str, *, person_id: int, by: Actor, at: datetime) -> PayLine:
    audit.move(
        line,
        to,
        by=by,
        at=at,
        reason=answer,
        answer=answer,
        decided_by_id=person_id,
        decided_at=at,
        week_id=None,
    )
    notices.tell_ended(line, at=at)
    return line


def _answerer(line: PayLine, by: Actor, *, at: datetime) -> int:
    return require_answerer(line, by, able_to_approve([line.engagement.company_id]), at=at)


def _locked(line: PayLine) -> PayLine:
    rows = PayLine.objects.select_for_update(of=("self",))
    return rows.select_related("engagement__gig", "engagement__company", "engagement__performer").get(
        pk=line.pk, part_of=None
    )
