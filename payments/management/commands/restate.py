import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.keys import acting
from accounts.security import terminal
from kit import clock
from payments.gateway.command import StripeCommand
from payments.restating import operations


class Command(StripeCommand):
    help = (
        "Show what books of before would become by today's rules; with --propose, write it down for a second person, who "
        "approves it on the page. Whoever proposes is asked for mail address, password and second factor."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--propose", action="store_true")
        parser.add_argument("--by", metavar="EMAIL", help="Who proposes it.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["propose"]:
            self._propose(options)
            return
        lines = operations.preview()
        if options["json"]:
            self.stdout.write(json.dumps(lines))
        else:
            self._show(lines)

    def _propose(self, options: dict[str, Any]) -> None:
        if not options["by"]:
            raise CommandError("Say who proposes it: --by EMAIL.")
        user, proof = terminal.prove()
        if user.email != options["by"]:
            raise CommandError(f"You proved that you are somebody else than {options['by']}.")
        made = operations.propose(by=acting.of_user(user, proof=proof), at=clock.now())
        if options["json"]:
            facts = {"restatement": made.public_id, "hash": made.content_hash, "lines": made.lines}
            self.stdout.write(json.dumps(facts))
            return
        self._show(made.lines)
        self.stdout.write(f"{made.public_id}  {made.content_hash}  waits for a second person.")

    def _show(self, lines: list[dict[str, Any]]) -> None:
        if not lines:
            self.stdout.write("Nothing to restate.")
        for line in lines:
            self.stdout.write(f"{line['what']:<12} {line['thing']}  {line['whose']}  {line['why']}")
            for each in line["accounts"]:
                self.stdout.write(f"  {each['account']:<50} {each['before']:>16} -> {each['after']:>16}")
