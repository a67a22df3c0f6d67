"""What is no longer granted is recalled: each copy is ordered deleted, and a version without it is put together."""

import shutil
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.operations import tell_staff
from accounts.notifications.work_kinds import WorkKind as Kind
from marketplace.deliveries import sources
from marketplace.deliveries.building import folder_of
from marketplace.deliveries.models import DeletionOrder, Delivery, Licence
from marketplace.deliveries.operations import DELETED, open_version
from marketplace.deliveries.states import DeliveryState, LicenceState, OrderState
from marketplace.gigs.models import Gig
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.rights.models import Grant, Use
from marketplace.rights.states import LIVE, GrantState
from marketplace.rights.wording import PASSED_ON

RECALLER = Actor.of_system("deliveries")
HOUSE_DAYS = 30
CHASED_EVERY = timedelta(days=7)
REMINDED_BEFORE = timedelta(days=3)
AT_MOST = 200


# Of each recipient of a delivery, each performer in it whose last grant that the recipient needs is over without an order.
OWED = """
WITH recipient AS (
  SELECT id AS delivery_id, company_id, purposes FROM marketplace_delivery WHERE state IN ('ready', 'recalled')
  UNION ALL
  SELECT delivery.id, licence.company_id, delivery.purposes || %s::varchar
  FROM marketplace_licence licence JOIN marketplace_delivery delivery ON delivery.id = licence.delivery_id
  WHERE licence.state IN ('offered', 'accepted', 'ended'))
SELECT DISTINCT recipient.delivery_id
FROM recipient
JOIN marketplace_deliveredtrack track ON track.delivery_id = recipient.delivery_id
JOIN marketplace_grant ended
  ON ended.application_id = track.application_id AND ended.purpose = ANY (recipient.purposes)
  AND ended.state IN ('withdrawn', 'expired')
WHERE NOT EXISTS (
    SELECT FROM marketplace_grant later
    WHERE later.application_id = ended.application_id AND later.purpose = ended.purpose AND later.id > ended.id
      AND later.state <> 'superseded')
  AND NOT EXISTS (
    SELECT FROM marketplace_deletionorder standing
    WHERE standing.delivery_id = recipient.delivery_id AND standing.grant_id = ended.id
      AND standing.company_id = recipient.company_id)
UNION
SELECT track.delivery_id
FROM marketplace_deliveredtrack track
JOIN marketplace_delivery delivery ON delivery.id = track.delivery_id AND delivery.state = 'ready'
LEFT JOIN marketplace_segment segment ON segment.id = track.segment_id
LEFT JOIN marketplace_artefact artefact ON artefact.id = track.artefact_id
WHERE segment.deleting_since IS NOT NULL OR artefact.gone_at IS NOT NULL
ORDER BY 1 LIMIT %s
"""


def recall(*, at: datetime) -> int:
    """Each delivery in which somebody no longer grants what it was delivered, or passed on, under; of one that is recalled
    already, the order for whoever withdraws after the first."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [PASSED_ON, AT_MOST])
        owed = Delivery.objects.filter(pk__in=[pk for (pk,) in cursor.fetchall()]).order_by("pk")
    return retries.each(
        owed, lambda row: _recall(row.pk, at=at), job=Job.RECALL_DELIVERY, page=_page_of, at=at
    )


def _page_of(delivery: Delivery) -> str:
    return reverse("delivery_detail", args=[delivery.public_id])


def _recall(pk: int, *, at: datetime) -> None:
    gig = Gig.objects.select_for_update().get(deliveries=pk)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("gig", "company").get(pk=pk)
    licences = list(
        delivery.licences.select_for_update(of=("self",)).select_related("company").order_by("id")
    )
    ended = _ended(delivery)
    own = [grant for grant in ended if grant.purpose != PASSED_ON]
    # Of a recording that is deleted though it is granted, the order names what it was delivered under.
    own += [grant for grant in _of_deleted(delivery) if grant not in own]
    ended += [grant for grant in own if grant not in ended]
    for grant in own:
        _order(delivery, delivery.company, grant, at=at)
    had = {licence.company for licence in licences if licence.state in HAD}
    for company in sorted(had, key=lambda each: each.pk):
        for grant in ended:
            _order(delivery, company, grant, at=at)
    if not ended:
        return
    _end_licences(licences, at=at)
    if not own or delivery.state != DeliveryState.READY:
        return
    audit.move(delivery, DeliveryState.RECALLED, by=RECALLER, at=at, recalled_at=at)
    if sources.deliverable(gig, delivery.purposes, at=at) and not _is_asked(gig, delivery.purposes):
        open_version(gig, delivery.purposes, by=RECALLER, at=at)
    transaction.on_commit(lambda: shutil.rmtree(folder_of(delivery), ignore_errors=True))


HAD = (LicenceState.ACCEPTED, LicenceState.ENDED)


def _end_licences(licences: list[Licence], *, at: datetime) -> None:
    for licence in licences:
        if licence.state == LicenceState.ACCEPTED:
            audit.move(licence, LicenceState.ENDED, by=RECALLER, at=at, ended_at=at)
        elif licence.state == LicenceState.OFFERED:
            audit.move(licence, LicenceState.WITHDRAWN, by=RECALLER, at=at, answered_at=at)


def _is_asked(gig: Gig, purposes: list[str]) -> bool:
    return Delivery.objects.filter(gig=gig, purposes=purposes, state=DeliveryState.ASKED).exists()


def _of_deleted(delivery: Delivery) -> list[Grant]:
    """Of each performer of whom a recording in it is being deleted, their last grant of its first purpose."""
    gone = delivery.tracks.filter(DELETED).values("application_id")
    rows = Grant.objects.filter(application_id__in=gone, purpose=delivery.purposes[0])
    last = {
        grant.application_id: grant for grant in rows.select_related("application__performer").order_by("id")
    }
    return list(last.values())


def _ended(delivery: Delivery) -> list[Grant]:
    """The last grant of each performer in it, of each of its purposes and of passing it on, where that is over."""
    rows = Grant.objects.filter(
        application_id__in=delivery.tracks.values("application_id"),
        purpose__in=[*delivery.purposes, PASSED_ON],
    ).exclude(state=GrantState.SUPERSEDED)
    last: dict[tuple[int, str], Grant] = {}
    for grant in rows.select_related("application__performer").order_by("id"):
        last[grant.application_id, grant.purpose] = grant
    return [grant for grant in last.values() if grant.state not in LIVE]


def _order(delivery: Delivery, company: Company, grant: Grant, *, at: datetime) -> None:
    """Once. Where nobody of the company ever took it there is no copy to delete, and the order says that instead."""
    if DeletionOrder.objects.filter(delivery=delivery, company=company, grant=grant).exists():
        return
    due_at = at + timedelta(days=grant.conditions.get("deletion_days", HOUSE_DAYS))
    order = DeletionOrder.objects.create(
        delivery=delivery,
        company=company,
        performer=grant.application.performer,
        grant=grant,
        ordered_at=at,
        due_at=due_at,
        chase_at=max(due_at - REMINDED_BEFORE, at),
    )
    audit.record(verb="deletion.ordered", thing=order, by=RECALLER, at=at, delivery=delivery.public_id)
    if Use.objects.filter(kind=Use.Kind.DOWNLOADED, about=delivery.public_id, company=company).exists():
        _tell(order, kind=Kind.DELETION_ORDERED, key="ordered", at=at)
    else:
        audit.move(order, OrderState.NOT_TAKEN, by=RECALLER, at=at, chase_at=None)


def chase(*, at: datetime) -> int:
    """Who has not confirmed is reminded before the date, asked again each week after it, and talent operations hear of it."""
    due = DeletionOrder.objects.filter(state=OrderState.OPEN, chase_at__lte=at).order_by("chase_at", "id")
    return retries.each(
        due,
        lambda row: _chase(row.pk, at=at),
        job=Job.CHASE_DELETION,
        page=lambda row: _page_of(row.delivery),
        at=at,
    )


def _chase(pk: int, *, at: datetime) -> None:
    rows = DeletionOrder.objects.select_for_update(of=("self",))
    order = rows.select_related("delivery__gig", "company", "performer").get(pk=pk)
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
                "company": order.company.name,
                "gig": order.delivery.gig.title,
                "due": order.due_at,
            },
            at=at,
        )


def _tell(order: DeletionOrder, *, kind: Kind, key: str, at: datetime) -> None:
    delivery = order.delivery
    tell_company(
        kind=kind,
        company_id=order.company_id,
        key=f"order:{order.public_id}:{key}",
        about={"gig": delivery.gig.title, "version": str(delivery.version), "due": order.due_at},
        where={"delivery_id": delivery.public_id},
        at=at,
    )
