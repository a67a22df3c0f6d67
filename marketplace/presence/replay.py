"""A week from files: its sessions and what arrived go in, each seat's time and pay come out.

It folds with the code that folds a live session. Beside the spool on disk it needs the memory of one session.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TextIO

from marketplace.presence.agreed import Seat, parse_session
from marketplace.presence.array_file import UnreadableFile, read_array
from marketplace.presence.calculate import SeatPay, pay_seat
from marketplace.presence.evidence import Evidence, Said, parse_delivery
from marketplace.presence.fold import SeatTime, fold_session
from marketplace.presence.reading import Malformed
from marketplace.presence.spool import Spool, open_spool

COLUMNS = ("session", "performer", "worked_s", "payable_s", "amount_minor", "currency", "inferred")
BATCH = 2_000
# Enough to mend a file by; the rest is counted.
FAULTS_TOLD = 20
DECODER = json.JSONDecoder()


class UnreadableWeek(Malformed):
    """Some lines cannot be read. Nothing was written: part of the evidence makes a pay that looks whole."""

    code: ClassVar[str] = "unreadable_week"


@dataclass(slots=True)
class Summary:
    """What a replay read and made. `unknown_rooms`: deliveries for each room that no session names."""

    sessions: int = 0
    seats: int = 0
    worked_s: int = 0
    payable_s: int = 0
    inferred: int = 0
    amount_minor: dict[str, int] = field(default_factory=dict)
    deliveries: int = 0
    ignored_events: int = 0
    unknown_rooms: dict[str, int] = field(default_factory=dict)

    def count(self, *, time: SeatTime, pay: SeatPay) -> None:
        self.seats += 1
        self.worked_s += time.worked_s
        self.payable_s += pay.payable_s
        self.inferred += time.inferred
        currency = pay.amount.currency
        self.amount_minor[currency] = self.amount_minor.get(currency, 0) + pay.amount.minor


class Faults:
    """What cannot be read, with file and line, until all has been looked at."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._count = 0

    def add(self, path: Path, line: int, what: object) -> None:
        self._count += 1
        if len(self._told) < FAULTS_TOLD:
            self._told.append(f"{path}:{line}: {what}")

    def raise_if_any(self) -> None:
        if self._count > len(self._told):
            self._told.append(f"and {self._count - len(self._told):,} more")
        if self._count:
            raise UnreadableWeek("\n".join(self._told), count=self._count)


def replay_week(*, sessions: Path, deliveries: Path, out: TextIO) -> Summary:
    """Write the time and pay of every seat to `out` as CSV, in the order of `sessions`.

    Raises UnreadableWeek before anything is written, naming file and line of all that cannot be read.
    """
    summary, faults = Summary(), Faults()
    with open_spool() as spool:
        _spool_sessions(sessions, spool, summary, faults)
        _spool_deliveries(deliveries, spool, summary, faults)
        faults.raise_if_any()
        spool.index()
        summary.unknown_rooms = spool.unknown_rooms()
        _fold(spool, out, summary)
    return summary


def _spool_sessions(path: Path, spool: Spool, summary: Summary, faults: Faults) -> None:
    try:
        for line, data in read_array(path):
            summary.sessions += _spooled(path, line, data, spool, faults)
    except UnreadableFile as error:
        faults.add(path, error.line, error)


def _spooled(path: Path, line: int, data: Any, spool: Spool, faults: Faults) -> bool:
    try:
        terms, marks = parse_session(data)
        spool.add_session(terms=terms, marks=marks)
    except Malformed as error:
        faults.add(path, line, error)
        return False
    return True


def _spool_deliveries(path: Path, spool: Spool, summary: Summary, faults: Faults) -> None:
    batch: list[Evidence] = []
    for line, body in _lines(path):
        summary.deliveries += 1
        try:
            evidence = _parse(body)
        except (ValueError, RecursionError, Malformed) as error:
            faults.add(path, line, error)
            continue
        if evidence is None or isinstance(evidence, Said):
            summary.ignored_events += 1
        if evidence is None:
            continue
        batch.append(evidence)
        if len(batch) == BATCH:
            spool.add_evidence(batch)
            batch.clear()
    spool.add_evidence(batch)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    # As bytes: a line that is not UTF-8 is one fault, not the end of the file.
    with path.open("rb") as file:
        for line, body in enumerate(file, start=1):
            if not body.isspace():
                yield line, body


def _parse(body: bytes) -> Evidence | None:
    return parse_delivery(DECODER.decode(body.decode()))


def _fold(spool: Spool, out: TextIO, summary: Summary) -> None:
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for terms, marks in spool.sessions():
        times = fold_session(terms=terms, evidence=spool.evidence_of(terms.room), marks=marks)
        for seat, time in zip(terms.seats, times, strict=True):
            pay = pay_seat(terms=terms, seat=seat, time=time)
            summary.count(time=time, pay=pay)
            table.writerow(_row(terms.session, seat, time, pay))


def _row(session: str, seat: Seat, time: SeatTime, pay: SeatPay) -> tuple[str | int, ...]:
    paid = (time.worked_s, pay.payable_s, pay.amount.minor, pay.amount.currency)
    return (session, seat.performer, *paid, int(time.inferred))
