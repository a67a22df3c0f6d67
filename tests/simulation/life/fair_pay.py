"""What each seat must be paid, by a second reading of the rules: from the raw deliveries, marks and terms in the database,
in the form of a worked week, walked second by second by the oracle."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum

from marketplace.sessions.models import Cancelled, Mark, PresenceDelivery, Seat, Session
from marketplace.sessions.states import SessionState
from marketplace.timekeeping.models import TimeLine
from tests.marketplace.presence import oracle
from tests.simulation.life.life import Life
from tests.simulation.life.presses import Violation

Json = dict[str, Any]
CALLED_OFF = (SessionState.CANCELLED, SessionState.LATE_CANCELLED)
BY_EVIDENCE = (SessionState.WRAPPED, SessionState.PERFORMER_NO_SHOW)
S = SessionState


def check_pay(life: Life, walked: dict[int, tuple[object, ...]]) -> None:
    """Every seat of a reckoned session has its pay, unless a person decided otherwise. `walked`: what was found well before."""
    for session, seen in _changed(walked):
        lines = {line.seat_id: line for line in TimeLine.objects.filter(seat__session=session)}
        paid = {key: _paid(line) for key, line in lines.items()}
        seats = list(session.seats.select_related("performer").order_by("pk"))
        _check_session(life, session, seats, lines=lines, paid=paid, heard=_deliveries(session))
        walked[session.pk] = seen


def _changed(walked: dict[int, tuple[object, ...]]) -> list[tuple[Session, tuple[object, ...]]]:
    """The reckoned sessions of which something is otherwise than when they were walked: word, marks, pay or outcome."""
    heard = Counter(PresenceDelivery.objects.values_list("room", flat=True))
    marks = Counter(Mark.objects.values_list("session", "ended_at"))
    pay = TimeLine.objects.values_list("seat__session", "corrects__seat__session", "amount_minor", "state")
    paid: dict[int, list[object]] = {}
    for own, corrected, *rest in pay.order_by("pk"):
        paid.setdefault(own or corrected or 0, []).append(tuple(rest))
    found: list[tuple[Session, tuple[object, ...]]] = []
    for session in Session.objects.filter(state=S.TIME_RECORDED).select_related("company").order_by("pk"):
        own_marks = tuple(sorted((str(end), n) for (key, end), n in marks.items() if key == session.pk))
        seen = (heard[session.room], own_marks, tuple(paid.get(session.pk, ())), session.outcome)
        if walked.get(session.pk) != seen:
            found.append((session, seen))
    return found


def _check_session(
    life: Life,
    session: Session,
    seats: Sequence[Seat],
    *,
    lines: dict[int | None, TimeLine],
    paid: dict[int | None, int],
    heard: list[Json],
) -> None:
    written, others = as_json(life, session, seats, heard), _others(session, seats)
    for seat in seats:
        line = lines.get(seat.pk)
        if line is not None and _is_decided_by_a_person(line):
            continue
        own = written | _own_end(seat) | {"seats": [_seat(seat)]}
        row = oracle.walk(own, heard, others)[seat.performer.public_id]
        if paid.get(seat.pk, 0) != row[2]:
            raise Violation(
                f"{seat.performer} in {session} ({session.outcome}) has {paid.get(seat.pk, 0)}, and {row[2]} is theirs "
                f"(worked {row[0]} s, payable {row[1]} s; line {line and (line.worked_s, line.payable_s)})"
            )


def _is_decided_by_a_person(line: TimeLine) -> bool:
    return line.state != "recorded" and line.disputes.filter(resolved_at__isnull=False).exists()


def _paid(line: TimeLine) -> int:
    more = line.corrections.aggregate(more=Sum("amount_minor"))["more"] or 0
    return int(line.amount_minor + more)


def as_json(life: Life, session: Session, seats: Sequence[Seat], heard: list[Json]) -> Json:
    """The session as a worked week writes it, with its outcome read anew from what happened."""
    marks = [
        {
            "kind": mark.kind,
            "performer": mark.seat.performer.public_id if mark.seat else None,
            "started_at": _text(mark.started_at),
            # What nobody ended lasts as long as the window, whenever the house noticed.
            "ended_at": _text(mark.ended_at) if mark.ended_at and _was_ended(life, session, mark) else None,
        }
        for mark in session.marks.select_related("seat__performer").order_by("pk")
    ]
    written: Json = {
        "session": session.public_id,
        "room": session.room,
        "call_at": _text(session.call_at),
        "scheduled_end_at": _text(session.scheduled_end_at),
        "wrapped_at": _text(session.wrapped_at) if session.wrapped_at else None,
        "policy": session.policy,
        "seats": [_seat(seat) for seat in seats],
        "marks": marks,
        "status": "held",
        "cancelled_at": _text(session.cancelled_at) if session.cancelled_at else None,
        "cancelled_by": "performer" if session.cancelled_by == Cancelled.PERFORMER else "company",
    }
    if session.outcome in CALLED_OFF:
        written["status"] = "cancelled"
    elif session.outcome == S.COMPANY_NO_SHOW or (
        session.outcome in BY_EVIDENCE and _absent(written, session, heard)
    ):
        written["status"] = "company_no_show"
    return written


def _was_ended(life: Life, session: Session, mark: Any) -> bool:
    return (
        mark.kind in ("arrived", "hold_platform")
        or mark.pk in life.ended_by_press
        or bool(session.wrapped_at)
    )


def _absent(written: Json, session: Session, heard: list[Json]) -> bool:
    """Nobody of the company from the call to the end of the no-show time, while a performer was in the room."""
    policy, company = session.policy, session.company.public_id
    last = session.call_at.timestamp() + policy["no_show_after_s"]
    if session.wrapped_at and int(session.wrapped_at.timestamp()) < last:
        return False
    asked = written | {
        "scheduled_end_at": _text(datetime.fromtimestamp(last + 1, tz=session.call_at.tzinfo)),
        "policy": policy | {"overrun_limit_s": 0, "grace_gap_s": 0, "minimum_call_s": 0},
        "wrapped_at": None,
        "marks": [],
    }
    strangers = sorted(_identities(heard, company))
    nobody = [{"performer": who, "pay_rate_minor": 0, "currency": "usd"} for who in strangers]
    came = oracle.walk(asked | {"seats": nobody}, heard)
    waited = oracle.walk(asked, heard)
    hint = any(int(session.call_at.timestamp()) <= at <= last for at in _instants(heard, company))
    return any(row[0] for row in waited.values()) and not any(row[0] for row in came.values()) and not hint


def _identities(heard: list[Json], company: str) -> set[str]:
    found = {who["identity"] for each in heard for who in _people(each)}
    return {identity for identity in found if identity.partition(".")[0] == company}


def _people(each: Json) -> list[Json]:
    if "poll" in each:
        return list(each["poll"]["participants"])
    return [each["body"]["participant"]] if "participant" in each["body"] else []


def _instants(heard: list[Json], company: str) -> list[int]:
    """When a source says that somebody of the company was just there, by its own clock."""
    found = []
    for each in heard:
        if any(who["identity"].partition(".")[0] == company for who in _people(each)):
            body = each.get("body", {})
            if "poll" in each:
                found.append(int(datetime.fromisoformat(each["poll"]["at"]).timestamp()))
            elif body["event"] == "participant_joined":
                found.append(int(body["createdAt"]) - _lead(heard))
    return found


def _lead(heard: list[Json]) -> int:
    ahead = [
        int(each["body"]["createdAt"]) - int(datetime.fromisoformat(each["received_at"]).timestamp())
        for each in heard
        if "body" in each
    ]
    return max(ahead) if max(ahead, default=0) > 30 else 0


def _own_end(seat: Seat) -> Json:
    """A seat that was called off by itself is paid by its notice."""
    if not seat.released_by or seat.released_at is None:
        return {}
    by = "performer" if seat.released_by == Cancelled.PERFORMER else "company"
    return {"status": "cancelled", "cancelled_at": _text(seat.released_at), "cancelled_by": by}


def _seat(seat: Seat) -> Json:
    return {
        "performer": seat.performer.public_id,
        "pay_rate_minor": seat.rate_minor,
        "currency": seat.currency,
    }


def _others(session: Session, seats: Sequence[Seat]) -> list[Json]:
    held = Seat.objects.filter(performer__in=[seat.performer_id for seat in seats], released_at=None)
    return [
        {
            "session": seat.session.public_id,
            "call_at": _text(seat.session.call_at),
            "status": "held",
            "seats": [_seat(seat)],
        }
        for seat in held.exclude(session=session).select_related("session", "performer")
    ]


def _deliveries(session: Session) -> list[Json]:
    rows = PresenceDelivery.objects.filter(room=session.room).order_by("id")
    return [
        {"poll": json.loads(bytes(row.body))}
        if row.kind == PresenceDelivery.Kind.POLL
        else {"received_at": _text(row.received_at), "body": json.loads(bytes(row.body))}
        for row in rows
    ]


def _text(at: datetime) -> str:
    return at.isoformat()
