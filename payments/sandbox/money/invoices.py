"""Invoices (filled in with wave 2)."""

from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import World

room = Room()


def note_payment(world: World, intent: Json, *, paid: bool) -> None:
    """An invoice learns that its payment came in or failed."""
