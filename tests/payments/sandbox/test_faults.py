"""Faults on order: what fails, whether the money moved, and that a seed repeats it."""

import pytest
import stripe

from payments.sandbox.sandbox import Sandbox
from tests.payments.sandbox.checked import CheckedClient
from tests.payments.sandbox.conftest import Stage

ON = "POST /v1/transfers"


@pytest.fixture
def account(stage: Stage) -> str:
    stage.fund()
    return stage.performer()


class TestAfterTheMoneyMoved:
    @pytest.mark.parametrize("do", ["500_after", "503_after"])
    def test_a_server_error_is_kept_and_replayed(self, stage: Stage, account: str, do: str) -> None:
        stage.control("faults", {"on": ON, "do": do})
        marks = []
        for _ in range(2):
            with pytest.raises(stripe.APIError) as caught:
                stage.pay(account, key="k", transfer_group="run")
            assert caught.value.http_status == int(do[:3])
            marks.append((caught.value.headers or {}).get("idempotent-replayed"))
        assert marks == [None, "true"]
        assert len(stage.client.v1.transfers.list({"transfer_group": "run"}).data) == 1

    @pytest.mark.parametrize("do", ["drop_after", "hang_after"])
    def test_a_lost_answer_is_found_by_the_same_key(self, stage: Stage, account: str, do: str) -> None:
        stage.control("faults", {"on": ON, "do": do, "hang_s": 0})
        with pytest.raises(stripe.APIConnectionError):
            stage.pay(account, key="k")
        assert stage.pay(account, key="k").id == stage.books()["transfers"][0]["id"]
        assert len(stage.books()["transfers"]) == 1

    def test_the_sdk_retries_a_lost_answer_by_itself(self, stage: Stage, account: str) -> None:
        patient = stripe.StripeClient(
            "sk_test_sandbox", http_client=CheckedClient(stage.sandbox), max_network_retries=1
        )
        stage.control("faults", {"on": ON, "do": "drop_after"})
        transfer = patient.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
        assert [line["id"] for line in stage.books()["transfers"]] == [transfer.id]


class TestBeforeItMoved:
    @pytest.mark.parametrize(
        "do", ["500_before", "503_before", "drop_before", "429", "lock_timeout", "refuse"]
    )
    def test_nothing_happened(self, stage: Stage, account: str, do: str) -> None:
        stage.control("faults", {"on": ON, "do": do})
        with pytest.raises(stripe.StripeError):
            stage.pay(account)
        assert stage.books()["transfers"] == []

    def test_a_refusal_of_choice(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": ON, "do": "refuse", "code": "account_closed", "status": 400})
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.pay(account)
        assert caught.value.code == "account_closed"

    def test_a_refusal_is_kept_under_its_key_and_overrules_no_transfer(
        self, stage: Stage, account: str
    ) -> None:
        paid = stage.pay(account, key="paid")
        stage.control("faults", {"on": ON, "do": "refuse", "times": 2})
        assert stage.pay(account, key="paid").id == paid.id
        for _ in range(2):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                stage.pay(account, key="refused")
            assert caught.value.code == "balance_insufficient"
        assert (caught.value.headers or {})["idempotent-replayed"] == "true"
        stage.pay(account, key="another")

    def test_a_refusal_at_the_door_is_not_kept(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": ON, "do": "refuse", "code": "account_invalid", "status": 403})
        with pytest.raises(stripe.PermissionError):
            stage.pay(account, key="k")
        stage.pay(account, key="k")

    @pytest.mark.parametrize("says", [True, False])
    def test_says_whether_to_retry(self, stage: Stage, account: str, says: bool) -> None:
        stage.control("faults", {"on": ON, "do": "500_before", "should_retry": says})
        with pytest.raises(stripe.APIError) as caught:
            stage.pay(account)
        assert (caught.value.headers or {})["stripe-should-retry"] == ("true" if says else "false")

    def test_429_names_its_reason(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": ON, "do": "429"})
        with pytest.raises(stripe.RateLimitError) as caught:
            stage.pay(account)
        assert (caught.value.headers or {})["stripe-rate-limited-reason"] == "endpoint-rate"

    def test_lock_timeout_asks_for_a_retry(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": ON, "do": "lock_timeout"})
        with pytest.raises(stripe.RateLimitError) as caught:
            stage.pay(account)
        assert caught.value.error is not None
        assert caught.value.error.code == "lock_timeout"


class TestOrders:
    def test_times(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": ON, "do": "500_before", "times": 2})
        for _ in range(2):
            with pytest.raises(stripe.APIError):
                stage.pay(account)
        stage.pay(account)

    def test_nth(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": ON, "do": "500_before", "nth": 2})
        stage.pay(account)
        with pytest.raises(stripe.APIError):
            stage.pay(account)
        stage.pay(account)

    def test_only_on_what_it_names(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": "GET /v1/transfers/*", "do": "500_before"})
        transfer = stage.pay(account)
        with pytest.raises(stripe.APIError):
            stage.client.v1.transfers.retrieve(transfer.id)

    def test_can_be_cleared(self, stage: Stage, account: str) -> None:
        stage.control("faults", {"on": "*", "do": "500_before", "probability": 1})
        stage.control("faults", method="DELETE")
        stage.pay(account)

    def test_a_seed_repeats_them(self) -> None:
        def outcomes(seed: int) -> list[bool]:
            stage = Stage(Sandbox(seed=seed))
            stage.control("faults", {"on": "GET /v1/balance", "do": "500_before", "probability": 0.5})
            seen = []
            for _ in range(40):
                try:
                    stage.client.v1.balance.retrieve()
                    seen.append(True)
                except stripe.APIError:
                    seen.append(False)
            stage.sandbox.close()
            return seen

        assert outcomes(1) == outcomes(1)
        assert outcomes(1) != outcomes(2)

    @pytest.mark.parametrize(
        "order",
        [
            {},
            {"on": ON},
            {"on": ON, "do": "explode"},
            {"on": ON, "do": "429", "probability": 2},
            {"on": ON, "do": "429", "probability": True},
            {"on": ON, "do": "429", "colour": "red"},
            {"on": ON, "do": "429", "times": "two"},
            {"on": ON, "do": "429", "times": -1},
            {"on": ON, "do": "hang_after", "hang_s": "long"},
            {"on": ON, "do": "refuse", "status": "no"},
        ],
    )
    def test_an_order_that_makes_no_sense(self, stage: Stage, order: dict[str, object]) -> None:
        assert "error" in stage.control("faults", order, status=400)
