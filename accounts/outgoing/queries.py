from django.db.models import BooleanField, Case, Count, Q, When

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.companies.models import Company
from accounts.outgoing.models import Sending, SendingQuerySet, Webhook, WebhookQuerySet
from accounts.outgoing.states import SendingState
from kit.rows import by_public_id


def webhooks(actor: Actor, company: Company) -> WebhookQuerySet:
    """The company's webhooks, each with how many of its sendings wait."""
    return _shown_to(actor).filter(company=company)


def _shown_to(actor: Actor) -> WebhookQuerySet:
    waits = Count("sendings", filter=Q(sendings__state=SendingState.WAITING))
    own = [each for each in actor.company_ids if actor.may(Act.RUN_COMPANY, company_id=each)]
    is_whole = Case(When(company_id__in=own, then=True), default=False, output_field=BooleanField())
    return Webhook.objects.visible_to(actor).annotate(waits=waits, is_whole=is_whole)


def get_webhook(actor: Actor, public_id: str) -> Webhook:
    """With how many of its sendings wait. Raises NotFound (404)."""
    return by_public_id(_shown_to(actor).select_related("company"), public_id)


def sendings(actor: Actor, webhook: Webhook) -> SendingQuerySet:
    return Sending.objects.visible_to(actor).filter(webhook=webhook).select_related("event")


def get_sending(actor: Actor, public_id: str) -> Sending:
    """Raises NotFound (404)."""
    return by_public_id(
        Sending.objects.visible_to(actor).select_related("webhook__company", "event"), public_id
    )
