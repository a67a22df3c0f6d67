"""What is no longer granted is recalled: each copy is ordered deleted, and a version without it is put together."""

import shutil
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.operations import tell_staff
from accounts.notifications.work_kinds import WorkKind as Kind
from marketplace.deliveries.building import folder_of
from marketplace.deliveries.granted import deliverable
from marketplace.deliveries.models import DeletionOrder, Delivery
from marketplace.deliveries.operations import open_version
from marketplace.deliveries.states import DeliveryState, OrderState
from marketplace.gigs.models import Gig
from marketplace.rights.models import Grant, Use
from marketplace.rights.states import LIVE

RECALLER = Actor.of_system("deliveries")
HOUSE_DAYS = 30
CHASED_EVERY = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=3)
AT_MOST = 200


# Of each delivery that went out, and each performer in it, whose last grant for one of its purposes is over without an order.
OWED = """
SELECT DISTINCT track.delivery_id
FROM marketplace_deliveredtrack track
JOIN marketplace_delivery delivery ON delivery.id = track.delivery_id AND delivery.state IN ('ready', 'recalled')
JOIN marketplace_grant ended
  ON ended.application_id = track.application_id AND ended.purpose = ANY (delivery.purposes)
  AND ended.state IN ('withdrawn', 'expired')
WHERE NOT EXISTS (
    SELECT FROM marketplace_grant later
    WHERE later.application_id = ended.application_id AND later.purpose = ended.purpose AND later.id > ended.id)
  AND NOT EXISTS (
    SELECT FROM marketplace_deletionorder standing
    WHERE standing.delivery_id = delivery.id AND standing.grant_id = ended.id)
ORDER BY track.delivery_id LIMIT %s
"""


def recall(*, at: datetime) -> None:
    """Each delivery in which somebody no longer grants what it was delivered under; of one that is recalled already, the
    order for whoever withdraws after the first."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [AT_MOST])
        owed = [pk for (pk,) in cursor.fetchall()]
    for pk in owed:
        _recall(pk, at=at)


@transaction.atomic
def _recall(pk: int, *, at: datetime) -> None:
    gig = Gig.objects.select_for_update().get(deliveries=pk)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("gig__company").get(pk=pk)
    taken = Use.objects.filter(kind=Use.Kind.DOWNLOADED, about=delivery.public_id).exists()
    for grant in _ended(delivery):
        _order(delivery, grant, taken=taken, at=at)
    if delivery.state != DeliveryState.READY:
        return
    audit.move(delivery, DeliveryState.RECALLED, by=RECALLER, at=at, recalled_at=at)
    if deliverable(gig, delivery.purposes) and not _is_asked(gig, delivery.purposes):
        open_version(gig, delivery.purposes, by=RECALLER, at=at)
    transaction.on_commit(lambda: shutil.rmtree(folder_of(delivery), ignore_errors=True))


def _is_asked(gig: Gig, purposes: list[str]) -> bool:
    return Delivery.objects.filter(gig=gig, purposes=purposes, state=DeliveryState.ASKED).exists()


def _ended(delivery: Delivery) -> list[Grant]:
    """The last grant of each performer in it and each of its purposes, where that is over and has no order yet."""
    rows = Grant.objects.filter(
        application_id__in=delivery.tracks.values("application_id"), purpose__in=delivery.purposes
    )
    last: dict[tuple[int, str], Grant] = {}
    for grant in rows.select_related("application__performer").order_by("id"):
        last[grant.application_id, grant.purpose] = grant
    ordered = set(delivery.orders.values_list("grant_id", flat=True))
    return [grant for grant in last.values() if grant.state not in LIVE and grant.pk not in ordered]


def _order(delivery: Delivery, grant: Grant, *, taken: bool, at: datetime) -> None:
    """Where nobody ever took it there is no copy to delete, and the order says that instead."""
    due_at = at + timedelta(days=grant.conditions.get("deletion_days", HOUSE_DAYS))
    order = DeletionOrder.objects.create(
        delivery=delivery,
        performer=grant.application.performer,
        grant=grant,
        ordered_at=at,
        due_at=due_at,
        chase_at=max(due_at - REMINDED_BEFORE, at),
    )
    audit.record(verb="deletion.ordered", thing=order, by=RECALLER, at=at, delivery=delivery.public_id)
    if not taken:
        audit.move(order, OrderState.NOT_TAKEN, by=RECALLER, at=at, chase_at=None)
    else:
        _tell(order, kind=Kind.DELETION_ORDERED, key="ordered", at=at)


def chase(*, at: datetime) -> None:
    """Who has not confirmed is reminded before the date, asked again each week after it, and talent operations hear of it."""
    due = DeletionOrder.objects.filter(state=OrderState.OPEN, chase_at__lte=at).order_by("chase_at", "id")
    for pk in list(due.values_list("pk", flat=True)[:AT_MOST]):
        _chase(pk, at=at)


@transaction.atomic
def _chase(pk: int, *, at: datetime) -> None:
    rows = DeletionOrder.objects.select_for_update(of=("self",))
    order = rows.select_related("delivery__gig__company", "performer").get(pk=pk)
    if order.state != OrderState.OPEN or order.chase_at is None or order.chase_at > at:
        return
    is_late = at >= order.due_at
    order.chase_at = at + CHASED_EVERY if is_late else order.due_at
    order.save(update_fields=["chase_at"])
    _tell(
        order, kind=Kind.DELETION_OVERDUE if is_late else Kind.DELETION_DUE, key=f"chased:{at.date()}", at=at
    )
    if is_late:
        tell_staff(
            kind=Kind.DELETION_OVERDUE_TO_STAFF,
            key=f"order:{order.public_id}:late:{at.date()}",
            about={
                "company": order.delivery.gig.company.name,
                "gig": order.delivery.gig.title,
                "due": order.due_at,
            },
            at=at,
        )


def _tell(order: DeletionOrder, *, kind: Kind, key: str, at: datetime) -> None:
    delivery = order.delivery
    tell_company(
        kind=kind,
        company_id=delivery.company_id,
        key=f"order:{order.public_id}:{key}",
        about={"gig": delivery.gig.title, "version": str(delivery.version), "due": order.due_at},
        where={"delivery_id": delivery.public_id},
        at=at,
    )
