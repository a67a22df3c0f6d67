"""Fold a million presence events on one core: `python -m tests.benchmarks.fold_million [events] [folder]`.

Makes a week of sessions with two to four seats, each with reconnects, polled once a minute, its deliveries mixed
with those of all other rooms of the day; then folds it in a fresh process and prints seconds and peak memory.
"""

import heapq
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WEEK_START = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp())
WEEK_S = 7 * 86_400
HOUR = 3_600
POLICY = {
    "minimum_call_s": 3600,
    "grace_gap_s": 120,
    "no_show_after_s": 900,
    "overrun_limit_s": 900,
    "meal_min_s": 1800,
    "rounding": "nearest_minute",
    "cancel_tiers": [[172800, 0], [86400, 5000], [0, 10000]],
}
FOLD = """
import sys, time
from pathlib import Path
from marketplace.presence.replay import replay_week
started, cpu = time.perf_counter(), time.process_time()
with open(sys.argv[3], "w", newline="") as out:
    summary = replay_week(sessions=Path(sys.argv[1]), deliveries=Path(sys.argv[2]), out=out)
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
# Not ru_maxrss, which begins at what the parent held when it forked.
peak_kb = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(f"{summary.deliveries:,} events, {summary.seats:,} seats, peak {int(peak_kb) / 1024:.0f} MB")
print(f"{seconds:.1f} s, of them {cpu:.1f} s of one core")
"""


def stamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def session(n: int, call: int, seats: int) -> dict[str, Any]:
    return {
        "session": f"ses_{n}",
        "room": f"ses_{n}",
        "call_at": stamp(call),
        "scheduled_end_at": stamp(call + 2 * HOUR),
        "status": "held",
        "cancelled_at": None,
        "cancelled_by": None,
        "policy": POLICY,
        "seats": [
            {"performer": f"prf_{n}_{seat}", "pay_rate_minor": 7400, "currency": "usd"}
            for seat in range(seats)
        ],
        "marks": [],
    }


def events(n: int, call: int, seats: int, order: random.Random) -> Iterator[tuple[int, str]]:
    """(second, delivery) of one session."""
    stays = []
    for seat in range(seats):
        start = call - order.randrange(300)
        for piece in range(4):
            end = start + order.randrange(600, 2_400)
            stays.append((f"PA_{n}_{seat}_{piece}", f"prf_{n}_{seat}", start, end))
            start = end + order.randrange(1, 240)
    made = []
    for sid, who, start, end in stays:
        person = {"sid": sid, "identity": who, "joinedAt": str(start)}
        made.append((start, webhook(n, "participant_joined", f"EV_{sid}_j", start, person)))
        made.append((end, webhook(n, "participant_left", f"EV_{sid}_l", end, person)))
    for at in range(call, call + 2 * HOUR, 60):
        seen = [{"sid": sid, "identity": who} for sid, who, start, end in stays if start <= at < end]
        poll = {"room": f"ses_{n}", "at": stamp(at), "participants": seen}
        made.append((at, json.dumps({"received_at": stamp(at), "poll": poll})))
    return iter(sorted(made))


def webhook(n: int, event: str, event_id: str, at: int, who: dict[str, str]) -> str:
    room = {"sid": f"RM_{n}", "name": f"ses_{n}"}
    body = {"event": event, "room": room, "participant": who, "id": event_id, "createdAt": str(at)}
    return json.dumps({"received_at": stamp(at), "body": body})


def make_week(folder: Path, wanted: int) -> tuple[Path, Path]:
    order = random.Random(7)
    sessions: list[dict[str, Any]] = []
    streams: list[list[tuple[int, str]]] = []
    total = 0
    while total < wanted:
        n, call, seats = len(sessions), WEEK_START + order.randrange(WEEK_S), order.randrange(2, 5)
        sessions.append(session(n, call, seats))
        came = list(events(n, call, seats, order))[: wanted - total]
        total += len(came)
        streams.append(came)
    sessions_path, deliveries_path = folder / "sessions.json", folder / "deliveries.jsonl"
    sessions_path.write_text(json.dumps(sessions, indent=1))
    with deliveries_path.open("w") as file:
        file.writelines(f"{line}\n" for _, line in heapq.merge(*streams))
    return sessions_path, deliveries_path


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as own:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(own)
        began = time.perf_counter()
        week = make_week(folder, wanted)
        print(f"made in {time.perf_counter() - began:.1f} s")  # noqa: T201 -- this is its report
        command = [sys.executable, "-c", FOLD, *map(str, week), str(folder / "answer.csv")]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
