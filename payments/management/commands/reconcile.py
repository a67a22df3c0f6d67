import json
from typing import Any

from django.core.management.base import CommandParser

from kit import clock
from kit.currencies import check_supported
from kit.money import Money
from payments.gateway.command import StripeCommand
from payments.reconciliation import comparing

SHOWN = (
    "currency",
    "stripe_minor",
    "books_minor",
    "difference_minor",
    "rows",
    "unexplained",
    "differs",
    "ok",
)


class Command(StripeCommand):
    help = "Compare our books with Stripe's. Exits 1 when they differ by a cent or a transfer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--currency", default="usd")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        currency = options["currency"]
        check_supported(currency)
        report = next(made for made in comparing.compare_all(at=clock.now()) if made.currency == currency)
        if options["json"]:
            facts = {name: getattr(report, name) for name in SHOWN}
            self.stdout.write(json.dumps(facts))
        else:
            stripe = Money(report.stripe_minor, report.currency).display()
            books = Money(report.books_minor, report.currency).display()
            difference = Money(report.difference_minor, report.currency).display()
            self.stdout.write(f"Stripe has {stripe}, our books say {books}: difference {difference}.")
            self.stdout.write(
                f"{report.rows} balance transactions read, {report.unexplained} not explained, {len(report.differs)} differ."
            )
            for line in report.differs:
                self.stdout.write(f"  {line}")
        if not report.ok:
            raise SystemExit(1)
