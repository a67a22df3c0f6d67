import sys
from typing import Any

from django.core.management.base import BaseCommand

from payments.sandbox.__main__ import main


class Command(BaseCommand):
    help = "Run the Stripe sandbox: --port PORT --data DIR, and the rest that `python -m payments.sandbox --help` lists."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        # The sandbox reads its own arguments: it is a program of its own and knows nothing of Django.
        sys.exit(main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        main([])
