"""Sessions that never happened, with all that can go wrong in them, for hypothesis to search."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

Json = dict[str, Any]

NEW_YORK = ZoneInfo("America/New_York")
# 01:50 daylight time; ten minutes on, the clock goes back and the hour comes a second time.
BEFORE_THE_CLOCK_CHANGE = int(datetime(2026, 11, 1, 5, 50, tzinfo=UTC).timestamp())
CALL = BEFORE_THE_CLOCK_CHANGE
PERFORMERS = ("prf_1", "prf_2", "prf_3")
KINDS = ("meal", "meal", "rest", "rest", "hold_company", "hold_platform", "arrived")

# Everything is scaled down to minutes, so that limits are met often and the oracle is quick.
SECONDS = st.integers(-120, 900)
JUST = (0, 1, 2, 20, 21, 60, 61)


def stamp(second: int, zone: Any = UTC) -> str:
    return datetime.fromtimestamp(second, zone).isoformat()


policies = st.fixed_dictionaries(
    {
        "minimum_call_s": st.sampled_from([0, 100, 301, 600]),
        "grace_gap_s": st.sampled_from([0, 1, 20, 60]),
        "no_show_after_s": st.sampled_from([0, 30, 90]),
        "overrun_limit_s": st.sampled_from([0, 60, 120]),
        "meal_min_s": st.sampled_from([60, 150]),
        "rest_limit_s": st.sampled_from([0, 59, 100, 1200]),
        "rounding": st.sampled_from(["exact", "nearest_minute"]),
        "cancel_tiers": st.sampled_from([[[172800, 0], [86400, 3333], [0, 10000]], [[3600, 5000]], []]),
    }
)


@st.composite
def marks(draw: st.DrawFn) -> Json:
    kind = draw(st.sampled_from(KINDS))
    # Half of them begin where another may have ended, or on a limit.
    start = draw(st.one_of(SECONDS, st.sampled_from([0, 60, 90, 150, 210, 300, 301, 321])))
    length = draw(st.sampled_from([60, 150, 149, 59, 1, 0, 400, None])) if kind != "arrived" else 0
    return {
        "kind": kind,
        "started_at": stamp(CALL + start),
        "ended_at": None if length is None else stamp(CALL + start + length),
        "performer": draw(st.sampled_from([None, None, None, *PERFORMERS])),
    }


@st.composite
def sessions(draw: st.DrawFn) -> Json:
    status = draw(st.sampled_from(["held"] * 6 + ["company_no_show", "cancelled"]))
    zone = draw(st.sampled_from([UTC, NEW_YORK]))
    cancelled = status == "cancelled"
    notice = draw(st.sampled_from([-5, 0, 3599, 3600, 86399, 86400, 172800, 200000]))
    return {
        "session": "ses_1",
        "room": "room_1",
        "call_at": stamp(CALL, zone),
        "scheduled_end_at": stamp(CALL + draw(st.sampled_from([0, 300, 600])), zone),
        "status": status,
        "wrapped_at": draw(st.one_of(st.none(), st.none(), SECONDS.map(lambda s: stamp(CALL + s))))
        if not cancelled
        else None,
        "cancelled_at": stamp(CALL - notice, zone) if cancelled else None,
        "cancelled_by": draw(st.sampled_from(["company", "performer"])) if cancelled else None,
        "policy": draw(policies),
        "seats": [
            {"performer": p, "pay_rate_minor": draw(st.sampled_from([0, 3333, 7400])), "currency": "usd"}
            for p in PERFORMERS[: draw(st.integers(1, 3))]
        ],
        "marks": draw(st.lists(marks(), max_size=5)),
    }


@st.composite
def other_sessions(draw: st.DrawFn) -> list[Json]:
    """What else the performers have that day."""
    return [
        {
            "session": f"ses_{n + 2}",
            "call_at": stamp(CALL + draw(st.sampled_from([0, 299, 300, 310, 330, 600, 640]))),
            "status": draw(st.sampled_from(["held", "held", "company_no_show", "cancelled"])),
            "seats": [{"performer": draw(st.sampled_from(PERFORMERS))}],
        }
        for n in range(draw(st.integers(0, 3)))
    ]


@st.composite
def deliveries(draw: st.DrawFn) -> list[Json]:
    """What arrives of up to eight connections, each of whose webhooks may be lost, and of some polls or none."""
    out: list[Json] = []
    stays: list[tuple[str, str, int, int]] = []
    for n in range(draw(st.integers(0, 8))):
        who, start = draw(st.sampled_from([*PERFORMERS, "host"])), CALL + draw(SECONDS)
        if stays and n % 2:
            # Half of them come back just within a grace, or just without, after they went.
            _, who, _, went = draw(st.sampled_from(stays))
            start = went + draw(st.sampled_from(JUST))
        stays.append((f"PA_{n}", who, start, start + draw(st.integers(0, 400))))
        out += draw(_webhooks(*stays[-1]))
    for n in range(draw(st.integers(0, 2))):
        out.append({"body": webhook("room_finished", f"EV_end_{n}", CALL + draw(SECONDS))})
    out = [draw(_on_the_way(delivery)) for delivery in out]
    for second in draw(st.lists(SECONDS, max_size=12)):
        listed = [s for s in stays if s[2] <= CALL + second < s[3] and draw(st.integers(0, 9))]
        out.append({"poll": poll(CALL + second, [(sid, who) for sid, who, *_ in listed])})
    return out


@st.composite
def _on_the_way(draw: st.DrawFn, delivery: Json) -> Json:
    """Most arrive at once or late; some before they happened, by the provider's clock."""
    late = draw(st.sampled_from([0, 0, 0, 0, 1, 45, 3600, -29, -30, -31, -300]))
    return delivery | {"received_at": stamp(int(delivery["body"]["createdAt"]) + late)}


@st.composite
def _webhooks(draw: st.DrawFn, sid: str, who: str, start: int, end: int) -> list[Json]:
    out = []
    if draw(st.integers(0, 4)):
        out.append(webhook("participant_joined", f"EV_{sid}_j", start, participant(sid, who, start)))
    if draw(st.integers(0, 4)):
        went = participant(sid, who, start) | (
            {} if draw(st.integers(0, 7)) else {"disconnectReason": "JOIN_FAILURE"}
        )
        out.append(webhook("participant_left", f"EV_{sid}_l", end, went))
    if not draw(st.integers(0, 5)):
        aborted = participant(sid, who, start)
        out.append(webhook("participant_connection_aborted", f"EV_{sid}_a", start, aborted))
    return [{"body": body} for body in out]


def participant(sid: str, who: str, joined_at: int) -> Json:
    return {"sid": sid, "identity": who, "joinedAt": str(joined_at)}


def webhook(event: str, event_id: str, at: int, who: Json | None = None) -> Json:
    body = {"event": event, "id": event_id, "createdAt": str(at), "room": {"sid": "RM_1", "name": "room_1"}}
    return body | ({"participant": who} if who else {})


def poll(at: int, seen: list[tuple[str, str]]) -> Json:
    listed = [{"sid": sid, "identity": who} for sid, who in seen]
    return {"room": "room_1", "at": stamp(at), "participants": listed}
