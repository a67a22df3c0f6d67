"""The accounts app's tasks, for Celery."""

from celery import shared_task

from accounts.appeals import operations as appeals
from accounts.audit import operations as trail
from accounts.invitations import operations as invitations
from accounts.notifications import operations as notifications
from accounts.outgoing import sending as outgoing
from accounts.privacy import operations as privacy
from accounts.privacy import retention
from accounts.security import addresses, recoveries
from kit import clock


@shared_task(name="notifications.sweep")
def send_mail(**_: object) -> None:
    notifications.send_due_mail(at=clock.now())


@shared_task(name="notifications.invitations")
def invite(**_: object) -> None:
    invitations.expire_due(at=clock.now())
    invitations.send_due_mail(at=clock.now())


@shared_task(name="appeals.overdue")
def overdue_appeals(**_: object) -> None:
    appeals.tell_of_overdue(at=clock.now())


@shared_task(name="notifications.security")
def secure(**_: object) -> None:
    recoveries.expire_due(at=clock.now())
    addresses.send_due_mail(at=clock.now())


@shared_task(name="audit.seal")
def seal(**_: object) -> None:
    trail.seal(at=clock.now())


@shared_task(name="privacy.sweep")
def erase(**_: object) -> None:
    privacy.carry_out_due(at=clock.now())
    privacy.send_last_mail(at=clock.now())


@shared_task(name="privacy.retention")
def let_go(**_: object) -> None:
    retention.let_go(at=clock.now())


@shared_task(name="outgoing.sweep")
def send_to_systems(**_: object) -> None:
    outgoing.sweep(at=clock.now())


@shared_task(name="outgoing.forget")
def forget_what_was_sent(**_: object) -> None:
    outgoing.forget(at=clock.now())
