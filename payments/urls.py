"""Collects the rooms' pages, and the doors where Stripe's webhooks arrive."""

from django.urls import path

from payments.connect.pages import urlpatterns as connect
from payments.funding.pages import urlpatterns as funding
from payments.payouts.pages import urlpatterns as payouts
from payments.payroll.pages import urlpatterns as payroll
from payments.reconciliation.pages import urlpatterns as reconciliation
from payments.reconciliation.webhooks import stripe_webhook
from payments.statements.pages import urlpatterns as statements

urlpatterns = [
    *connect,
    *funding,
    *payouts,
    *payroll,
    *reconciliation,
    *statements,
    *(
        path(f"webhooks/stripe/{source}", stripe_webhook, {"source": source}, name=f"webhook_stripe_{source}")
        for source in ("platform", "connect", "thin")
    ),
]
