"""The books, against the real function, trigger and constraints."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.ledger import operations as ledger
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.ledger.models import Account, Balance, Entry, Posting

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def usd(kind: Kind, owner: str = "") -> Account:
    return ledger.account(kind, currency="usd", owner=owner)


def fund(owner: str, amount_minor: int, key: str = "funding:1") -> bool:
    return ledger.move(
        debit=usd(Kind.STRIPE_BALANCE),
        credit=usd(Kind.COMPANY_WALLET, owner),
        amount_minor=amount_minor,
        key=key,
        kind="funding",
        at=AT,
    )


@pytest.mark.django_db
class TestPosting:
    def test_moves_money_and_keeps_both_balances(self) -> None:
        fund("cmp_a", 5_000)
        assert balances.owned_minor(Kind.COMPANY_WALLET, owner="cmp_a", currency="usd") == 5_000
        assert balances.total_minor(Kind.STRIPE_BALANCE, currency="usd") == 5_000

    def test_the_same_key_twice_moves_once(self) -> None:
        assert fund("cmp_a", 5_000) is True
        assert fund("cmp_a", 5_000) is False
        assert balances.total_minor(Kind.STRIPE_BALANCE, currency="usd") == 5_000

    def test_the_same_key_with_another_amount_is_refused(self) -> None:
        fund("cmp_a", 5_000)
        with pytest.raises(IntegrityError, match="posted before with other legs"), transaction.atomic():
            fund("cmp_a", 5_001)

    def test_the_same_key_lives_once_per_book(self) -> None:
        legs = [ledger.Leg(usd(Kind.STRIPE_BALANCE), 7), ledger.Leg(usd(Kind.STRIPE_FLOAT), -7)]
        drafts = [ledger.Draft(key="k", kind="float", legs=legs, book=book) for book in (0, 20261109)]
        assert ledger.post(drafts, at=AT) == 2
        assert ledger.post(drafts, at=AT) == 0

    def test_legs_that_do_not_add_up_are_refused_and_leave_nothing(self) -> None:
        legs = [ledger.Leg(usd(Kind.STRIPE_BALANCE), 100), ledger.Leg(usd(Kind.STRIPE_FLOAT), -99)]
        with pytest.raises(IntegrityError, match="add up to zero"), transaction.atomic():
            ledger.post([ledger.Draft(key="bad", kind="float", legs=legs)], at=AT)
        assert not Entry.objects.filter(key="bad").exists()

    def test_currencies_never_balance_each_other(self) -> None:
        euro = ledger.account(Kind.STRIPE_FLOAT, currency="eur")
        legs = [ledger.Leg(usd(Kind.STRIPE_BALANCE), 100), ledger.Leg(euro, -100)]
        with pytest.raises(IntegrityError, match="add up to zero"), transaction.atomic():
            ledger.post([ledger.Draft(key="mixed", kind="float", legs=legs)], at=AT)

    def test_a_wallet_is_never_overdrawn(self) -> None:
        fund("cmp_a", 1_000)
        with pytest.raises(ledger.Overdrawn), transaction.atomic():
            ledger.move(
                debit=usd(Kind.COMPANY_WALLET, "cmp_a"),
                credit=usd(Kind.GIG_BUDGET, "gig_a"),
                amount_minor=1_001,
                key="set_aside:1",
                kind="set_aside",
                at=AT,
            )
        assert balances.owned_minor(Kind.COMPANY_WALLET, owner="cmp_a", currency="usd") == 1_000

    @pytest.mark.parametrize(
        "table", ["payments_posting", "payments_entry", "payments_posting_rest", "payments_entry_rest"]
    )
    @pytest.mark.parametrize(
        "act", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET book = book + 1"]
    )
    def test_nothing_changes_or_deletes_the_books(self, table: str, act: str) -> None:
        fund("cmp_a", 1_000)
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(act.format(table))

    def test_a_direct_insert_is_held_to_the_same_rules(self) -> None:
        fund("cmp_a", 1_000)
        entry = Entry.objects.get(key="funding:1")
        with pytest.raises(IntegrityError, match="add up to zero"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO payments_posting_rest (book, entry_id, account_id, currency, amount_minor)"
                    " VALUES (0, %s, %s, 'usd', 5)",
                    [entry.pk, usd(Kind.STRIPE_BALANCE).pk],
                )


class TestBalances(TestCase):
    @given(
        moves=st.lists(
            st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.integers(1, 10**12)),
            min_size=1,
            max_size=30,
        )
    )
    def test_balances_equal_postings_after_any_moves(self, moves: list[tuple[str, str, int]]) -> None:
        drafts = [
            ledger.Draft(
                key=f"move:{n}",
                kind="float",
                legs=[
                    ledger.Leg(usd(Kind.PERFORMER_PAYABLE, source), amount),
                    ledger.Leg(usd(Kind.PERFORMER_PAYABLE, target), -amount),
                ],
            )
            for n, (source, target, amount) in enumerate(moves)
        ]
        assert ledger.post(drafts, at=AT) == len(drafts)
        for account in Account.objects.all():
            summed = sum(Posting.objects.filter(account=account).values_list("amount_minor", flat=True))
            assert balances.balance_minor(account) == summed
        assert sum(Balance.objects.values_list("amount_minor", flat=True)) == 0


@pytest.mark.django_db
class TestOneKeyTwiceInABatch:
    def _draft(self, minor: int) -> ledger.Draft:
        legs = [ledger.Leg(usd(Kind.STRIPE_BALANCE), minor), ledger.Leg(usd(Kind.STRIPE_FLOAT), -minor)]
        return ledger.Draft(key="twice", kind="float", legs=legs)

    def test_moves_once(self) -> None:
        assert ledger.post([self._draft(7), self._draft(7)], at=AT) == 1
        assert balances.total_minor(Kind.STRIPE_BALANCE, currency="usd") == 7

    def test_with_other_legs_is_refused(self) -> None:
        with pytest.raises(IntegrityError, match="twice in one batch"), transaction.atomic():
            ledger.post([self._draft(7), self._draft(8)], at=AT)
        assert balances.total_minor(Kind.STRIPE_BALANCE, currency="usd") == 0


@pytest.mark.django_db
def test_a_leg_in_another_currency_than_its_accounts_is_refused() -> None:
    debit, credit = usd(Kind.STRIPE_BALANCE), usd(Kind.STRIPE_FLOAT)
    debit.currency = credit.currency = "eur"
    legs = [ledger.Leg(debit, 5), ledger.Leg(credit, -5)]
    with pytest.raises(IntegrityError, match="account"), transaction.atomic():
        ledger.post([ledger.Draft(key="wrong", kind="float", legs=legs)], at=AT)
