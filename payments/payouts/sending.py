"""Claim, call, record: the payout protocol. A crash anywhere in it replays the same key and pays once.

Rows are touched in the sweep's own thread, in batches; calls are made in others, under one pace.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from kit.crash import crash_point
from payments.payouts import claims, lookups, pace, recording
from payments.payouts.calls import Answer, Calls, Listed, Lost, call
from payments.payouts.claims import Claim
from payments.payouts.recording import Answered

Now = Callable[[], datetime]
LOOK_AGAIN_S = 0.1


def send_due(*, calls: Calls, now: Now, until: datetime, at_most: int) -> int:
    """Take due items through claim, call and record until none is due, so many are taken up, or the time is over; returns how
    many. What is under way then is taken by the next sweep of this process, or by whoever claims it after its lease."""
    with calls.alone:
        return _send_due(calls, now=now, until=until, at_most=at_most)


def _send_due(calls: Calls, *, now: Now, until: datetime, at_most: int) -> int:
    taken_up, more = 0, True
    while now() < until:
        room = min(calls.claims_wanted, at_most - taken_up)
        if more and room > 0 and not calls.has_turns and pace.is_taken():
            # Another sweep is at it: two together are no faster, and their batches are half as large.
            time.sleep(0 if calls.under_way else LOOK_AGAIN_S)
        elif more and room > 0:
            claimed = claims.claim_due(at=now(), at_most=room)
            calls.waiting.extend(claimed.claims)
            taken_up += claimed.taken_up
            more = claimed.taken_up > 0 and taken_up < at_most
        _begin(calls, now=now)
        _take(calls.answers(), calls=calls, now=now)
        if not (more or calls.waiting or calls.under_way):
            break
    _take(calls.all_answers(), calls=calls, now=now)
    return taken_up


def _begin(calls: Calls, *, now: Now) -> None:
    """One turn for each call; none in a halt, which those that wait do not outlive."""
    wanted = calls.turns_wanted
    if wanted <= 0:
        return
    if claims.are_halted():
        calls.waiting.clear()
        return
    for in_s in pace.turns(wanted):
        claim = calls.waiting.popleft()
        calls.begin(claim, partial(call, claim, now=now), in_s=in_s)


def _take(answers: Sequence[tuple[Claim, Answer]], *, calls: Calls, now: Now) -> None:
    if not answers:
        return
    crash_point("send.answered")
    outcomes: list[Answered] = []
    lists: list[tuple[Claim, Listed]] = []
    for claim, answer in answers:
        match answer:
            case Lost():
                pass
            case Listed(found=[], decides=False):
                calls.waiting.appendleft(replace(claim, peeked=True))
            case Listed():
                lists.append((claim, answer))
            case _:
                outcomes.append((claim, answer))
    for batch in _one_for_each_item(outcomes):
        recording.record_all(batch, at=now())
        crash_point("send.recorded")
    for claim, listed in lists:
        _decide(claim, listed, at=listed.at if listed.decides else now())


def _decide(claim: Claim, listed: Listed, *, at: datetime) -> None:
    if listed.found:
        lookups.record_found(claim, listed.found, at=at)
    else:
        lookups.record_absence(claim, at=at)


def _one_for_each_item(outcomes: Sequence[Answered]) -> Iterator[list[Answered]]:
    """In batches, in which no item has two: a call that hung beyond its lease may be answered beside the next one's."""
    left = list(outcomes)
    while left:
        batch: dict[int, Answered] = {}
        rest = [each for each in left if batch.setdefault(each[0].item_id, each) is not each]
        yield list(batch.values())
        left = rest
