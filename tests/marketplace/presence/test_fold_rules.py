"""Each rule by an example that a person can check: call at 0 s, an hour's slot, the house's limits scaled to it."""

from typing import Any

import pytest

from kit.ranges import Span
from marketplace.presence.connections import Behind, Grade, Inference
from marketplace.presence.fold import SeatTime
from marketplace.presence.lines import Code, Stretch
from tests.marketplace.presence import folding
from tests.marketplace.timekeeping import weeks
from tests.marketplace.timekeeping.weeks import CALL, participant, poll, stamp, webhook

Json = dict[str, Any]
ME = "prf_1"


def session(*marks: Json, **changes: Any) -> Json:
    policy = {
        "minimum_call_s": 0,
        "grace_gap_s": 120,
        "no_show_after_s": 900,
        "overrun_limit_s": 900,
        "meal_min_s": 1800,
        "rounding": "exact",
        "cancel_tiers": [],
    }
    made = {
        "session": "ses_1",
        "room": "room_1",
        "call_at": stamp(CALL),
        "scheduled_end_at": stamp(CALL + 3600),
        "status": "held",
        "cancelled_at": None,
        "cancelled_by": None,
        "policy": policy,
        "seats": [{"performer": ME, "pay_rate_minor": 7400, "currency": "usd"}],
        "marks": list(marks),
    }
    return made | changes


def short() -> Json:
    """The policy of a session that ends when it is scheduled to."""
    policy: Json = session()["policy"]
    return policy | {"overrun_limit_s": 0}


def limited(rest_limit_s: int) -> Json:
    """The policy of a session with a limit to its paid rests."""
    policy: Json = session()["policy"]
    return policy | {"rest_limit_s": rest_limit_s}


def mark(kind: str, start: int, end: int | None, performer: str | None = None) -> Json:
    return {
        "kind": kind,
        "started_at": stamp(CALL + start),
        "ended_at": None if end is None else stamp(CALL + end),
        "performer": performer,
    }


def joined(start: int, sid: str = "A") -> Json:
    return {
        "body": webhook("participant_joined", f"j{sid}", CALL + start, participant(sid, ME, CALL + start))
    }


def left(start: int, end: int, sid: str = "A", reason: str = "CONNECTION_TIMEOUT") -> Json:
    who = participant(sid, ME, CALL + start) | {"disconnectReason": reason}
    return {"body": webhook("participant_left", f"l{sid}", CALL + end, who)}


def was_in(start: int, end: int, sid: str = "A") -> list[Json]:
    return [joined(start, sid), left(start, end, sid)]


def heard(delivery: Json, at: int) -> Json:
    """The same, with when it reached us."""
    return delivery | {"received_at": stamp(CALL + at)}


def finished(at: int, event_id: str = "end") -> Json:
    return {"body": webhook("room_finished", event_id, CALL + at)}


def polled(at: int, *sids: str) -> Json:
    return {"poll": poll(CALL + at, [(sid, ME) for sid in sids])}


def time_of(made: Json, came: list[Json]) -> SeatTime:
    return folding.times(made, came)[ME]


def drawn(time: SeatTime) -> list[tuple[int, int, Code, bool]]:
    return [(line.span.start - CALL, line.span.end - CALL, line.code, line.paid) for line in time.lines]


class TestClock:
    def test_that_runs_ahead_is_set_back_by_its_largest_lead(self) -> None:
        came = [heard(joined(100), 0), heard(left(100, 731), 700)]
        time = time_of(session(), came)
        assert (time.connections[0].span, time.inferred) == (Span(CALL, CALL + 631), True)
        assert (time.connections[0].inference, time.grade) == (Inference.CLOCK_AHEAD, Grade.C)

    @pytest.mark.parametrize(("lead", "worked_s"), [(30, 570), (31, 600)])
    def test_within_the_tolerance_is_believed(self, lead: int, worked_s: int) -> None:
        came = [heard(joined(lead), 0), heard(left(lead, 600 + lead), 600)]
        time = time_of(session(scheduled_end_at=stamp(CALL + 600), policy=short()), came)
        assert (time.worked_s, time.inferred) == (worked_s, lead > 30)

    def test_is_read_off_the_first_arrival_of_each_webhook_whatever_it_says(self) -> None:
        again = heard(joined(100), 5000)
        other = {"body": webhook("track_published", "t", CALL + 160, participant("A", ME, CALL))}
        came = [again, heard(joined(100), 0), heard(other, 60), heard(left(100, 600), 601)]
        assert time_of(session(), came).connections[0].span == Span(CALL, CALL + 500)
        assert time_of(session(), came[::-1]).connections[0].span == Span(CALL, CALL + 500)

    def test_that_runs_ahead_moves_what_a_left_says_too_and_no_poll(self) -> None:
        came = [heard(left(100, 700), 600), polled(650, "B"), heard(joined(800, "B"), 700)]
        spans = [c.span for c in time_of(session(), came).connections]
        assert spans == [Span(CALL, CALL + 600), Span(CALL + 700, CALL + 700)]

    def test_that_runs_behind_shows_against_our_polls_with_both_readings(self) -> None:
        time = time_of(session(), [*was_in(0, 600), polled(631, "A")])
        assert time.behind == Behind(said_s=CALL + 600, seen_s=CALL + 631)
        assert time_of(session(), [*was_in(0, 600), polled(630, "A")]).behind is None


class TestConnection:
    def test_runs_from_joined_to_left(self) -> None:
        assert time_of(session(), was_in(0, 600)).worked_s == 600

    def test_on_a_second_device_counts_once(self) -> None:
        assert time_of(session(), was_in(0, 600) + was_in(300, 900, "B")).worked_s == 900

    def test_whose_join_was_lost_starts_where_the_left_says(self) -> None:
        time = time_of(session(), [left(100, 600)])
        assert (time.worked_s, time.inferred) == (500, True)
        assert time.connections[0].inference is Inference.JOIN_LOST

    def test_whose_left_was_lost_ends_at_the_last_poll_that_lists_it(self) -> None:
        time = time_of(session(), [joined(0), polled(60, "A"), polled(120, "A"), polled(180), finished(600)])
        assert (time.worked_s, time.inferred) == (120, True)

    def test_whose_left_was_lost_and_that_no_poll_lists_is_nothing_where_the_room_was_polled(self) -> None:
        time = time_of(session(), [joined(0), polled(60), finished(600)])
        assert (time.worked_s, time.inferred) == (0, True)
        assert time.connections[0].inference is Inference.LEFT_LOST_NO_TRACE

    def test_whose_left_was_lost_ends_with_the_room_where_nothing_was_polled(self) -> None:
        assert time_of(session(), [joined(0), finished(600)]).worked_s == 600
        assert time_of(session(), [joined(0)]).worked_s == 0

    def test_whose_left_was_lost_ends_with_the_first_finish_at_or_after_its_start(self) -> None:
        came = [joined(300), finished(299, "a"), finished(300, "b"), finished(600, "c")]
        assert time_of(session(), came[:2]).worked_s == 0
        assert time_of(session(), [came[0], came[1], came[3]]).worked_s == 300
        assert time_of(session(), came).worked_s == 0

    def test_that_says_it_never_joined_is_none(self) -> None:
        failed = left(0, 600, reason="JOIN_FAILURE")
        assert time_of(session(), [failed]).connections == ()
        assert time_of(session(), [joined(0), failed, polled(60, "A")]).connections == ()
        assert time_of(session(), [joined(0), failed, polled(60, "A")]).only_polled == ()

    def test_never_ends_before_it_starts(self) -> None:
        time = time_of(session(), [joined(300), polled(200, "A")])
        assert (time.worked_s, time.connections[0].span) == (0, Span(CALL + 300, CALL + 300))

    def test_is_not_ended_and_not_begun_by_an_aborted_one(self) -> None:
        body = webhook("participant_connection_aborted", "x", CALL + 10, participant("A", ME, CALL))
        assert time_of(session(), [{"body": body}]).connections == ()
        assert time_of(session(), [*was_in(0, 600), {"body": body}]).worked_s == 600

    def test_that_only_polls_ever_saw_is_left_to_a_person(self) -> None:
        time = time_of(session(), [polled(60, "A"), polled(120, "A")])
        assert (time.worked_s, time.inferred, time.only_polled) == (0, False, ("A",))

    def test_of_a_repeated_webhook_id_counts_as_it_first_came(self) -> None:
        again = left(0, 900)
        assert time_of(session(), [*was_in(0, 600), again]).worked_s == 600


class TestPresence:
    @pytest.mark.parametrize(("gap_s", "worked_s"), [(120, 1000), (121, 879)])
    def test_fills_a_gap_of_up_to_the_grace(self, gap_s: int, worked_s: int) -> None:
        assert time_of(session(), was_in(0, 500) + was_in(500 + gap_s, 1000, "B")).worked_s == worked_s

    def test_is_not_bridged_by_a_connection_of_no_length(self) -> None:
        came = was_in(0, 500) + was_in(600, 600, "B") + was_in(700, 1000, "C")
        assert time_of(session(), came).worked_s == 800


class TestWindow:
    def test_begins_at_the_call_and_ends_at_the_overrun_limit(self) -> None:
        assert time_of(session(), was_in(-600, 9000)).worked_s == 3600 + 900

    def test_is_not_ended_by_a_room_that_finishes(self) -> None:
        assert time_of(session(), [*was_in(0, 9000), finished(1000)]).worked_s == 4500

    def test_ends_where_a_person_ended_the_session(self) -> None:
        assert time_of(session(wrapped_at=stamp(CALL + 3000)), was_in(0, 9000)).worked_s == 3000
        assert time_of(session(wrapped_at=stamp(CALL + 5000)), was_in(0, 9000)).worked_s == 4500

    def test_is_empty_where_a_person_ended_it_before_the_call(self) -> None:
        time = time_of(session(wrapped_at=stamp(CALL - 1)), was_in(-600, 600))
        assert (time.worked_s, time.window.length_s) == (0, 0)

    @pytest.mark.parametrize(
        ("status", "at", "worked_s"),
        [("held", 3600, 3600), ("held", 3601, 3601), ("held", 3599, 4500), ("cancelled", 3600, 4500)],
    )
    def test_ends_with_the_next_call_of_the_same_performer(self, status: str, at: int, worked_s: int) -> None:
        other = {
            "session": "ses_2",
            "call_at": stamp(CALL + at),
            "status": status,
            "seats": [{"performer": ME}],
        }
        assert folding.times(session(), was_in(0, 9000), [other])[ME].worked_s == worked_s
        others = [other | {"seats": [{"performer": "prf_2"}]}, session()]
        assert folding.times(session(), was_in(0, 9000), others)[ME].worked_s == 4500


class TestShowed:
    @pytest.mark.parametrize(
        ("start", "end", "showed"), [(900, 901, True), (901, 2000, False), (-9, 0, False), (-9, 1, True)]
    )
    def test_is_present_at_the_call_or_up_to_and_at_the_limit(
        self, start: int, end: int, showed: bool
    ) -> None:
        assert time_of(session(), was_in(start, end)).showed is showed

    @pytest.mark.parametrize(("at", "showed"), [(-1, False), (0, True), (900, True), (901, False)])
    def test_is_to_have_knocked_in_that_time(self, at: int, showed: bool) -> None:
        time = time_of(session(mark("arrived", at, at, ME)), [])
        assert (time.showed, time.worked_s, time.lines[0].code) == (showed, 0, Code.ABSENT)
        assert not time_of(session(mark("arrived", at, at, "prf_2")), []).showed

    @pytest.mark.parametrize(("wrapped_at", "showed"), [(899, True), (900, False), (-500, True)])
    def test_counts_any_second_before_the_call_where_it_was_ended_too_early(
        self, wrapped_at: int, showed: bool
    ) -> None:
        ended = session(wrapped_at=stamp(CALL + wrapped_at))
        assert time_of(ended, was_in(-600, -300)).showed is showed
        assert time_of(ended | {"marks": [mark("arrived", -600, -600)]}, []).showed is showed


class TestMarks:
    def test_a_meal_is_unpaid_even_to_who_stayed(self) -> None:
        assert time_of(session(mark("meal", 600, 2400)), was_in(0, 3600)).worked_s == 1800

    def test_a_shorter_meal_is_a_rest(self) -> None:
        came = was_in(0, 600) + was_in(2399, 3600, "B")
        time = time_of(session(mark("meal", 600, 2399)), came)
        assert time.worked_s == 3600
        assert (600, 2399, Code.REST, True) in drawn(time)

    @pytest.mark.parametrize("kind", ["rest", "hold_company", "hold_platform"])
    @pytest.mark.parametrize(("gone_at", "worked_s"), [(481, 481 + 300), (480, 480), (601, 900)])
    def test_a_rest_or_hold_is_paid_to_who_was_there_within_the_grace_before(
        self, kind: str, gone_at: int, worked_s: int
    ) -> None:
        assert time_of(session(mark(kind, 600, 900)), was_in(0, gone_at)).worked_s == worked_s

    def test_a_hold_is_paid_to_who_comes_in_the_second_it_starts_and_not_later(self) -> None:
        assert time_of(session(mark("hold_company", 600, 900)), was_in(600, 700)).worked_s == 300
        assert time_of(session(mark("hold_company", 600, 900)), was_in(601, 700)).worked_s == 99

    def test_a_mark_of_another_seat_changes_nothing(self) -> None:
        assert time_of(session(mark("meal", 0, 3600, "prf_2")), was_in(0, 3600)).worked_s == 3600
        assert time_of(session(mark("meal", 0, 3600, ME)), was_in(0, 3600)).worked_s == 0

    def test_a_meal_wins_over_a_hold(self) -> None:
        marks = (mark("hold_platform", 600, 3000), mark("meal", 900, 2700))
        assert time_of(session(*marks), was_in(0, 600)).worked_s == 600 + 300 + 300

    def test_a_hold_is_paid_within_the_window_and_up_to_the_scheduled_end_only(self) -> None:
        assert time_of(session(mark("hold_company", -60, 9000)), was_in(-60, -50)).worked_s == 3600
        stayed = time_of(session(mark("hold_company", 600, 9000)), was_in(0, 9000))
        assert stayed.worked_s == 4500
        wrapped = session(mark("hold_company", 600, 9000), wrapped_at=stamp(CALL + 3000))
        assert time_of(wrapped, was_in(0, 601)).worked_s == 3000

    def test_without_an_end_ends_with_the_window(self) -> None:
        assert time_of(session(mark("hold_platform", 600, None)), was_in(0, 601)).worked_s == 3600
        assert time_of(session(mark("meal", 2700, None)), was_in(0, 9000)).worked_s == 2700
        # Two seconds fewer than a meal, up to the window's end: a rest.
        assert time_of(session(mark("meal", 2702, None)), was_in(0, 2702)).worked_s == 3600

    @pytest.mark.parametrize("kind", ["rest", "meal"])
    def test_a_rest_is_paid_up_to_its_limit(self, kind: str) -> None:
        rested = session(mark(kind, 600, 1500), policy=limited(300))
        assert time_of(rested, was_in(0, 600)).worked_s == 900
        assert time_of(rested, was_in(0, 600) + was_in(1000, 2000, "B")).worked_s == 900 + 1000
        assert time_of(session(mark(kind, 600, 1500)), was_in(0, 600)).worked_s == 1500

    def test_a_hold_has_no_limit(self) -> None:
        assert (
            time_of(session(mark("hold_company", 600, 1500), policy=limited(300)), was_in(0, 600)).worked_s
            == 1500
        )

    @pytest.mark.parametrize(("again", "worked_s"), [(1019, 1200), (1020, 900)])
    def test_is_paid_to_who_was_paid_by_one_that_began_earlier(self, again: int, worked_s: int) -> None:
        marks = (mark("hold_platform", 600, 900), mark("rest", again, again + 300))
        assert time_of(session(*marks), was_in(0, 600)).worked_s == worked_s

    def test_is_not_paid_by_one_that_begins_in_the_same_second(self) -> None:
        marks = (mark("hold_platform", 800, 900), mark("rest", 800, 1500))
        assert time_of(session(*marks), was_in(0, 600)).worked_s == 600

    def test_beyond_the_limit_of_a_rest_nothing_follows_from_it(self) -> None:
        marks = (mark("rest", 600, 2000), mark("hold_company", 1100, 1500))
        assert time_of(session(*marks, policy=limited(300)), was_in(0, 600)).worked_s == 900
        assert time_of(session(*marks, policy=limited(381)), was_in(0, 600)).worked_s == 600 + 381 + 400


class TestLines:
    def test_tell_the_whole_story_in_order(self) -> None:
        came = [*was_in(-60, 600), *was_in(655, 1000, "B"), *was_in(2000, 3700, "C")]
        ended = session(mark("rest", 900, 1200), wrapped_at=stamp(CALL + 3600))
        assert drawn(time_of(ended, came)) == [
            (-60, 0, Code.BEFORE_CALL, False),
            (0, 600, Code.PRESENT, True),
            (600, 655, Code.GAP_FILLED, True),
            (655, 900, Code.PRESENT, True),
            (900, 1200, Code.REST, True),
            (1200, 2000, Code.ABSENT, False),
            (2000, 3600, Code.PRESENT, True),
            (3600, 3700, Code.AFTER_WINDOW, False),
        ]

    @pytest.mark.parametrize(
        ("came", "story"),
        [
            (was_in(0, 3600), [(0, 3600, Code.PRESENT, True)]),
            (was_in(0, 3650), [(0, 3650, Code.PRESENT, True)]),
            (was_in(0, 3000), [(0, 3000, Code.PRESENT, True), (3000, 3600, Code.ABSENT, False)]),
            ([], [(0, 3600, Code.ABSENT, False)]),
            (
                [*was_in(0, 3600), *was_in(3800, 4000, "B")],
                [
                    (0, 3600, Code.PRESENT, True),
                    (3600, 3800, Code.ABSENT, False),
                    (3800, 4000, Code.PRESENT, True),
                ],
            ),
        ],
    )
    def test_end_for_who_has_gone_where_the_booked_time_does(
        self, came: list[Json], story: list[tuple[int, int, Code, bool]]
    ) -> None:
        assert drawn(time_of(session(), came)) == story

    def test_say_why_the_performer_was_gone(self) -> None:
        came = [joined(0), left(0, 600, reason="SIGNAL_CLOSE"), *was_in(655, 3600, "B")]
        ended = session(wrapped_at=stamp(CALL + 3600))
        assert [line.because for line in time_of(ended, came).lines] == ["", "SIGNAL_CLOSE", ""]

    def test_are_graded_by_how_many_sources_say_so(self) -> None:
        came = [
            *was_in(0, 600),
            polled(60, "A"),
            *was_in(900, 1200, "B"),
            polled(960),
            *was_in(1500, 1510, "C"),
            left(1800, 2100, "D"),
            finished(2100),
        ]
        paid = [line.grade for line in time_of(session(), came).lines if line.paid]
        assert paid == [Grade.A, Grade.B, Grade.B, Grade.C]
        assert time_of(session(), came).grade is Grade.C

    def test_are_not_better_proved_by_the_performers_own_page(self) -> None:
        own = "sea_1.abc"
        came = [*was_in(0, 600, own), polled(60, own), polled(300, own)]
        assert time_of(session(), came).grade is Grade.B
        # Nor does a page that speaks of itself only say that another was not there.
        beside = [*was_in(0, 600), polled(60, "A"), {"poll": poll(CALL + 90, [("sea_2.x", "prf_2")])}]
        assert time_of(session(), beside).grade is Grade.A

    def test_of_a_company_that_never_came_say_that_one_waited(self) -> None:
        time = time_of(session(status="company_no_show"), was_in(0, 900))
        assert drawn(time)[0] == (0, 900, Code.WAITED, True)
        assert (time.worked_s, time.showed) == (900, True)

    def test_of_a_cancelled_session_are_none_and_nothing_is_inferred(self) -> None:
        cancelled = session(status="cancelled", cancelled_at=stamp(CALL - 60), cancelled_by="company")
        time = time_of(cancelled, [left(0, 100)])
        assert (time.lines, time.inferred, time.worked_s) == ((), False, 0)

    def test_are_stored_and_read_back_without_loss(self) -> None:
        line = Stretch(Span(1, 2), Code.GAP_FILLED, True, Grade.B, "SIGNAL_CLOSE")
        assert Stretch.from_json(line.to_json()) == line


def test_the_host_and_strangers_have_no_seat() -> None:
    body = webhook("participant_joined", "h", CALL, weeks.participant("H", "host", CALL))
    assert time_of(session(), [{"body": body}, finished(600)]).worked_s == 0
