import structlog
from celery import shared_task

from kit import clock
from payments.gateway.errors import StripeUnavailable
from payments.reconciliation import comparing

log = structlog.get_logger(__name__)


@shared_task(name="reconciliation.tick")
def tick(**_: object) -> None:
    try:
        comparing.tick(at=clock.now())
    except StripeUnavailable as error:
        log.warning("stripe_not_read", error=type(error).__name__)
