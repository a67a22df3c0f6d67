"""The audit finds what it claims to: each invariant is broken once, by hand, and named."""

from datetime import timedelta

import pytest
from django.db import connection

from payments.control import audit
from payments.inbox.models import Finding, Halt
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem, PayRun
from payments.reconciliation.models import StripeRow
from tests import stories
from tests.payments.world import World, a_week, compared, usd


def broken(world: World) -> set[str]:
    return {result.code for result in audit.run(at=world.now) if not result.ok}


@pytest.fixture
def paid(world: World) -> World:
    world.earns(world.performer(), "74.00")
    world.pays()
    assert broken(world) == set()
    return world


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


class TestFinds:
    def test_a_balance_that_is_not_its_postings(self, paid: World) -> None:
        run_sql(
            "UPDATE payments_balance SET amount_minor = amount_minor - 1 WHERE id = (SELECT min(id) FROM payments_balance)"
        )
        assert "balances_equal_postings" in broken(paid)
        run_sql(
            "UPDATE payments_balance SET amount_minor = amount_minor + 1 WHERE id = (SELECT min(id) FROM payments_balance)"
        )

    def test_an_item_that_is_not_its_lines(self, paid: World) -> None:
        PayItem.objects.update(amount_minor=7401, net_minor=7401)
        assert broken(paid) >= {
            "items_equal_their_lines",
            "runs_equal_their_items",
            "sent_items_have_one_transfer",
        }
        PayItem.objects.update(amount_minor=7400, net_minor=7400)

    def test_a_sent_item_without_its_transfer(self, paid: World) -> None:
        item = PayItem.objects.get()
        Transfer.objects.update(item=None)
        assert "sent_items_have_one_transfer" in broken(paid)
        Transfer.objects.update(item=item)

    def test_a_run_whose_hash_is_another(self, paid: World) -> None:
        digest = PayRun.objects.get().content_hash
        PayRun.objects.update(content_hash="0" * 64, approved_hash="0" * 64)
        assert "runs_are_what_was_frozen" in broken(paid)
        PayRun.objects.update(content_hash=digest, approved_hash=digest)

    def test_and_halts_payouts(self, paid: World) -> None:
        PayItem.objects.update(lines=9)
        audit.run_and_halt(at=paid.now)
        assert Halt.objects.filter(lifted_at=None, code="audit:items_equal_their_lines").exists()
        PayItem.objects.update(lines=1)


class TestDoesNotHaltFor:
    def test_a_net_below_zero_in_a_run_that_has_not_begun_beside_what_is_held(self, world: World) -> None:
        robin = world.performer(account=False)
        first, _ = world.earns(robin, "50.00", "24.00")
        world.pays()
        world.wait(days=7)
        monday = stories.MONDAY + timedelta(days=7)
        world.corrects(first, "50.00", monday=monday)
        world.earns(robin, "20.00", monday=monday)
        world.an_approved_run(a_week(monday))
        items = PayItem.objects.order_by("id").values_list("state", "net_minor")
        assert list(items) == [("held", usd("74.00")), ("ready", -usd("30.00"))]
        assert broken(world) == set()


class TestReconcile:
    def test_agrees_to_the_cent(self, paid: World) -> None:
        report = compared(at=paid.now)
        assert report.differs == []

    def test_money_moved_past_the_house_shows(self, paid: World) -> None:
        compared(at=paid.now)
        paid.stripe_has("5.00")
        report = compared(at=paid.now)
        assert (report.differs, report.difference_minor) == ([], 0), "it is in suspense"
        stray = Finding.objects.get(code="stray_money", detail__contains="5.00 USD")
        assert StripeRow.objects.get(stripe_id=stray.thing).how == "suspense"
