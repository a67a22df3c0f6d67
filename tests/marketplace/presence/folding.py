"""Fold raw JSON as a replay does, and nothing more."""

from collections.abc import Iterable
from typing import Any

from marketplace.presence.agreed import parse_session
from marketplace.presence.calculate import SeatPay, pay_seat
from marketplace.presence.evidence import parse_delivery
from marketplace.presence.fold import SeatTime, fold_session


def times(session: dict[str, Any], deliveries: Iterable[dict[str, Any]]) -> dict[str, SeatTime]:
    terms, marks = parse_session(session)
    evidence = [item for item in map(parse_delivery, deliveries) if item is not None]
    return {time.performer: time for time in fold_session(terms=terms, evidence=evidence, marks=marks)}


def pays(session: dict[str, Any], deliveries: Iterable[dict[str, Any]]) -> dict[str, SeatPay]:
    terms, _ = parse_session(session)
    folded = times(session, deliveries)
    return {s.performer: pay_seat(terms=terms, seat=s, time=folded[s.performer]) for s in terms.seats}


def rows(
    session: dict[str, Any], deliveries: list[dict[str, Any]]
) -> dict[str, tuple[int, int, int, str, bool]]:
    folded, paid = times(session, deliveries), pays(session, deliveries)
    return {
        who: (time.worked_s, pay.payable_s, pay.amount.minor, pay.amount.currency, time.inferred)
        for (who, time), pay in zip(folded.items(), paid.values(), strict=True)
    }
