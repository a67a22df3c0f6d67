"""Who may promise pay beside time, and to whom: what is earned is paid whatever became of either, a promise is new."""

from accounts.access.standings import require_approved
from accounts.companies.models import Company
from accounts.performers.models import Performer
from accounts.privacy.queries import was_forgotten
from kit.errors import DomainError
from payments.funding import debts


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
