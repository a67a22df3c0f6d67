"""Fold raw JSON as a replay does, and nothing more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from marketplace.presence.agreed import Seat, SessionTerms, parse_session
from marketplace.presence.calculate import SeatPay, pay_seat
from marketplace.presence.evidence import parse_delivery
from marketplace.presence.fold import SeatTime, fold_session

Json = dict[str, Any]


def times(session: Json, deliveries: Iterable[Json], others: Sequence[Json] = ()) -> dict[str, SeatTime]:
    terms, marks = parse_session(session)
    terms = _with_next_calls(terms, others)
    evidence = [item for item in map(parse_delivery, deliveries) if item is not None]
    return {time.performer: time for time in fold_session(terms=terms, evidence=evidence, marks=marks)}


def pays(session: Json, deliveries: Iterable[Json], others: Sequence[Json] = ()) -> dict[str, SeatPay]:
    terms, _ = parse_session(session)
    folded = times(session, deliveries, others)
    return {s.performer: pay_seat(terms=terms, seat=s, time=folded[s.performer]) for s in terms.seats}


def rows(
    session: Json, deliveries: list[Json], others: Sequence[Json] = ()
) -> dict[str, tuple[int, int, int, str, bool]]:
    folded, paid = times(session, deliveries, others), pays(session, deliveries, others)
    return {
        who: (time.worked_s, pay.payable_s, pay.amount.minor, pay.amount.currency, time.inferred)
        for (who, time), pay in zip(folded.items(), paid.values(), strict=True)
    }


def _with_next_calls(terms: SessionTerms, others: Sequence[Json]) -> SessionTerms:
    return replace(terms, seats=tuple(_with_next_call(seat, terms, others) for seat in terms.seats))


def _with_next_call(seat: Seat, terms: SessionTerms, others: Sequence[Json]) -> Seat:
    calls = [
        int(datetime.fromisoformat(other["call_at"]).timestamp())
        for other in others
        if other["session"] != terms.session
        and other["status"] != "cancelled"
        and seat.performer in {each["performer"] for each in other["seats"]}
    ]
    return replace(seat, next_call_at=min((at for at in calls if at >= terms.scheduled_end_at), default=None))
