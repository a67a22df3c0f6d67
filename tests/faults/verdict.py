"""What must hold when the violence is over, by the sandbox's own books first."""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callboard.embedded import addresses
from payments.inbox import halts
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from tests.faults.stage import Owed, Stage
from tests.faults.violence import WORKERS, Violence, is_drained

DRAIN_S = 120.0
STARTS_WITHIN_S = 20.0
Transfers = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Finding:
    """One claim, whether it holds, and what was found."""

    claim: str
    ok: bool
    found: str


def judge(violence: Violence, *, drained_s: float, environment: Mapping[str, str]) -> list[Finding]:
    """Hold the house to its promises."""
    stage = violence.stage
    books = stage.stripe.books()
    transfers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for transfer in books["transfers"]:
        transfers[transfer["transfer_group"]].append(transfer)
    open_runs = PayRun.objects.exclude(state=RunState.PAID).count()
    standing = [halt.code for halt in halts.standing()]
    return [
        Finding(
            f"All drained within {DRAIN_S:.0f} s", drained_s <= DRAIN_S and is_drained(), f"{drained_s:.0f} s"
        ),
        _one_transfer_each(stage, transfers),
        _none_more(stage, transfers),
        _held_for_a_reason(stage, transfers),
        Finding("The sandbox's own books balance", bool(books["ok"]), f"{len(books['problems'])} problems"),
        Finding("Every run is closed", open_runs == 0, f"{stage.weeks_closed} runs, {open_runs} open"),
        Finding("Nothing was halted", not standing, ", ".join(standing) or "no halt"),
        _started_again(violence),
        _stood_still(violence),
        _command("audit", environment),
        _command("reconcile", environment),
    ]


def _stood_still(violence: Violence) -> Finding:
    """In the workers' own words: who comes back after its lease calls nobody."""
    logs = [violence.supervisor.log_path(name).read_text(errors="replace") for name in WORKERS]
    said = sum(log.count("payout_lease_lost") for log in logs)
    claim = "A worker that stood still beyond its lease calls nobody"
    return Finding(claim, said >= violence.done["freezes"], f"said {said} times")


def _started_again(violence: Violence) -> Finding:
    kills, until = len(violence.killed), time.monotonic() + STARTS_WITHIN_S
    # The last kill may be a moment ago.
    while (starts := _starts(violence)) < kills and time.monotonic() < until:
        time.sleep(0.2)
    found = f"{kills} workers killed, {starts} started again"
    return Finding("Every worker that ended was started again", starts >= kills, found)


def _starts(violence: Violence) -> int:
    return sum(violence.supervisor.restarts(name) for name in WORKERS)


def _one_transfer_each(stage: Stage, transfers: Transfers) -> Finding:
    wrong = [group for group, owed in stage.owed.items() if not _right(owed, transfers.get(group, []))]
    paid = sum(group in transfers for group in stage.owed)
    found = f"{paid} of {len(stage.owed)} items paid, {len(wrong)} wrong {' '.join(wrong[:3])}"
    return Finding("One transfer per item, right amount and destination", not wrong, found.strip())


def _right(owed: Owed, found: list[dict[str, Any]]) -> bool:
    """At most one transfer, and that one as it should be."""
    return not found or [(one["amount"], one["currency"], one["destination"]) for one in found] == [
        (owed.amount_minor, "usd", owed.destination)
    ]


def _none_more(stage: Stage, transfers: Transfers) -> Finding:
    strangers = transfers.keys() - stage.owed.keys()
    total = sum(map(len, transfers.values()))
    return Finding(
        "No transfer for anything else", not strangers, f"{total} transfers, {len(strangers)} strange"
    )


def _held_for_a_reason(stage: Stage, transfers: Transfers) -> Finding:
    """Unpaid is only who did not finish Stripe's form, and their items say so."""
    unpaid = {group for group in stage.owed if group not in transfers}
    held = {str(item.natural_key): item.hold_code for item in PayItem.objects.filter(state=ItemState.HELD)}
    excused = {group for group, owed in stage.owed.items() if owed.performer_id in stage.unfinished}
    ok = held.keys() == unpaid == excused and set(held.values()) <= {"payout_account_not_ready"}
    return Finding(
        "Unpaid is only who has not finished Stripe's form", ok, f"{len(held)} held, {len(unpaid)} unpaid"
    )


def _command(name: str, environment: Mapping[str, str]) -> Finding:
    done = subprocess.run(
        [sys.executable, addresses.PROJECT / "manage.py", name],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if not line.startswith("ok")]
    found = "clean" if done.returncode == 0 else (" / ".join(said) or done.stderr[-500:])
    return Finding(f"manage.py {name}", done.returncode == 0, found)
