"""Transfers and reversals: what holds on Stripe's test mode and in the sandbox alike."""

import pytest
import stripe

from tests.payments.sandbox.contract import create_account, create_payable, fresh, fund


@pytest.fixture(scope="module")
def payable(contract: stripe.StripeClient) -> str:
    fund(contract)
    return create_payable(contract)


def pay(client: stripe.StripeClient, account: str, amount: int = 1_000, **more: object) -> stripe.Transfer:
    order = {"amount": amount, "currency": "usd", "destination": account, **more}
    return client.v1.transfers.create(order)  # type: ignore[arg-type]  # the test's own dictionary


class TestCreate:
    def test_answers_with_the_transfer(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(
            contract, payable, 1_234, transfer_group="g", metadata={"item": "1"}, description="Week 1"
        )
        assert (transfer.object, transfer.amount, transfer.currency) == ("transfer", 1_234, "usd")
        assert transfer.destination == payable
        assert transfer.metadata["item"] == "1"
        assert transfer.description == "Week 1"
        assert transfer.transfer_group == "g"
        assert transfer.livemode is False

    def test_has_no_status(self, contract: stripe.StripeClient, payable: str) -> None:
        assert "status" not in pay(contract, payable).to_dict()

    def test_is_unreversed_at_first(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable)
        assert (transfer.reversed, transfer.amount_reversed, transfer.reversals.data) == (False, 0, [])

    def test_debits_the_platform_at_once(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = contract.v1.transfers.create(
            {"amount": 700, "currency": "usd", "destination": payable, "expand": ["balance_transaction"]}
        )
        entry = transfer.balance_transaction
        assert isinstance(entry, stripe.BalanceTransaction)
        assert (entry.type, entry.amount, entry.fee, entry.net) == ("transfer", -700, 0, -700)
        assert entry.source == transfer.id

    def test_makes_a_payment_on_the_connected_account(
        self, contract: stripe.StripeClient, payable: str
    ) -> None:
        transfer = pay(contract, payable, 800)
        payment_id = str(transfer.destination_payment)
        assert payment_id.startswith("py_")
        payment = contract.v1.charges.retrieve(payment_id, {}, {"stripe_account": payable})
        assert (payment.amount, payment.status) == (800, "succeeded")
        assert payment.source_transfer == transfer.id

    def test_credits_the_connected_balance(self, contract: stripe.StripeClient, payable: str) -> None:
        def held() -> int:
            balance = contract.v1.balance.retrieve({}, {"stripe_account": payable})
            parts = [*balance.available, *balance.pending]
            return sum(part.to_dict()["amount"] for part in parts)

        before = held()
        pay(contract, payable, 900)
        assert held() == before + 900

    def test_takes_a_currency_in_capitals(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = contract.v1.transfers.create({"amount": 100, "currency": "USD", "destination": payable})
        assert transfer.currency == "usd"


class TestRefusals:
    def refusal(self, contract: stripe.StripeClient, **order: object) -> stripe.InvalidRequestError:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.create(order)  # type: ignore[arg-type]  # wrong on purpose
        return caught.value

    def test_more_than_the_available_balance(self, contract: stripe.StripeClient, payable: str) -> None:
        refusal = self.refusal(contract, amount=9_999_999_00, currency="usd", destination=payable)
        assert (refusal.http_status, refusal.code) == (400, "balance_insufficient")

    def test_to_nobody(self, contract: stripe.StripeClient) -> None:
        refusal = self.refusal(contract, amount=100, currency="usd", destination="acct_nobody")
        assert (refusal.http_status, refusal.code, refusal.param) == (400, "resource_missing", "destination")

    def test_to_an_account_that_is_not_verified(self, contract: stripe.StripeClient) -> None:
        account = create_account(
            contract, tos_acceptance={}, individual={}, external_account="btok_us_verified"
        )
        refusal = self.refusal(contract, amount=100, currency="usd", destination=account)
        assert (refusal.http_status, refusal.code) == (400, "insufficient_capabilities_for_transfer")

    @pytest.mark.parametrize("missing", ["currency", "destination"])
    def test_without_a_required_parameter(
        self, contract: stripe.StripeClient, payable: str, missing: str
    ) -> None:
        order = {"amount": 100, "currency": "usd", "destination": payable}
        del order[missing]
        refusal = self.refusal(contract, **order)
        assert (refusal.http_status, refusal.code, refusal.param) == (400, "parameter_missing", missing)

    @pytest.mark.parametrize("amount", [0, -1, -7_400])
    def test_amounts_that_are_no_amount(
        self, contract: stripe.StripeClient, payable: str, amount: int
    ) -> None:
        refusal = self.refusal(contract, amount=amount, currency="usd", destination=payable)
        assert (refusal.http_status, refusal.code) == (400, "parameter_invalid_integer")
        assert refusal.param == "amount"

    @pytest.mark.parametrize("amount", ["12.50", "abc", "1e3"])
    def test_amounts_that_are_no_integer(
        self, contract: stripe.StripeClient, payable: str, amount: str
    ) -> None:
        refusal = self.refusal(contract, amount=amount, currency="usd", destination=payable)
        assert (refusal.http_status, refusal.param) == (400, "amount")

    def test_a_currency_that_is_none(self, contract: stripe.StripeClient, payable: str) -> None:
        refusal = self.refusal(contract, amount=100, currency="xyz", destination=payable)
        assert (refusal.http_status, refusal.param) == (400, "currency")

    def test_an_unknown_parameter(self, contract: stripe.StripeClient, payable: str) -> None:
        refusal = self.refusal(contract, amount=100, currency="usd", destination=payable, colour="red")
        assert (refusal.http_status, refusal.code, refusal.param) == (400, "parameter_unknown", "colour")

    def test_an_unknown_source_type(self, contract: stripe.StripeClient, payable: str) -> None:
        refusal = self.refusal(contract, amount=100, currency="usd", destination=payable, source_type="gold")
        assert (refusal.http_status, refusal.param) == (400, "source_type")


class TestRetrieveAndUpdate:
    def test_comes_back_the_same(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable)
        assert contract.v1.transfers.retrieve(transfer.id).to_dict() == transfer.to_dict()

    def test_takes_new_metadata(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, metadata={"a": "1", "b": "2"})
        changed = contract.v1.transfers.update(transfer.id, {"metadata": {"b": "", "c": "3"}})
        assert changed.metadata.to_dict() == {"a": "1", "c": "3"}

    def test_takes_a_new_description(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable)
        assert (
            contract.v1.transfers.update(transfer.id, {"description": "Corrected"}).description == "Corrected"
        )

    def test_unknown_is_404(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.retrieve("tr_nothing")
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")

    def test_amount_can_not_be_changed(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.update(transfer.id, {"amount": 5})  # type: ignore[arg-type]  # on purpose
        assert caught.value.code == "parameter_unknown"


class TestList:
    def test_by_transfer_group(self, contract: stripe.StripeClient, payable: str) -> None:
        group = fresh("group")
        made = [pay(contract, payable, 100 + n, transfer_group=group).id for n in range(3)]
        pay(contract, payable, 100, transfer_group=fresh("other"))
        found = contract.v1.transfers.list({"transfer_group": group}).data
        assert [transfer.id for transfer in found] == made[::-1]

    @pytest.mark.usefixtures("payable")
    def test_by_destination(self, contract: stripe.StripeClient) -> None:
        account = create_payable(contract)
        made = pay(contract, account)
        assert [transfer.id for transfer in contract.v1.transfers.list({"destination": account}).data] == [
            made.id
        ]

    def test_an_unknown_group_is_empty(self, contract: stripe.StripeClient) -> None:
        page = contract.v1.transfers.list({"transfer_group": fresh("none")})
        assert (page.data, page.has_more, page.url) == ([], False, "/v1/transfers")

    def test_page_by_page(self, contract: stripe.StripeClient, payable: str) -> None:
        group = fresh("group")
        made = [pay(contract, payable, 100, transfer_group=group).id for _ in range(3)][::-1]
        first = contract.v1.transfers.list({"transfer_group": group, "limit": 2})
        assert ([t.id for t in first.data], first.has_more) == (made[:2], True)
        rest = contract.v1.transfers.list({"transfer_group": group, "limit": 2, "starting_after": made[1]})
        assert ([t.id for t in rest.data], rest.has_more) == (made[2:], False)
        back = contract.v1.transfers.list({"transfer_group": group, "ending_before": made[2]})
        assert [t.id for t in back.data] == made[:2]

    def test_pages_turn_by_themselves(self, contract: stripe.StripeClient, payable: str) -> None:
        group = fresh("group")
        made = {pay(contract, payable, 100, transfer_group=group).id for _ in range(5)}
        pages = contract.v1.transfers.list({"transfer_group": group, "limit": 2}).auto_paging_iter()
        assert {transfer.id for transfer in pages} == made

    @pytest.mark.parametrize("limit", [0, 101, -1])
    def test_limits_out_of_bounds(self, contract: stripe.StripeClient, limit: int) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.list({"limit": limit})
        assert (caught.value.http_status, caught.value.param) == (400, "limit")

    def test_by_creation(self, contract: stripe.StripeClient, payable: str) -> None:
        group = fresh("group")
        made = pay(contract, payable, transfer_group=group)
        now = contract.v1.transfers.list({"transfer_group": group, "created": {"gte": made.created}})
        later = contract.v1.transfers.list({"transfer_group": group, "created": {"gt": made.created + 60}})
        assert [t.id for t in now.data] == [made.id]
        assert later.data == []

    def test_expands_in_the_list(self, contract: stripe.StripeClient, payable: str) -> None:
        group = fresh("group")
        pay(contract, payable, 450, transfer_group=group)
        found = contract.v1.transfers.list(
            {"transfer_group": group, "expand": ["data.balance_transaction"]}
        ).data[0]
        assert isinstance(found.balance_transaction, stripe.BalanceTransaction)
        assert found.balance_transaction.net == -450

    def test_what_can_not_be_expanded(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.list({"expand": ["data.amount"]})
        assert caught.value.http_status == 400


class TestReversals:
    def test_all_of_it_by_default(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, 600)
        reversal = contract.v1.transfers.reversals.create(transfer.id)
        assert (reversal.object, reversal.amount, reversal.transfer) == (
            "transfer_reversal",
            600,
            transfer.id,
        )
        after = contract.v1.transfers.retrieve(transfer.id)
        assert (after.reversed, after.amount_reversed) == (True, 600)

    def test_in_parts(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, 600)
        contract.v1.transfers.reversals.create(transfer.id, {"amount": 200})
        part = contract.v1.transfers.retrieve(transfer.id)
        assert (part.reversed, part.amount_reversed) == (False, 200)
        contract.v1.transfers.reversals.create(transfer.id, {"amount": 400, "metadata": {"why": "test"}})
        assert contract.v1.transfers.retrieve(transfer.id).reversed is True
        assert len(contract.v1.transfers.reversals.list(transfer.id).data) == 2

    def test_never_more_than_there_was(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, 600)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.reversals.create(transfer.id, {"amount": 601})
        assert caught.value.http_status == 400

    def test_not_twice(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, 600)
        contract.v1.transfers.reversals.create(transfer.id)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.reversals.create(transfer.id)
        assert caught.value.http_status == 400

    def test_can_be_retrieved(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, 600)
        reversal = contract.v1.transfers.reversals.create(transfer.id, {"amount": 5})
        assert contract.v1.transfers.reversals.retrieve(transfer.id, reversal.id).amount == 5

    def test_of_an_unknown_transfer(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.reversals.create("tr_nothing")
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")

    def test_the_refund_on_the_other_side(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = pay(contract, payable, 600)
        reversal = contract.v1.transfers.reversals.create(transfer.id, {"amount": 250})
        assert str(reversal.destination_payment_refund).startswith("pyr_")
        payment = contract.v1.charges.retrieve(
            str(transfer.destination_payment), {}, {"stripe_account": payable}
        )
        assert (payment.amount_refunded, payment.refunded) == (250, False)
