"""Many at once: no lost update, no deadlock, no double posting."""

from datetime import UTC, datetime
from functools import partial

import pytest

from payments.ledger import operations as ledger
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.ledger.operations import Overdrawn
from tests.database import together

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.usefixtures("committed_db")
class TestManyAtOnce:
    def test_one_key_posts_once_from_twenty_threads(self) -> None:
        a = ledger.account(Kind.PERFORMER_PAYABLE, currency="usd", owner="prf_a")
        b = ledger.account(Kind.PERFORMER_PAYABLE, currency="usd", owner="prf_b")
        posted = together(
            [lambda: ledger.move(debit=a, credit=b, amount_minor=5, key="k", kind="float", at=AT)] * 20
        )
        assert sorted(posted, key=str) == [False] * 19 + [True]
        assert balances.balance_minor(a) == 5

    def test_crossing_moves_neither_deadlock_nor_lose(self) -> None:
        a = ledger.account(Kind.PERFORMER_PAYABLE, currency="usd", owner="prf_a")
        b = ledger.account(Kind.PERFORMER_PAYABLE, currency="usd", owner="prf_b")

        def move(n: int) -> bool:
            there, back = (a, b) if n % 2 else (b, a)
            return ledger.move(debit=there, credit=back, amount_minor=n + 1, key=f"k{n}", kind="float", at=AT)

        assert together([partial(move, n) for n in range(20)]) == [True] * 20
        assert (
            balances.balance_minor(a)
            == -balances.balance_minor(b)
            == sum(n + 1 if n % 2 else -n - 1 for n in range(20))
        )

    def test_a_wallet_is_not_overdrawn_by_a_race(self) -> None:
        wallet = ledger.account(Kind.COMPANY_WALLET, currency="usd", owner="cmp_a")
        stripe = ledger.account(Kind.STRIPE_BALANCE, currency="usd")
        ledger.move(debit=stripe, credit=wallet, amount_minor=10, key="f", kind="funding", at=AT)

        def spend(n: int) -> bool:
            gig = ledger.account(Kind.GIG_BUDGET, currency="usd", owner=f"gig_{n}")
            return ledger.move(debit=wallet, credit=gig, amount_minor=4, key=f"s{n}", kind="set_aside", at=AT)

        results = together([partial(spend, n) for n in range(6)])
        assert sum(result is True for result in results) == 2
        assert all(result is True or isinstance(result, Overdrawn) for result in results)
