"""What the sandbox promises of keys beyond the contract: windows, concurrency, restarts."""

import threading
from pathlib import Path

import pytest
import stripe

from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from payments.sandbox.world import Options
from tests.payments.sandbox.conftest import Stage

DAY_S = 86_400


def order(account: str) -> stripe.params.TransferCreateParams:
    return {"amount": 7_400, "currency": "usd", "destination": account}


def code_of(problem: stripe.StripeError) -> str:
    """The code as it stands in the body, where the SDK has none on the exception."""
    body = problem.json_body
    return str(body["error"]["code"]) if isinstance(body, dict) else ""


class TestWindows:
    def test_v1_forgets_after_a_day(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        first = stage.pay(account, key="k")
        stage.later(seconds=DAY_S - 60)
        assert stage.pay(account, key="k").id == first.id
        stage.later(seconds=61)
        assert stage.pay(account, key="k").id != first.id

    def test_v2_remembers_for_thirty_days(self, stage: Stage) -> None:
        first = stage.client.v2.core.accounts.create({}, {"idempotency_key": "k"})
        stage.later(days=29)
        assert stage.client.v2.core.accounts.create({}, {"idempotency_key": "k"}).id == first.id
        stage.later(days=1.1)
        assert stage.client.v2.core.accounts.create({}, {"idempotency_key": "k"}).id != first.id

    def test_v2_carries_a_failed_request_out_again(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        for _ in range(2):
            with pytest.raises(stripe.StripeError) as caught:
                stage.client.v2.core.accounts.close(account, {}, {"idempotency_key": "k"})
            assert "idempotent-replayed" not in (caught.value.headers or {})
        transfer = stage.client.v1.transfers.list({"destination": account}).data[0]
        stage.client.v1.transfers.reversals.create(transfer.id)
        assert stage.client.v2.core.accounts.close(account, {}, {"idempotency_key": "k"}).closed is True


class TestWhatIsNotKept:
    @pytest.mark.parametrize("fault", ["500_before", "503_before", "429", "lock_timeout"])
    def test_failures_before_execution(self, stage: Stage, fault: str) -> None:
        stage.fund()
        account = stage.performer()
        stage.control("faults", {"on": "POST /v1/transfers", "do": fault})
        with pytest.raises(stripe.StripeError):
            stage.pay(account, key="k")
        assert stage.pay(account, key="k").amount == 7_400
        assert len(stage.books()["transfers"]) == 1

    def test_a_get_takes_no_key(self, stage: Stage) -> None:
        for _ in range(2):
            answer = stage.client.v1.balance.retrieve({}, {"idempotency_key": "k"})
            assert answer.last_response is not None
            assert "idempotent-replayed" not in answer.last_response.headers


class TestAtTheSameTime:
    def test_a_second_one_gets_409_while_the_first_runs(self) -> None:
        sandbox = Sandbox(options=Options(latency_s=0.4))
        stage = Stage(sandbox)
        stage.fund()
        account = stage.performer()
        outcomes: list[str] = []

        def pay() -> None:
            try:
                outcomes.append(stage.client.v1.transfers.create(order(account), {"idempotency_key": "k"}).id)
            except stripe.StripeError as problem:
                outcomes.append(f"{problem.http_status} {code_of(problem)}")

        threads = [threading.Thread(target=pay) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(stage.books()["transfers"]) == 1
        assert sorted(outcomes)[0] == "409 idempotency_key_in_use"
        sandbox.close()

    def test_writers_of_one_object_get_lock_timeout(self) -> None:
        sandbox = Sandbox(options=Options(latency_s=0.4, lock_wait_s=0.05))
        stage = Stage(sandbox)
        stage.fund()
        transfer = stage.pay(stage.performer())
        codes: list[str] = []

        def reverse() -> None:
            try:
                stage.client.v1.transfers.reversals.create(transfer.id, {"amount": 100})
                codes.append("reversed")
            except stripe.RateLimitError as problem:
                codes.append(code_of(problem))

        threads = [threading.Thread(target=reverse) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["lock_timeout", "reversed"]
        sandbox.close()

    def test_twenty_threads_with_one_key_make_one_transfer(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        made: set[str] = set()
        refusals: set[int] = set()

        def pay() -> None:
            for _ in range(20):
                try:
                    made.add(stage.client.v1.transfers.create(order(account), {"idempotency_key": "k"}).id)
                    return
                except stripe.StripeError as problem:
                    refusals.add(problem.http_status or 0)

        threads = [threading.Thread(target=pay) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 1
        assert refusals <= {409}
        assert len(stage.books()["transfers"]) == 1


class TestOnDisk:
    def test_keys_effects_and_clock_outlive_the_process(self, tmp_path: Path) -> None:
        first = Sandbox(tmp_path, seed=1)
        stage = Stage(first)
        stage.fund()
        account = stage.performer()
        made = stage.pay(account, key="k")
        stage.later(days=0.5)
        now = first.world.clock.now()
        first.close()

        second = Sandbox(tmp_path)
        client = stripe.StripeClient("sk_test_sandbox", http_client=InProcessClient(second))
        again = client.v1.transfers.create(order(account), {"idempotency_key": "k"})
        assert again.id == made.id
        assert second.world.clock.now() >= now
        new = client.v1.transfers.create(order(account), {"idempotency_key": "other"})
        assert new.id != made.id
        second.close()
