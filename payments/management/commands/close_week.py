import json
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access.actors import Actor
from kit import clock
from marketplace.timekeeping.models import PayWeek
from payments.gateway.command import StripeCommand
from payments.payroll import accrual, operations


class Command(StripeCommand):
    help = (
        "Open the pay run of a week that is over, by its Monday; of the newest such week when none is named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", type=date.fromisoformat, help="A Monday, as 2026-11-09.")
        parser.add_argument("--currency", default="usd")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        weeks = PayWeek.objects.filter(close_at__lte=at).order_by("-starts_on")
        week = (weeks.filter(starts_on=options["week"]) if options["week"] else weeks).first()
        if week is None:
            raise CommandError("There is no such week that is over. Name its Monday, and mind its calendar.")
        accrued = accrual.accrue(at=at)
        by = Actor.of_system("close_week")
        run = operations.close_week(week=week, currency=options["currency"], by=by, at=at)
        facts = {"run": run.public_id, "week": str(week.starts_on), "state": run.state, "accrued": accrued}
        if options["json"]:
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(
                f"{run.public_id}: week of {week.starts_on}, {run.state}; {accrued} lines became earnings."
            )
