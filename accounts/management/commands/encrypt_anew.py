"""The second step of rolling FIELD_ENCRYPTION_KEY or WEBHOOK_KEY: all that they encrypt comes under the new key."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import CommandError

from accounts.identity import encryption
from accounts.outgoing import signing
from kit.command import HouseCommand


class Command(HouseCommand):
    help = (
        "Encrypt the seeds of second factors under the first key of FIELD_ENCRYPTION_KEY, and the secrets of webhooks under "
        "that of WEBHOOK_KEY. To roll one: put the new key before the old one, with a comma; restart; "
        "run this; take the old one away; restart."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = encryption.encrypt_anew() + signing.encrypt_anew()
        except InvalidToken as error:
            raise CommandError(
                "A seed opens with no key of FIELD_ENCRYPTION_KEY, or a secret with none of WEBHOOK_KEY. Put the key back that it "
                "was made with."
            ) from error
        self.stdout.write(f"{done} under the first key. The others can go.")
