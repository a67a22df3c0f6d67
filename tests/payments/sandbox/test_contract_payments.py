"""Payments, refunds, customers and Checkout: what holds on Stripe's test mode and in the sandbox alike."""

import time

import pytest
import stripe

from tests.payments.sandbox.contract import PATIENCE_S, fresh, fund


def pay(
    client: stripe.StripeClient, method: str = "pm_card_visa", amount: int = 5_000
) -> stripe.PaymentIntent:
    kind = "card" if method.startswith("pm_card") else "us_bank_account"
    order = {
        "amount": amount,
        "currency": "usd",
        "payment_method": method,
        "allowed_payment_method_types": [kind],
        "confirm": True,
    }
    return client.v1.payment_intents.create(order)  # type: ignore[arg-type]  # a plain dictionary


class TestPaymentIntents:
    def test_waits_for_a_payment_method(self, contract: stripe.StripeClient) -> None:
        intent = contract.v1.payment_intents.create({"amount": 5_000, "currency": "usd"})
        assert (intent.object, intent.status, intent.amount_received) == (
            "payment_intent",
            "requires_payment_method",
            0,
        )
        assert str(intent.client_secret).startswith(f"{intent.id}_secret_")

    def test_a_card_succeeds_at_once(self, contract: stripe.StripeClient) -> None:
        intent = pay(contract)
        assert (intent.status, intent.amount_received) == ("succeeded", 5_000)
        assert str(intent.latest_charge).startswith("ch_")

    def test_confirmed_in_a_second_step(self, contract: stripe.StripeClient) -> None:
        intent = contract.v1.payment_intents.create(
            {"amount": 5_000, "currency": "usd", "allowed_payment_method_types": ["card"]}
        )
        done = contract.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
        assert done.status == "succeeded"

    def test_the_charge_carries_fee_and_net(self, contract: stripe.StripeClient) -> None:
        intent = contract.v1.payment_intents.retrieve(
            pay(contract, amount=10_000).id, {"expand": ["latest_charge.balance_transaction"]}
        )
        charge = intent.latest_charge
        assert isinstance(charge, stripe.Charge)
        entry = charge.balance_transaction
        assert isinstance(entry, stripe.BalanceTransaction)
        assert (entry.type, entry.amount, entry.fee, entry.net) == ("charge", 10_000, 320, 9_680)
        assert sum(part.amount for part in entry.fee_details) == 320

    def test_card_money_is_pending_first(self, contract: stripe.StripeClient) -> None:
        charge = contract.v1.charges.retrieve(
            str(pay(contract).latest_charge), {"expand": ["balance_transaction"]}
        )
        assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
        assert charge.balance_transaction.status == "pending"
        assert charge.balance_transaction.available_on > charge.created

    def test_the_bypass_card_is_available_at_once(self, contract: stripe.StripeClient) -> None:
        charge = contract.v1.charges.retrieve(
            str(fund(contract).latest_charge), {"expand": ["balance_transaction"]}
        )
        assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
        assert charge.balance_transaction.status == "available"

    @pytest.mark.parametrize(
        ("method", "decline"),
        [
            ("pm_card_chargeDeclined", "generic_decline"),
            ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ],
    )
    def test_declined_cards(self, contract: stripe.StripeClient, method: str, decline: str) -> None:
        with pytest.raises(stripe.CardError) as caught:
            pay(contract, method)
        assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
        assert caught.value.error is not None
        assert caught.value.error.decline_code == decline

    def test_a_declined_intent_takes_another_card(self, contract: stripe.StripeClient) -> None:
        intent = contract.v1.payment_intents.create(
            {"amount": 5_000, "currency": "usd", "allowed_payment_method_types": ["card"]}
        )
        with pytest.raises(stripe.CardError):
            contract.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_chargeDeclined"})
        waiting = contract.v1.payment_intents.retrieve(intent.id)
        assert waiting.status == "requires_payment_method"
        assert waiting.last_payment_error is not None
        assert waiting.last_payment_error.code == "card_declined"
        assert (
            contract.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status
            == "succeeded"
        )

    def test_can_be_canceled(self, contract: stripe.StripeClient) -> None:
        intent = contract.v1.payment_intents.create({"amount": 5_000, "currency": "usd"})
        done = contract.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
        assert (done.status, done.cancellation_reason) == ("canceled", "abandoned")

    def test_can_not_be_canceled_when_paid(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.payment_intents.cancel(pay(contract).id)
        assert caught.value.code == "payment_intent_unexpected_state"

    def test_can_not_be_confirmed_twice(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.payment_intents.confirm(pay(contract).id, {"payment_method": "pm_card_visa"})
        assert caught.value.code == "payment_intent_unexpected_state"

    def test_too_small(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.payment_intents.create({"amount": 10, "currency": "usd"})
        assert (caught.value.code, caught.value.param) == ("amount_too_small", "amount")

    def test_an_unknown_method(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            pay(contract, "pm_card_nobody_has")
        assert (caught.value.code, caught.value.param) == ("resource_missing", "payment_method")

    def test_metadata_reaches_the_charge(self, contract: stripe.StripeClient) -> None:
        intent = contract.v1.payment_intents.create(
            {
                "amount": 5_000,
                "currency": "usd",
                "payment_method": "pm_card_visa",
                "allowed_payment_method_types": ["card"],
                "confirm": True,
                "metadata": {"wallet": "w1"},
                "transfer_group": "tg",
            }
        )
        charge = contract.v1.charges.retrieve(str(intent.latest_charge))
        assert (charge.metadata["wallet"], charge.transfer_group) == ("w1", "tg")

    def test_charges_are_listed_by_intent(self, contract: stripe.StripeClient) -> None:
        intent = pay(contract)
        found = contract.v1.charges.list({"payment_intent": intent.id}).data
        assert [charge.id for charge in found] == [intent.latest_charge]

    def test_the_old_name_of_the_method_types_is_unknown(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.payment_intents.create(
                {"amount": 5_000, "currency": "usd", "payment_method_types": ["card"]}  # type: ignore[typeddict-unknown-key]  # on purpose
            )
        assert caught.value.param == "payment_method_types"


class TestRefunds:
    def test_all_of_it_by_default(self, contract: stripe.StripeClient) -> None:
        fund(contract)
        intent = fund(contract, 10_000)
        refund = contract.v1.refunds.create({"payment_intent": intent.id})
        assert (refund.object, refund.amount, refund.charge) == ("refund", 10_000, intent.latest_charge)
        assert contract.v1.charges.retrieve(str(intent.latest_charge)).refunded is True

    def test_in_parts_and_never_too_much(self, contract: stripe.StripeClient) -> None:
        fund(contract)
        charge = str(fund(contract, 10_000).latest_charge)
        contract.v1.refunds.create({"charge": charge, "amount": 4_000, "reason": "requested_by_customer"})
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.refunds.create({"charge": charge, "amount": 6_001})
        assert contract.v1.charges.retrieve(charge).amount_refunded == 4_000

    def test_not_twice(self, contract: stripe.StripeClient) -> None:
        fund(contract)
        charge = str(fund(contract, 10_000).latest_charge)
        contract.v1.refunds.create({"charge": charge})
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.refunds.create({"charge": charge})
        assert caught.value.code == "charge_already_refunded"

    def test_listed_by_charge(self, contract: stripe.StripeClient) -> None:
        fund(contract)
        charge = str(fund(contract, 10_000).latest_charge)
        made = contract.v1.refunds.create({"charge": charge, "amount": 100})
        assert [refund.id for refund in contract.v1.refunds.list({"charge": charge}).data] == [made.id]

    def test_neither_charge_nor_intent(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.refunds.create({"amount": 100})
        assert caught.value.http_status == 400

    def test_of_an_unknown_charge(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.refunds.create({"charge": "ch_nothing"})
        assert caught.value.code == "resource_missing"


class TestDisputes:
    def disputed(self, client: stripe.StripeClient, method: str) -> stripe.Dispute:
        """The dispute that a test card brings, a moment after its payment."""
        intent, until = pay(client, method), time.monotonic() + PATIENCE_S
        while not (found := client.v1.disputes.list({"payment_intent": intent.id}).data):
            if time.monotonic() > until:
                raise TimeoutError(f"{intent.id} was not disputed in time.")
            time.sleep(1)
        return found[0]

    def test_a_chargeback_takes_the_amount_and_a_fee(self, contract: stripe.StripeClient) -> None:
        dispute = self.disputed(contract, "pm_card_createDispute")
        assert (dispute.status, dispute.amount) == ("needs_response", 5_000)
        (entry,) = dispute.balance_transactions
        assert (entry.type, entry.reporting_category, entry.amount) == ("adjustment", "dispute", -5_000)
        assert entry.net == -5_000 - entry.fee < -5_000

    def test_a_chargeback_stops_refunds(self, contract: stripe.StripeClient) -> None:
        dispute = self.disputed(contract, "pm_card_createDispute")
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.refunds.create({"charge": str(dispute.charge)})
        assert caught.value.code == "charge_disputed"

    def test_a_chargeback_can_be_accepted(self, contract: stripe.StripeClient) -> None:
        dispute = self.disputed(contract, "pm_card_createDispute")
        assert contract.v1.disputes.close(dispute.id).status == "lost"

    def test_an_inquiry_takes_nothing(self, contract: stripe.StripeClient) -> None:
        dispute = self.disputed(contract, "pm_card_createDisputeInquiry")
        assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])
        assert dispute.is_charge_refundable is True
        assert dispute.payment_method_details is not None
        assert dispute.payment_method_details.card is not None
        assert dispute.payment_method_details.card.case_type == "inquiry"

    def test_an_inquiry_stops_no_refund(self, contract: stripe.StripeClient) -> None:
        fund(contract)
        dispute = self.disputed(contract, "pm_card_createDisputeInquiry")
        assert contract.v1.refunds.create({"charge": str(dispute.charge), "amount": 100}).amount == 100

    def test_an_answered_inquiry_is_under_review(self, contract: stripe.StripeClient) -> None:
        dispute = self.disputed(contract, "pm_card_createDisputeInquiry")
        sent = contract.v1.disputes.update(dispute.id, {"evidence": {"product_description": "A show"}})
        assert sent.status == "warning_under_review"


class TestCustomers:
    def test_round_trip(self, contract: stripe.StripeClient) -> None:
        made = contract.v1.customers.create(
            {"name": "Mirror AI", "email": "pay@example.com", "metadata": {"c": "1"}}
        )
        assert contract.v1.customers.retrieve(made.id).name == "Mirror AI"
        assert contract.v1.customers.update(made.id, {"name": "Mirror"}).name == "Mirror"

    def test_a_wrong_address(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.customers.create({"email": "not an address"})
        assert (caught.value.code, caught.value.param) == ("email_invalid", "email")

    def test_found_by_mail(self, contract: stripe.StripeClient) -> None:
        email = f"{fresh('c')}@example.com"
        made = contract.v1.customers.create({"email": email})
        assert [found.id for found in contract.v1.customers.list({"email": email}).data] == [made.id]

    def test_deleted(self, contract: stripe.StripeClient) -> None:
        made = contract.v1.customers.create({"name": "Gone"})
        assert contract.v1.customers.delete(made.id).deleted is True

    def test_keeps_a_card(self, contract: stripe.StripeClient) -> None:
        customer = contract.v1.customers.create({"name": "Mirror"})
        method = contract.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        assert method.customer == customer.id
        kept = contract.v1.customers.payment_methods.list(customer.id).data
        assert [found.id for found in kept] == [method.id]

    def test_payment_method_from_a_token(self, contract: stripe.StripeClient) -> None:
        method = contract.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
        assert method.card is not None
        assert (method.type, method.card.last4) == ("card", "4242")


class TestCheckout:
    def order(self, **more: object) -> stripe.params.checkout.SessionCreateParams:
        return {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": 1_500,
                        "product_data": {"name": "Wallet"},
                    },
                }
            ],
            "success_url": "https://example.com/done",
            "client_reference_id": "company-1",
            **more,  # type: ignore[typeddict-item]  # the tests give real names
        }

    def test_opens_a_page(self, contract: stripe.StripeClient) -> None:
        session = contract.v1.checkout.sessions.create(self.order())
        assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 3_000)
        assert str(session.url).startswith("http")
        assert session.client_reference_id == "company-1"

    def test_shows_its_lines(self, contract: stripe.StripeClient) -> None:
        session = contract.v1.checkout.sessions.create(self.order())
        lines = contract.v1.checkout.sessions.line_items.list(session.id).data
        assert [(line.description, line.quantity, line.amount_total) for line in lines] == [
            ("Wallet", 2, 3_000)
        ]

    def test_lines_by_expansion(self, contract: stripe.StripeClient) -> None:
        made = contract.v1.checkout.sessions.create(self.order())
        session = contract.v1.checkout.sessions.retrieve(made.id, {"expand": ["line_items"]})
        assert session.line_items is not None
        assert session.line_items.data[0].amount_total == 3_000

    def test_can_be_expired(self, contract: stripe.StripeClient) -> None:
        session = contract.v1.checkout.sessions.create(self.order())
        assert contract.v1.checkout.sessions.expire(session.id).status == "expired"
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.checkout.sessions.expire(session.id)

    def test_needs_line_items(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.checkout.sessions.create({"mode": "payment", "success_url": "https://example.com"})

    def test_unknown_session(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.checkout.sessions.retrieve("cs_test_nothing")
        assert caught.value.http_status == 404
