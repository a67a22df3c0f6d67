"""A statement to keep: every line with its seconds, rate, session, transfer and arrival, adding up to what was sent."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.payouts.models import BankPayout, Transfer
from payments.payroll.models import PayItem
from payments.statements import lines, queries
from tests import stories
from tests.accounts.browsing import logs_in
from tests.payments.world import World, a_week


@pytest.fixture
def paid(world: World) -> World:
    """Robin was paid two lines, and a week later one with a correction of the first; the first payday is in the bank."""
    robin = world.performer("Robin")
    first, _ = world.earns(robin, "74.00", "37.50")
    world.pays()
    transfer = Transfer.objects.get()
    payout = BankPayout.objects.create(
        stripe_id="po_1",
        account=world.account_of(robin),
        amount_minor=transfer.amount_minor,
        currency="usd",
        status="paid",
        created_at=world.now,
        arrives_on=stories.MONDAY + timedelta(days=14),
        seen_at=world.now,
    )
    payout.transfers.add(transfer)
    world.wait(days=7)
    monday = stories.MONDAY + timedelta(days=7)
    world.corrects(first, "4.00", monday=monday)
    world.earns(robin, "20.00", monday=monday)
    world.an_approved_run(a_week(monday))
    world.sweep()
    return world


def item(number: int) -> PayItem:
    return PayItem.objects.order_by("id").select_related("run__week", "performer__user")[number]


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_weeks_lines_say_where_each_went(paid: World) -> None:
    statement = lines.of_item(item(0))
    assert [line.amount_minor for line in statement.lines] == [7400, 3750]
    assert statement.earned_minor == statement.sent_minor == item(0).amount_minor
    *rows, sent = read(lines.csv_of(statement))
    assert {row["Seconds"] for row in rows} == {"3600"}
    assert {row["Transfer"] for row in rows} == {item(0).transfer_id}
    assert {row["In the bank"] for row in rows} == {str(stories.MONDAY + timedelta(days=14))}
    assert (sent["What"], sent["Amount"]) == ("Sent", "111.50")


def test_what_has_not_arrived_says_no_day(paid: World) -> None:
    assert {row["In the bank"] for row in read(lines.csv_of(lines.of_item(item(1))))} == {""}


def test_what_waits_is_never_said_to_be_sent(paid: World) -> None:
    waits = item(0)
    PayItem.objects.filter(pk=waits.pk).update(
        state="held", hold_code="payout_account_not_ready", held_at=paid.now
    )
    waits.refresh_from_db()
    statement = lines.of_item(waits)
    assert (statement.sent_minor, statement.waiting_minor) == (0, waits.amount_minor)
    said = {row["What"]: row["Amount"] for row in read(lines.csv_of(statement))}
    assert said["Not sent yet"] == "111.50"
    assert "Sent" not in said
    PayItem.objects.filter(pk=waits.pk).update(state="settled", hold_code="", held_at=None)


def test_a_year_is_all_that_was_sent_in_it(paid: World) -> None:
    robin = item(0).performer
    statement = lines.of_year(robin, year=2026)
    assert (
        statement.earned_minor
        == 12_750
        == sum(minor for _, minor in queries.by_tax(performer=robin, year=2026))
    )
    assert statement.sent_minor == sum(each.amount_minor for each in PayItem.objects.all())
    assert [each.week for each in statement.paid] == [stories.MONDAY, stories.MONDAY + timedelta(days=7)]
    assert lines.of_year(robin, year=2025).lines == []


def test_what_came_back_and_was_paid_again_has_its_lines_once(paid: World) -> None:
    first = item(0)
    again = PayItem.objects.create(
        run=first.run,
        performer=first.performer,
        currency="usd",
        amount_minor=first.amount_minor,
        net_minor=0,
        lines=0,
        pays_again=first,
        natural_key=first.natural_key,
        first_generation=2,
        generation=2,
        state="settled",
        transfer_id="tr_again",
        sent_at=paid.now,
        settled_at=paid.now,
    )
    statement = lines.of_year(first.performer, year=2026)
    assert statement.earned_minor == 12_750
    assert "Sent again" in {row["What"] for row in read(lines.csv_of(statement))}
    assert lines.of_item(again).lines == []
    again.delete()


def test_costs_the_same_queries_however_many_lines(paid: World) -> None:
    with CaptureQueriesContext(connection) as one:
        lines.of_item(item(1))
    with CaptureQueriesContext(connection) as two:
        lines.of_item(item(0))
    assert len(one) == len(two) == 4  # the item itself, transfers, payouts, lines


def test_by_the_door_it_is_a_pdf_and_nobody_elses(paid: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = logs_in(item(0).performer.user)
    path = f"/pay/statements/{item(0).public_id}/"
    assert f"{path}statement.pdf" in mine.get(path).content.decode()
    for door in (f"{path}statement.pdf", "/pay/years/2026/statement.pdf"):
        answer = mine.get(door)
        assert answer.content.startswith(b"%PDF-")
        assert answer["Content-Type"] == "application/pdf"
    assert mine.get("/pay/years/2026/statement.csv").status_code == 200
    assert "/pay/years/2026/statement.pdf" in mine.get("/pay/years/2026/").content.decode()
    assert mine.get("/pay/years/1926/statement.pdf").status_code == 404
    assert logs_in(paid.performer("Sam").user).get(f"{path}statement.pdf").status_code == 404
    monkeypatch.setattr(lines, "MOST_PRINTED", 1)
    assert "too many lines for paper" in lines.html_of(lines.of_item(item(0)))
