"""The accounts app's tasks, for Celery."""

from celery import shared_task

from accounts.access import idempotency
from accounts.audit import operations as trail
from accounts.invitations import operations as invitations
from accounts.notifications import operations as notifications
from accounts.security import addresses, recoveries
from kit import clock


@shared_task(name="notifications.sweep")
def send_mail(**_: object) -> None:
    notifications.send_due_mail(at=clock.now())


@shared_task(name="notifications.invitations")
def invite(**_: object) -> None:
    invitations.expire_due(at=clock.now())
    invitations.send_due_mail(at=clock.now())


@shared_task(name="notifications.security")
def secure(**_: object) -> None:
    recoveries.expire_due(at=clock.now())
    addresses.send_due_mail(at=clock.now())


@shared_task(name="audit.seal")
def seal(**_: object) -> None:
    trail.seal(at=clock.now())


@shared_task(name="access.forget")
def forget(**_: object) -> None:
    idempotency.forget(at=clock.now())
