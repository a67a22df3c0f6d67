"""The presence rules a second time, written to be obviously right: every second of every session, as sets.

It shares no line with the code under test, reads the raw JSON by itself, and is far too slow for anything else.
"""

from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

Json = dict[str, Any]
Row = tuple[int, int, int, str, bool]


def walk(session: Json, deliveries: list[Json]) -> dict[str, Row]:
    """Per performer: worked_s, payable_s, amount_minor, currency, inferred."""
    bodies = {d["body"]["id"]: d["body"] for d in deliveries if "body" in d}.values()
    polls = [d["poll"] for d in deliveries if "poll" in d]
    return {seat["performer"]: _seat(session, seat, list(bodies), polls) for seat in session["seats"]}


def _seat(session: Json, seat: Json, bodies: list[Json], polls: list[Json]) -> Row:
    policy, who = session["policy"], seat["performer"]
    present, inferred = _present(who, bodies, polls)
    present = _fill_gaps(present, policy["grace_gap_s"])
    call, scheduled_end = _s(session["call_at"]), _s(session["scheduled_end_at"])
    finished = [int(b["createdAt"]) for b in bodies if b["event"] == "room_finished"]
    window_end = min([*finished, scheduled_end + policy["overrun_limit_s"]])
    window = set(range(call, window_end))
    showed = any(s in present for s in range(call, call + policy["no_show_after_s"] + 1))

    credited: set[int] = set()
    unpaid: set[int] = set()
    for mark in session["marks"]:
        if mark["performer"] not in (None, who):
            continue
        start, end = _s(mark["started_at"]), _s(mark["ended_at"])
        if mark["kind"] == "meal" and end - start >= policy["meal_min_s"]:
            unpaid |= set(range(start, end))
        elif any(s in present for s in range(start - policy["grace_gap_s"], start + 1)):
            credited |= set(range(start, end))
    worked = len(((present | credited) & window) - unpaid)

    if session["status"] == "held":
        payable = Fraction(max(worked, policy["minimum_call_s"]) if showed else worked)
    elif session["status"] == "company_no_show":
        worked, payable = 0, Fraction(scheduled_end - call if showed else 0)
    else:
        worked, inferred, payable = 0, False, _cancelled(session, policy, call)
    step = 60 if policy["rounding"] == "nearest_minute" else 1
    payable_s = floor(payable / step + Fraction(1, 2)) * step
    amount = floor(Fraction(payable_s * seat["pay_rate_minor"], 3600) + Fraction(1, 2))
    return worked, payable_s, amount, seat["currency"], inferred


def _cancelled(session: Json, policy: Json, call: int) -> Fraction:
    if session["cancelled_by"] == "performer":
        return Fraction(0)
    notice = max(0, call - _s(session["cancelled_at"]))
    for least, bps in policy["cancel_tiers"]:
        if notice >= least:
            return Fraction(policy["minimum_call_s"] * bps, 10_000)
    return Fraction(0)


def _present(who: str, bodies: list[Json], polls: list[Json]) -> tuple[set[int], bool]:
    present: set[int] = set()
    inferred = False
    mine = [b for b in bodies if b["event"] in JOIN_OR_LEFT and b["participant"]["identity"] == who]
    for sid in {b["participant"]["sid"] for b in mine}:
        joins = [b for b in mine if b["participant"]["sid"] == sid and b["event"] == "participant_joined"]
        lefts = [b for b in mine if b["participant"]["sid"] == sid and b["event"] == "participant_left"]
        start = int(joins[0]["createdAt"]) if joins else int(lefts[0]["participant"]["joinedAt"])
        end = int(lefts[0]["createdAt"]) if lefts else _end_without_left(start, sid, bodies, polls)
        inferred |= not joins or not lefts
        present |= set(range(start, end))
    return present, inferred


def _end_without_left(start: int, sid: str, bodies: list[Json], polls: list[Json]) -> int:
    if polls:
        listing = [_s(p["at"]) for p in polls if any(x["sid"] == sid for x in p["participants"])]
        return max([start, *listing])
    finished = [int(b["createdAt"]) for b in bodies if b["event"] == "room_finished"]
    return max([start, *finished])


def _fill_gaps(present: set[int], grace_s: int) -> set[int]:
    filled = set(present)
    seconds = sorted(present)
    for before, after in pairwise(seconds):
        if after - before - 1 <= grace_s:
            filled |= set(range(before, after))
    return filled


def _s(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


JOIN_OR_LEFT = ("participant_joined", "participant_left")
