import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from kit import clock
from kit.money import Money
from payments.control.stripe_books import reconcile
from payments.gateway.command import StripeCommand


class Command(StripeCommand):
    help = "Compare our books with Stripe's. Exits 1 when they differ by a cent or a transfer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--currency", default="usd")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        report = reconcile(currency=options["currency"], at=clock.now())
        if options["json"]:
            facts = asdict(report) | {"ok": report.ok, "difference_minor": report.difference_minor}
            self.stdout.write(json.dumps(facts))
        else:
            stripe = Money(report.stripe_minor, report.currency).display()
            books = Money(report.books_minor, report.currency).display()
            difference = Money(report.difference_minor, report.currency).display()
            self.stdout.write(f"Stripe has {stripe}, our books say {books}: difference {difference}.")
            self.stdout.write(f"{report.transfers} transfers compared, {len(report.differs)} differ.")
            for line in report.differs:
                self.stdout.write(f"  {line}")
        if not report.ok:
            raise SystemExit(1)
