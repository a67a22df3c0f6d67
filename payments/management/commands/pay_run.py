import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.keys import acting
from accounts.security import terminal
from kit import clock
from kit.money import Money
from payments.gateway.command import StripeCommand
from payments.payroll import approving, operations, queries
from payments.payroll.models import PayRun


class Command(StripeCommand):
    help = (
        "Look at a pay run, freeze it, approve it or cancel it. Whoever acts is asked for mail address, password and second "
        "factor. Two people are needed: one freezes, another approves the run that they name, over the hash that they saw."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "freeze", "approve", "cancel"])
        parser.add_argument(
            "--run", help="The run's id; for looking and freezing, the newest when none is named."
        )
        parser.add_argument("--hash", dest="seen_hash", help="What `status` showed: approving takes it.")
        parser.add_argument("--reason", default="", help="Why a run is cancelled.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        act = options["act"]
        if act in ("approve", "cancel") and not options["run"]:
            raise CommandError(f"Name the run that you {act}: --run run_…")
        if act == "approve" and not options["seen_hash"]:
            raise CommandError("Say what you looked at: --hash, as `pay_run status` shows it.")
        runs = PayRun.objects.order_by("-id")
        run = (runs.filter(public_id=options["run"]) if options["run"] else runs).first()
        if run is None:
            raise CommandError("There is no such run. `close_week` opens one.")
        self._show(run if act == "status" else self._act(run, options), as_json=options["json"])

    def _act(self, run: PayRun, options: dict[str, Any]) -> PayRun:
        user, proof = terminal.prove()
        by, at = acting.of_user(user, proof=proof), clock.now()
        if options["act"] == "freeze":
            return operations.freeze(run=run, by=by, at=at)
        if options["act"] == "approve":
            return approving.approve(run=run, seen_hash=options["seen_hash"], by=by, at=at)
        return operations.cancel(run=run, reason=options["reason"], by=by, at=at)

    def _show(self, run: PayRun, *, as_json: bool) -> None:
        progress = queries.progress(run, at=clock.now())
        if as_json:
            facts = {
                "run": run.public_id,
                "state": run.state,
                "total_minor": run.total_minor,
                "items": progress.items,
            }
            self.stdout.write(json.dumps(facts | {"hash": run.content_hash}))
            return
        self.stdout.write(f"{run.public_id}  {run.state}  {Money(run.total_minor, run.currency).display()}")
        for state, count in sorted(progress.items.items()):
            self.stdout.write(
                f"  {state:<8} {count:>6}  {Money(progress.money_minor[state], run.currency).display()}"
            )
        signed = ", ".join(one.by.name for one in approving.signatures(run).select_related("by"))
        if run.signatures_needed > 1:
            self.stdout.write(f"  signed   by {signed or 'nobody'}; it needs {run.signatures_needed}")
        if run.content_hash:
            self.stdout.write(f"  hash     {run.content_hash}")
