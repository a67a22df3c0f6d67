"""A payday on which much goes wrong: runs that are cancelled, payouts that stand still, pay that Stripe refuses. All is paid."""

from datetime import timedelta
from typing import Any

from tests.journeys.house import Person
from tests.journeys.in_the_room import BadWeek

A_MINUTE = timedelta(minutes=1)
NO_MONEY = "balance_insufficient"


def is_paid(week: BadWeek) -> None:
    week.busy.house.passes_to(week.at(10, 10))
    freezer, approver = (week.busy.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    assert "Open its pay run" in freezer.opens("/pay/payday/").text
    assert f"{week.monday.day} " in approver.opens("/pay/fragments/payday/").text
    two_runs_are_cancelled(week, freezer, approver)
    run = a_frozen_run(week, freezer)
    stripe_takes_no_key(week)
    is_approved(approver, run)
    payouts_stand_still_twice(week, freezer, approver)
    what_was_refused_goes_out(week, freezer, run)
    everyone_has_it(week, freezer, run)


def a_frozen_run(week: BadWeek, freezer: Person) -> dict[str, Any]:
    opened = freezer.does("POST", "pay-runs", week=f"{week.monday}", currency="usd")
    return freezer.does("POST", f"pay-runs/{opened['id']}/freeze")


def two_runs_are_cancelled(week: BadWeek, freezer: Person, approver: Person) -> None:
    """One on the page, one over the API: what was in them falls into the next, to the cent."""
    first = a_frozen_run(week, freezer)
    path = f"/pay/payday/{first['id']}/"
    off = approver.sends(approver.opens(path), f"{path}cancel/", reason="A line is wrong.")
    assert "The run is cancelled. Its lines fall into the next one." in off.text
    assert "Cancelled" in freezer.opens(path).text
    second = a_frozen_run(week, freezer)
    assert (second["id"] != first["id"], second["total"]) == (True, first["total"])
    gone = freezer.does("POST", f"pay-runs/{second['id']}/cancel", reason="And another.")
    assert gone["state"] == "cancelled"
    approver.proves()
    approver.is_refused(
        "POST", f"pay-runs/{second['id']}/approve", "illegal_state", content_hash=second["content_hash"]
    )


def is_approved(approver: Person, run: dict[str, Any]) -> None:
    approver.proves()
    path = f"pay-runs/{run['id']}"
    seen = approver.does("GET", path)["content_hash"]
    assert approver.does("POST", f"{path}/approve", content_hash=seen)["state"] == "approved"


def stripe_takes_no_key(week: BadWeek) -> None:
    """Of all that is under way at once, until there is another."""
    refuses(week, status=401, code="api_key_expired", times=None)


def refuses(week: BadWeek, **how: Any) -> None:
    """What Stripe answers to the next transfers, instead of moving money."""
    week.busy.house.asks_stripe("faults", on="POST /v1/transfers", do="refuse", **how)


def payouts_stand_still_twice(week: BadWeek, freezer: Person, approver: Person) -> None:
    """Until one of finance has looked, nobody is paid: lifted on the page, then, when it comes back, over the API."""
    page = freezer.waits_for("/pay/payday/", "Stripe does not accept our key.")
    assert sent(freezer) == 0
    stripe_takes_no_key(week)
    said_nothing = freezer.sends(page, r"/pay/halts/\w+/lift/", note=" ")
    assert "Say what you found and why it is safe again." in said_nothing.text
    lifted = freezer.sends(page, r"/pay/halts/\w+/lift/", note="A new key is in place.")
    assert "Lifted. Payouts go on with the next sweep." in lifted.text
    approver.waits_for("/pay/payday/", "Stripe does not accept our key.")
    (halt,) = in_force(approver)
    assert sent(freezer) == 0
    week.busy.house.stripe_is_well_again()
    refuses(week, status=400, code=NO_MONEY, times=4)
    approver.does("POST", f"halts/{halt['id']}/lift", note="Now it is the right one.")
    assert in_force(approver) == []


def in_force(person: Person) -> list[dict[str, Any]]:
    return [row for row in person.does("GET", "halts")["data"] if row["lifted_at"] is None]


def the_run(finance: Person) -> dict[str, Any]:
    newest: dict[str, Any] = finance.does("GET", "pay-runs")["data"][0]
    return newest


def sent(finance: Person) -> int:
    items = finance.does("GET", f"pay-runs/{the_run(finance)['id']}")["items"]
    return int(items.get("sent", 0)) + int(items.get("settled", 0))


def what_was_refused_goes_out(week: BadWeek, freezer: Person, run: dict[str, Any]) -> None:
    """Of the four one by its own button, one over the API, the others with all that is held for the same reason."""
    week.busy.house.passes_to(week.busy.house.now() + A_MINUTE)  # so that what was under way is tried again
    progress = f"/pay/payday/{run['id']}/progress/"
    freezer.waits_for(progress, "See what is held, why, and what mends it")
    held = freezer.waits_for(f"/pay/held/?code={NO_MONEY}", "4 performers")
    again = freezer.sends(held, r"/pay/held/\w+/retry/")
    assert "It goes out again now" in again.text
    rows = held_of(freezer, run)
    assert freezer.does("POST", f"pay-items/{rows[0]['id']}/release")["state"] == "ready"
    page = freezer.opens(f"/pay/held/?code={NO_MONEY}")
    all_of_them = freezer.sends(page, "/pay/held/retry/$")
    assert "2 go out again now" in all_of_them.text
    freezer.waits_for("/pay/payday/", "The run Paid")
    assert held_of(freezer, run) == []


def held_of(finance: Person, run: dict[str, Any]) -> list[dict[str, Any]]:
    rows = finance.does("GET", f"pay-runs/{run['id']}/items?limit=100")["data"]
    return [row for row in rows if row["state"] == "held" and (row["hold"] or {}).get("code") == NO_MONEY]


def everyone_has_it(week: BadWeek, freezer: Person, run: dict[str, Any]) -> None:
    """To the cent what their own lines say, in the bank a few days later; and the books agree with Stripe's."""
    week.busy.house.passes_to(week.at(14, 10))
    items = freezer.does("GET", f"pay-runs/{run['id']}/items?limit=100")["data"]
    of_the_run = {row["id"] for row in items}
    for me in (*week.by_page, *week.by_app):
        sheets = [row for row in me.does("GET", "timesheets")["data"] if row["week"] >= f"{week.monday}"]
        (item,) = [row for row in me.does("GET", "me/statements")["data"] if row["id"] in of_the_run]
        earned = {line["id"]: line["amount"]["amount_minor"] for sheet in sheets for line in sheet["lines"]}
        steps = me.does("GET", f"explain/{item['id']}")["data"]
        paid = {step["thing"]: step["amount"]["amount_minor"] for step in steps if step["kind"] == "line"}
        # And where a guarantee was broken in the week before, what that pays.
        beside = [step["amount"]["amount_minor"] for step in steps if step["kind"] == "pay_line"]
        assert item["amount"]["amount_minor"] == sum(paid.values()) + sum(beside)
        # Beside it, what of the week before was disputed, and decided since.
        assert {line: paid.get(line, 0) for line in earned} == earned
        assert sum(earned.values()) > 0
        assert item["state"] == "settled"
    assert all(rule["violations"] == 0 for rule in freezer.does("GET", "audit/invariants")["data"])
    assert week.busy.house.asks_stripe("books")["ok"]
    assert "difference 0.00 USD" in week.busy.house.makes("reconcile")
