"""A command that may ask Stripe: where Stripe is away, it says so and changes nothing."""

from typing import Any

import stripe
from django.conf import settings
from django.core.management.base import CommandError

from kit.command import HouseCommand


class StripeCommand(HouseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except stripe.APIConnectionError as error:
            said = f"Stripe does not answer at {settings.STRIPE_API_BASE}. Nothing was changed; try again when it does."
            raise CommandError(said) from error
        except stripe.StripeError as error:
            said = f"Stripe refused: {error.user_message or error}. Nothing was changed."
            raise CommandError(said) from error
