"""The halt flag: when something cannot be right, nothing more goes out until a person has looked."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import PLACE, tell_staff
from kit.crash import crash_point
from kit.errors import DomainError
from kit.rows import insert_once
from kit.text import required_text
from payments.inbox.models import Halt


class PayoutsHalted(DomainError):
    """Finance looks at the reason and lifts the halt; then try again."""

    code = "payouts_halted"
    title = "Payouts stand still"


@transaction.atomic
def raise_halt(*, code: str, detail: str, at: datetime, asked_at: datetime | None = None) -> None:
    """Stop all payouts for a reason, and tell finance. The same reason twice is one halt, and an answer to what was asked
    before a person lifted it is no news: what is asked after that decides."""
    if asked_at is not None and Halt.objects.filter(code=code, lifted_at__gt=asked_at).exists():
        return
    halt = Halt(code=code, detail=detail[:500], raised_at=at)
    if not insert_once(halt):
        return
    audit.record(verb="payouts.halted", thing=halt, by=Actor.of_system("payouts"), at=at, reason=detail)
    key, where = f"halt:{halt.public_id}", {PLACE: "halts"}
    tell_staff(kind=Kind.PAYOUTS_HALTED, key=key, about={"detail": detail}, where=where, at=at)
    crash_point("halt.before_commit")


@transaction.atomic
def lift(*, halt: Halt, note: str, by: Actor, at: datetime) -> None:
    """A person in finance says why it is safe again. Raises Forbidden (403), Invalid (422) without a note."""
    by.require_finance()
    note = required_text(note, field="note", missing="Say what you found and why it is safe again.")
    lifted = Halt.objects.filter(pk=halt.pk, lifted_at=None)
    if lifted.update(lifted_at=at, lifted_by_id=by.user_id, lift_note=note):
        audit.record(verb="payouts.resumed", thing=halt, by=by, at=at, reason=note)


def standing() -> list[Halt]:
    """The halts in force, oldest first."""
    return list(Halt.objects.filter(lifted_at=None).order_by("raised_at"))


def refuse_if_halted() -> None:
    """Raise PayoutsHalted (409) with the reason."""
    halts = standing()
    if halts:
        raise PayoutsHalted(halts[0].detail)
