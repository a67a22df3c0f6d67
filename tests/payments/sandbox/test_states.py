"""Each object in each of its states: asked for while it is in it, and held against Stripe's description."""

from collections.abc import Iterator
from typing import Any

import stripe

from tests.payments.sandbox.checked import DEFINITIONS, Json
from tests.payments.sandbox.conftest import Stage

HOOK = "http://127.0.0.1/hook"
# What the sandbox brings an object to. An account's states are those of its capabilities and requirements.
STATES: dict[str, set[str]] = {
    "balance_transaction": {"pending", "available"},
    "bank_account": {"new", "errored"},
    "capability": {"active", "inactive", "pending", "unrequested"},
    "charge": {"pending", "succeeded", "failed"},
    "checkout.session": {"open", "complete", "expired"},
    "dispute": {
        "warning_needs_response",
        "warning_under_review",
        "warning_closed",
        "needs_response",
        "under_review",
        "won",
        "lost",
    },
    "identity.verification_session": {"requires_input", "processing", "verified", "canceled"},
    "invoice": {"draft", "open", "paid", "void", "uncollectible"},
    "invoice_payment": {"open", "paid", "canceled"},
    "payment_intent": {
        "requires_payment_method",
        "requires_confirmation",
        "processing",
        "succeeded",
        "canceled",
    },
    "payout": {"pending", "in_transit", "paid", "failed", "canceled"},
    "refund": {"pending", "succeeded", "failed"},
    "topup": {"pending", "succeeded", "failed", "canceled"},
    "v2.core.account": {
        "active",
        "pending",
        "restricted",
        "rejected",
        "unsupported",
        "currently_due",
        "past_due",
    },
    "v2.core.event_destination": {"enabled", "disabled"},
    "webhook_endpoint": {"enabled", "disabled"},
}
# What the description also names: prevented disputes, authentication and separate capture of cards, a
# top-up taken back, requirements that are not due yet. The sandbox has none of them.
NOT_HERE: dict[str, set[str]] = {
    "dispute": {"prevented"},
    "payment_intent": {"requires_action", "requires_capture"},
    "topup": {"reversed"},
    "v2.core.account": {"eventually_due"},
}


def test_no_state_of_the_description_is_forgotten() -> None:
    for kind, states in STATES.items():
        named = described(DEFINITIONS[kind])
        assert not named or named == states | NOT_HERE.get(kind, set()), kind


def described(schema: Json) -> set[str]:
    """What the description lists for an object's own status, if it does; for an account, for those within it."""
    own = schema["properties"].get("status")
    return set(own.get("enum", [])) if own else set(listed_within(schema))


def listed_within(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("status"), dict):
            yield from schema["status"].get("enum", [])
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from listed_within(part)


def test_every_state_is_answered_as_described(stage: Stage) -> None:
    stage.fund()
    _accounts(stage)
    _payouts(stage)
    _payments(stage)
    _disputes(stage)
    _topups(stage)
    _invoices_and_sessions(stage)
    _identity(stage)
    _endpoints(stage)
    seen = {(kind, state) for kind, state in stage.transport.states if kind in STATES}
    assert seen == {(kind, state) for kind, states in STATES.items() for state in states}


def _accounts(stage: Stage) -> None:
    """Each as v2 and as v1 show it."""
    v1, v2 = stage.client.v1, stage.client.v2

    def look(account: str) -> None:
        v2.core.accounts.retrieve(account, {"include": ["configuration.recipient", "requirements"]})
        v1.accounts.capabilities.retrieve(account, "transfers")
        v1.accounts.retrieve(account)

    look(v2.core.accounts.create({"identity": {"country": "us", "entity_type": "individual"}}).id)
    look(stage.performer(onboarded=False))
    look(stage.performer(country="br", onboarded=False))
    stage.sandbox.world.options.verification_s = 60
    account = stage.performer()
    look(account)
    stage.later(seconds=61)
    stage.sandbox.world.options.verification_s = 0
    look(account)
    stage.control(f"accounts/{account}/demand", {"deadline_s": 60})
    look(account)
    stage.later(seconds=61)
    look(account)
    stage.control(f"accounts/{account}/reject", {"reason": "fraud"})
    look(account)


def _payouts(stage: Stage) -> None:
    v1 = stage.client.v1
    account = stage.performer({"routing_number": "110000000", "account_number": "000111111113"})
    v1.accounts.capabilities.list(account)
    v1.accounts.external_accounts.list(account)
    stage.pay(account)
    options = stripe.RequestOptions(stripe_account=account)
    canceled = v1.payouts.create({"amount": 100, "currency": "usd"}, options)
    v1.payouts.cancel(canceled.id, {}, options)
    bounced = v1.payouts.create({"amount": 100, "currency": "usd"}, options)
    for _ in range(6):
        v1.payouts.retrieve(bounced.id, {"expand": ["balance_transaction", "destination"]}, options)
        stage.later(days=0.7)
    v1.accounts.external_accounts.list(account)
    v1.payouts.list({"expand": ["data.failure_balance_transaction"]}, options)


def _payments(stage: Stage) -> None:
    intents = stage.client.v1.payment_intents
    waiting = intents.create({"amount": 500, "currency": "usd"})
    intents.update(waiting.id, {"payment_method": "pm_card_visa"})
    intents.retrieve(waiting.id)
    intents.cancel(waiting.id)
    for name in ("pm_card_visa", "pm_usBankAccount_success", "pm_usBankAccount_accountClosed"):
        intents.create({"amount": 500, "currency": "usd", "payment_method": name, "confirm": True})
    both = ["data.latest_charge.balance_transaction", "data.payment_method"]
    intents.list({"expand": both})
    stage.later(days=4.1)
    intents.list({"expand": both})
    refunds = stage.client.v1.refunds
    for name in ("pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"):
        paid = intents.create({"amount": 500, "currency": "usd", "payment_method": name, "confirm": True})
        made = refunds.create({"payment_intent": paid.id, "amount": 100, "expand": ["balance_transaction"]})
        stage.later(days=1.1)
        refunds.retrieve(made.id, {"expand": ["failure_balance_transaction", "charge"]})


def _disputes(stage: Stage) -> None:
    v1 = stage.client.v1
    chargeback, inquiry = "pm_card_createDispute", "pm_card_createDisputeInquiry"
    for method, ending in (
        (chargeback, "winning_evidence"),
        (chargeback, "losing_evidence"),
        (inquiry, "losing_evidence"),
    ):
        intent = v1.payment_intents.create(
            {
                "amount": 500,
                "currency": "usd",
                "payment_method": method,
                "confirm": True,
            }
        )
        dispute = v1.disputes.list({"payment_intent": intent.id}).data[0]
        v1.disputes.retrieve(dispute.id)
        v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": ending}, "submit": True})
        v1.disputes.retrieve(dispute.id, {"expand": ["charge"]})
        stage.later(days=8)
        v1.disputes.retrieve(dispute.id, {"expand": ["charge", "payment_intent"]})


def _topups(stage: Stage) -> None:
    topups = stage.client.v1.topups
    topups.cancel(topups.create({"amount": 100, "currency": "usd"}).id)
    for source in ("btok_us_verified", "btok_us_verified_accountClosed"):
        topups.create({"amount": 100, "currency": "usd", "source": source})
    topups.list()
    stage.later(days=6)
    topups.list({"expand": ["data.balance_transaction"]})


def _invoices_and_sessions(stage: Stage) -> None:
    v1 = stage.client.v1
    customer = v1.customers.create({"name": "Mirror"}).id

    def finalized() -> str:
        made = v1.invoices.create(
            {"customer": customer, "collection_method": "send_invoice", "days_until_due": 3}
        )
        v1.invoice_items.create(
            {"customer": customer, "invoice": str(made.id), "amount": 900, "currency": "usd"}
        )
        v1.invoices.retrieve(str(made.id))
        return str(v1.invoices.finalize_invoice(str(made.id)).id)

    paid = finalized()
    v1.invoices.retrieve(paid, {"expand": ["payments"]})
    v1.invoices.pay(paid, {"payment_method": "pm_card_visa"})
    void = finalized()
    v1.invoices.void_invoice(void)
    v1.invoices.mark_uncollectible(finalized())
    v1.invoices.list({"expand": ["data.payments"]})
    for invoice in (paid, void):
        v1.invoice_payments.list({"invoice": invoice})
    order: stripe.params.checkout.SessionCreateParams = {
        "mode": "payment",
        "success_url": HOOK,
        "line_items": [
            {
                "price_data": {"currency": "usd", "unit_amount": 900, "product_data": {"name": "W"}},
                "quantity": 1,
            }
        ],
    }
    stage.control(f"checkout/{v1.checkout.sessions.create(order).id}/pay")
    v1.checkout.sessions.expire(v1.checkout.sessions.create(order).id)
    v1.checkout.sessions.list({"expand": ["data.payment_intent"]})


def _identity(stage: Stage) -> None:
    sessions = stage.client.v1.identity.verification_sessions
    failed, verified = (sessions.create({"type": "document"}).id for _ in range(2))
    sessions.cancel(sessions.create({"type": "document"}).id)
    stage.sandbox.world.options.verification_s = 60
    stage.control(f"identity/{failed}/submit", {"error": "document_expired"})
    stage.control(f"identity/{verified}/submit")
    sessions.list()
    stage.later(seconds=61)
    stage.sandbox.world.options.verification_s = 0
    sessions.retrieve(verified, {"expand": ["verified_outputs"]})
    sessions.list()


def _endpoints(stage: Stage) -> None:
    hooks, destinations = stage.client.v1.webhook_endpoints, stage.client.v2.core.event_destinations
    hook = hooks.create({"url": HOOK, "enabled_events": ["*"]})
    hooks.update(hook.id, {"disabled": True})
    made = destinations.create(
        {
            "name": "n",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["*"],
            "webhook_endpoint": {"url": HOOK},
        }
    )
    destinations.disable(made.id)
    destinations.retrieve(made.id)
