"""Idempotency keys: what holds on Stripe's test mode and in the sandbox alike."""

import pytest
import stripe
from stripe.params.v2.core import AccountCreateParams

from tests.payments.sandbox.contract import create_payable, fresh, fund


@pytest.fixture(scope="module")
def payable(contract: stripe.StripeClient) -> str:
    fund(contract)
    return create_payable(contract)


def replayed(answer: stripe.StripeObject) -> bool:
    response = answer.last_response
    assert response is not None
    return bool(response.headers.get("idempotent-replayed") == "true")


class TestKeys:
    def test_same_key_same_transfer(self, contract: stripe.StripeClient, payable: str) -> None:
        key, group = fresh(), fresh("group")
        order: stripe.params.TransferCreateParams = {
            "amount": 300, "currency": "usd", "destination": payable, "transfer_group": group,
        }  # fmt: skip
        first = contract.v1.transfers.create(order, {"idempotency_key": key})
        second = contract.v1.transfers.create(order, {"idempotency_key": key})
        assert first.id == second.id
        assert (replayed(first), replayed(second)) == (False, True)
        assert len(contract.v1.transfers.list({"transfer_group": group}).data) == 1

    def test_other_parameters_are_an_idempotency_error(
        self, contract: stripe.StripeClient, payable: str
    ) -> None:
        key = fresh()
        contract.v1.transfers.create(
            {"amount": 300, "currency": "usd", "destination": payable}, {"idempotency_key": key}
        )
        with pytest.raises(stripe.IdempotencyError) as caught:
            contract.v1.transfers.create(
                {"amount": 301, "currency": "usd", "destination": payable}, {"idempotency_key": key}
            )
        assert caught.value.http_status == 400

    def test_an_executed_refusal_is_replayed(self, contract: stripe.StripeClient, payable: str) -> None:
        key = fresh()
        codes, marks = [], []
        for _ in range(2):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                contract.v1.transfers.create(
                    {"amount": 9_999_999_00, "currency": "usd", "destination": payable},
                    {"idempotency_key": key},
                )
            codes.append(caught.value.code)
            marks.append((caught.value.headers or {}).get("idempotent-replayed"))
        assert codes == ["balance_insufficient", "balance_insufficient"]
        assert marks == [None, "true"]

    def test_a_refused_parameter_is_not_kept(self, contract: stripe.StripeClient, payable: str) -> None:
        key = fresh()
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.transfers.create(
                {"amount": 0, "currency": "usd", "destination": payable}, {"idempotency_key": key}
            )
        made = contract.v1.transfers.create(
            {"amount": 300, "currency": "usd", "destination": payable}, {"idempotency_key": key}
        )
        assert made.amount == 300

    def test_the_longest_key(self, contract: stripe.StripeClient, payable: str) -> None:
        key = fresh().ljust(255, "x")
        made = contract.v1.transfers.create(
            {"amount": 300, "currency": "usd", "destination": payable}, {"idempotency_key": key}
        )
        assert made.amount == 300

    def test_a_key_that_is_too_long(self, contract: stripe.StripeClient, payable: str) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.transfers.create(
                {"amount": 300, "currency": "usd", "destination": payable}, {"idempotency_key": "x" * 256}
            )
        assert caught.value.http_status == 400

    def test_a_declined_card_is_replayed(self, contract: stripe.StripeClient) -> None:
        key = fresh()
        intents = set()
        for _ in range(2):
            with pytest.raises(stripe.CardError) as caught:
                contract.v1.payment_intents.create(
                    {
                        "amount": 5_000,
                        "currency": "usd",
                        "payment_method": "pm_card_chargeDeclined",
                        "allowed_payment_method_types": ["card"],
                        "confirm": True,
                    },
                    {"idempotency_key": key},
                )
            intents.add(caught.value.error.payment_intent.id)  # type: ignore[union-attr]  # a card error names it
        assert len(intents) == 1

    def test_keys_belong_to_an_account(self, contract: stripe.StripeClient, payable: str) -> None:
        key = fresh()
        other = create_payable(contract)
        seen = []
        for account in (payable, other):
            intent = contract.v1.customers.create(
                {"name": "Same"}, {"idempotency_key": key, "stripe_account": account}
            )
            seen.append(intent.id)
        assert seen[0] != seen[1]

    def test_v2_same_key_same_account(self, contract: stripe.StripeClient) -> None:
        key = fresh()
        order: AccountCreateParams = {
            "contact_email": "ann@example.com",
            "identity": {"country": "us", "entity_type": "individual"},
        }
        first = contract.v2.core.accounts.create(order, {"idempotency_key": key})
        assert contract.v2.core.accounts.create(order, {"idempotency_key": key}).id == first.id
