"""The way to Stripe's page and back."""

from django.conf import settings
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.performers.queries import get_own
from kit import clock
from payments.identity_checks import operations


def start(actor: Actor) -> str:
    """A fresh link for the performer who acts; the way back leads to the page that asks Stripe."""
    back = f"{settings.PUBLIC_URL}{reverse('identity_check')}?back=1"
    return operations.start(performer=get_own(actor), return_url=back, by=actor, at=clock.now())
