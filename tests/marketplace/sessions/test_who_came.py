"""What counts as having come: a knock at a shut door, an answer to a stop, the company by what the room saw."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.notifications.models import Notification
from marketplace.sessions.models import Mark, Session
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
MINUTE = timedelta(minutes=1)


def lines(session: Session) -> list[TimeLine]:
    return list(TimeLine.objects.filter(seat__session=session).order_by("seat_id"))


class TestAKnock:
    def test_too_early_for_the_room_counts_where_the_session_is_ended_before_one_could_come(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        first, second = (seat.performer for seat in session.seats.select_related("performer").order_by("id"))
        path = f"sessions/{session.public_id}"
        it_is(CALL - 31 * MINUTE)
        refused = as_someone(first).post(f"{path}/presence", {"event": "joined"})
        assert (refused[0], refused[1]["code"]) == (409, "doors_closed")
        it_is(CALL + 4 * MINUTE + timedelta(seconds=30))
        as_someone(second).post(f"{path}/presence", {"event": "joined"})
        it_is(CALL + 5 * MINUTE)
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        assert owner.post(f"{path}/end")[0] == 200
        stories.the_sweep_runs(at=CALL + 6 * MINUTE)
        assert [line.payable_s for line in lines(session)] == [3600, 3600]

    def test_too_early_counts_for_nothing_where_there_was_time_to_come(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        first = session.seats.select_related("performer").order_by("id")[0].performer
        it_is(CALL - 31 * MINUTE)
        as_someone(first).post(f"sessions/{session.public_id}/presence", {"event": "joined"})
        stories.the_sweep_runs(at=session.scheduled_end_at + 16 * MINUTE)
        stories.time_passes(session, at=session.scheduled_end_at + 16 * MINUTE)
        assert [line.payable_s for line in lines(session)] == [0, 0]

    def test_is_kept_once_before_the_call_and_once_from_it_on(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        me = as_someone(session.seats.select_related("performer").order_by("id")[0].performer)
        for at in (CALL - 40 * MINUTE, CALL - 35 * MINUTE, CALL, CALL + MINUTE):
            it_is(at)
            assert me.post(f"sessions/{session.public_id}/presence", {"event": "knocked"})[0] == 200
        kept = Mark.objects.filter(session=session, kind="arrived").values_list("started_at", flat=True)
        assert sorted(kept) == [CALL - 40 * MINUTE, CALL]

    def test_is_nobody_elses(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        it_is(CALL)
        path = f"sessions/{session.public_id}/presence"
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        assert owner.post(path, {"event": "knocked"})[0] == 404
        assert as_someone(stories.a_performer()).post(path, {"event": "knocked"})[0] == 404
        asked = {"kind": "arrived"}
        assert owner.post(f"sessions/{session.public_id}/marks", asked)[0] == 422
        assert not Mark.objects.exists()

    def test_at_a_session_that_was_called_off_is_refused(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        me = as_someone(session.seats.select_related("performer").order_by("id")[0].performer)
        it_is(CALL - 40 * MINUTE)
        assert me.post(f"sessions/{session.public_id}/cancel", {"reason": "I am ill."})[0] == 200
        refused = me.post(f"sessions/{session.public_id}/presence", {"event": "knocked"})
        assert (refused[0], refused[1]["code"]) == (409, "session_called_off")


class TestAStop:
    def test_can_be_answered_in_time_by_who_was_on_the_way(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        for late_s, payable_s in ((900, 3600), (901, 0)):
            session = stories.a_pair_booked()
            first, second = (s.performer for s in session.seats.select_related("performer").order_by("id"))
            path = f"sessions/{session.public_id}"
            it_is(CALL + 4 * MINUTE + timedelta(seconds=30))
            as_someone(first).post(f"{path}/presence", {"event": "joined"})
            it_is(CALL + 5 * MINUTE)
            assert as_someone(first).post(f"{path}/stop", {"reason": "I felt unsafe."})[0] == 200
            told = Notification.objects.get(user=second.user, title="A session was stopped for safety")
            assert "say that you are here" in told.body
            assert not Notification.objects.filter(user=first.user, title=told.title).exists()
            it_is(CALL + timedelta(seconds=late_s))
            assert as_someone(second).post(f"{path}/presence", {"event": "knocked"})[0] == 200
            stories.the_sweep_runs(at=CALL + 20 * MINUTE)
            assert [line.payable_s for line in lines(session)] == [3600, payable_s]

    @pytest.mark.parametrize(("who", "act"), [("performer", "stop"), ("company", "stop"), ("company", "end")])
    def test_waits_for_no_sweep(self, as_someone: AsSomeone, it_is: ItIs, who: str, act: str) -> None:
        session = stories.a_pair_booked()
        first = session.seats.select_related("performer").order_by("id")[0].performer
        owner = stories.person(stories.owner_of(session.company))
        someone, path = (
            as_someone(first if who == "performer" else owner),
            f"sessions/{session.public_id}/{act}",
        )
        it_is(CALL + MINUTE)
        assert someone.post(path)[0] == 409  # nobody has come yet
        stories.arrives(session, stories.joined(session, first, CALL), at=CALL + MINUTE)
        it_is(CALL + MINUTE + timedelta(seconds=1))
        assert someone.post(path)[0] == 200
        session.refresh_from_db()
        assert session.wrapped_at == CALL + MINUTE + timedelta(seconds=1)

    def test_says_on_the_page_that_it_pays_only_where_it_does(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        first, second = (s.performer for s in session.seats.select_related("performer").order_by("id"))
        it_is(CALL + 5 * MINUTE)
        as_someone(first).post(f"sessions/{session.public_id}/presence", {"event": "joined"})
        as_someone(first).post(f"sessions/{session.public_id}/stop", {"reason": "I felt unsafe."})
        for late_s, pays in ((900, True), (901, False)):
            it_is(CALL + timedelta(seconds=late_s))
            page = as_someone(second).client.post(f"/sessions/{session.public_id}/room/knock/", follow=True)
            assert ("the minimum call is yours" in page.content.decode()) is pays


class TestTheCompany:
    def played_alone(self, session: Session) -> None:
        ends = session.scheduled_end_at
        for seat in session.seats.select_related("performer"):
            came = stories.joined(session, seat.performer, CALL), stories.left(session, seat.performer, ends)
            stories.arrives(session, *came, at=ends)
        stories.the_sweep_runs(at=ends + 16 * MINUTE)

    def test_that_never_came_pays_the_slot_by_the_evidence_and_by_nobodys_word(self) -> None:
        session = stories.a_pair_booked()
        first = session.seats.select_related("performer").order_by("id")[0].performer
        gone = CALL + 20 * MINUTE
        stories.arrives(
            session, stories.joined(session, first, CALL), stories.left(session, first, gone), at=gone
        )
        stories.the_sweep_runs(at=session.scheduled_end_at + 16 * MINUTE)
        session.refresh_from_db()
        assert session.no_show_found_at is not None
        assert [(line.worked_s, line.payable_s) for line in lines(session)] == [(1200, 5400), (0, 0)]
        assert lines(session)[0].note == "The company did not come: the whole slot is paid"

    def test_that_came_in_the_last_second_has_come(self) -> None:
        for late_s, absent in ((900, False), (901, True)):
            session = stories.a_pair_booked()
            body = stories.somebody_of_the_company(session, session.scheduled_end_at)[0]
            came = body | {"createdAt": str(int((CALL + timedelta(seconds=late_s)).timestamp()))}
            stories.arrives(session, came, at=CALL + 20 * MINUTE)
            self.played_alone(session)
            session.refresh_from_db()
            assert (session.no_show_found_at is not None) is absent

    def test_that_was_there_after_all_is_believed_when_word_of_it_comes(self) -> None:
        session = stories.a_pair_booked()
        first = session.seats.select_related("performer").order_by("id")[0].performer
        gone = CALL + 70 * MINUTE
        stories.arrives(
            session, stories.joined(session, first, CALL), stories.left(session, first, gone), at=gone
        )
        over = session.scheduled_end_at + 16 * MINUTE
        stories.the_sweep_runs(at=over)
        stories.arrives(session, *stories.somebody_of_the_company(session, gone), at=over)
        stories.the_sweep_runs(at=over + MINUTE)
        session.refresh_from_db()
        assert session.no_show_found_at is None
        assert lines(session)[0].payable_s == 4200

    def test_is_in_the_room_while_one_of_its_people_has_it_open(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        it_is(CALL + 15 * MINUTE)
        assert owner.client.post(f"/sessions/{session.public_id}/room/here/").status_code == 200
        self.played_alone(session)
        session.refresh_from_db()
        assert session.no_show_found_at is None

    def test_is_not_blamed_for_a_room_that_let_nobody_in(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        me = as_someone(session.seats.select_related("performer").order_by("id")[0].performer)
        it_is(CALL)
        assert me.post(f"sessions/{session.public_id}/presence", {"event": "knocked"})[0] == 200
        over = session.scheduled_end_at + 16 * MINUTE
        stories.time_passes(session, at=over)
        session.refresh_from_db()
        assert (session.no_show_found_at, session.outcome) == (None, "wrapped")
        assert [line.payable_s for line in lines(session)] == [3600, 0]


class TestTheRecord:
    def test_of_ones_own_page_alone_is_no_second_source(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        me = as_someone(session.seats.select_related("performer").order_by("id")[0].performer)
        path = f"sessions/{session.public_id}"
        it_is(CALL)
        sid = me.post(f"{path}/presence", {"event": "joined"})[1]["sid"]
        for beat in range(1, 5):
            it_is(CALL + beat * timedelta(seconds=15))
            me.post(f"{path}/presence", {"event": "here", "sid": sid})
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        assert owner.post(f"{path}/end")[0] == 200
        stories.the_sweep_runs(at=CALL + 2 * MINUTE)
        assert [(line.worked_s, line.grade) for line in lines(session)] == [(60, "B"), (0, "B")]

    @pytest.mark.usefixtures("long_days")
    def test_ends_with_the_next_call_of_the_same_performer(self) -> None:
        gig = stories.a_gig(stories.a_company())
        engaged = stories.an_active_engagement(gig)
        first = stories.a_booked_session(engaged)
        stories.a_booked_session(
            engaged, call_at=first.scheduled_end_at + 5 * MINUTE, at=CALL - timedelta(days=1)
        )
        stories.they_play(first, for_s=5400 + 800)
        assert lines(first)[0].payable_s == 5400 + 300

    def test_by_older_rules_is_only_ever_reckoned_anew_upwards(self) -> None:
        session = stories.a_booked_session(stories.an_active_engagement(stories.a_gig(stories.a_company())))
        (line,) = stories.they_play(session)
        # As the upgrade leaves what was reckoned before it.
        TimeLine.objects.filter(pk=line.pk).update(rules_version=1, payable_s=5500, amount_minor=11_306)
        stories.time_passes(session, at=CALL + timedelta(hours=4))
        line.refresh_from_db()
        assert (line.rules_version, line.payable_s) == (1, 5500)
        TimeLine.objects.filter(pk=line.pk).update(payable_s=5300, amount_minor=10_894)
        stories.time_passes(session, at=CALL + timedelta(hours=4))
        line.refresh_from_db()
        assert (line.rules_version, line.payable_s) == (2, 5400)
