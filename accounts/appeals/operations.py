"""An appeal: filed by who was told no, looked at by another person than who said it, answered in writing by a date."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.rules import Audience
from accounts.access.step_up import StepUp
from accounts.appeals import notices
from accounts.appeals.models import LONGEST_SAID, Appeal
from accounts.appeals.queries import (
    get_decision,
    left_to_admin,
    may_come_again,
    no_talent_for,
    of_decision,
    taken_back,
)
from accounts.appeals.states import AppealState
from accounts.appeals.subjects import known
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.errors import DomainError, Forbidden
from kit.text import required_text

S = AppealState
CONCERNED = (Audience.PERFORMER, Audience.COMPANY)
ANSWERING = (Audience.TALENT, Audience.ADMIN)


class AlreadyAppealed(DomainError):
    """Read the appeal that there is, or its answer."""

    code = "already_appealed"
    title = "This decision was appealed"


class TakenBack(DomainError):
    """Talk to talent operations: an appeal is filed once more at most, by the date of the first one's answer."""

    code = "appeal_taken_back"
    title = "You took this appeal back"


class DecisionIsOver(DomainError):
    """Nothing to do: the decision does not stand any more."""

    code = "decision_is_over"
    title = "That decision does not stand any more"


class SamePersonReviews(DomainError):
    """Ask a colleague; where there is none in talent operations, an administrator answers."""

    code = "reviewer_decided"
    status = 403
    title = "Another person answers"


def file(*, subject: str, text: str, by: Actor, at: datetime) -> Appeal:
    """Appeal the decision with the public id `subject`: the performer whom it is about, or an owner of the company.

    One that was taken back is filed once more at most, and counts from the first: the same date for its answer.
    Raises NotFound (404), Forbidden (403), AlreadyAppealed, TakenBack, DecisionIsOver (409), Invalid (422) without words.
    """
    decision = get_decision(by, subject)
    _require_concerned(decision.about, by)
    person_id = by.require_person("A person appeals, not a key.")
    said = required_text(text, field="text", missing="Say why the decision is wrong.", longest=LONGEST_SAID)
    if not decision.stands:
        raise DecisionIsOver("It was taken back meanwhile, or another took its place.")
    about, before = decision.about, taken_back(decision.id, at=at)
    if before is not None and not before.is_open:
        raise TakenBack(
            "An appeal is filed once more at most, by the date by which the first was to be answered. Write to talent operations."
        )
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                subject=decision.id,
                decided_by_id=decision.decided_by_id,
                performer=about if isinstance(about, Performer) else None,
                company=about if isinstance(about, Company) else None,
                text=said,
                filed_by_id=person_id,
                # Counted from the first: whoever files again and again would never be overdue, and keep a place for ever.
                filed_at=before.filed_at if before else at,
                answer_due_at=before.until if before else at + settings.APPEAL_ANSWER,
            )
            audit.record(verb="appeal.filed", thing=appeal, by=by, at=at, subject=subject)
            notices.to_review(appeal, for_admin=left_to_admin(appeal, at=at), at=at)
            known(appeal.subject).hear(appeal, at=at)
    except IntegrityError as error:
        if "one_appeal_of_a_decision" in str(error):
            raise AlreadyAppealed("It was appealed already; read how that stands.") from error
        raise
    return appeal


@transaction.atomic
def take_up(*, appeal: Appeal, by: Actor, at: datetime) -> Appeal:
    """Another person than who decided looks at it; who appealed is told.

    Raises SamePersonReviews, Forbidden (403), IllegalMove (409).
    """
    _require_reviewer(appeal, by, at=at)
    appeal = _locked(appeal)
    audit.move(appeal, S.HUMAN_REVIEW, by=by, at=at, reviewer_id=by.user_id)
    notices.taken_up(appeal, at=at)
    return appeal


def uphold(*, appeal: Appeal, text: str, by: Actor, at: datetime) -> Appeal:
    """The decision stays, in writing. Raises SamePersonReviews, Forbidden (403), IllegalMove (409), Invalid (422)."""
    return _answer(appeal, S.UPHELD, text, by=by, at=at)


@transaction.atomic
def reverse(*, appeal: Appeal, text: str, by: Actor, at: datetime) -> Appeal:
    """The decision is taken back, and the standing with it, in writing.

    Raises SamePersonReviews, Forbidden (403), IllegalMove (409), Invalid (422), and what taking it back refuses.
    """
    _require_reviewer(appeal, by, at=at)
    # What the decision is about before the appeal, as whoever takes a decision back locks them.
    known(appeal.subject).take_back(subject=appeal.subject, reason=_said(text), by=by, at=at)
    return _answer(appeal, S.REVERSED, text, by=by, at=at)


def remedy(*, appeal: Appeal, text: str, by: Actor, at: datetime) -> Appeal:
    """The decision stays, and something else is done, in writing.

    Raises SamePersonReviews, Forbidden (403), IllegalMove (409), Invalid (422).
    """
    return _answer(appeal, S.REMEDIED, text, by=by, at=at)


# What an appeal may come to, by the state's stored word.
ANSWERS: dict[str, Callable[..., Appeal]] = {S.UPHELD: uphold, S.REVERSED: reverse, S.REMEDIED: remedy}


@transaction.atomic
def withdraw(*, appeal: Appeal, by: Actor, at: datetime) -> Appeal:
    """Who appealed takes it back before it is answered: what it kept is free at once. With a fresh proof where it cannot be
    filed again: nobody loses their appeal to a browser that was left open.

    Raises NotFound (404), Forbidden, StaleProof (403), IllegalMove (409).
    """
    _require_concerned(appeal.by, by)
    appeal = _locked(appeal)
    if appeal.ended_at is None and not may_come_again(appeal, at=at):
        by.require_proof(StepUp.LET_GO_OF_APPEAL, at=at)
    audit.move(appeal, S.WITHDRAWN, by=by, at=at, ended_at=at)
    notices.withdrawn(appeal, at=at)
    known(appeal.subject).hear(appeal, at=at)
    return appeal


def settle(*, subject: str, text: str, by: Actor, at: datetime) -> None:
    """The decision was taken back otherwise: an open appeal against it has its answer too. In the caller's transaction."""
    open_one = Appeal.objects.open().filter(subject=subject).first()
    if open_one is None:
        return
    appeal = _locked(open_one)
    if appeal.state == S.FILED:
        audit.move(appeal, S.HUMAN_REVIEW, by=by, at=at, reviewer_id=by.user_id)
    audit.move(appeal, S.REMEDIED, by=by, at=at, reason=text, answer=text, ended_at=at)
    notices.answered(appeal, at=at)


def refuse_while_open(subject: str) -> None:
    """Raise AlreadyAppealed (409) while an appeal against that decision waits for its answer."""
    appeal = of_decision(subject)
    if appeal is not None and appeal.ended_at is None:
        raise AlreadyAppealed("Your appeal waits for its answer. Take it back first, or wait for it.")


def tell_of_overdue(*, at: datetime) -> int:
    """The tick: whoever may answer an overdue appeal is told once a day, and who waits for it once. Returns how many.

    One that is overdue for ESCALATED_AFTER is an administrator's too: they are told, and may answer it.
    """
    overdue = Appeal.objects.open().filter(answer_due_at__lte=at).select_related("performer__user", "company")
    for appeal in overdue.order_by("answer_due_at", "id"):
        with transaction.atomic():
            for for_admin in sorted({no_talent_for(appeal), left_to_admin(appeal, at=at)}):
                notices.overdue(appeal, for_admin=for_admin, at=at)
    return len(overdue)


@transaction.atomic
def _answer(appeal: Appeal, to: AppealState, text: str, *, by: Actor, at: datetime) -> Appeal:
    _require_reviewer(appeal, by, at=at)
    said = _said(text)
    appeal = _locked(appeal)
    audit.move(appeal, to, by=by, at=at, reason=said, answer=said, ended_at=at)
    notices.answered(appeal, at=at)
    known(appeal.subject).hear(appeal, at=at)
    return appeal


def _said(text: str) -> str:
    return required_text(text, field="text", missing="Say why; who appealed reads it.", longest=LONGEST_SAID)


def _locked(appeal: Appeal) -> Appeal:
    rows = Appeal.objects.select_for_update(of=("self",)).select_related("performer__user", "company")
    return rows.get(pk=appeal.pk)


def _require_concerned(about: Performer | Company, by: Actor) -> None:
    if isinstance(about, Company):
        by.require(Act.RUN_COMPANY, company_id=about.pk)
    else:
        by.require_performer(about.pk)


def _require_reviewer(appeal: Appeal, by: Actor, *, at: datetime) -> None:
    if by.is_system:
        return
    if not (by.is_talent or by.is_admin):
        raise Forbidden("Talent operations answer appeals.")
    own = appeal.performer_id == by.performer_id or appeal.company_id in by.roles
    parties = known(appeal.subject).parties([appeal.subject]).get(appeal.subject, ())
    if own or by.user_id == appeal.decided_by_id or by.user_id in parties:
        raise SamePersonReviews("You took this decision, or it is about you. A colleague answers.")
    if not by.is_talent and not left_to_admin(appeal, at=at):
        raise Forbidden("Talent operations answer this: somebody there has not decided it.")
