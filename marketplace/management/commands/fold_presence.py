"""`manage.py fold_presence`: count a week's billable time from files."""

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from kit.command import HouseCommand
from kit.money import Money
from marketplace.presence.reading import Malformed
from marketplace.presence.replay import Summary, replay_week

ROOMS_TOLD = 10


class Command(HouseCommand):
    help = "Fold a week of presence events into each seat's worked and payable time."
    # It reads files and touches no database, so nothing of the installation needs checking.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sessions", type=Path, required=True, help="JSON list of sessions")
        parser.add_argument("--deliveries", type=Path, required=True, help="JSON lines, as they arrived")
        parser.add_argument("--out", type=Path, required=True, help="CSV to write")
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *_: Any, sessions: Path, deliveries: Path, out: Path, **options: Any) -> None:
        started = time.monotonic()
        try:
            summary = _write(sessions=sessions, deliveries=deliveries, out=out)
        except (Malformed, OSError) as error:
            raise CommandError(f"{error}\nNothing was written.") from error
        seconds = round(time.monotonic() - started, 3)
        self.stdout.write(_as_json(summary, seconds) if options["json"] else _as_text(summary, seconds, out))
        if summary.unknown_rooms:
            self.stderr.write(_unknown(summary.unknown_rooms))


def _write(*, sessions: Path, deliveries: Path, out: Path) -> Summary:
    """Under another name first: whoever reads `out` finds the old answer or the whole new one."""
    if out.exists() and not out.is_file():  # a pipe or a terminal has no other name
        with out.open("w", encoding="utf-8", newline="") as file:
            return replay_week(sessions=sessions, deliveries=deliveries, out=file)
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            summary = replay_week(sessions=sessions, deliveries=deliveries, out=file)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return summary


def _as_json(summary: Summary, seconds: float) -> str:
    return json.dumps({**asdict(summary), "seconds": seconds})


def _as_text(summary: Summary, seconds: float, out: Path) -> str:
    paid = ", ".join(Money(minor, currency).display() for currency, minor in summary.amount_minor.items())
    return (
        f"{summary.seats:,} seats of {summary.sessions:,} sessions, {summary.inferred:,} inferred, "
        f"from {summary.deliveries:,} deliveries ({summary.ignored_events:,} not about presence) in {seconds} s.\n"
        f"Worked {summary.worked_s:,} s, payable {summary.payable_s:,} s, {paid or 'nothing to pay'}.\n"
        f"Written to {out}."
    )


def _unknown(rooms: Mapping[str, int]) -> str:
    told = ", ".join(f"{room} ({count:,})" for room, count in list(rooms.items())[:ROOMS_TOLD])
    more = f" and {len(rooms) - ROOMS_TOLD:,} more" if len(rooms) > ROOMS_TOLD else ""
    return f"{sum(rooms.values()):,} deliveries are for rooms that no session names: {told}{more}."
