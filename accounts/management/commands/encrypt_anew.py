"""The second step of rolling FIELD_ENCRYPTION_KEY: all that it encrypts comes under the new key."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import CommandError

from accounts.identity import encryption
from kit.command import HouseCommand


class Command(HouseCommand):
    help = (
        "Encrypt the seeds of second factors under the first key of FIELD_ENCRYPTION_KEY. To roll it: put the new key before "
        "the old one, with a comma; restart; run this; take the old one away; restart."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = encryption.encrypt_anew()
        except InvalidToken as error:
            raise CommandError(
                "A seed opens with no key of FIELD_ENCRYPTION_KEY. Put the key back that it was made with."
            ) from error
        self.stdout.write(f"{done} under the first key. The others can go.")
