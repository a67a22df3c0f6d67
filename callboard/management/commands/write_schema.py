from typing import Any

from django.core.management.base import BaseCommand

from callboard.openapi.document import CHANGELOG, DOCUMENT, digest, render


class Command(BaseCommand):
    help = "Write openapi.yaml anew, and say what CHANGELOG.md must name."

    def handle(self, *args: Any, **options: Any) -> None:
        text = render()
        DOCUMENT.write_text(text)
        if not CHANGELOG.exists() or digest(text) not in CHANGELOG.read_text():
            self.stdout.write(
                f"The document changed: say in CHANGELOG.md how, with the words `schema {digest(text)}`."
            )
