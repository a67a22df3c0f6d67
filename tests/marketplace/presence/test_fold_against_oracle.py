"""The fold against a walk over every second, and what must hold of any session whatever."""

import random
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.ranges import Span, total_s, union
from tests.marketplace.presence import folding
from tests.marketplace.presence.oracle import Json, walk
from tests.marketplace.timekeeping import weeks

session_and_deliveries = st.tuples(weeks.sessions(), weeks.deliveries())


class TestAnySession:
    @given(session_and_deliveries, weeks.other_sessions())
    @settings(max_examples=400, deadline=None)
    def test_comes_out_as_when_every_second_is_walked(
        self, made: tuple[Json, list[Json]], others: list[Json]
    ) -> None:
        session, deliveries = made
        assert folding.rows(session, deliveries, others) == walk(session, deliveries, others)

    @given(session_and_deliveries, st.randoms(use_true_random=False), st.data())
    @settings(max_examples=150, deadline=None)
    def test_comes_out_the_same_in_any_order_and_with_any_repeats(
        self, made: tuple[Json, list[Json]], order: random.Random, data: st.DataObject
    ) -> None:
        session, deliveries = made
        again = data.draw(st.lists(st.sampled_from(deliveries), max_size=6)) if deliveries else []
        mixed = deliveries + again
        order.shuffle(mixed)
        assert folding.times(session, mixed) == folding.times(session, deliveries)

    @given(session_and_deliveries)
    @settings(max_examples=150, deadline=None)
    def test_draws_lines_that_never_overlap_and_whose_paid_seconds_are_the_worked_ones(
        self, made: tuple[Json, list[Json]]
    ) -> None:
        for time in folding.times(*made).values():
            spans = [line.span for line in time.lines]
            assert spans == sorted(spans)
            assert all(span.length_s > 0 for span in spans)
            assert total_s(spans) == sum(span.length_s for span in spans)
            assert sum(line.span.length_s for line in time.lines if line.paid) == time.worked_s
            # Who has gone by the scheduled end misses nothing of what may follow it.
            until = min(time.window.end, int(datetime.fromisoformat(made[0]["scheduled_end_at"]).timestamp()))
            if time.lines:
                assert not set(range(time.window.start, until)) - _seconds(spans)

    @given(session_and_deliveries)
    @settings(max_examples=100, deadline=None)
    def test_never_pays_more_than_its_window_nor_counts_a_second_twice(
        self, made: tuple[Json, list[Json]]
    ) -> None:
        for time in folding.times(*made).values():
            assert 0 <= time.worked_s <= time.window.length_s

    @given(session_and_deliveries, st.integers(0, 60))
    @settings(max_examples=100, deadline=None)
    def test_gains_nothing_from_a_shorter_grace(
        self, made: tuple[Json, list[Json]], longer_by_s: int
    ) -> None:
        session, deliveries = made
        grace_s = session["policy"]["grace_gap_s"]
        longer = session | {"policy": session["policy"] | {"grace_gap_s": grace_s + longer_by_s}}
        short, long = folding.times(session, deliveries), folding.times(longer, deliveries)
        assert all(short[who].worked_s <= long[who].worked_s for who in short)

    @given(weeks.sessions(), weeks.deliveries())
    @settings(max_examples=60, deadline=None)
    def test_pays_a_second_device_nothing_more(self, session: Json, deliveries: list[Json]) -> None:
        both = deliveries + [_on_second_device(d) for d in deliveries]
        first, second = folding.times(session, deliveries), folding.times(session, both)
        assert all(first[who].worked_s == second[who].worked_s for who in first)


def _on_second_device(delivery: Json) -> Json:
    """The same movements under another sid."""
    if "poll" in delivery:
        seen = [(f"{x['sid']}_2", x["identity"]) for x in delivery["poll"]["participants"]]
        both = delivery["poll"]["participants"] + [{"sid": sid, "identity": who} for sid, who in seen]
        return {"poll": delivery["poll"] | {"participants": both}}
    body = delivery["body"] | {"id": f"{delivery['body']['id']}_2"}
    if "participant" in body:
        body["participant"] = body["participant"] | {"sid": f"{body['participant']['sid']}_2"}
    return delivery | {"body": body}


def _seconds(spans: list[Span]) -> set[int]:
    return {second for span in union(spans) for second in range(span.start, span.end)}
