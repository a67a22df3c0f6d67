import sys
from typing import Any

from django.core.management.base import BaseCommand

from marketplace.video_sandbox.__main__ import main


class Command(BaseCommand):
    help = (
        "Run the stand-in for LiveKit: --port PORT --webhook URL, and the rest that "
        "`python -m marketplace.video_sandbox --help` lists."
    )
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        # The stand-in reads its own arguments: it is a program of its own and knows nothing of Django.
        sys.exit(main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        main([])
