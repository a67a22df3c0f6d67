"""A delivery passed on to another company of the house: offered, answered, and told to everybody whose work is in it."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.operations import Word, notify_each
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid
from kit.ids import MalformedId
from marketplace.deliveries.models import Delivery, Licence
from marketplace.deliveries.operations import NotGivenOut, is_granted, note_use
from marketplace.deliveries.states import DeliveryState, LicenceState
from marketplace.rights.models import Use
from marketplace.rights.wording import PASSED_ON


class NotToBePassedOn(DomainError):
    """Pass on what is delivered of sessions in which everybody grants that it may be."""

    code = "not_to_be_passed_on"
    title = "Somebody in it does not let it be passed on"


class AlreadyPassedOn(DomainError):
    """Wait for their answer, or take the offer back."""

    code = "already_passed_on"
    title = "They have it, or were offered it, already"


@transaction.atomic
def offer(*, delivery: Delivery, to: str, by: Actor, at: datetime) -> Licence:
    """Offer a ready delivery to another company, by its id, for what it is delivered for.

    Raises Forbidden (403), Invalid (422) for a company that is none or one's own, NotApproved, Suspended, NotGivenOut,
    NotToBePassedOn, AlreadyPassedOn (409).
    """
    by.require(Act.DELIVER, company_id=delivery.company_id)
    require_approved(delivery.company.state, whose=delivery.company.name)
    company = _company(to)
    if company.pk == delivery.company_id:
        raise Invalid.field("company", "It is yours already.", code="own_company")
    require_approved(company.state, whose=company.name)
    delivery = _locked(delivery)
    _require_granted(delivery, at=at)
    if delivery.licences.filter(
        company=company, state__in=(LicenceState.OFFERED, LicenceState.ACCEPTED)
    ).exists():
        raise AlreadyPassedOn(f"{company.name} has it, or is being asked.")
    licence = Licence.objects.create(delivery=delivery, company=company, offered_at=at, offered_by=by.label)
    audit.record(verb="licence.offered", thing=licence, by=by, at=at, delivery=delivery.public_id)
    _tell(licence, company.pk, kind=Kind.LICENCE_OFFERED, at=at)
    return licence


@transaction.atomic
def accept(*, licence: Licence, by: Actor, at: datetime) -> Licence:
    """The other company takes it, under what is granted at this moment; everybody in it is told to whom it goes.

    Raises Forbidden (403), NotFound (404), IllegalMove, NotGivenOut, NotToBePassedOn, NotApproved, Suspended (409).
    """
    by.require(Act.DELIVER, company_id=licence.company_id)
    by.require_person("A person accepts it, not a key.")
    require_approved(licence.company.state, whose=licence.company.name)
    delivery = _locked(licence.delivery)
    licence = _answered(licence)
    _require_granted(delivery, at=at)
    audit.move(licence, LicenceState.ACCEPTED, by=by, at=at, answered_at=at)
    _note(licence, delivery, at=at)
    _tell(licence, delivery.company_id, kind=Kind.LICENCE_ACCEPTED, at=at)
    return licence


@transaction.atomic
def decline(*, licence: Licence, by: Actor, at: datetime) -> Licence:
    """Raises Forbidden (403), NotFound (404), IllegalMove (409)."""
    by.require(Act.DELIVER, company_id=licence.company_id)
    licence = _answered(licence)
    audit.move(licence, LicenceState.DECLINED, by=by, at=at, answered_at=at)
    _tell(licence, licence.delivery.company_id, kind=Kind.LICENCE_DECLINED, at=at)
    return licence


@transaction.atomic
def withdraw(*, licence: Licence, by: Actor, at: datetime) -> Licence:
    """Who offered it takes the offer back. Raises Forbidden (403), NotFound (404), IllegalMove (409)."""
    by.require(Act.DELIVER, company_id=licence.delivery.company_id)
    licence = _answered(licence)
    audit.move(licence, LicenceState.WITHDRAWN, by=by, at=at, answered_at=at)
    return licence


def _company(public_id: str) -> Company:
    try:
        found = Company.objects.filter(public_id=public_id).first()
    except MalformedId:
        found = None
    if found is None:
        raise Invalid.field(
            "company", "There is no company of this id; they find it on their own page.", code="not_a_choice"
        )
    return found


def _locked(delivery: Delivery) -> Delivery:
    rows = Delivery.objects.select_for_update(of=("self",))
    return rows.select_related("company", "gig").get(pk=delivery.pk)


def _answered(licence: Licence) -> Licence:
    rows = Licence.objects.select_for_update(of=("self",))
    return rows.select_related("company", "delivery__company", "delivery__gig").get(pk=licence.pk)


def _require_granted(delivery: Delivery, *, at: datetime) -> None:
    if delivery.state != DeliveryState.READY:
        raise NotGivenOut("Only what is ready, and was not recalled, is passed on.")
    if not is_granted(delivery, also=[PASSED_ON], at=at):
        raise NotToBePassedOn("Everybody in it would have to grant that it may be.")


def _note(licence: Licence, delivery: Delivery, *, at: datetime) -> None:
    note_use(
        delivery,
        kind=Use.Kind.LICENSED,
        company_id=licence.company_id,
        at=at,
        act=licence.public_id,
    )
    people = Performer.objects.filter(delivered_tracks__delivery=delivery).distinct().order_by("id")
    about = {
        "company": delivery.company.name,
        "licensee": licence.company.name,
        "gig": delivery.gig.title,
        "purposes": "; ".join(delivery.in_words),
    }
    words = (
        Word(user_id, f"licence:{licence.public_id}", about, {})
        for user_id in people.values_list("user_id", flat=True)
    )
    notify_each(words, kind=Kind.PASSED_ON, at=at)


def _tell(licence: Licence, company_id: int, *, kind: Kind, at: datetime) -> None:
    delivery = licence.delivery
    tell_company(
        kind=kind,
        company_id=company_id,
        key=f"licence:{licence.public_id}:{licence.state}",
        about={
            "company": delivery.company.name,
            "licensee": licence.company.name,
            "gig": delivery.gig.title,
            "purposes": "; ".join(delivery.in_words),
        },
        where={"delivery_id": delivery.public_id},
        at=at,
    )
