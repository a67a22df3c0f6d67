"""Drawing: what is set aside for a gig beyond the wallet. Called by `funding` under the company's lock."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.companies.models import Company
from kit import instants
from kit.errors import DomainError
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.timekeeping.weeks import payroll_day
from payments.ledger.operations import Overdrawn
from payments.terms import calculate, queries
from payments.terms.models import Draw, NetTerms


class BeyondTerms(DomainError):
    """Set less aside, or pay into the wallet first: what is paid in lowers what was drawn."""

    code = "beyond_terms"
    title = "That is more than the agreed terms leave"


class TermsOverdue(DomainError):
    """Pay in what is overdue; then the rest of the limit can be drawn again."""

    code = "terms_overdue"
    title = "Something is overdue, so nothing more is drawn"


def require_left(company: Company, amount: Money, *, at: datetime) -> NetTerms:
    """The terms under which so much may be drawn beyond the wallet; locked, so that two draw one after the other.

    Raises Overdrawn (409) where none are in force, TermsOverdue, BeyondTerms, NotApproved, Suspended (409).
    """
    found = queries.now(company, currency=amount.currency, at=at)
    if found.terms is None:
        raise Overdrawn("The money there does not cover it; nothing was moved.")
    require_approved(company.state, whose=company.name)
    if not found.has_begun:
        begins = instants.day(found.terms.starts_on)
        raise BeyondTerms(f"The wallet does not cover it, and your terms begin on {begins}.")
    if found.overdue.minor:
        raise TermsOverdue(f"{found.overdue.display()} is overdue: pay it in first.")
    if amount.minor > found.left.minor:
        raise BeyondTerms(_beyond(found.limit, found.left, amount))
    return found.terms


def note(*, terms: NetTerms, gig: Gig, amount: Money, entry_key: str, by: Actor, at: datetime) -> Draw:
    """Write down what the entry drew, and by when it is paid. Call once it is posted: the database looks at the limit again.

    Raises BeyondTerms (409).
    """
    due_on = calculate.due_on(payroll_day(at), pay_days=terms.pay_days)
    try:
        with transaction.atomic():
            draw = Draw.objects.create(
                terms=terms,
                company_id=terms.company_id,
                gig=gig,
                amount_minor=amount.minor,
                currency=amount.currency,
                drawn_at=at,
                due_on=due_on,
                entry_key=entry_key,
                drawn_by_id=by.user_id,
            )
    except IntegrityError as error:
        if "nothing is drawn beyond the limit" in str(error):
            raise BeyondTerms("The terms have changed meanwhile. Look at the wallet again.") from error
        raise
    audit.record(verb="net_terms.drawn", thing=draw, by=by, at=at, amount_minor=amount.minor)
    return draw


def _beyond(limit: Money, left: Money, amount: Money) -> str:
    return (
        f"Beyond the wallet that takes {amount.display()} on terms; of the limit of {limit.display()}, "
        f"{left.display()} is left."
    )
