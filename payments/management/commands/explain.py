import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access.actors import Actor
from kit.command import HouseCommand
from kit.errors import NotFound
from payments.statements.explain import explain


class Command(HouseCommand):
    help = "Explain an amount: from the bank or the transfer back to the seconds that it pays for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "thing", help="A pay item (itm_…), transfer (tr_…), bank payout (po_…), earning or line."
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            steps = explain(thing=options["thing"], actor=Actor.of_system("explain"))
        except NotFound as error:
            raise CommandError(f"There is nothing with the id {options['thing']}.") from error
        if options["json"]:
            self.stdout.write(json.dumps([asdict(step) for step in steps]))
            return
        for step in steps:
            self.stdout.write(f"{'    ' * step.depth}{step.sentence}  {step.thing}")
