import getpass
import json
import sys
from typing import Any

from django.contrib.auth import authenticate
from django.core.management.base import CommandError, CommandParser

from accounts.identity.models import User
from accounts.keys import acting
from kit import clock
from kit.money import Money
from payments.gateway.command import StripeCommand
from payments.payroll import operations, queries
from payments.payroll.models import PayRun


class Command(StripeCommand):
    help = "Look at a pay run, freeze it, approve it or cancel it. Two people are needed: one freezes, another approves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "freeze", "approve", "cancel"])
        parser.add_argument("--run", help="The run's id; the newest when none is named.")
        parser.add_argument("--as", dest="email", help="Who you are; the password is asked for.")
        parser.add_argument("--reason", default="", help="Why a run is cancelled.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = PayRun.objects.order_by("-id")
        run = (runs.filter(public_id=options["run"]) if options["run"] else runs).first()
        if run is None:
            raise CommandError("There is no such run. `close_week` opens one.")
        if options["act"] != "status":
            run = self._act(run, options)
        progress = queries.progress(run)
        if options["json"]:
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

    def _act(self, run: PayRun, options: dict[str, Any]) -> PayRun:
        user, at = self._who(options["email"]), clock.now()
        by = acting.of_user(user, proved_at=at)
        if options["act"] == "freeze":
            return operations.freeze(run=run, by=by, at=at)
        if options["act"] == "approve":
            return operations.approve(run=run, seen_hash=run.content_hash, by=by, at=at)
        return operations.cancel(run=run, reason=options["reason"], by=by, at=at)

    def _who(self, email: str | None) -> User:
        if not email:
            raise CommandError("Say who you are: --as you@example.com")
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        user = authenticate(email=email, password=password)
        if not isinstance(user, User):
            raise CommandError("That address and password do not belong together.")
        return user
