"""Who was told that an item is held, and telling them again."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.models import Notification
from accounts.notifications.operations import notify
from kit.money import Money
from payments.payouts.reasons import reason
from payments.payroll.models import PayItem


def told(item: PayItem) -> list[Notification]:
    """The notices about this hold, with the people they went to, oldest first."""
    rows = Notification.objects.filter(key__startswith=f"held:{item.public_id}:").select_related("user")
    return list(rows.order_by("id"))


@transaction.atomic
def remind(*, item: PayItem, by: Actor, at: datetime) -> bool:
    """Write to the performer again; False when that was done today already."""
    by.require_finance()
    why = reason(item.hold_code, item.hold_detail)
    fresh = notify(
        user_id=item.performer.user_id,
        key=f"held:{item.public_id}:reminder:{at:%Y-%m-%d}",
        kind="pay_held",
        title="Your pay still waits for you",
        body=f"Your pay of {Money(item.amount_minor, item.currency).display()} is safe. {why.means} {why.fix}",
        at=at,
        path="/pay/setup/",
    )
    if fresh:
        audit.record(verb="pay_item.reminded", thing=item, by=by, at=at)
    return fresh
