"""Is this receipt the house's, and unchanged? Asks the published keys, or those of a file, and nothing else."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from kit.command import HouseCommand
from marketplace.rights import proof
from marketplace.rights.receipts import published


class Command(HouseCommand):
    help = (
        "Check the receipt of a grant, or a whole chain of them: hash, signature, and that none is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a receipt, or a chain, as the house hands them out")
        parser.add_argument("--keys", help="the published keys as a file, where there is no database")
        parser.add_argument("--json", action="store_true", help="for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keys = _keys_of(options["keys"]) if options["keys"] else published()
            said = proof.verify_chain(proof.read(Path(options["file"]).read_bytes()), keys=keys)
        except OSError as error:
            raise CommandError(f"{error.filename or options['file']} cannot be read.") from error
        except proof.NotProved as error:
            if options["json"]:
                self.stdout.write(json.dumps({"is_proved": False, "detail": str(error)}))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"is_proved": True, "receipts": said}))
            return
        for each in said:
            grant = each["grant"]
            self.stdout.write(
                f"{each['number']:>4}  {each['at']}  {each['event']:<10} {grant['purpose']:<20} {grant['id']}"
            )
        self.stdout.write(f"{len(said)} signed by this house and unchanged.")


def _keys_of(path: str) -> dict[str, str]:
    """`{"keys": [{"id": …, "public_key": …}]}`, as the house publishes them. Raises NotProved."""
    try:
        told = json.loads(Path(path).read_bytes())
        return {str(each["id"]): str(each["public_key"]) for each in told["keys"]}
    except (ValueError, KeyError, TypeError) as error:
        raise proof.NotProved(
            "The file of keys holds none: it wants {“keys”: [{“id”, “public_key”}]}."
        ) from error
