from django.db.models import Count, QuerySet

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.deliveries.models import DeletionOrder, Delivery, Licence


def deliveries_for(actor: Actor) -> QuerySet[Delivery]:
    """Those that the actor may see, with company, gig and how many recordings each holds; a fixed number of queries."""
    rows = Delivery.objects.visible_to(actor).select_related("company", "gig")
    return rows.annotate(recordings=Count("tracks"))


def get_delivery(actor: Actor, public_id: str) -> Delivery:
    """Raises NotFound (404), also for another's."""
    return by_public_id(deliveries_for(actor), public_id)


def orders_for(actor: Actor) -> QuerySet[DeletionOrder]:
    rows = DeletionOrder.objects.visible_to(actor)
    return rows.select_related("company", "delivery__gig", "performer", "grant")


def get_order(actor: Actor, public_id: str) -> DeletionOrder:
    """Raises NotFound (404), also for another's."""
    return by_public_id(orders_for(actor), public_id)


def licences_for(actor: Actor) -> QuerySet[Licence]:
    """What is passed on, by and to the actor's companies."""
    rows = Licence.objects.visible_to(actor)
    return rows.select_related("company", "delivery__company", "delivery__gig")


def get_licence(actor: Actor, public_id: str) -> Licence:
    """Raises NotFound (404), also for another's."""
    return by_public_id(licences_for(actor), public_id)
