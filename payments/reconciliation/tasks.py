import structlog
from celery import shared_task

from kit import clock
from payments.gateway.errors import StripeUnavailable
from payments.reconciliation import comparing, reading

COMPARE = "reconciliation.compare"
log = structlog.get_logger(__name__)


@shared_task(name="reconciliation.read")
def read(**_: object) -> None:
    """What is at Stripe is in the books within the hour."""
    try:
        reading.read(at=clock.now())
    except StripeUnavailable as error:
        log.warning("stripe_not_read", error=type(error).__name__)


@shared_task(name=COMPARE)
def compare(**_: object) -> None:
    """Daily, and after each run."""
    try:
        comparing.compare_all(at=clock.now())
    except StripeUnavailable as error:
        log.warning("books_not_compared", error=type(error).__name__)
