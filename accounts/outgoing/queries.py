from django.db.models import Count, Q

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.outgoing.models import Sending, SendingQuerySet, Webhook, WebhookQuerySet
from accounts.outgoing.states import SendingState
from kit.rows import by_public_id


def webhooks(actor: Actor, company: Company) -> WebhookQuerySet:
    """The company's webhooks, each with how many of its sendings wait."""
    return _counted(actor).filter(company=company)


def _counted(actor: Actor) -> WebhookQuerySet:
    waits = Count("sendings", filter=Q(sendings__state=SendingState.WAITING))
    return Webhook.objects.visible_to(actor).annotate(waits=waits)


def get_webhook(actor: Actor, public_id: str) -> Webhook:
    """With how many of its sendings wait. Raises NotFound (404)."""
    return by_public_id(_counted(actor).select_related("company"), public_id)


def sendings(actor: Actor, webhook: Webhook) -> SendingQuerySet:
    return Sending.objects.visible_to(actor).filter(webhook=webhook).select_related("event")


def get_sending(actor: Actor, public_id: str) -> Sending:
    """Raises NotFound (404)."""
    return by_public_id(
        Sending.objects.visible_to(actor).select_related("webhook__company", "event"), public_id
    )
