"""Opening Stripe's hosted checkout for a payment into a wallet."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.urls import reverse

from kit.errors import DomainError
from payments.funding.models import Funding
from payments.gateway import checkout
from payments.gateway.errors import StripeUnavailable

log = structlog.get_logger(__name__)
ASK_AGAIN = timedelta(minutes=2)


class PaymentServiceAway(DomainError):
    """Try again in a minute; nothing was charged."""

    code = "payment_service_unreachable"
    status = 503
    title = "The payment service does not answer"


def open_checkout(funding: Funding) -> Funding:
    """Have Stripe open the page on which the funding is paid. Raises PaymentServiceAway (503)."""
    back = settings.PUBLIC_URL + reverse("company_wallet", args=[funding.company.public_id])
    try:
        opened = checkout.create(
            funding_id=funding.public_id,
            company_name=funding.company.name,
            amount_minor=funding.amount_minor,
            currency=funding.currency,
            success_url=f"{back}?funded={funding.public_id}",
            cancel_url=back,
        )
    except StripeUnavailable as error:
        log.warning("checkout_failed", funding=funding.public_id, error=str(error.code or type(error)))
        raise PaymentServiceAway("Nothing was charged. Try again in a minute.") from error
    funding.checkout_id, funding.checkout_url = opened.id, opened.url
    funding.payment_intent_id = opened.payment_intent_id
    funding.save(update_fields=["checkout_id", "checkout_url", "payment_intent_id"])
    return funding
