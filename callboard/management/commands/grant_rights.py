"""What follows a migration where the house's processes have a database role of their own."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from callboard import rights
from callboard.settings.required import setting
from kit.command import HouseCommand


class Command(HouseCommand):
    help = (
        "Give the role of APP_DATABASE_URL the rights of web, worker and beat: rows and no tables, and only appending to what is "
        "append-only. Run by the owner of the tables after each migrate; makes the role where it is missing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        to_give = rights.rights()  # says itself where there is nothing yet to give
        try:
            url = setting("APP_DATABASE_URL")
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        role = rights.grant(to_give, url=url)
        self.stdout.write(f"{role} reads and writes rows, and owns nothing.")
