"""The desk's buttons, the hosted checkout, the controls' own manners, and the token buckets."""

from urllib.parse import urlencode

import pytest
import stripe

from payments.sandbox.sandbox import Sandbox
from payments.sandbox.world import Options
from tests.payments.sandbox.conftest import Stage
from tests.payments.sandbox.test_money import checkout


def press(stage: Stage, path: str, headers: dict[str, str] | None = None, **form: str) -> int:
    return stage.sandbox.handle("POST", path, headers or {}, urlencode(form).encode()).status


class TestDesk:
    def test_sets_and_clears_a_fault(self, stage: Stage) -> None:
        assert press(stage, "/desk/fault", on="GET /v1/balance", do="500_before", times="1") == 303
        assert "500_before" in stage.sandbox.handle("GET", "/", {}).body.decode()
        with pytest.raises(stripe.APIError):
            stage.client.v1.balance.retrieve()
        assert press(stage, "/desk/faults/clear") == 303

    def test_moves_the_clock(self, stage: Stage) -> None:
        before = stage.sandbox.world.clock.now()
        assert press(stage, "/desk/clock", hours="24") == 303
        assert stage.sandbox.world.clock.now() >= before + 86_400

    def test_brings_money_in(self, stage: Stage) -> None:
        before = stage.client.v1.balance.retrieve().available[0].amount
        assert press(stage, "/desk/balance", dollars="1000") == 303
        assert stage.client.v1.balance.retrieve().available[0].amount - before == 100_000
        assert "The books balance" in stage.sandbox.handle("GET", "/", {}).body.decode()

    def test_another_site_can_not_press(self, stage: Stage) -> None:
        assert press(stage, "/desk/clock", {"Sec-Fetch-Site": "cross-site"}, hours="24") == 403

    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("/desk/clock", {"hours": "-1"}),
            ("/desk/balance", {"dollars": "-1"}),
            ("/desk/fault", {"do": "explode"}),
        ],
    )
    def test_nonsense_is_said_to_be_so(self, stage: Stage, path: str, form: dict[str, str]) -> None:
        assert press(stage, path, None, **form) == 400

    @pytest.mark.parametrize(
        "path", ["/nothing", "/hosted/nothing", "/hosted/onboarding/x", "/hosted/checkout/x"]
    )
    def test_pages_that_are_not_there(self, stage: Stage, path: str) -> None:
        assert stage.sandbox.handle("GET", path, {}).status == 404

    def test_shows_a_busy_sandbox(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        transfer = stage.pay(account)
        stage.later(days=4)
        body = stage.sandbox.handle("GET", "/", {}).body.decode()
        assert transfer.id in body
        assert account in body
        assert "The books balance" in body


class TestHostedCheckout:
    def path(self, stage: Stage, session: stripe.checkout.Session) -> str:
        return str(session.url).removeprefix(stage.sandbox.world.options.base_url)

    def test_pays_and_comes_back(self, stage: Stage) -> None:
        session = checkout(stage)
        path = self.path(stage, session)
        assert "5,000.00 USD" in stage.sandbox.handle("GET", path, {}).body.decode()
        reply = stage.sandbox.handle("POST", path, {}, b"payment_method=pm_card_bypassPending")
        assert (reply.status, reply.headers["Location"]) == (
            303,
            f"http://127.0.0.1/done?session={session.id}",
        )
        assert stage.available() > 0
        assert stage.sandbox.handle("GET", path, {}).status == 410

    def test_a_declined_card_can_be_replaced(self, stage: Stage) -> None:
        path = self.path(stage, checkout(stage))
        form = urlencode({"payment_method": "pm_card_visa", "number": "4000 0000 0000 9995"}).encode()
        declined = stage.sandbox.handle("POST", path, {}, form)
        assert declined.status == 402
        assert "insufficient funds" in declined.body.decode()
        assert stage.sandbox.handle("POST", path, {}, b"payment_method=pm_card_visa").status == 303

    def test_a_method_that_is_none(self, stage: Stage) -> None:
        path = self.path(stage, checkout(stage))
        assert stage.sandbox.handle("POST", path, {}, b"payment_method=pm_gold").status == 402

    def test_an_invoice_is_paid_on_its_page(self, stage: Stage) -> None:
        customer = stage.client.v1.customers.create({"name": "Mirror"}).id
        stage.client.v1.invoice_items.create({"customer": customer, "amount": 5_000, "currency": "usd"})
        invoice = stage.client.v1.invoices.create(
            {
                "customer": customer,
                "collection_method": "send_invoice",
                "days_until_due": 3,
                "pending_invoice_items_behavior": "include",
            }
        )
        url = str(stage.client.v1.invoices.finalize_invoice(str(invoice.id)).hosted_invoice_url)
        path = url.removeprefix(stage.sandbox.world.options.base_url)
        assert "50.00 USD" in stage.sandbox.handle("GET", path, {}).body.decode()
        assert stage.sandbox.handle("POST", path, {}, b"payment_method=pm_card_visa").status == 303
        assert stage.client.v1.invoices.retrieve(str(invoice.id)).status == "paid"


class TestControls:
    def test_unknown_ones(self, stage: Stage) -> None:
        stage.control("nothing", status=404)
        stage.control("books", method="DELETE", status=405)
        stage.control("accounts/acct_x/onboard", status=404)
        stage.control("accounts/acct_x/dance", status=400)

    @pytest.mark.parametrize(
        "body", [b"[]", b"{", b'{"advance_s": "x"}', b'{"advance_s": -1}', b'{"colour": 1}']
    )
    def test_orders_that_can_not_be_read(self, stage: Stage, body: bytes) -> None:
        assert stage.sandbox.handle("POST", "/_sandbox/clock", {}, body).status == 400

    def test_a_clock_can_be_frozen(self, stage: Stage) -> None:
        stage.control("clock", {"now": "2026-12-01T00:00:00Z", "frozen": True})
        assert stage.control("clock", method="GET")["now"] == "2026-12-01T00:00:00.000Z"
        stage.control("clock", {"advance_s": 60})
        assert stage.control("clock", method="GET")["now"] == "2026-12-01T00:01:00.000Z"
        stage.control("clock", {"now": "2026-11-30T00:00:00Z"}, status=400)
        assert stage.control("clock", {"frozen": False})["frozen"] is False


class TestBuckets:
    def test_too_fast_is_429_and_not_kept(self) -> None:
        sandbox = Sandbox(seed=1, options=Options(rate_per_s=5))
        client = Stage(sandbox).client
        codes = []
        for number in range(12):
            try:
                client.v1.customers.create({"name": "A"}, {"idempotency_key": f"k{number}"})
                codes.append(200)
            except stripe.RateLimitError as problem:
                codes.append(429)
                reason = (problem.headers or {})["stripe-rate-limited-reason"]
        assert codes[:5] == [200] * 5
        assert 429 in codes
        assert reason in ("global-rate", "endpoint-rate")
        sandbox.close()

    def test_no_limit_in_process(self, stage: Stage) -> None:
        for _ in range(60):
            stage.client.v1.balance.retrieve()


class TestPeople:
    def test_who_comes_back_sees_what_is_missing(self, stage: Stage) -> None:
        account = stage.performer({"id_number": "111111111"})
        link = stage.client.v1.account_links.create(
            {
                "account": account,
                "type": "account_onboarding",
                "refresh_url": "http://127.0.0.1/refresh",
                "return_url": "http://127.0.0.1/return",
            }
        )
        page = stage.sandbox.handle("GET", link.url.removeprefix(stage.sandbox.world.options.base_url), {})
        body = page.body.decode()
        assert "What is still missing" in body
        assert "name='document'" in body

    def test_webhooks_are_disturbed_from_the_desk(self, stage: Stage) -> None:
        assert press(stage, "/desk/webhooks", None, drop="0.5", delay_s="3") == 303
        assert stage.control("webhooks", method="GET")["disturbance"]["drop"] == 0.5
        assert press(stage, "/desk/webhooks", None, drop="5") == 400

    def test_a_performer_sees_the_own_balance(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        link = stage.client.v1.accounts.login_links.create(account)
        path = link.url.removeprefix(stage.sandbox.world.options.base_url)
        assert "74.00 USD" in stage.sandbox.handle("GET", path, {}).body.decode()
        stage.later(days=5)
        assert "74.00 USD: paid" in stage.sandbox.handle("GET", path, {}).body.decode()

    def test_a_look_at_the_head_does_not_use_up_a_link(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        link = stage.client.v1.account_links.create(
            {
                "account": account,
                "type": "account_onboarding",
                "refresh_url": "http://127.0.0.1/refresh",
                "return_url": "http://127.0.0.1/return",
            }
        )
        path = link.url.removeprefix(stage.sandbox.world.options.base_url)
        assert stage.sandbox.handle("HEAD", path, {}).status == 405
        assert stage.sandbox.handle("GET", path, {}).status == 200
