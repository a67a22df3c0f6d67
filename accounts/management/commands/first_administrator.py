"""Invites the first administrator, and gives the only one a new start; everyone else comes by an administrator's word."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity.queries import has_administrator
from accounts.invitations import operations
from accounts.security import recoveries
from kit import clock
from kit.command import HouseCommand


class Command(HouseCommand):
    help = (
        "Invite the first administrator of this house by mail; refused once there is one. With --recover, take the lost "
        "second factor of the only one away; refused while another could decide it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Where the invitation goes, or who lost their second factor.")
        parser.add_argument(
            "--recover", action="store_true", help="They lost it, and nobody else administrates."
        )

    def handle(self, *args: Any, email: str, recover: bool, **options: Any) -> None:
        if recover:
            recoveries.of_the_last_administrator(email=email, at=clock.now())
            self.stdout.write(
                f"The second factor of {email} is taken away. They log in and set up another one."
            )
            return
        if has_administrator():
            raise CommandError("This house has an administrator: they invite the others, under Staff.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is no mail address.") from error
        by = Actor.of_system("first_administrator")
        operations.invite(email=email, role=Staff.ADMIN, company=None, by=by, at=clock.now())
        self.stdout.write(f"An invitation is on its way to {email}.")
