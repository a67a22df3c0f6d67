"""One walk through every endpoint of the sandbox: each answers, and each answer is what Stripe describes."""

from pathlib import Path

import stripe

from payments.sandbox import rooms
from tests.payments.sandbox.checked import REDUCED, check_reply, pinned
from tests.payments.sandbox.conftest import Stage
from tests.payments.sandbox.contract import create_account

HOOK = "http://127.0.0.1/hook"


def test_every_endpoint_answers_as_described(stage: Stage) -> None:
    stage.fund()
    _walk_accounts(stage)
    account = stage.performer()
    _walk_transfers(stage, account)
    _walk_payouts(stage, account)
    _walk_payments(stage)
    _walk_invoices(stage)
    _walk_identity(stage)
    _walk_service(stage)
    every = {f"{route.method} {route.pattern}" for route in rooms.router().routes}
    assert every - stage.transport.seen == set()


def _walk_accounts(stage: Stage) -> None:
    v1, v2 = stage.client.v1, stage.client.v2.core
    account = stage.performer(onboarded=False)
    everything: list[str] = [
        "configuration.recipient",
        "defaults",
        "identity",
        "requirements",
        "future_requirements",
    ]
    for state in (None, "onboard", "demand", "restrict", "enable", "reject"):
        if state:
            stage.control(f"accounts/{account}/{state}")
        v2.accounts.retrieve(account, {"include": everything})  # type: ignore[arg-type]  # all that there are
        v1.accounts.retrieve(account)
    v1.accounts.unreject(account)
    v2.accounts.update(account, {"display_name": "Ann", "include": ["identity"]})
    onboarding: stripe.params.AccountLinkCreateParams = {
        "account": account, "type": "account_onboarding", "refresh_url": HOOK, "return_url": HOOK,
    }  # fmt: skip
    v1.account_links.create(onboarding)
    v2.account_links.create(
        {
            "account": account,
            "use_case": {
                "type": "account_update",
                "account_update": {"refresh_url": HOOK, "return_url": HOOK},
            },
        }
    )
    v1.accounts.login_links.create(account)
    bank = v1.accounts.external_accounts.create(account, {"external_account": "btok_us_verified"})
    v1.accounts.external_accounts.list(account)
    v1.accounts.external_accounts.retrieve(account, bank.id)
    v1.accounts.external_accounts.update(account, bank.id, {"metadata": {"a": "b"}})
    v1.accounts.external_accounts.delete(account, bank.id)
    v1.accounts.capabilities.list(account)
    v1.accounts.capabilities.retrieve(account, "transfers")
    v1.accounts.capabilities.update(account, "transfers", {"requested": True})
    v2.accounts.list()
    v2.accounts.close(account)
    custom = create_account(stage.client)
    v1.accounts.update(custom, {"metadata": {"a": "b"}})
    v1.accounts.list()
    v1.accounts.retrieve_current()
    v1.accounts.reject(custom, {"reason": "fraud_other"})
    v1.accounts.delete(custom)


def _walk_transfers(stage: Stage, account: str) -> None:
    v1 = stage.client.v1
    transfer = stage.pay(account)
    v1.transfers.list({"expand": ["data.destination_payment.balance_transaction", "data.destination"]})
    v1.transfers.update(transfer.id, {"description": "x"})
    reversal = v1.transfers.reversals.create(transfer.id, {"amount": 100})
    v1.transfers.reversals.list(transfer.id)
    v1.transfers.reversals.retrieve(transfer.id, reversal.id, {"expand": ["transfer", "balance_transaction"]})
    v1.transfers.reversals.update(transfer.id, reversal.id, {"metadata": {"a": "b"}})
    v1.transfers.retrieve(transfer.id, {"expand": ["reversals", "balance_transaction"]})
    v1.balance.retrieve()
    entry = v1.balance_transactions.list({"limit": 100, "expand": ["data.source"]}).data[0]
    v1.balance_transactions.retrieve(entry.id)


def _walk_payouts(stage: Stage, account: str) -> None:
    v1, options = stage.client.v1, stripe.RequestOptions(stripe_account=account)
    v1.balance_settings.retrieve({}, options)
    v1.balance_settings.update({"payments": {"payouts": {"schedule": {"interval": "manual"}}}}, options)
    canceled = v1.payouts.create({"amount": 100, "currency": "usd"}, options)
    v1.payouts.cancel(canceled.id, {}, options)
    paid = v1.payouts.create({"amount": 100, "currency": "usd"}, options)
    v1.payouts.update(paid.id, {"metadata": {"a": "b"}}, options)
    for _ in range(3):
        stage.later(days=1.1)
        v1.payouts.retrieve(paid.id, {"expand": ["destination", "balance_transaction"]}, options)
    v1.payouts.reverse(paid.id, {}, options)
    v1.payouts.list({"status": "paid"}, options)
    topup = v1.topups.create({"amount": 100, "currency": "usd"})
    v1.topups.update(topup.id, {"description": "x"})
    v1.topups.retrieve(topup.id)
    v1.topups.cancel(topup.id)
    v1.topups.create({"amount": 100, "currency": "usd"})
    stage.later(days=6)
    v1.topups.list({"expand": ["data.balance_transaction"]})


def _walk_payments(stage: Stage) -> None:
    v1 = stage.client.v1
    customer = v1.customers.create({"name": "Mirror", "email": "a@example.com"})
    v1.customers.retrieve(customer.id)
    v1.customers.update(customer.id, {"phone": "1"})
    v1.customers.list()
    method = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    v1.payment_methods.retrieve(method.id)
    v1.payment_methods.attach(method.id, {"customer": customer.id})
    v1.payment_methods.list({"customer": customer.id})
    v1.customers.payment_methods.list(customer.id)
    intent = v1.payment_intents.create({"amount": 500, "currency": "usd", "customer": customer.id})
    v1.payment_intents.update(intent.id, {"amount": 600, "metadata": {"a": "b"}})
    v1.payment_intents.confirm(intent.id, {"payment_method": method.id})
    v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge", "payment_method", "customer"]})
    v1.payment_methods.detach(method.id)
    waiting = v1.payment_intents.create({"amount": 500, "currency": "usd"})
    v1.payment_intents.cancel(waiting.id)
    for name in ("pm_usBankAccount_success", "pm_card_createDispute", "pm_usBankAccount_accountClosed"):
        v1.payment_intents.create({"amount": 500, "currency": "usd", "payment_method": name, "confirm": True})
    stage.later(days=4.1)
    v1.payment_intents.list({"expand": ["data.latest_charge"]})
    charge = v1.charges.list({"expand": ["data.balance_transaction", "data.refunds"], "limit": 50}).data[-1]
    v1.charges.update(charge.id, {"description": "x"})
    refund = v1.refunds.create({"charge": charge.id, "amount": 100})
    v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]})
    v1.refunds.update(refund.id, {"metadata": {"a": "b"}})
    v1.refunds.list()
    v1.charges.retrieve(charge.id)
    dispute = v1.disputes.list().data[0]
    v1.disputes.retrieve(dispute.id, {"expand": ["charge"]})
    v1.disputes.update(dispute.id, {"metadata": {"a": "b"}})
    v1.disputes.close(dispute.id)
    _walk_checkout(stage, customer.id)


def _walk_checkout(stage: Stage, customer: str) -> None:
    v1 = stage.client.v1
    order: stripe.params.checkout.SessionCreateParams = {
        "mode": "payment",
        "customer": customer,
        "success_url": HOOK,
        "line_items": [
            {
                "price_data": {"currency": "usd", "unit_amount": 900, "product_data": {"name": "W"}},
                "quantity": 1,
            }
        ],
    }
    session = v1.checkout.sessions.create(order)
    v1.checkout.sessions.line_items.list(session.id)
    stage.control(f"checkout/{session.id}/pay")
    v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge", "line_items"]})
    v1.checkout.sessions.expire(v1.checkout.sessions.create(order).id)
    v1.checkout.sessions.list()
    v1.customers.cash_balance.retrieve(customer)
    v1.test_helpers.customers.fund_cash_balance(customer, {"amount": 1, "currency": "usd"})
    v1.customers.cash_balance_transactions.list(customer)
    v1.customers.funding_instructions.create(
        customer,
        {"funding_type": "bank_transfer", "currency": "usd", "bank_transfer": {"type": "us_bank_transfer"}},
    )


def _walk_invoices(stage: Stage) -> None:
    v1 = stage.client.v1
    customer = v1.customers.create({"name": "Mirror"}).id

    def draft() -> str:
        invoice = v1.invoices.create(
            {"customer": customer, "collection_method": "send_invoice", "days_until_due": 3}
        )
        v1.invoice_items.create(
            {"customer": customer, "invoice": str(invoice.id), "amount": 900, "currency": "usd"}
        )
        return str(invoice.id)

    paid = draft()
    v1.invoices.update(paid, {"description": "x"})
    v1.invoices.line_items.list(paid)
    v1.invoices.send_invoice(paid)
    v1.invoices.pay(paid, {"payment_method": "pm_card_visa"})
    v1.invoices.retrieve(paid, {"expand": ["payments", "customer"]})
    v1.invoice_payments.list({"invoice": paid})
    v1.invoices.void_invoice(str(v1.invoices.finalize_invoice(draft()).id))
    v1.invoices.mark_uncollectible(str(v1.invoices.finalize_invoice(draft()).id))
    v1.invoices.delete(draft())
    v1.invoices.list()
    item = v1.invoice_items.create({"customer": customer, "amount": 5, "currency": "usd"})
    v1.invoice_items.retrieve(str(item.id))
    v1.invoice_items.list()
    v1.invoice_items.delete(str(item.id))
    v1.customers.delete(customer)


def _walk_identity(stage: Stage) -> None:
    sessions = stage.client.v1.identity.verification_sessions
    verified = sessions.create({"type": "document", "provided_details": {"email": "a@example.com"}})
    stage.control(f"identity/{verified.id}/submit")
    sessions.retrieve(verified.id, {"expand": ["verified_outputs"]})
    sessions.cancel(sessions.create({"type": "document"}).id)
    sessions.list()


def _walk_service(stage: Stage) -> None:
    v1, v2 = stage.client.v1, stage.client.v2.core
    hook = v1.webhook_endpoints.create({"url": HOOK, "enabled_events": ["*"]})
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.retrieve(hook.id)
    v1.webhook_endpoints.update(hook.id, {"description": "x"})
    v1.webhook_endpoints.delete(hook.id)
    destination = v2.event_destinations.create(
        {
            "name": "n",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["*"],
            "webhook_endpoint": {"url": HOOK},
        }
    )
    v2.event_destinations.list()
    v2.event_destinations.retrieve(destination.id, {"include": ["webhook_endpoint.url"]})
    v2.event_destinations.update(destination.id, {"name": "m"})
    v2.event_destinations.disable(destination.id)
    v2.event_destinations.enable(destination.id)
    v2.event_destinations.ping(destination.id)
    v2.event_destinations.delete(destination.id)
    v1.events.retrieve(v1.events.list({"limit": 100}).data[0].id)
    v2.events.retrieve(v2.events.list({"limit": 100}).data[0].id)


class TestTheCheckItself:
    def test_notices_a_missing_field(self, stage: Stage) -> None:
        balance = stage.client.v1.balance.retrieve().to_dict()
        del balance["pending"]
        assert _refuses("/v1/balance", balance)

    def test_notices_a_stranger(self, stage: Stage) -> None:
        assert _refuses("/v1/balance", {**stage.client.v1.balance.retrieve().to_dict(), "colour": "red"})

    def test_notices_a_wrong_kind(self, stage: Stage) -> None:
        assert _refuses("/v1/balance", {**stage.client.v1.balance.retrieve().to_dict(), "livemode": "no"})

    def test_what_was_added_for_the_pinned_version_is_in_the_sdk(self) -> None:
        from stripe.v2.core import _account as account_module  # noqa: PLC0415 - only this test looks inside
        from stripe.v2.core._account_link import AccountLink  # noqa: PLC0415
        from stripe.v2.core._event import Event  # noqa: PLC0415

        source = Path(str(account_module.__file__)).read_text()
        assert '"rejected"' in source
        assert '"rejected_platform_fraud"' in source
        assert "snapshot_event" in Event.__annotations__
        assert "configurations" not in AccountLink.UseCase.AccountOnboarding.__annotations__
        assert pinned(REDUCED)["v2.core.event"]["properties"]["snapshot_event"]


def _refuses(path: str, document: dict[str, object]) -> bool:
    try:
        check_reply("GET", path, 200, document)
    except AssertionError:
        return True
    return False
