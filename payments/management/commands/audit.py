import json
from typing import Any

from django.core.management.base import CommandParser

from accounts.audit import operations as trail
from kit import clock
from kit.command import HouseCommand
from payments.control import audit


class Command(HouseCommand):
    help = (
        "Check the invariants of time, books and pay. Prints each with its count; exits 1 on any violation."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object instead of lines.")
        parser.add_argument(
            "--halt", action="store_true", help="Halt payouts on a violation, as the tick does."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        trail.seal(at=at)
        results = audit.run_and_halt(at=at) if options["halt"] else audit.run(at=at)
        if options["json"]:
            rows = [vars(result) | {"ok": result.ok} for result in results]
            self.stdout.write(json.dumps({"ok": all(result.ok for result in results), "invariants": rows}))
        else:
            for result in results:
                mark = "ok " if result.ok else "NOT"
                named = f"  {', '.join(result.examples)}" if result.examples else ""
                self.stdout.write(f"{mark} {result.violations:>6}  {result.claim}{named}")
        if not all(result.ok for result in results):
            raise SystemExit(1)
