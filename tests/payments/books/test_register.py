"""The payroll register ties to its run, to the cent, payee by payee, whatever became of the pay."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.performers.models import Performer
from kit.errors import NotFound
from payments.books import register
from payments.gateway.client import client
from payments.payouts import reversals
from payments.payroll import accrual
from payments.payroll.models import PayItem, PayRun
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.payments.paylines.stage import Stage
from tests.payments.payroll.test_recoveries import MONDAYS, a_payday, earns, is_overpaid, robin
from tests.payments.world import World, usd

__all__ = ["robin"]
HOSTILE = "@SUM(A1:A9)"


def rows_of(run: PayRun) -> dict[str, register.Row]:
    return {row.name: row for row in register.rows(list(register.items(run).order_by("id")))}


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


class TestTies:
    def test_to_the_run(self, world: World) -> None:
        world.earns(world.performer("Ada"), "74.00", "37.50")
        world.earns(world.performer("Bea", onboarded=False), "20.00")
        run = world.pays()
        total = register.totals(run)
        assert total.ties
        assert (total.payees, total.lines, total.gross_minor) == (2, 3, usd("131.50"))
        assert (total.paid_minor, total.held_minor, total.waiting_minor) == (usd("111.50"), usd("20.00"), 0)
        found = rows_of(run)
        assert sum(row.amount_minor for row in found.values()) == run.total_minor
        assert all(row.difference_minor == 0 for row in found.values())
        assert (found["Ada"].payable_s, found["Ada"].lines) == (7200, 2)
        assert found["Ada"].transfer_id.startswith("tr_")
        assert found["Bea"].hold_code == "payout_account_not_ready"

    def test_when_corrections_outweigh_and_are_kept_later(self, world: World, robin: Performer) -> None:
        is_overpaid(world, robin, "30.00", MONDAYS[0])
        below = PayRun.objects.latest("id")
        (row,) = register.rows(list(register.items(below)))
        assert (row.carried_minor, row.amount_minor, row.difference_minor) == (usd("30.00"), 0, 0)
        world.wait(days=7)
        earns(world, robin, "40.00", MONDAYS[1])
        a_payday(world, MONDAYS[1])
        kept = PayRun.objects.latest("id")
        (row,) = register.rows(list(register.items(kept)))
        assert (row.kept_minor, row.amount_minor) == (usd("10.00"), usd("30.00"))
        assert register.totals(below).ties
        assert register.totals(kept).ties

    def test_what_came_back_stands_beside_what_was_paid(self, world: World) -> None:
        world.earns(world.performer("Ada"), "74.00")
        run = world.pays()
        client().v1.transfers.reversals.create(PayItem.objects.get().transfer_id, {"amount": usd("4.00")})
        reversals.read_transfers(at=world.now)
        total = register.totals(run)
        assert (total.ties, total.paid_minor, total.returned_minor) == (True, usd("74.00"), usd("4.00"))

    def test_what_was_deducted_is_told_from_gross(self, world: World) -> None:
        stage = Stage(world)
        stage.an_agreed_deduction("5.00")
        earns(world, stage.robin, "100.00", MONDAYS[0])
        run = world.pays()
        (row,) = register.rows(list(register.items(run)))
        assert (row.gross_minor, row.deducted_minor, row.amount_minor) == (
            usd("100.00"),
            -usd("5.00"),
            usd("95.00"),
        )
        assert register.totals(run).ties

    def test_nothing_of_a_draft(self, world: World) -> None:
        stage = Stage(world)
        stage.an_approved_bonus()
        accrual.accrue(at=world.now)
        with pytest.raises(NotFound):
            register.get_run(world.freezer, stage.a_draft().public_id)


class TestTheFile:
    def test_holds_every_payee_and_adds_up(self, world: World) -> None:
        for name in ("Ada", HOSTILE):
            world.earns(world.performer(name), "74.00")
        run = world.pays()
        lines = read(register.csv_of(run))
        assert [line["Payee"] for line in lines] == ["Ada", f"'{HOSTILE}", "Total"]
        for column in ("Gross", "Net", "To send", "Paid", "Held"):
            cents = [int(line[column].replace(".", "")) for line in lines]
            assert sum(cents[:-1]) == cents[-1]
        assert lines[-1]["Hours"] == "2:00:00"
        assert [line["Payee"] for line in read(register.csv_of(run, search="ad"))] == ["Ada", "Total"]

    def test_costs_as_many_queries_for_one_as_for_many(self, world: World) -> None:
        for name in ("Ada", "Bea", "Cyd"):
            world.earns(world.performer(name), "74.00")
        run = world.pays()
        with CaptureQueriesContext(connection) as asked:
            register.rows(list(register.items(run)))
            register.totals(run)
        assert len(asked) == 3


def test_by_page_and_api(world: World) -> None:
    world.earns(world.performer("Ada"), "74.00")
    run = world.pays()
    world.now += timedelta(minutes=1)
    finance = logs_in(stories.person(world.freezer))
    assert run.public_id in finance.get("/books/register/").content.decode()
    page = " ".join(finance.get(f"/books/register/{run.public_id}/").content.decode().split())
    assert "It ties to the run, to the cent" in page
    assert "Ada" in page
    assert finance.get(f"/books/register/{run.public_id}/register.csv?q=zed").status_code == 200
    assert "Nobody is called so" in finance.get(f"/books/register/{run.public_id}/?q=zed").content.decode()
    api = Api(stories.person(world.freezer))
    (row,) = body_of(api.get(f"pay-runs/{run.public_id}/register"))["data"]
    assert (row["gross"]["amount_minor"], row["state"]) == (7400, "sent")
    assert body_of(api.get(f"pay-runs/{run.public_id}/register/totals"))["ties"] is True
