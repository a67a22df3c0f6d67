"""Sessions over the API: what it does, and that nothing wrong gets in."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.notifications.models import Notification
from marketplace.sessions import deliveries
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _two_days_ahead(it_is: ItIs) -> None:
    it_is(stories.CALL - timedelta(days=2))


def asked(*engaged: Any, **other: Any) -> dict[str, Any]:
    body = {
        "gig": engaged[0].gig.public_id,
        "call_at": "2026-11-10T15:00:00Z",
        "engagements": [engagement.public_id for engagement in engaged],
    }
    return body | other


class TestBook:
    def test_books_a_pair_and_commits_the_most_it_can_cost(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company())
        pair = [stories.an_active_engagement(gig), stories.an_active_engagement(gig)]
        status, body = as_someone(stories.person(stories.owner_of(gig.company))).post(
            "sessions", asked(*pair)
        )
        assert (status, body["state"], len(body["seats"])) == (201, "booked", 2)
        gig.refresh_from_db()
        # 90 min and 15 min of overrun at 74 USD are 129.50, and 15 % on top 19.43, for two.
        assert gig.committed_minor == 2 * (12_950 + 1_943)

    def test_answers_once_per_key(self, as_someone: AsSomeone) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        owner = as_someone(stories.person(stories.owner_of(engaged.company)))
        first = owner.post("sessions", asked(engaged), **{"Idempotency-Key": "book-1"})
        again = owner.post("sessions", asked(engaged), **{"Idempotency-Key": "book-1"})
        assert first == again
        assert Session.objects.count() == 1

    def test_refuses_what_the_budget_does_not_cover_and_says_how_much(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company(), funded_minor=30_000)
        pair = [stories.an_active_engagement(gig), stories.an_active_engagement(gig)]
        owner = as_someone(stories.person(stories.owner_of(gig.company)))
        status, body = owner.post("sessions", asked(*pair, length_s=7200))
        assert (status, body["code"]) == (409, "gig_budget_exceeded")
        assert body["facts"]["missing_minor"] == 2 * (16_650 + 2_498) - 30_000

    def test_refuses_an_overlap_without_naming_the_other_booking(self, as_someone: AsSomeone) -> None:
        performer = stories.a_performer()
        elsewhere = stories.an_active_engagement(stories.a_gig(stories.a_company("Rival Inc")), performer)
        stories.a_booked_session(elsewhere)
        here = stories.an_active_engagement(stories.a_gig(stories.a_company()), performer)
        status, body = as_someone(stories.person(stories.owner_of(here.company))).post(
            "sessions", asked(here)
        )
        assert (status, body["code"]) == (409, "performer_already_booked")
        assert "Rival" not in str(body)

    @pytest.mark.parametrize(
        ("wrong", "status", "code"),
        [
            ({"call_at": "yesterday"}, 422, "invalid"),
            ({"call_at": "2026-11-01T15:00:00Z"}, 422, "invalid"),
            ({"length_s": -1}, 422, "invalid"),
            ({"length_s": 60}, 422, "invalid"),
            ({"length_s": "long"}, 422, "invalid"),
            ({"engagements": []}, 422, "invalid"),
            ({"engagements": ["eng_1"]}, 422, "invalid"),
            ({"engagements": "all"}, 422, "invalid"),
            ({"gig": "ses_01m82nysgae40bycqsgyd8fqxh"}, 422, "invalid"),
            ({"gig": "gig_01m82nysgae40bycqsgyd8fqxh"}, 404, "not_found"),
            ({"rate": {}}, 422, "invalid"),
        ],
    )
    def test_refuses_what_is_wrong(
        self, as_someone: AsSomeone, wrong: dict[str, Any], status: int, code: str
    ) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        answer, body = as_someone(stories.person(stories.owner_of(engaged.company))).post(
            "sessions", asked(engaged, **wrong)
        )
        assert (answer, body["code"]) == (status, code)
        assert not Session.objects.exists()

    def test_refuses_another_companys_engagement(self, as_someone: AsSomeone) -> None:
        mine = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        theirs = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        owner = as_someone(stories.person(stories.owner_of(mine.company)))
        status, _ = owner.post("sessions", asked(mine, engagements=[theirs.public_id]))
        assert status == 422
        status, _ = owner.post("sessions", asked(theirs))
        assert status in (403, 404, 422)
        assert not Session.objects.exists()

    def test_takes_an_owner_or_producer(self, as_someone: AsSomeone) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        reviewer = stories.a_member(engaged.company, Role.REVIEWER)
        status, body = as_someone(reviewer).post("sessions", asked(engaged))
        assert (status, body["code"]) == (403, "forbidden")


class TestWhoSeesWhat:
    def test_shows_a_session_to_its_company_and_its_seats_alone(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        seat = session.seats.select_related("performer__user")[0]
        path = f"sessions/{session.public_id}"
        assert as_someone(None).get(path)[0] == 401
        for stranger in (stories.a_performer(), stories.person(stories.owner_of(stories.a_company()))):
            assert as_someone(stranger).get(path)[0] == 404
            assert as_someone(stranger).get("sessions") == (200, {"data": [], "next_cursor": None})
        for insider in (seat.performer, stories.person(stories.owner_of(session.company))):
            assert as_someone(insider).get(path)[0] == 200
            assert len(as_someone(insider).get("sessions", state="booked")[1]["data"]) == 1

    @pytest.mark.parametrize("bad", ["nonsense", "gig_01m82nysgae40bycqsgyd8fqxh", "ses_1", "%00"])
    def test_a_malformed_id_is_nothing_here(self, as_someone: AsSomeone, bad: str) -> None:
        status, body = as_someone(stories.a_performer()).get(f"sessions/{bad}")
        assert (status, body["code"]) == (404, "not_found")

    @pytest.mark.parametrize(
        "query",
        [{"state": "lost"}, {"since": "soon"}, {"gig": "x"}, {"cursor": "!"}, {"limit": "0"}, {"x": "1"}],
    )
    def test_refuses_an_unknown_filter(self, as_someone: AsSomeone, query: dict[str, str]) -> None:
        assert as_someone(stories.a_performer()).get("sessions", **query)[0] == 422


class TestBeforeTheCall:
    def test_is_confirmed_with_the_last_seat(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        first, second = (seat.performer for seat in session.seats.select_related("performer__user"))
        path = f"sessions/{session.public_id}/confirm"
        assert as_someone(first).post(path)[1]["state"] == "booked"
        assert as_someone(second).post(path)[1]["state"] == "confirmed"
        assert as_someone(second).post(path)[0] == 200
        assert as_someone(stories.person(stories.owner_of(session.company))).post(path)[0] == 403

    def test_pays_for_a_late_cancellation_by_the_company(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        it_is(stories.CALL - timedelta(hours=3))
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        path = f"sessions/{session.public_id}/cancel"
        assert owner.post(path)[0] == 422
        assert owner.post(path, {"reason": " "})[0] == 422
        assert owner.post(path, {"reason": "The model is down"})[1]["state"] == "late_cancelled"
        assert owner.post(path, {"reason": "Again"})[0] == 409
        lines = stories.time_passes(session, at=stories.CALL - timedelta(hours=2))
        assert [(line.payable_s, line.amount_minor) for line in lines] == [(3600, 7400), (3600, 7400)]
        session.gig.refresh_from_db()
        assert session.gig.committed_minor == 2 * (7400 + 1110)

    def test_a_performer_who_cannot_come_leaves_the_others_booked(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        seat, other = session.seats.select_related("performer__user").order_by("id")
        path = f"sessions/{session.public_id}"
        as_someone(other.performer).post(f"{path}/confirm")
        status, body = as_someone(seat.performer).post(f"{path}/cancel", {"reason": "I am ill."})
        # Whoever is left has confirmed, so the session is.
        assert (status, body["state"]) == (200, "confirmed")
        told = {
            Notification.objects.get(
                user=other.performer.user, title="Somebody else's seat was called off"
            ).body
        }
        assert told == {
            f"{seat.performer.stage_name} does not play in “{session.gig.title}”, Tue 10 Nov, 10:00 EST. Your seat is as it was."
        }
        owner = stories.person(stories.owner_of(session.company))
        assert Notification.objects.filter(user=owner, title="A seat is free").exists()
        session.gig.refresh_from_db()
        assert session.gig.committed_minor == other.committed_minor
        stories.a_booked_session(seat.engagement)
        lines = stories.they_play(session, performers=[other.performer])
        assert [(line.seat_id, line.payable_s) for line in lines] == [(other.pk, 5400)]

    def test_with_the_last_seat_the_session_is_off_and_pays_nothing(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        for seat in session.seats.select_related("performer__user"):
            answer = as_someone(seat.performer).post(
                f"sessions/{session.public_id}/cancel", {"reason": "Ill"}
            )
        assert answer[1]["state"] == "cancelled"
        assert stories.time_passes(session, at=stories.CALL) == []
        session.gig.refresh_from_db()
        assert session.gig.committed_minor == 0
        owner = stories.person(stories.owner_of(session.company))
        assert Notification.objects.filter(user=owner, title="A performer called a session off").exists()

    def test_one_seat_is_called_off_by_the_company_and_paid_by_the_notice(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        seat, other = session.seats.select_related("performer__user").order_by("id")
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        path = f"sessions/{session.public_id}/seats/{seat.public_id}/release"
        it_is(stories.CALL - timedelta(hours=24))
        assert as_someone(other.performer).post(path, {"reason": "?"})[0] == 403
        assert owner.post(path, {"reason": ""})[0] == 422
        assert owner.post(path, {"reason": "The scene is for one now."})[0] == 200
        again = owner.post(path, {"reason": "Again."})
        assert (again[0], again[1]["code"]) == (409, "too_late")
        assert as_someone(seat.performer).post(f"sessions/{session.public_id}/confirm")[0] == 409
        lines = {
            line.seat_id: line.payable_s for line in stories.they_play(session, performers=[other.performer])
        }
        # Half of the minimum call, at a day's notice.
        assert lines == {seat.pk: 1800, other.pk: 5400}
        session.gig.refresh_from_db()
        assert session.gig.committed_minor == sum(
            line.amount_minor + line.fee_minor for line in TimeLine.objects.all()
        )

    def test_a_free_seat_is_given_to_another_who_confirms(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        seat, other = session.seats.select_related("performer__user").order_by("id")
        third = stories.an_active_engagement(session.gig)
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        path = f"sessions/{session.public_id}/seats"
        full = owner.post(path, {"engagement": third.public_id})
        assert (full[0], full[1]["code"]) == (409, "no_seat_free")
        for one in (other, seat):
            as_someone(one.performer).post(f"sessions/{session.public_id}/confirm")
        as_someone(seat.performer).post(f"sessions/{session.public_id}/cancel", {"reason": "Ill"})
        assert owner.post(path, {"engagement": seat.engagement.public_id})[1]["code"] == "no_seat_free"
        assert owner.post(path, {"engagement": third.public_id})[1]["state"] == "booked"
        assert (
            as_someone(third.performer).post(f"sessions/{session.public_id}/confirm")[1]["state"]
            == "confirmed"
        )

    @pytest.mark.usefixtures("long_days")
    def test_nobody_is_booked_beyond_the_hours_of_a_week(self, as_someone: AsSomeone) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company(), funded_minor=100_000_000))
        for n in range(5):
            stories.a_booked_session(
                engaged, call_at=stories.CALL + timedelta(hours=10 * n), length_s=28_800, at=stories.BEFORE
            )
        owner = as_someone(stories.person(stories.owner_of(engaged.company)))
        late = owner.post("sessions", asked(engaged, call_at="2026-11-14T15:00:00Z", length_s=900))
        assert (late[0], late[1]["code"]) == (409, "week_is_full")
        assert owner.post("sessions", asked(engaged, call_at="2026-11-16T15:00:00Z", length_s=900))[0] == 201

    def test_a_booking_keeps_to_the_days_that_were_signed(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company(), ends_on=date(2026, 11, 12))
        engaged = stories.an_active_engagement(gig)
        owner = as_someone(stories.person(stories.owner_of(gig.company)))
        assert owner.patch(f"gigs/{gig.public_id}", {"ends_on": "2026-12-31"})[0] == 200
        late = owner.post("sessions", asked(engaged, call_at="2026-11-13T15:00:00Z"))
        assert late[1]["errors"][0]["code"] == "outside_the_terms"
        assert owner.post("sessions", asked(engaged, call_at="2026-11-12T15:00:00Z"))[0] == 201


class TestInTheRoom:
    def test_counts_the_seconds_of_the_platforms_own_room(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        session = stories.a_booked_session(engaged)
        me, path = as_someone(engaged.performer), f"sessions/{session.public_id}"
        assert me.post(f"{path}/presence", {"event": "joined"})[1]["code"] == "doors_closed"
        it_is(stories.CALL - timedelta(minutes=5))
        status, entrance = me.post(f"{path}/presence", {"event": "joined"})
        assert status == 200
        assert me.get(path)[1]["state"] == "check_in"
        for beat in range(-20, 281):
            it_is(stories.CALL + timedelta(seconds=beat * 15))
            assert me.post(f"{path}/presence", {"event": "here", "sid": entrance["sid"]})[0] == 200
        deliveries.follow(session=Session.objects.get(), at=stories.CALL)
        rest = me.post(f"{path}/marks", {"kind": "rest"})
        assert rest[0] == 201
        assert me.post(f"{path}/marks", {"kind": "meal"})[1]["code"] == "already_on_break"
        assert me.post(f"{path}/presence", {"event": "left", "sid": entrance["sid"]})[0] == 200
        it_is(stories.CALL + timedelta(minutes=75))
        assert me.post(f"{path}/marks/end")[0] == 200
        assert me.post(f"{path}/marks/end")[1]["code"] == "no_break"
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        assert owner.post(f"{path}/end")[1]["state"] == "wrapped"
        (line,) = stories.time_passes(session, at=stories.CALL + timedelta(hours=2))
        assert (line.worked_s, line.inferred) == (75 * 60, False)

    @pytest.mark.parametrize(
        "wrong", [{}, {"event": "gone"}, {"event": "here", "sid": 5, "x": 1}, {"event": ["here"]}, []]
    )
    def test_refuses_wrong_words_of_presence(self, as_someone: AsSomeone, wrong: Any) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        session = stories.a_booked_session(engaged)
        path = f"sessions/{session.public_id}/presence"
        assert as_someone(engaged.performer).post(path, wrong)[0] == 422

    def test_refuses_another_ones_connection(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        mine, theirs = session.seats.select_related("performer__user")
        path = f"sessions/{session.public_id}/presence"
        status, body = as_someone(mine.performer).post(
            path, {"event": "here", "sid": f"{theirs.public_id}.abc"}
        )
        assert (status, body["code"]) == (409, "unknown_connection")

    def test_a_safety_stop_keeps_the_minimum_call(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        session = stories.a_booked_session(engaged)
        me, path = as_someone(engaged.performer), f"sessions/{session.public_id}"
        it_is(stories.CALL)
        assert me.post(f"{path}/stop")[1]["code"] == "illegal_state"
        me.post(f"{path}/presence", {"event": "joined"})
        it_is(stories.CALL + timedelta(seconds=40))
        assert me.post(f"{path}/stop")[1]["state"] == "safety_stopped"
        (line,) = stories.time_passes(session, at=stories.CALL + timedelta(minutes=5))
        assert (line.worked_s, line.payable_s, line.note) == (40, 3600, "The minimum call is paid")

    def test_whoever_waited_for_the_company_is_paid_the_slot(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        session = stories.a_booked_session(engaged)
        me, path = as_someone(engaged.performer), f"sessions/{session.public_id}"
        it_is(stories.CALL)
        sid = me.post(f"{path}/presence", {"event": "joined"})[1]["sid"]
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        assert owner.post(f"{path}/company-no-show")[1]["code"] == "too_early"
        assert me.post(f"{path}/company-no-show")[0] == 403
        it_is(stories.CALL + timedelta(minutes=14, seconds=45))
        assert me.post(f"{path}/presence", {"event": "here", "sid": sid})[1]["code"] == "unknown_connection"
        assert me.post(f"{path}/presence", {"event": "joined"})[0] == 200
        it_is(stories.CALL + timedelta(minutes=15))
        assert owner.post(f"{path}/company-no-show")[1]["state"] == "company_no_show"
        (line,) = stories.time_passes(session, at=stories.CALL + timedelta(hours=2))
        assert (line.worked_s, line.payable_s) == (15, 5400)
