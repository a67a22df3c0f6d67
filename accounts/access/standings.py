"""How a performer or a company stands with the house: only the approved are booked, or publish."""

from datetime import datetime

from django.db.models import TextChoices

from kit.errors import DomainError
from kit.transitions import Transitions


class Standing(TextChoices):
    SIGNED_UP = "signed_up", "Not vetted yet"
    APPLIED = "applied", "Asked to be vetted"
    IN_REVIEW = "in_review", "Being vetted"
    APPROVED = "approved", "Approved"
    DECLINED = "declined", "Declined"
    SUSPENDED = "suspended", "Suspended"


S = Standing
# Both move alike: asked, looked at, answered; the declined mend it and ask again, or an appeal is answered for them.
_MOVES: dict[Standing, set[Standing]] = {
    S.SIGNED_UP: {S.APPLIED},
    S.APPLIED: {S.IN_REVIEW},
    S.IN_REVIEW: {S.APPROVED, S.DECLINED},
    S.DECLINED: {S.APPLIED, S.APPROVED},
    S.APPROVED: {S.SUSPENDED},
    S.SUSPENDED: {S.APPROVED},
}
PERFORMER = Transitions("performer", _MOVES)
COMPANY = Transitions("company", _MOVES)
# Who may look for work while the answer is on its way; nothing is booked before it.
MAY_APPLY = (S.APPLIED, S.IN_REVIEW, S.APPROVED)
# Only who was approved ever earned; what is earned is paid, whatever became of the standing.
MAY_BE_PAID = (S.APPROVED, S.SUSPENDED)


class NotApproved(DomainError):
    """Ask to be vetted, or wait for talent operations' answer."""

    code = "not_approved"
    title = "Talent operations have not approved this yet"


class Suspended(DomainError):
    """Read the reason where the standing is shown; it can be appealed there."""

    code = "suspended"
    title = "This is suspended"


class CompanyOwes(DomainError):
    """Pay into the wallet: what is owed is taken from it first."""

    code = "company_owes"
    title = "The company owes money"


def require_approved(standing: str, *, whose: str) -> None:
    """Raise Suspended or NotApproved (409) unless `standing` is approved; `whose` begins the sentence."""
    if standing == S.SUSPENDED:
        raise Suspended(f"{whose} is suspended while a person looks at it.")
    if standing != S.APPROVED:
        raise NotApproved(
            f"{whose} is not approved by talent operations: {Standing(standing).label.lower()}."
        )


def require_may_apply(standing: str, *, whose: str) -> None:
    """Raise Suspended or NotApproved (409) unless who stands so has asked to be vetted, and was not told no."""
    if standing not in MAY_APPLY:
        require_approved(standing, whose=whose)


def require_nothing_owed(owes_since: datetime | None, *, whose: str) -> None:
    """Raise CompanyOwes (409) while a company owes (money/RULES.md, rule 3); `whose` begins the sentence."""
    if owes_since is not None:
        raise CompanyOwes(f"{whose} owes money, so nothing new is published or booked until it is paid in.")
