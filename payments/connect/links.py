"""The way to Stripe's form and back."""

from datetime import datetime

import structlog
from django.conf import settings
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.performers.queries import get_own
from kit.errors import DomainError
from payments.connect import ending, operations, queries
from payments.gateway.errors import StripeUnavailable

log = structlog.get_logger(__name__)


class PayoutServiceAway(DomainError):
    """Try again in a minute; nothing was lost."""

    code = "payout_service_unreachable"
    status = 503
    title = "The payout service does not answer"


def for_setup(*, actor: Actor, at: datetime) -> str:
    """A fresh link for the performer who acts, to be used once. Both ways back lead to the page that asks Stripe.

    Raises StaleProof (403), PayoutServiceAway (503).
    """
    actor.require_proof(StepUp.CHANGE_PAYOUTS, at=at)
    performer = get_own(actor)
    back = settings.PUBLIC_URL + reverse("payouts_setup")
    try:
        return operations.onboarding_link(
            performer=performer, return_url=f"{back}?back=1", refresh_url=back, by=actor, at=at
        )
    except StripeUnavailable as error:
        log.warning(
            "onboarding_link_failed",
            performer=performer.public_id,
            error=str(error.code or type(error)),
        )
        raise PayoutServiceAway("Nothing was lost. Try again in a minute.") from error


def for_another(*, account_id: str, actor: Actor, at: datetime) -> str:
    """The performer gives that account up: a link to set up another. Pressed twice, of the other.

    Raises NotFound (404), StaleProof (403), AccountRejected (409), PayoutServiceAway (503).
    """
    ending.begin_again(account=queries.get_account(account_id), by=actor, at=at)
    return for_setup(actor=actor, at=at)
