"""Debits, top-ups, bank transfers and the books that hold them all."""

import pytest
import stripe

from tests.payments.sandbox.conftest import Stage

DEBIT_FAILS = {
    "pm_usBankAccount_noAccount": "no_account",
    "pm_usBankAccount_accountClosed": "account_closed",
    "pm_usBankAccount_insufficientFunds": "insufficient_funds",
    "pm_usBankAccount_debitNotAuthorized": "debit_not_authorized",
    "pm_usBankAccount_invalidCurrency": "invalid_currency",
    "pm_usBankAccount_failMicrodeposits": "bank_account_unusable",
}
TOPUP_FAILS = {
    "btok_us_verified_noAccount": "no_account",
    "btok_us_verified_accountClosed": "account_closed",
    "btok_us_verified_insufficientFunds": "insufficient_funds",
    "btok_us_verified_debitNotAuthorized": "debit_not_authorized",
    "btok_us_verified_invalidCurrency": "invalid_currency",
}


def checkout(stage: Stage, amount: int = 500_000) -> stripe.checkout.Session:
    return stage.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": amount,
                        "product_data": {"name": "Wallet"},
                    },
                }
            ],
            "success_url": "http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1/back",
            "payment_intent_data": {"metadata": {"wallet": "1"}, "transfer_group": "fund"},
        }
    )


def event_types(stage: Stage) -> list[str]:
    return [str(event.type) for event in stage.client.v1.events.list({"limit": 100}).data][::-1]


class TestDebits:
    def test_pays_the_wallet_after_four_days(self, stage: Stage) -> None:
        session = checkout(stage)
        stage.control(f"checkout/{session.id}/pay", {"payment_method": "pm_usBankAccount_success"})
        open_session = stage.client.v1.checkout.sessions.retrieve(session.id)
        assert (open_session.status, open_session.payment_status) == ("complete", "unpaid")
        assert stage.available() == 0
        stage.later(days=4.1)
        assert stage.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        # 0.8 %, at most 5 USD.
        assert stage.available() == 499_500
        assert "checkout.session.async_payment_succeeded" in event_types(stage)

    @pytest.mark.parametrize(("method", "code"), DEBIT_FAILS.items())
    def test_or_fails(self, stage: Stage, method: str, code: str) -> None:
        session = checkout(stage)
        stage.control(f"checkout/{session.id}/pay", {"payment_method": method})
        stage.later(days=4.1)
        intent_id = str(stage.client.v1.checkout.sessions.retrieve(session.id).payment_intent)
        intent = stage.client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]})
        assert intent.status == "requires_payment_method"
        assert isinstance(intent.latest_charge, stripe.Charge)
        assert (intent.latest_charge.status, intent.latest_charge.failure_code) == ("failed", code)
        assert stage.available() == 0
        assert "checkout.session.async_payment_failed" in event_types(stage)

    def test_stays_processing(self, stage: Stage) -> None:
        session = checkout(stage)
        stage.control(f"checkout/{session.id}/pay", {"payment_method": "pm_usBankAccount_processing"})
        stage.later(days=30)
        intent_id = str(stage.client.v1.checkout.sessions.retrieve(session.id).payment_intent)
        assert stage.client.v1.payment_intents.retrieve(intent_id).status == "processing"

    def test_a_disputed_debit_is_lost_at_once(self, stage: Stage) -> None:
        session = checkout(stage)
        stage.control(f"checkout/{session.id}/pay", {"payment_method": "pm_usBankAccount_dispute"})
        stage.later(days=4.1)
        dispute = stage.client.v1.disputes.list().data[0]
        assert dispute.status == "lost"
        assert stage.available() == 499_500 - 500_000 - 1_500

    def test_pay_from_the_available_balance_only(self, stage: Stage) -> None:
        session = checkout(stage)
        stage.control(f"checkout/{session.id}/pay", {"payment_method": "pm_card_visa"})
        account = stage.performer()
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.pay(account)
        assert caught.value.code == "balance_insufficient"
        stage.later(days=2.1)
        stage.pay(account)

    def test_a_declined_card_leaves_the_page_open(self, stage: Stage) -> None:
        session = checkout(stage)
        answer = stage.control(f"checkout/{session.id}/pay", {"payment_method": "pm_card_chargeDeclined"})
        assert answer["error"]["code"] == "card_declined"
        assert stage.client.v1.checkout.sessions.retrieve(session.id).status == "open"
        stage.control(f"checkout/{session.id}/pay", {"payment_method": "pm_card_bypassPending"})
        assert stage.available() > 0

    def test_an_open_page_closes_after_a_day(self, stage: Stage) -> None:
        session = checkout(stage)
        stage.later(days=1.1)
        assert stage.client.v1.checkout.sessions.retrieve(session.id).status == "expired"


class TestTopups:
    def test_become_available(self, stage: Stage) -> None:
        topup = stage.client.v1.topups.create(
            {"amount": 90_000, "currency": "usd", "source": "btok_us_verified"}
        )
        assert (topup.status, stage.available()) == ("pending", 0)
        stage.later(days=5.1)
        assert stage.client.v1.topups.retrieve(topup.id).status == "succeeded"
        assert stage.available() == 90_000

    @pytest.mark.parametrize(("token", "code"), TOPUP_FAILS.items())
    def test_or_fail(self, stage: Stage, token: str, code: str) -> None:
        topup = stage.client.v1.topups.create({"amount": 90_000, "currency": "usd", "source": token})
        stage.later(days=5.1)
        after = stage.client.v1.topups.retrieve(topup.id)
        assert (after.status, after.failure_code, stage.available()) == ("failed", code, 0)

    def test_can_be_canceled_while_pending(self, stage: Stage) -> None:
        topup = stage.client.v1.topups.create({"amount": 90_000, "currency": "usd"})
        assert stage.client.v1.topups.cancel(topup.id).status == "canceled"
        stage.later(days=6)
        assert stage.available() == 0


class TestRefunds:
    def refunded(self, stage: Stage, method: str) -> stripe.Refund:
        stage.fund()
        intent = stage.client.v1.payment_intents.create(
            {"amount": 5_000, "currency": "usd", "payment_method": method, "confirm": True}
        )
        return stage.client.v1.refunds.create({"payment_intent": intent.id, "amount": 2_000})

    def test_may_wait(self, stage: Stage) -> None:
        made = self.refunded(stage, "pm_card_pendingRefund")
        assert made.status == "pending"
        stage.later(days=1.1)
        assert stage.client.v1.refunds.retrieve(made.id).status == "succeeded"

    def test_may_come_back_with_its_money(self, stage: Stage) -> None:
        before = stage.available()
        made = self.refunded(stage, "pm_card_refundFail")
        assert made.status == "succeeded"
        left = stage.available()
        stage.later(days=1.1)
        back = stage.client.v1.refunds.retrieve(
            made.id, {"expand": ["failure_balance_transaction", "charge"]}
        )
        assert (back.status, back.failure_reason) == ("failed", "expired_or_canceled_card")
        assert back.failure_balance_transaction.amount == 2_000  # type: ignore[union-attr]  # expanded
        assert back.charge.amount_refunded == 0  # type: ignore[union-attr]  # expanded
        assert stage.available() == left + 2_000 > before
        kinds = [event.type for event in stage.client.v1.events.list({"limit": 5}).data]
        assert {"refund.failed", "refund.updated", "charge.refund.updated"} <= set(kinds)


class TestInvoices:
    def invoice(self, stage: Stage, method: str) -> tuple[str, stripe.Invoice]:
        customer = stage.client.v1.customers.create({"name": "Mirror AI"})
        order: stripe.params.InvoiceCreateParams = {
            "customer": customer.id,
            "collection_method": "send_invoice",
            "days_until_due": 14,
            "payment_settings": {"payment_method_types": [method]},
        }
        invoice = stage.client.v1.invoices.create(order)
        stage.client.v1.invoice_items.create(
            {"customer": customer.id, "invoice": str(invoice.id), "amount": 80_000, "currency": "usd"}
        )
        return customer.id, stage.client.v1.invoices.finalize_invoice(str(invoice.id))

    def test_paid_by_bank_transfer(self, stage: Stage) -> None:
        customer, invoice = self.invoice(stage, "customer_balance")
        stage.client.v1.test_helpers.customers.fund_cash_balance(
            customer, {"amount": 50_000, "currency": "usd"}
        )
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "open"
        stage.client.v1.test_helpers.customers.fund_cash_balance(
            customer, {"amount": 30_000, "currency": "usd"}
        )
        paid = stage.client.v1.invoices.retrieve(str(invoice.id), {"expand": ["payments"]})
        assert paid.status == "paid"
        assert paid.payments is not None
        assert paid.payments.data[0].status == "paid"
        assert stage.available() == 80_000

    def test_paid_by_debit(self, stage: Stage) -> None:
        customer, invoice = self.invoice(stage, "us_bank_account")
        method = stage.client.v1.payment_methods.attach("pm_usBankAccount_success", {"customer": customer})
        stage.client.v1.invoices.pay(str(invoice.id), {"payment_method": method.id})
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "open"
        stage.later(days=4.1)
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "paid"
        assert stage.available() == 79_500

    def test_a_failed_debit_leaves_it_open(self, stage: Stage) -> None:
        customer, invoice = self.invoice(stage, "us_bank_account")
        method = stage.client.v1.payment_methods.attach(
            "pm_usBankAccount_insufficientFunds", {"customer": customer}
        )
        stage.client.v1.invoices.pay(str(invoice.id), {"payment_method": method.id})
        stage.later(days=4.1)
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "open"
        assert "invoice.payment_failed" in event_types(stage)

    def test_a_void_one_does_not_stop_a_bank_that_is_at_work(self, stage: Stage) -> None:
        customer, invoice = self.invoice(stage, "us_bank_account")
        method = stage.client.v1.payment_methods.attach("pm_usBankAccount_success", {"customer": customer})
        stage.client.v1.invoices.pay(str(invoice.id), {"payment_method": method.id})
        stage.client.v1.invoices.void_invoice(str(invoice.id))
        stage.later(days=4.1)
        assert stage.client.v1.payment_intents.list({"customer": customer}).data[0].status == "succeeded"
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "void"

    def test_becomes_overdue(self, stage: Stage) -> None:
        self.invoice(stage, "customer_balance")
        stage.later(days=14.1)
        assert event_types(stage)[-1] == "invoice.overdue"

    def test_charged_by_itself(self, stage: Stage) -> None:
        customer = stage.client.v1.customers.create({"name": "Mirror AI"})
        method = stage.client.v1.payment_methods.attach("pm_card_bypassPending", {"customer": customer.id})
        stage.client.v1.customers.update(
            customer.id, {"invoice_settings": {"default_payment_method": method.id}}
        )
        stage.client.v1.invoice_items.create({"customer": customer.id, "amount": 7_000, "currency": "usd"})
        invoice = stage.client.v1.invoices.create(
            {"customer": customer.id, "auto_advance": True, "pending_invoice_items_behavior": "include"}
        )
        assert invoice.total == 7_000
        stage.later(seconds=3_601)
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "paid"


class TestBooks:
    def test_a_transfer_is_seen_from_both_sides(self, stage: Stage) -> None:
        stage.fund()
        before = stage.available()
        account = stage.performer()
        transfer = stage.pay(account, metadata={"item": "1"}, transfer_group="run")
        books = stage.books()
        assert books["transfers"][0] | {"created": 0} == {
            "id": transfer.id,
            "amount": 7_400,
            "currency": "usd",
            "destination": account,
            "destination_payment": transfer.destination_payment,
            "transfer_group": "run",
            "metadata": {"item": "1"},
            "reversed": False,
            "amount_reversed": 0,
            "created": 0,
            "description": None,
        }
        assert books["balances"][account]["available"] == {"usd": 7_400}
        assert stage.available() == before - 7_400

    def test_a_reversal_is_the_inverse(self, stage: Stage) -> None:
        stage.fund()
        before = stage.available()
        account = stage.performer()
        stage.client.v1.transfers.reversals.create(stage.pay(account).id)
        assert (stage.available(), stage.available(account)) == (before, 0)

    def test_what_was_paid_out_can_not_be_reversed(self, stage: Stage) -> None:
        stage.fund()
        transfer = stage.pay(stage.performer())
        stage.later(days=10)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.client.v1.transfers.reversals.create(transfer.id)
        assert caught.value.code == "balance_insufficient"

    def test_a_transfer_from_a_pending_charge_is_pending_too(self, stage: Stage) -> None:
        intent = stage.client.v1.payment_intents.create(
            {"amount": 10_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
        )
        account = stage.performer()
        stage.pay(account, 9_000, source_transaction=str(intent.latest_charge))
        assert stage.available(account) == 0
        with pytest.raises(stripe.InvalidRequestError):
            stage.pay(account, 1_001, source_transaction=str(intent.latest_charge))
        stage.later(days=2.1)
        assert stage.client.v1.balance.retrieve({}, {"stripe_account": account}).pending[0].amount == 0

    def test_a_transfer_keeps_the_currency_of_its_charge(self, stage: Stage) -> None:
        intent = stage.client.v1.payment_intents.create(
            {"amount": 10_000, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
        )
        with pytest.raises(stripe.InvalidRequestError, match="must be the same as") as caught:
            stage.pay(stage.performer(), 9_000, source_transaction=str(intent.latest_charge))
        assert caught.value.param == "currency"

    def test_a_charge_that_is_refunded_is_no_source(self, stage: Stage) -> None:
        stage.fund()
        stage.fund()
        charge = stage.client.v1.charges.list().data[0]
        stage.client.v1.refunds.create({"charge": charge.id})
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.pay(stage.performer(), 100, source_transaction=charge.id)
        assert caught.value.param == "source_transaction"

    def test_source_types_are_kept_apart(self, stage: Stage) -> None:
        stage.fund(5_000)
        topup = stage.client.v1.topups.create({"amount": 50_000, "currency": "usd"})
        stage.later(days=5.1)
        assert stage.client.v1.topups.retrieve(topup.id).status == "succeeded"
        account = stage.performer()
        with pytest.raises(stripe.InvalidRequestError):
            stage.pay(account, 20_000, source_type="card")
        assert stage.pay(account, 20_000, source_type="bank_account").source_type == "bank_account"
        assert stage.pay(account, 20_000).source_type == "bank_account"
        stage.sandbox.world.options.strict_source_types = True
        with pytest.raises(stripe.InvalidRequestError):
            stage.pay(account, 6_000)

    def test_a_currency_that_is_not_there(self, stage: Stage) -> None:
        stage.fund()
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.client.v1.transfers.create(
                {"amount": 100, "currency": "eur", "destination": stage.performer()}
            )
        assert caught.value.code == "balance_insufficient"

    def test_a_posting_that_was_tampered_with_is_found(self, stage: Stage) -> None:
        stage.fund()
        stage.pay(stage.performer())
        database = stage.sandbox.world.store.db
        database.execute("UPDATE posting SET amount = amount + 1 WHERE seq = 1")
        assert stage.books()["ok"] is False
        database.execute("UPDATE posting SET amount = amount - 1 WHERE seq = 1")

    def test_snapshot_and_restore(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        before = stage.books()
        stage.control("snapshot", {"name": "first"})
        gone = stage.pay(account)
        stage.later(days=3)
        stage.control("restore", {"name": "first"})
        after = stage.books()
        assert {**after, "now": ""} == {**before, "now": ""}
        made_later = {line["id"] for line in stage.books()["transfers"]}
        assert stage.pay(account).id not in made_later | {gone.id}
        stage.control("restore", {"name": "nothing"}, status=400)
        stage.control("snapshot", {"name": "../evil"}, status=400)
