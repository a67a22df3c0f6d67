"""Who may promise pay beside time, and to whom: what is earned is paid whatever became of either, a promise is new."""

from django.db.models import F, Sum

from accounts.access.standings import require_approved
from accounts.companies.models import Company
from accounts.performers.models import Performer
from accounts.privacy.queries import was_forgotten
from kit.errors import DomainError
from kit.money import Money
from marketplace.gigs.models import Gig
from payments.funding import debts, purses
from payments.paylines.kinds import Kind
from payments.paylines.models import PayLine
from payments.paylines.states import PayLineState


class BonusNotFunded(DomainError):
    """Pay into the wallet what `facts.missing_minor` names, or set it aside for the gig; then approve it."""

    code = "bonus_not_funded"
    title = "There is not enough money for it"


class PerformerLeft(DomainError):
    """Nobody is there to be paid, or to agree."""

    code = "performer_left"
    title = "This performer has left the house"


def require_company(company: Company) -> None:
    """Raise NotApproved, Suspended, CompanyOwes (409) for a company that promises nothing now."""
    require_approved(company.state, whose=company.name)
    debts.refuse_while_owing(company)


def require_performer(performer: Performer) -> None:
    """Raise PerformerLeft (409) for who was forgotten: what they were owed then would be nobody's."""
    if was_forgotten(performer.user_id):
        raise PerformerLeft("They asked to be forgotten, and were.")


def require_cover(bonus: PayLine) -> None:
    """Raise BonusNotFunded (409) where the wallet, and what the gig's budget does not keep for sessions and pieces, hold less
    than the bonus costs, and those that were approved and are not in the books yet. Time is paid in any case; a bonus is not
    owed by anybody yet.

    Locks the company's money until the end of the transaction.
    """
    company, gig = bonus.engagement.company, bonus.engagement.gig
    purse = purses.purse(company.pk, currency=bonus.currency)
    budget = purse.budgets.get(gig.public_id)
    has_minor = purse.wallet_minor + (_free_minor(gig, budget.minor) if budget is not None else 0)
    missing_minor = bonus.amount_minor + bonus.fee_minor + _promised_minor(bonus) - has_minor
    if missing_minor > 0:
        missing = Money(missing_minor, bonus.currency).display()
        raise BonusNotFunded(f"With its fee it takes {missing} more.", missing_minor=missing_minor)


def _free_minor(gig: Gig, left_minor: int) -> int:
    """What a gig's budget, of which so much is left, keeps for nothing: what was committed stays so when it is charged, and what
    was paid beside it never was."""
    gig.refresh_from_db(fields=["funded_minor", "committed_minor"])
    beside = PayLine.objects.filter(engagement__gig=gig, earnings__isnull=False).exclude(kind=Kind.PIECE)
    paid = beside.aggregate(total=Sum(F("amount_minor") + F("fee_minor"), default=0))["total"]
    return max(min(gig.free_minor - int(paid), left_minor), 0)


def _promised_minor(bonus: PayLine) -> int:
    """What the company's approved bonuses cost that are not in the books yet."""
    approved = PayLine.objects.filter(kind=Kind.BONUS, state=PayLineState.APPROVED, currency=bonus.currency)
    fresh = approved.filter(engagement__company=bonus.engagement.company_id, earnings=None)
    return int(fresh.aggregate(total=Sum(F("amount_minor") + F("fee_minor"), default=0))["total"])
