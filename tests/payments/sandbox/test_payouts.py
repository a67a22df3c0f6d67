"""The life of a payout on the clock: paid, paid and then failed, canceled, weekly by itself."""

import pytest
import stripe

from payments.sandbox.clock import read_instant
from tests.payments.sandbox.conftest import Stage

CODES = ("no_account", "account_closed", "insufficient_funds", "debit_not_authorized", "invalid_currency")
AMERICAN = ("000111111116", "000111111113", "000222222227", "000333333335", "000444444440")
BRITISH = ("11111116", "11111113", "22222227", "33333335", "44444440")
GERMAN = tuple(f"DE{check}37040044053201300{digit}" for digit, check in enumerate((62, 89, 89, 89, 89), 1))
BAD_BANKS = [
    *(
        ({"routing_number": "110000000", "account_number": n}, code)
        for n, code in zip(AMERICAN, CODES, strict=True)
    ),
    *(
        ({"country": "gb", "sort_code": "108800", "account_number": n}, code)
        for n, code in zip(BRITISH, CODES, strict=True)
    ),
    *(({"country": "de", "iban": n}, code) for n, code in zip(GERMAN, CODES, strict=True)),
]


def manual(stage: Stage, account: str) -> None:
    schedule(stage, account, {"interval": "manual"})


def schedule(stage: Stage, account: str, given: dict[str, object]) -> None:
    stage.client.v1.balance_settings.update(
        {"payments": {"payouts": {"schedule": given}}},  # type: ignore[arg-type]  # a plain dictionary
        {"stripe_account": account},
    )


def pay_out(stage: Stage, account: str, amount: int = 5_000, *, currency: str = "usd") -> stripe.Payout:
    return stage.client.v1.payouts.create(
        {"amount": amount, "currency": currency}, {"stripe_account": account}
    )


def newest(stage: Stage, account: str) -> stripe.Payout:
    return stage.client.v1.payouts.list({}, {"stripe_account": account}).data[0]


def entries(
    stage: Stage, account: str, payout: stripe.Payout, **filters: str
) -> list[stripe.BalanceTransaction]:
    """What Stripe says that an automatic payout paid out, itself included, newest first."""
    return stage.client.v1.balance_transactions.list(
        {"payout": payout.id, **filters},  # type: ignore[arg-type]  # a plain dictionary
        {"stripe_account": account},
    ).data


def listed(stage: Stage, account: str, payout: stripe.Payout) -> list[tuple[str, int]]:
    return [(entry.type, entry.amount) for entry in entries(stage, account, payout)]


def status(stage: Stage, account: str, payout: str) -> str:
    return stage.client.v1.payouts.retrieve(payout, {}, {"stripe_account": account}).status


class TestByHand:
    def test_moves_and_arrives(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        manual(stage, account)
        stage.pay(account)
        payout = pay_out(stage, account)
        assert (payout.status, stage.available(account)) == ("pending", 2_400)
        stage.later(days=1.1)
        assert status(stage, account, payout.id) == "in_transit"
        stage.later(days=1)
        assert status(stage, account, payout.id) == "paid"

    @pytest.mark.parametrize(("bank", "code"), BAD_BANKS)
    def test_paid_and_then_failed(self, stage: Stage, bank: dict[str, str], code: str) -> None:
        currency = {"gb": "gbp", "de": "eur"}.get(bank.get("country", ""), "usd")
        stage.fund(currency=currency)
        account = stage.performer(bank)
        manual(stage, account)
        stage.pay(account, currency=currency)
        payout = pay_out(stage, account, currency=currency)
        stage.later(days=2.1)
        assert status(stage, account, payout.id) == "paid"
        stage.later(days=1)
        failed = stage.client.v1.payouts.retrieve(
            payout.id, {"expand": ["destination", "failure_balance_transaction"]}, {"stripe_account": account}
        )
        assert (failed.status, failed.failure_code) == ("failed", code)
        assert stage.available(account) == 7_400
        assert isinstance(failed.destination, stripe.BankAccount)
        assert failed.destination.status == "errored"
        assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
        assert failed.failure_balance_transaction.amount == 5_000

    def test_a_failed_bank_stops_payouts_until_it_is_replaced(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer({"routing_number": "110000000", "account_number": "000111111113"})
        stage.pay(account)
        stage.later(days=10)
        assert stage.capability(account, "payouts") == "restricted"
        assert stage.capability(account) == "active"
        assert stage.available(account) == 7_400
        with pytest.raises(stripe.InvalidRequestError) as caught:
            pay_out(stage, account)
        assert caught.value.code == "payouts_not_allowed"
        stage.client.v1.accounts.external_accounts.create(
            account, {"external_account": "btok_us_verified", "default_for_currency": True}
        )
        assert stage.capability(account, "payouts") == "active"
        stage.later(days=10)
        assert stage.available(account) == 0

    def test_a_transfer_still_reaches_an_account_whose_bank_failed(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer({"routing_number": "110000000", "account_number": "000111111113"})
        stage.pay(account)
        stage.later(days=10)
        stage.pay(account, 100)
        assert stage.available(account) == 7_500

    def test_cancels_only_while_pending(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        manual(stage, account)
        stage.pay(account)
        payout = pay_out(stage, account)
        stage.later(days=1.1)
        with pytest.raises(stripe.InvalidRequestError):
            stage.client.v1.payouts.cancel(payout.id, {}, {"stripe_account": account})
        second = pay_out(stage, account, 100)
        stage.client.v1.payouts.cancel(second.id, {}, {"stripe_account": account})
        assert stage.available(account) == 2_400

    def test_never_instantly(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.client.v1.payouts.create(
                {"amount": 100, "currency": "usd", "method": "instant"}, {"stripe_account": account}
            )
        assert caught.value.code == "instant_payouts_unsupported"

    def test_not_before_onboarding(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            pay_out(stage, account)
        assert caught.value.code == "payouts_not_allowed"

    def test_made_to_fail_by_a_control(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        manual(stage, account)
        stage.pay(account)
        payout = pay_out(stage, account)
        stage.control(f"payouts/{payout.id}/fail", {"code": "account_frozen"})
        assert status(stage, account, payout.id) == "failed"
        assert stage.available(account) == 7_400

    def test_a_paid_one_can_be_reversed(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        manual(stage, account)
        stage.pay(account)
        payout = pay_out(stage, account)
        stage.later(days=2.1)
        back = stage.client.v1.payouts.reverse(payout.id, {}, {"stripe_account": account})
        assert (back.amount, back.original_payout) == (-5_000, payout.id)
        stage.later(days=2.1)
        assert stage.available(account) == 7_400


class TestByItself:
    def test_weekly_on_friday(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        schedule(stage, account, {"interval": "weekly", "weekly_payout_days": ["friday"]})
        stage.pay(account)
        stage.later(days=4)
        assert stage.books()["payouts"] == []
        stage.later(days=1)
        payouts = stage.client.v1.payouts.list({}, {"stripe_account": account}).data
        assert [(one.amount, one.automatic) for one in payouts] == [(7_400, True)]
        assert payouts[0].created == read_instant("2026-11-27T06:00:00+00:00")

    def test_gathers_what_it_pays_out(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        for amount in (100, 200, 300):
            stage.pay(account, amount)
        stage.later(days=4)
        payout = stage.client.v1.payouts.list({}, {"stripe_account": account}).data[0]
        entries = stage.client.v1.balance_transactions.list(
            {"payout": payout.id}, {"stripe_account": account}
        ).data
        assert sorted(entry.amount for entry in entries) == [-600, 100, 200, 300]

    def test_one_that_failed_is_paid_again_without_its_payments(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer({"routing_number": "110000000", "account_number": "000111111113"})
        stage.pay(account)
        stage.later(days=5)
        failed = newest(stage, account)
        assert (failed.status, failed.failure_code) == ("failed", "account_closed")
        assert listed(stage, account, failed) == [("payout", -7_400), ("payment", 7_400)]
        stage.client.v1.accounts.external_accounts.create(
            account, {"external_account": "btok_us_verified", "default_for_currency": True}
        )
        stage.later(days=5)
        again = newest(stage, account)
        assert (again.status, again.amount) == ("paid", 7_400)
        assert listed(stage, account, again) == [("payout", -7_400), ("payout_failure", 7_400)]
        (back,) = entries(stage, account, again, type="payout_failure")
        assert (back.id, back.source) == (failed.failure_balance_transaction, failed.id)
        assert back.reporting_category == "payout_reversal"

    def test_takes_up_what_was_paid_out_by_hand(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        pay_out(stage, account, 5_000)
        stage.later(days=4)
        by_itself = newest(stage, account)
        assert by_itself.automatic
        assert listed(stage, account, by_itself) == [
            ("payout", -2_400),
            ("payout", -5_000),
            ("payment", 7_400),
        ]

    def test_of_no_such_payout_nothing_is_listed(self, stage: Stage) -> None:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.client.v1.balance_transactions.list({"payout": "po_nothing"})
        assert (caught.value.http_status, caught.value.code) == (400, "resource_missing")

    def test_keeps_the_minimum_back(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.client.v1.balance_settings.update(
            {"payments": {"payouts": {"minimum_balance_by_currency": {"usd": 400}}}},
            {"stripe_account": account},
        )
        stage.pay(account)
        stage.later(days=4)
        assert stage.available(account) == 400

    def test_the_platform_keeps_its_money(self, stage: Stage) -> None:
        stage.fund(5_000)
        before = stage.available()
        stage.later(days=30)
        assert stage.available() == before

    def test_monthly_on_the_last_day(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        schedule(stage, account, {"interval": "monthly", "monthly_payout_days": [31]})
        stage.pay(account)
        stage.later(days=9)
        payout = stage.client.v1.payouts.list({}, {"stripe_account": account}).data[0]
        assert payout.created == read_instant("2026-11-30T06:00:00+00:00")

    def test_tells_the_connected_account_what_became_of_it(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer({"routing_number": "110000000", "account_number": "000111111113"})
        stage.pay(account)
        stage.later(days=10)
        kinds = [
            event.type
            for event in stage.client.v1.events.list({"limit": 100}, {"stripe_account": account}).data
        ]
        lived = [kind for kind in reversed(kinds) if kind.startswith("payout.")]
        assert lived[:2] == ["payout.created", "payout.updated"]
        assert lived.index("payout.paid") < lived.index("payout.failed")
