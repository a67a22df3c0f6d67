"""Balance, its transactions and settings, payouts and top-ups, on Stripe's test mode and in the sandbox alike."""

import pytest
import stripe

from tests.payments.sandbox.contract import create_account, create_payable, fresh, fund


@pytest.fixture(scope="module")
def payable(contract: stripe.StripeClient) -> str:
    fund(contract)
    return create_payable(contract)


@pytest.fixture
def paid(contract: stripe.StripeClient, payable: str) -> str:
    contract.v1.transfers.create({"amount": 5_000, "currency": "usd", "destination": payable})
    return payable


class TestBalance:
    def test_lists_available_and_pending(self, contract: stripe.StripeClient) -> None:
        balance = contract.v1.balance.retrieve()
        assert balance.object == "balance"
        assert any(part.currency == "usd" for part in balance.available)
        assert any(part.currency == "usd" for part in balance.pending)

    def test_source_types_add_up(self, contract: stripe.StripeClient, payable: str) -> None:
        for part in contract.v1.balance.retrieve().to_dict()["available"]:
            assert sum(part["source_types"].values()) == part["amount"]

    def test_of_a_connected_account(self, contract: stripe.StripeClient, paid: str) -> None:
        balance = contract.v1.balance.retrieve({}, {"stripe_account": paid})
        assert sum(part.to_dict()["amount"] for part in [*balance.available, *balance.pending]) > 0


class TestTransactions:
    def test_by_source(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = contract.v1.transfers.create({"amount": 500, "currency": "usd", "destination": payable})
        found = contract.v1.balance_transactions.list({"source": transfer.id}).data
        assert [entry.id for entry in found] == [transfer.balance_transaction]

    @pytest.mark.parametrize("kind", ["transfer", "charge"])
    def test_by_type(self, contract: stripe.StripeClient, paid: str, kind: str) -> None:
        found = contract.v1.balance_transactions.list({"type": kind, "limit": 5}).data
        assert found
        assert {entry.type for entry in found} == {kind}

    def test_retrieved_with_its_source(self, contract: stripe.StripeClient, payable: str) -> None:
        transfer = contract.v1.transfers.create({"amount": 500, "currency": "usd", "destination": payable})
        entry = contract.v1.balance_transactions.retrieve(
            str(transfer.balance_transaction), {"expand": ["source"]}
        )
        assert isinstance(entry.source, stripe.Transfer)
        assert entry.source.id == transfer.id

    def test_unknown(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.balance_transactions.retrieve("txn_nothing")
        assert caught.value.http_status == 404

    def test_of_the_connected_side(self, contract: stripe.StripeClient, paid: str) -> None:
        found = contract.v1.balance_transactions.list({"type": "payment"}, {"stripe_account": paid}).data
        assert found
        assert all(entry.amount > 0 for entry in found)

    def test_newest_first(self, contract: stripe.StripeClient, paid: str) -> None:
        moments = [entry.created for entry in contract.v1.balance_transactions.list({"limit": 20}).data]
        assert moments == sorted(moments, reverse=True)


class TestSettings:
    def test_show_a_schedule(self, contract: stripe.StripeClient, payable: str) -> None:
        settings = contract.v1.balance_settings.retrieve({}, {"stripe_account": payable})
        assert settings.payments.payouts is not None
        assert settings.payments.payouts.schedule is not None

    def test_weekly_on_friday(self, contract: stripe.StripeClient) -> None:
        account = create_payable(contract)
        changed = contract.v1.balance_settings.update(
            {"payments": {"payouts": {"schedule": {"interval": "weekly", "weekly_payout_days": ["friday"]}}}},
            {"stripe_account": account},
        ).to_dict()
        schedule = changed["payments"]["payouts"]["schedule"]
        assert (schedule["interval"], schedule["weekly_payout_days"]) == ("weekly", ["friday"])

    def test_manual(self, contract: stripe.StripeClient) -> None:
        account = create_payable(contract)
        changed = contract.v1.balance_settings.update(
            {"payments": {"payouts": {"schedule": {"interval": "manual"}}}}, {"stripe_account": account}
        ).to_dict()
        assert changed["payments"]["payouts"]["schedule"]["interval"] == "manual"

    def test_weekly_needs_days(self, contract: stripe.StripeClient) -> None:
        account = create_payable(contract)
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.balance_settings.update(
                {"payments": {"payouts": {"schedule": {"interval": "weekly"}}}}, {"stripe_account": account}
            )

    def test_no_such_interval(self, contract: stripe.StripeClient, payable: str) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.balance_settings.update(
                {"payments": {"payouts": {"schedule": {"interval": "hourly"}}}}, {"stripe_account": payable}
            )


class TestPayouts:
    def test_takes_the_money_out(self, contract: stripe.StripeClient, paid: str) -> None:
        payout = contract.v1.payouts.create({"amount": 1_000, "currency": "usd"}, {"stripe_account": paid})
        assert (payout.object, payout.amount, payout.automatic) == ("payout", 1_000, False)
        assert payout.status in ("pending", "in_transit")
        entry = contract.v1.balance_transactions.retrieve(
            str(payout.balance_transaction), {}, {"stripe_account": paid}
        )
        assert (entry.type, entry.amount) == ("payout", -1_000)

    def test_does_not_say_what_it_paid_out(self, contract: stripe.StripeClient, paid: str) -> None:
        payout = contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": paid})
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.balance_transactions.list({"payout": payout.id}, {"stripe_account": paid})
        assert caught.value.http_status == 400
        assert "only be filtered on automatic transfers, not manual" in str(caught.value)

    def test_canceled_gives_back_in_a_transaction_of_its_own(
        self, contract: stripe.StripeClient, paid: str
    ) -> None:
        payout = contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": paid})
        done = contract.v1.payouts.cancel(
            payout.id, {"expand": ["failure_balance_transaction"]}, {"stripe_account": paid}
        )
        back = done.failure_balance_transaction
        assert isinstance(back, stripe.BalanceTransaction)
        assert (back.type, back.amount, back.source) == ("payout_cancel", 100, payout.id)

    def test_is_listed(self, contract: stripe.StripeClient, paid: str) -> None:
        payout = contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": paid})
        found = contract.v1.payouts.list({"limit": 5}, {"stripe_account": paid}).data
        assert payout.id in [one.id for one in found]

    def test_can_be_canceled_while_pending(self, contract: stripe.StripeClient, paid: str) -> None:
        payout = contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": paid})
        done = contract.v1.payouts.cancel(payout.id, {}, {"stripe_account": paid})
        assert done.status == "canceled"
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.payouts.cancel(payout.id, {}, {"stripe_account": paid})

    def test_not_more_than_there_is(self, contract: stripe.StripeClient, paid: str) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.payouts.create({"amount": 9_999_999, "currency": "usd"}, {"stripe_account": paid})
        assert caught.value.code == "balance_insufficient"

    def test_not_by_an_unverified_account(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract, tos_acceptance={}, individual={})
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": account})

    def test_metadata(self, contract: stripe.StripeClient, paid: str) -> None:
        payout = contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": paid})
        changed = contract.v1.payouts.update(
            payout.id, {"metadata": {"week": "47"}}, {"stripe_account": paid}
        )
        assert changed.metadata is not None
        assert changed.metadata["week"] == "47"

    def test_of_another_account_is_unknown(self, contract: stripe.StripeClient, paid: str) -> None:
        payout = contract.v1.payouts.create({"amount": 100, "currency": "usd"}, {"stripe_account": paid})
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.payouts.retrieve(payout.id)
        assert caught.value.http_status == 404


class TestTopups:
    def test_starts_pending(self, contract: stripe.StripeClient) -> None:
        topup = contract.v1.topups.create(
            {"amount": 2_000, "currency": "usd", "description": "Week 47", "metadata": {"w": fresh()}}
        )
        assert (topup.object, topup.amount, topup.currency) == ("topup", 2_000, "usd")
        assert topup.status in ("pending", "succeeded")
        assert contract.v1.topups.retrieve(topup.id).description == "Week 47"

    def test_needs_an_amount(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.topups.create({"currency": "usd"})  # type: ignore[typeddict-item]  # on purpose
        assert (caught.value.code, caught.value.param) == ("parameter_missing", "amount")

    def test_unknown(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.topups.retrieve("tu_nothing")
        assert caught.value.http_status == 404
