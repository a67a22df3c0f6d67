"""A company asks for its recordings, takes them, and confirms that what was recalled is deleted."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.notifications.operations import notify
from accounts.notifications.work_kinds import WorkKind as Kind
from kit.errors import DomainError, Invalid, NotFound
from kit.text import required_text
from marketplace.deliveries import shards, sources
from marketplace.deliveries.models import LONGEST_STATEMENT, DeletionOrder, DeliveredFile, Delivery
from marketplace.deliveries.states import DeliveryState, LicenceState, OrderState
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.media.granted import still_granted
from marketplace.rights import uses
from marketplace.rights.models import Use
from marketplace.rights.wording import PASSED_ON

# Of a track, that what it is made from is deleted, or about to be.
DELETED = Q(segment__deleting_since__isnull=False) | Q(artefact__gone_at__isnull=False)
A_NAME = re.compile(r"[a-z0-9.-]{1,60}")


class NothingToDeliver(DomainError):
    """Play sessions that are recorded, or have pieces made, with everybody's grant for each of these purposes."""

    code = "nothing_to_deliver"
    title = "Nothing can be delivered for this"


class BeingPutTogether(DomainError):
    """Wait until it is ready; you are told."""

    code = "being_put_together"
    title = "That is being put together already"


class NotGivenOut(DomainError):
    """Take the newest version; this one is not given out."""

    code = "delivery_not_given_out"
    title = "This delivery is not given out"


@transaction.atomic
def ask(*, gig: Gig, purposes: Collection[str], by: Actor, at: datetime) -> Delivery:
    """Have the gig's recordings put together for these purposes, under what is granted now.

    Raises Invalid (422) for none, or one that the gig does not ask for; Forbidden (403), NotApproved, Suspended,
    NothingToDeliver, BeingPutTogether (409).
    """
    by.require(Act.DELIVER, company_id=gig.company_id)
    require_approved(gig.company.state, whose=gig.company.name)
    wanted = [name for name in PURPOSES if name in purposes]
    if not wanted:
        raise Invalid.field("purposes", "Name at least one purpose.", code="required")
    if strange := sorted(set(purposes) - set(gig.purposes)):
        raise Invalid.field(
            "purposes", f"The gig does not ask for this: {', '.join(strange)}.", code="not_asked_for"
        )
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    if Delivery.objects.filter(gig=gig, purposes=wanted, state=DeliveryState.ASKED).exists():
        raise BeingPutTogether("The same is being put together.")
    if not sources.deliverable(gig, wanted, at=at):
        raise NothingToDeliver(
            "There is no accepted piece, and no checked recording of a session, in which everybody grants all of these purposes."
        )
    return open_version(gig, wanted, by=by, at=at)


def open_version(gig: Gig, purposes: list[str], *, by: Actor, at: datetime) -> Delivery:
    """The next version of the gig's deliveries, to be put together. The caller holds the gig's lock."""
    last = (
        Delivery.objects.filter(gig=gig).order_by("-version").values_list("version", flat=True).first() or 0
    )
    delivery = Delivery.objects.create(
        company_id=gig.company_id,
        gig=gig,
        version=last + 1,
        purposes=purposes,
        asked_at=at,
        asked_by=by.label,
        build_due_at=at,
    )
    audit.record(verb="delivery.asked", thing=delivery, by=by, at=at, purposes=purposes)
    return delivery


@transaction.atomic
def to_take(*, delivery: Delivery, name: str, by: Actor, at: datetime) -> DeliveredFile:
    """A file of a ready delivery, if all in it is granted at this moment, for the company that it is for or one that it was
    passed on to; that it is taken is written down for each whose work it holds, once a day.

    Raises Forbidden (403), NotFound (404), NotGivenOut, NotApproved, Suspended (409).
    """
    company = _taker(delivery, by)
    require_approved(company.state, whose=company.name)
    file = delivery.files.filter(name=name).first() if A_NAME.fullmatch(name) else None
    if file is None:
        raise NotFound
    # Against the recall: it either sees that this was taken, or nothing is taken.
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state != DeliveryState.READY:
        raise NotGivenOut("It is not ready." if delivery.ready_at is None else "It was recalled.")
    passed_on = [PASSED_ON] if company.pk != delivery.company_id else []
    if not (is_whole(delivery) and is_granted(delivery, also=passed_on, at=at)):
        raise NotGivenOut("Somebody in it has withdrawn, or its time is over.")
    note_use(
        delivery,
        kind=Use.Kind.DOWNLOADED,
        company_id=company.pk,
        at=at,
        act=f"{by.label}:{at.date()}",
        shard=shards.number_of(file.name),
    )
    return file


def _taker(delivery: Delivery, by: Actor) -> Company:
    """For which of their companies somebody takes it. Raises Forbidden (403), NotFound (404)."""
    if delivery.company_id in by.company_ids:
        by.require(Act.DELIVER, company_id=delivery.company_id)
        return delivery.company
    rows = delivery.licences.filter(state=LicenceState.ACCEPTED, company_id__in=by.company_ids)
    licence = rows.select_related("company").order_by("id").first()
    if licence is None:
        raise NotFound
    by.require(Act.DELIVER, company_id=licence.company_id)
    return licence.company


def is_granted(delivery: Delivery, *, at: datetime, also: Sequence[str] = ()) -> bool:
    """Whether everybody in it grants all that it is delivered for, and `also` these."""
    under = set(delivery.tracks.values_list("application_id", flat=True))
    return under == still_granted(under, [*delivery.purposes, *also], at=at)


def is_whole(delivery: Delivery) -> bool:
    """Whether nothing in it is being deleted: a recording that was never everybody's is, though its performer still grants."""
    return not delivery.tracks.filter(DELETED).exists()


def note_use(
    delivery: Delivery,
    *,
    kind: Use.Kind,
    company_id: int,
    at: datetime,
    act: str = "",
    shard: int | None = None,
) -> None:
    """Write down for each whose work is in it, or in one `shard` of it, what a company did with it: once an `act`."""
    tracks = delivery.tracks.all() if shard is None else delivery.tracks.filter(shard=shard)
    had = [
        uses.Had(
            key=":".join(filter(None, (delivery.public_id, str(performer_id), act))),
            performer_id=performer_id,
            company_id=company_id,
            gig_id=delivery.gig_id,
            about=delivery.public_id,
            purposes=delivery.purposes,
        )
        for performer_id in sorted(set(tracks.values_list("performer_id", flat=True)))
    ]
    uses.note(had, kind=kind, at=at)


@transaction.atomic
def acknowledge(*, order: DeletionOrder, statement: str, by: Actor, at: datetime) -> DeletionOrder:
    """The company confirms that each copy is deleted, saying what and where; the performer is told.

    Raises Invalid (422), Forbidden (403), IllegalMove (409).
    """
    by.require(Act.DELIVER, company_id=order.company_id)
    by.require_person("A person confirms it, not a key.")
    said = required_text(statement, field="statement", longest=LONGEST_STATEMENT)
    rows = DeletionOrder.objects.select_for_update(of=("self",))
    order = rows.select_related("company", "delivery__gig", "performer", "grant").get(pk=order.pk)
    audit.move(
        order,
        OrderState.ACKNOWLEDGED,
        by=by,
        at=at,
        acknowledged_at=at,
        acknowledged_by=by.label,
        statement=said,
        chase_at=None,
    )
    had = uses.Had(
        key=order.public_id,
        performer_id=order.performer_id,
        company_id=order.company_id,
        gig_id=order.delivery.gig_id,
        about=order.delivery.public_id,
        purposes=[order.grant.purpose],
    )
    uses.note([had], kind=Use.Kind.DELETED, at=at)
    notify(
        kind=Kind.DELETION_CONFIRMED,
        user_id=order.performer.user_id,
        key=f"order:{order.public_id}:acknowledged",
        about={"company": order.company.name, "gig": order.delivery.gig.title, "statement": said},
        at=at,
    )
    return order
