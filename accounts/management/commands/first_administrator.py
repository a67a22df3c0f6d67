"""Invites the first administrator; everyone else comes by an administrator's invitation."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_email

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity.queries import has_administrator
from accounts.invitations import operations
from kit import clock
from kit.command import HouseCommand


class Command(HouseCommand):
    help = "Invite the first administrator of this house by mail. Refused once there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Where the invitation goes.")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if has_administrator():
            raise CommandError("This house has an administrator: they invite the others, under Staff.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is no mail address.") from error
        by = Actor.of_system("first_administrator")
        operations.invite(email=email, role=Staff.ADMIN, company=None, by=by, at=clock.now())
        self.stdout.write(f"An invitation is on its way to {email}.")
