"""Who answers a line now, who may contest it, and who may take it back (`kinds.RULES`)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.companies.models import Membership
from kit.errors import DomainError, Forbidden
from marketplace.engagements.models import Engagement
from payments.paylines.kinds import RULES, Kind, Party
from payments.paylines.models import PayLine
from payments.paylines.states import OPEN, PayLineState


class OwnLine(DomainError):
    """Ask a colleague whom it does not pay."""

    code = "own_pay_line"
    status = 403
    title = "Someone else decides what you are paid"


class OwnCompany(DomainError):
    """Ask a colleague who does not act for that company."""

    code = "own_company"
    status = 403
    title = "Someone else decides about your company"


class SameMaker(DomainError):
    """Ask somebody else who may approve."""

    code = "approver_is_maker"
    status = 403
    title = "Another person approves"


class NotContested(DomainError):
    """Wait until the company has contested it, or has let its time pass."""

    code = "not_contested"
    title = "It is the company's to contest first"


Able = Mapping[int, Collection[int]]


def able_to_approve(company_ids: Collection[int]) -> Able:
    """By company, the people who may approve time there, by their keys."""
    able: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(
        company_id__in=company_ids, role__in=MAY[Act.APPROVE_TIME], user__is_active=True
    )
    for company_id, user_id in rows.values_list("company_id", "user_id"):
        able[company_id].add(user_id)
    return able


def second_of_a_bonus(line: PayLine, able: Able) -> Party:
    """The company, where somebody may approve there but the proposer and whom it pays; else finance."""
    seconds = set(able[line.engagement.company_id]) - {line.made_by_id, line.performer.user_id}
    return Party.COMPANY if seconds else Party.FINANCE


def require_answerer(line: PayLine, by: Actor, able: Able, *, at: datetime) -> int:
    """The key of the person, where it is theirs to approve or decline it now.

    Raises Forbidden, OwnLine, OwnCompany, SameMaker (403), NotContested (409).
    """
    person_id = by.require_person("Only a person agrees to what is paid.")
    _require_impartial(_answered_by(line, by, able, at=at), line, by)
    if line.made_by_id == person_id:
        raise SameMaker("You made it, so somebody else approves it.")
    if line.kind == Kind.BREACH and line.state == PayLineState.PROPOSED:
        raise NotContested("It stands by itself unless the company contests it in time.")
    return person_id


def require_withdrawer(line: PayLine, by: Actor) -> int:
    """The key of the person, where it is theirs to take back. Raises Forbidden, OwnLine, OwnCompany (403)."""
    person_id = by.require_person("A person takes it back.")
    _require_impartial(RULES[Kind(line.kind)].made_by, line, by)
    return person_id


def refuse_own(engagement: Engagement, by: Actor) -> None:
    """Raise OwnLine (403) where the line would pay, or take from, the actor."""
    if by.performer_id and engagement.performer_id == by.performer_id:
        raise OwnLine("It concerns your own pay, so somebody else does this.")


def require_party(party: Party, line: PayLine, by: Actor) -> None:
    """Raise Forbidden, SecondFactorRequired (403) unless the actor, who sees the line, acts for that party of it."""
    match party:
        case Party.COMPANY if line.engagement.company_id in by.with_withheld().roles:
            by.require(Act.APPROVE_TIME, company_id=line.engagement.company_id)
        case Party.PERFORMER if line.engagement.performer_id == by.performer_id:
            return
        case Party.FINANCE:
            by.require_finance()
        case Party.TALENT:
            by.require_talent()
        case _:
            raise Forbidden(f"That is the {party}'s to do.")


def _require_impartial(party: Party, line: PayLine, by: Actor) -> None:
    """As `require_party`; who acts for the house has no part in the line, and nobody but its performer is paid by it."""
    require_party(party, line, by)
    if party != Party.PERFORMER:
        refuse_own(line.engagement, by)
    if party in (Party.FINANCE, Party.TALENT) and _acts_for_its_company(line, by):
        raise OwnCompany("It is about a company that you act for, so a colleague does this.")


def _acts_for_its_company(line: PayLine, by: Actor) -> bool:
    return line.engagement.company_id in by.with_withheld().roles


def may_answer(line: PayLine, by: Actor, able: Able, *, at: datetime) -> bool:
    """Whether it waits for this actor: for what a page offers."""
    try:
        require_answerer(line, by, able, at=at)
    except DomainError:
        return False
    return line.state in OPEN


def may_contest(line: PayLine, by: Actor, *, at: datetime) -> bool:
    is_open = line.kind == Kind.BREACH and line.state == PayLineState.PROPOSED and at < line.due_at
    return is_open and by.may(Act.APPROVE_TIME, company_id=line.engagement.company_id)


def may_withdraw(line: PayLine, by: Actor) -> bool:
    try:
        require_withdrawer(line, by)
    except DomainError:
        return False
    return line.state in OPEN


def may_waive(line: PayLine, by: Actor) -> bool:
    try:
        require_withdrawer(line, by)
    except DomainError:
        return False
    return line.kind == Kind.DEDUCTION and line.state == PayLineState.APPROVED


def _answered_by(line: PayLine, by: Actor, able: Able, *, at: datetime) -> Party:
    """Whose answer counts now: of a bonus that nobody else in the company may approve, finance's; of an expense that the
    company left unanswered, talent operations' too."""
    if line.kind == Kind.BONUS:
        return second_of_a_bonus(line, able)
    is_left = line.kind == Kind.EXPENSE and at >= line.due_at
    if is_left and by.is_talent and not _acts_for_its_company(line, by):
        return Party.TALENT
    return RULES[Kind(line.kind)].answered_by
