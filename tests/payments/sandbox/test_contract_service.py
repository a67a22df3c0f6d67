"""Keys, versions, webhook endpoints, destinations, events and invoices, on Stripe and in the sandbox alike."""

import pytest
import stripe

from tests.payments.sandbox.contract import fresh, fund


class TestProtocol:
    def test_every_answer_names_its_request(self, contract: stripe.StripeClient) -> None:
        answer = contract.v1.balance.retrieve()
        assert answer.last_response is not None
        assert str(answer.last_response.request_id).startswith("req_")

    def test_every_refusal_too(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.retrieve("tr_nothing")
        assert str(caught.value.request_id).startswith("req_")

    def test_the_version_comes_back(self, contract: stripe.StripeClient) -> None:
        answer = contract.v1.balance.retrieve()
        assert answer.last_response is not None
        assert answer.last_response.headers["stripe-version"]

    @pytest.mark.parametrize("key", ["sk_live_0123456789", "pk_test_0123456789", "nonsense"])
    def test_wrong_keys(self, contract: stripe.StripeClient, key: str) -> None:
        with pytest.raises((stripe.AuthenticationError, stripe.PermissionError)):
            contract.v1.balance.retrieve({}, {"api_key": key})

    def test_an_unknown_address(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.raw_request("get", "/v1/nothing_here")
        assert caught.value.http_status == 404

    @pytest.mark.parametrize("keys", [51, 60])
    def test_too_many_metadata_keys(self, contract: stripe.StripeClient, keys: int) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.customers.create({"metadata": {f"k{n}": "v" for n in range(keys)}})

    @pytest.mark.parametrize(("key", "value"), [("k" * 41, "v"), ("k", "v" * 501)])
    def test_metadata_that_is_too_long(self, contract: stripe.StripeClient, key: str, value: str) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.customers.create({"metadata": {key: value}})

    @pytest.mark.parametrize("path", ["payments", "data.source.source.source.source"])
    def test_expansions_that_are_none(self, contract: stripe.StripeClient, path: str) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.balance_transactions.list({"expand": [path], "limit": 1})


class TestWebhookEndpoints:
    def test_shows_its_secret_once(self, contract: stripe.StripeClient) -> None:
        made = contract.v1.webhook_endpoints.create(
            {"url": "https://example.com/hook", "enabled_events": ["transfer.created"]}
        )
        assert str(made.secret).startswith("whsec_")
        again = contract.v1.webhook_endpoints.retrieve(made.id)
        assert (again.status, again.enabled_events) == ("enabled", ["transfer.created"])
        assert not again.to_dict().get("secret")
        contract.v1.webhook_endpoints.delete(made.id)

    def test_can_be_disabled(self, contract: stripe.StripeClient) -> None:
        made = contract.v1.webhook_endpoints.create(
            {"url": "https://example.com/hook", "enabled_events": ["*"]}
        )
        assert contract.v1.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"
        assert contract.v1.webhook_endpoints.delete(made.id).deleted is True

    def test_needs_events(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.webhook_endpoints.create({"url": "https://example.com/hook"})  # type: ignore[typeddict-item]  # on purpose
        assert caught.value.param == "enabled_events"

    def test_needs_an_address(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.webhook_endpoints.create({"url": "nowhere", "enabled_events": ["*"]})
        assert caught.value.param == "url"

    def test_a_thin_destination(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.event_destinations.create(
            {
                "name": fresh("thin"),
                "type": "webhook_endpoint",
                "event_payload": "thin",
                "enabled_events": ["v2.core.account[requirements].updated"],
                "webhook_endpoint": {"url": "https://example.com/thin"},
                "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
            }
        )
        assert made.webhook_endpoint is not None
        assert str(made.webhook_endpoint.signing_secret).startswith("whsec_")
        assert contract.v2.core.event_destinations.disable(made.id).status == "disabled"
        assert contract.v2.core.event_destinations.enable(made.id).status == "enabled"
        contract.v2.core.event_destinations.delete(made.id)


class TestEvents:
    def test_a_payment_leaves_its_events(self, contract: stripe.StripeClient) -> None:
        intent = fund(contract, 5_000)
        found = contract.v1.events.list({"types": ["payment_intent.succeeded"], "limit": 20}).data
        about = {event.data.object["id"] for event in found}
        assert intent.id in about

    def test_an_event_can_be_fetched(self, contract: stripe.StripeClient) -> None:
        fund(contract, 5_000)
        event = contract.v1.events.list({"limit": 1}).data[0]
        assert contract.v1.events.retrieve(event.id).type == event.type

    def test_unknown(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.events.retrieve("evt_nothing")
        assert caught.value.http_status == 404


class TestInvoices:
    def invoice(self, contract: stripe.StripeClient, amount: int = 12_000) -> stripe.Invoice:
        customer = contract.v1.customers.create({"name": "Mirror AI", "email": "pay@example.com"})
        invoice = contract.v1.invoices.create(
            {
                "customer": customer.id,
                "collection_method": "send_invoice",
                "days_until_due": 30,
                "currency": "usd",
            }
        )
        contract.v1.invoice_items.create(
            {
                "customer": customer.id,
                "invoice": invoice.id,
                "amount": amount,
                "currency": "usd",
                "description": "Week",
            }
        )
        return contract.v1.invoices.retrieve(invoice.id)

    def test_a_draft_adds_up(self, contract: stripe.StripeClient) -> None:
        invoice = self.invoice(contract)
        assert (invoice.status, invoice.total, invoice.amount_due) == ("draft", 12_000, 12_000)
        assert invoice.lines.data[0].description == "Week"

    def test_finalized_it_is_open(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.finalize_invoice(str(self.invoice(contract).id))
        assert (invoice.status, invoice.amount_remaining) == ("open", 12_000)
        assert invoice.number
        assert str(invoice.hosted_invoice_url).startswith("http")

    def test_paid_by_card(self, contract: stripe.StripeClient) -> None:
        invoice = self.invoice(contract)
        contract.v1.invoices.finalize_invoice(str(invoice.id))
        method = contract.v1.payment_methods.attach("pm_card_visa", {"customer": str(invoice.customer)})
        paid = contract.v1.invoices.pay(str(invoice.id), {"payment_method": method.id})
        assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 12_000, 0)

    def test_paid_elsewhere(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.finalize_invoice(str(self.invoice(contract).id))
        assert contract.v1.invoices.pay(str(invoice.id), {"paid_out_of_band": True}).status == "paid"

    def test_void(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.finalize_invoice(str(self.invoice(contract).id))
        assert contract.v1.invoices.void_invoice(str(invoice.id)).status == "void"

    def test_a_void_one_takes_no_money(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.finalize_invoice(str(self.invoice(contract).id))
        contract.v1.invoices.void_invoice(str(invoice.id))
        [listed] = contract.v1.invoices.list(
            {"customer": str(invoice.customer), "expand": ["data.payments"]}
        ).data
        assert listed.payments is not None
        [payment] = listed.payments.data
        intent = contract.v1.payment_intents.retrieve(str(payment.payment.payment_intent))
        assert (payment.status, intent.status) == ("canceled", "canceled")
        assert intent.cancellation_reason == "void_invoice"

    def test_given_up(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.finalize_invoice(str(self.invoice(contract).id))
        assert contract.v1.invoices.mark_uncollectible(str(invoice.id)).status == "uncollectible"

    def test_a_draft_can_be_deleted(self, contract: stripe.StripeClient) -> None:
        assert contract.v1.invoices.delete(str(self.invoice(contract).id)).deleted is True

    def test_a_final_one_can_not(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.finalize_invoice(str(self.invoice(contract).id))
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.invoices.delete(str(invoice.id))

    def test_sending_needs_a_due_date(self, contract: stripe.StripeClient) -> None:
        customer = contract.v1.customers.create({"name": "Mirror"})
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.invoices.create({"customer": customer.id, "collection_method": "send_invoice"})

    def test_sent(self, contract: stripe.StripeClient) -> None:
        invoice = contract.v1.invoices.send_invoice(str(self.invoice(contract).id))
        assert invoice.status == "open"

    def test_lists_by_customer_and_status(self, contract: stripe.StripeClient) -> None:
        invoice = self.invoice(contract)
        drafts = contract.v1.invoices.list({"customer": str(invoice.customer), "status": "draft"}).data
        assert [draft.id for draft in drafts] == [invoice.id]
        assert contract.v1.invoices.list({"customer": str(invoice.customer), "status": "paid"}).data == []

    def test_bank_transfer_instructions(self, contract: stripe.StripeClient) -> None:
        customer = contract.v1.customers.create({"name": "Mirror"})
        instructions = contract.v1.customers.funding_instructions.create(
            customer.id,
            {
                "funding_type": "bank_transfer",
                "currency": "usd",
                "bank_transfer": {"type": "us_bank_transfer"},
            },
        )
        assert instructions.bank_transfer.financial_addresses[0].type == "aba"

    def test_a_bank_transfer_arrives(self, contract: stripe.StripeClient) -> None:
        customer = contract.v1.customers.create({"name": "Mirror"})
        moved = contract.v1.test_helpers.customers.fund_cash_balance(
            customer.id, {"amount": 700, "currency": "usd"}
        )
        assert (moved.type, moved.net_amount, moved.ending_balance) == ("funded", 700, 700)
        cash = contract.v1.customers.cash_balance.retrieve(customer.id).to_dict()
        assert cash["available"] == {"usd": 700}
