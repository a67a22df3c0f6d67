"""What was agreed about a session and what was marked in it: what the fold must know beside the evidence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from kit.money import MoneyMalformed, Rate
from marketplace.presence.policy import TimePolicy
from marketplace.presence.reading import Fields, Malformed

E = TypeVar("E", bound=StrEnum)


class MalformedTerms(Malformed):
    """A session's terms do not hold, so its time cannot be counted."""

    code: ClassVar[str] = "malformed_terms"


class Outcome(StrEnum):
    """How the session came out, as far as time is concerned (presence rule 8)."""

    HELD = "held"
    COMPANY_NO_SHOW = "company_no_show"
    CANCELLED = "cancelled"


class CancelledBy(StrEnum):
    COMPANY = "company"
    PERFORMER = "performer"


class MarkKind(StrEnum):
    REST = "rest"
    MEAL = "meal"
    HOLD_COMPANY = "hold_company"
    HOLD_PLATFORM = "hold_platform"
    # An instant: a performer knocked at a door that did not open.
    ARRIVED = "arrived"


@dataclass(frozen=True, slots=True)
class Mark:
    """A break or a fault from `start` to `end` in epoch seconds, for one performer or (None) for all.

    One without an end ends with the seat's window.
    """

    kind: MarkKind
    start: int
    end: int | None
    performer: str | None = None

    def concerns(self, performer: str) -> bool:
        return self.performer is None or self.performer == performer


@dataclass(frozen=True, slots=True)
class Seat:
    """`next_call_at`: of the same performer's next session that takes place, from this one's scheduled end on."""

    performer: str
    rate: Rate
    next_call_at: int | None = None


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """Times in epoch seconds; `wrapped_at` where a person ended or stopped it. Raises MalformedTerms where they cannot all
    be true."""

    session: str
    room: str
    call_at: int
    scheduled_end_at: int
    outcome: Outcome
    policy: TimePolicy
    seats: tuple[Seat, ...]
    cancelled_at: int | None = None
    cancelled_by: CancelledBy | None = None
    wrapped_at: int | None = None

    def __post_init__(self) -> None:
        if self.scheduled_end_at < self.call_at:
            raise MalformedTerms(f"session {self.session} ends before its call")
        if self.outcome is Outcome.CANCELLED and (self.cancelled_at is None or self.cancelled_by is None):
            raise MalformedTerms(f"session {self.session} is cancelled, but not when and by whom")
        if len({seat.performer for seat in self.seats}) < len(self.seats):
            raise MalformedTerms(f"session {self.session} seats one performer twice")

    @property
    def slot_s(self) -> int:
        return self.scheduled_end_at - self.call_at


def parse_session(data: Any) -> tuple[SessionTerms, tuple[Mark, ...]]:
    """A session of a replayed week and its marks. Raises MalformedTerms or MalformedPolicy."""
    fields = Fields(data, of="session", error=MalformedTerms)
    terms = SessionTerms(
        session=fields.text("session"),
        room=fields.text("room"),
        call_at=fields.instant("call_at"),
        scheduled_end_at=fields.instant("scheduled_end_at"),
        outcome=_one_of(Outcome, fields, "status"),
        policy=TimePolicy.from_json(fields.raw("policy")),
        seats=tuple(_seat(seat) for seat in fields.array("seats")),
        cancelled_at=fields.instant("cancelled_at") if fields.has("cancelled_at") else None,
        cancelled_by=_one_of(CancelledBy, fields, "cancelled_by") if fields.has("cancelled_by") else None,
        wrapped_at=fields.instant("wrapped_at") if fields.has("wrapped_at") else None,
    )
    return terms, tuple(_mark(mark) for mark in fields.array("marks"))


def _seat(data: Any) -> Seat:
    fields = Fields(data, of="seat", error=MalformedTerms)
    try:
        rate = Rate(fields.whole("pay_rate_minor"), fields.text("currency"))
    except MoneyMalformed as error:
        raise MalformedTerms(str(error)) from error
    return Seat(performer=fields.text("performer"), rate=rate)


def _mark(data: Any) -> Mark:
    fields = Fields(data, of="mark", error=MalformedTerms)
    start = fields.instant("started_at")
    end = fields.instant("ended_at") if fields.has("ended_at") else None
    if end is not None and end < start:
        raise fields.wrong("ended_at", "no earlier than its start")
    performer = fields.text("performer") if fields.has("performer") else None
    return Mark(kind=_one_of(MarkKind, fields, "kind"), start=start, end=end, performer=performer)


def _one_of(kind: type[E], fields: Fields, name: str) -> E:
    try:
        return kind(fields.text(name))
    except ValueError as error:
        raise fields.wrong(name, " or ".join(kind)) from error
