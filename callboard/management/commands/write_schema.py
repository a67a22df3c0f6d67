from typing import Any

from callboard.openapi.document import CHANGELOG, DOCUMENT, digest, render
from kit.command import HouseCommand


class Command(HouseCommand):
    help = "Write openapi.yaml anew, and say what CHANGELOG.md must name."

    def handle(self, *args: Any, **options: Any) -> None:
        text = render()
        DOCUMENT.write_text(text)
        if not CHANGELOG.exists() or digest(text) not in CHANGELOG.read_text():
            self.stdout.write(
                f"The document changed: say in CHANGELOG.md how, with the words `schema {digest(text)}`."
            )
