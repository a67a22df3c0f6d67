from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.onboarding.models import TermsAcceptance
from accounts.onboarding.queries import TERMS_VERSION, TO_BE_BOOKED, missing
from accounts.performers.models import Performer
from kit.errors import DomainError


class NotReadyToBeBooked(DomainError):
    """Finish the steps that `facts.missing` names."""

    code = "onboarding_unfinished"
    title = "A few steps are still open"


@transaction.atomic
def accept_terms(*, performer: Performer, by: Actor, at: datetime) -> None:
    """The performer accepts the terms in force. Accepting twice changes nothing."""
    _, new = TermsAcceptance.objects.get_or_create(
        user_id=performer.user_id, version=TERMS_VERSION, defaults={"accepted_at": at}
    )
    if new:
        audit.record(verb="performer.terms_accepted", thing=performer, by=by, at=at, version=TERMS_VERSION)


def require_bookable(performer: Performer) -> None:
    """Raise Suspended, NotApproved, NotReadyToBeBooked (409); a payout account is not asked for until pay."""
    require_approved(performer.state, whose=performer.stage_name)
    open_steps = missing(performer, of=TO_BE_BOOKED)
    if open_steps:
        labels = "; ".join(item.label for item in open_steps)
        raise NotReadyToBeBooked(
            f"Before a booking: {labels}.", missing=[str(item.step) for item in open_steps]
        )
