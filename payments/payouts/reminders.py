"""Who was told that an item is held, and telling them again."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.models import Notification
from accounts.notifications.operations import notify
from kit.money import Money
from payments.payouts.reasons import reason
from payments.payroll.models import PayItem


def told(items: Sequence[PayItem]) -> dict[str, list[Notification]]:
    """The notices about each item's hold by the item's id, with the people they went to, oldest first."""
    found: dict[str, list[Notification]] = {item.public_id: [] for item in items}
    if not found:
        return found
    about = reduce(or_, (Q(key__startswith=f"held:{public_id}:") for public_id in found))
    for notice in Notification.objects.filter(about).select_related("user").order_by("id"):
        found[notice.key.split(":")[1]].append(notice)
    return found


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
