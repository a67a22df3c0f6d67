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


def walk(session: Json, deliveries: list[Json], others: list[Json] = []) -> dict[str, Row]:  # noqa: B006 -- never changed
    """Per performer: worked_s, payable_s, amount_minor, currency, inferred. `others`: the other sessions of the week."""
    bodies, ahead = _told(deliveries)
    polls = [d["poll"] for d in deliveries if "poll" in d]
    return {
        seat["performer"]: _seat(session, seat, (bodies, ahead, polls), _next_call(session, seat, others))
        for seat in session["seats"]
    }


def _told(deliveries: list[Json]) -> tuple[list[Json], bool]:
    """Each webhook once, with its times set back where the provider runs ahead (rule 1)."""
    first: dict[str, tuple[int, Json]] = {}
    for delivery in deliveries:
        if "body" in delivery:
            body = delivery["body"]
            heard = _s(delivery["received_at"]) if "received_at" in delivery else int(body["createdAt"])
            if body["id"] not in first or heard < first[body["id"]][0]:
                first[body["id"]] = heard, body
    lead = max([0, *(int(body["createdAt"]) - heard for heard, body in first.values())])
    back = lead if lead > 30 else 0
    return [_earlier(body, back) for _, body in first.values()], back > 0


def _earlier(body: Json, by: int) -> Json:
    body = body | {"createdAt": int(body["createdAt"]) - by}
    who = body.get("participant", {})
    return body | (
        {"participant": who | {"joinedAt": int(who["joinedAt"]) - by}} if "joinedAt" in who else {}
    )


def _next_call(session: Json, seat: Json, others: list[Json]) -> list[int]:
    end = _s(session["scheduled_end_at"])
    return [
        _s(other["call_at"])
        for other in others
        if other["session"] != session["session"]
        and other["status"] != "cancelled"
        and _s(other["call_at"]) >= end
        and seat["performer"] in [each["performer"] for each in other["seats"]]
    ]


def _seat(session: Json, seat: Json, told: tuple[list[Json], bool, list[Json]], next_calls: list[int]) -> Row:
    policy, who = session["policy"], seat["performer"]
    bodies, ahead, polls = told
    present, inferred, connected = _present(who, bodies, polls)
    inferred |= ahead and connected
    present = _fill_gaps(present, policy["grace_gap_s"])
    call, scheduled_end = _s(session["call_at"]), _s(session["scheduled_end_at"])
    wrapped = [_s(session["wrapped_at"])] if session.get("wrapped_at") else []
    window_end = min([scheduled_end + policy["overrun_limit_s"], *wrapped, *next_calls])
    window = set(range(call, window_end))
    mine = [mark for mark in session["marks"] if mark["performer"] in (None, who)]
    knocked = {_s(mark["started_at"]) for mark in mine if mark["kind"] == "arrived"}
    last = call + policy["no_show_after_s"]
    early = bool(wrapped) and wrapped[0] < last
    showed = any(s <= last and (s >= call or early) for s in present | knocked)
    credited, unpaid = _marked(mine, present, policy, {s for s in window if s < scheduled_end}, window_end)
    worked = len(((present | credited) & window) - unpaid)

    least = max(worked, policy["minimum_call_s"]) if showed else worked
    if session["status"] == "held":
        payable = Fraction(least)
    elif session["status"] == "company_no_show":
        payable = Fraction(max(scheduled_end - call, least) if showed else worked)
    else:
        worked, inferred, payable = 0, False, _cancelled(session, policy, call)
    step = 60 if policy["rounding"] == "nearest_minute" else 1
    payable_s = floor(payable / step + Fraction(1, 2)) * step
    amount = floor(Fraction(payable_s * seat["pay_rate_minor"], 3600) + Fraction(1, 2))
    return worked, payable_s, amount, seat["currency"], inferred


def _marked(
    marks: list[Json], present: set[int], policy: Json, paid_time: set[int], window_end: int
) -> tuple[set[int], set[int]]:
    """The seconds credited and those of unpaid meals (rule 6)."""
    counted: list[tuple[int, set[int]]] = []
    unpaid: set[int] = set()
    for mark in sorted(marks, key=lambda mark: _s(mark["started_at"])):
        start = _s(mark["started_at"])
        end = _s(mark["ended_at"]) if mark["ended_at"] else window_end
        if mark["kind"] == "arrived":
            continue
        if mark["kind"] == "meal" and end - start >= policy["meal_min_s"]:
            unpaid |= set(range(start, end))
            continue
        there = present.union(*(seconds for begun, seconds in counted if begun < start))
        if not any(s in there for s in range(start - policy["grace_gap_s"], start + 1)):
            continue
        if mark["kind"] in ("meal", "rest") and "rest_limit_s" in policy:
            end = min(end, start + policy["rest_limit_s"])
        counted.append((start, set(range(start, end)) & paid_time))
    return set().union(*(seconds for _, seconds in counted)), unpaid


def _cancelled(session: Json, policy: Json, call: int) -> Fraction:
    if session["cancelled_by"] == "performer":
        return Fraction(0)
    notice = max(0, call - _s(session["cancelled_at"]))
    for least, bps in policy["cancel_tiers"]:
        if notice >= least:
            return Fraction(policy["minimum_call_s"] * bps, 10_000)
    return Fraction(0)


def _present(who: str, bodies: list[Json], polls: list[Json]) -> tuple[set[int], bool, bool]:
    present: set[int] = set()
    inferred = connected = False
    mine = [b for b in bodies if b["event"] in JOIN_OR_LEFT and b["participant"]["identity"] == who]
    for sid in {b["participant"]["sid"] for b in mine}:
        joins = [b for b in mine if b["participant"]["sid"] == sid and b["event"] == "participant_joined"]
        lefts = [b for b in mine if b["participant"]["sid"] == sid and b["event"] == "participant_left"]
        if any(b["participant"].get("disconnectReason") == "JOIN_FAILURE" for b in lefts):
            continue
        connected = True
        start = int(joins[0]["createdAt"]) if joins else int(lefts[0]["participant"]["joinedAt"])
        end = int(lefts[0]["createdAt"]) if lefts else _end_without_left(start, sid, bodies, polls)
        inferred |= not joins or not lefts
        present |= set(range(start, end))
    return present, inferred, connected


def _end_without_left(start: int, sid: str, bodies: list[Json], polls: list[Json]) -> int:
    if polls:
        listing = [_s(p["at"]) for p in polls if any(x["sid"] == sid for x in p["participants"])]
        return max([start, *listing])
    finished = [int(b["createdAt"]) for b in bodies if b["event"] == "room_finished"]
    return min((second for second in finished if second >= start), default=start)


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
