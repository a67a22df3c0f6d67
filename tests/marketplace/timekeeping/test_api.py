"""Weeks over the API: whose they are, what is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.roles import Role, Staff
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine, Timesheet
from tests import stories
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
WEEK = "weeks/2026-11-09"


@pytest.fixture(autouse=True)
def _the_week_is_over(it_is: ItIs) -> None:
    it_is(stories.REVIEW_DAY)


def a_played_week() -> Session:
    session = stories.a_pair_booked()
    stories.they_play(session, for_s=4000)
    stories.the_week_is_over()
    return session


class TestPerformer:
    def test_confirms_their_week(self, as_someone: AsSomeone) -> None:
        a_played_week()
        sheet = Timesheet.objects.select_related("performer__user")[0]
        me = as_someone(sheet.performer)
        (listed,) = me.get("timesheets", week="2026-11-09")[1]["data"]
        assert (listed["id"], listed["lines"][0]["amount"]) == (
            sheet.public_id,
            {"amount_minor": 8222, "currency": "usd"},
        )
        status, body = me.post(f"timesheets/{sheet.public_id}/submit")
        assert (status, body["state"], body["confirmed_by_performer"]) == (200, "client_review", True)
        assert me.post(f"timesheets/{sheet.public_id}/submit")[1]["code"] == "illegal_state"

    def test_disputes_a_line(self, as_someone: AsSomeone) -> None:
        a_played_week()
        line = TimeLine.objects.select_related("timesheet__performer__user")[0]
        me, path = as_someone(line.timesheet.performer), f"time-lines/{line.public_id}"
        assert me.get(path)[1]["stretches"][0]["code"] == "present"
        sent = {"reason": "time_missing", "text": "The last scene is missing", "claimed_s": 4300}
        status, body = me.post(f"{path}/disputes", sent)
        assert (status, body["claimed_s"], body["raised_by"]) == (201, 4300, "performer")
        assert me.post(f"{path}/disputes", sent)[1]["code"] == "already_disputed"
        answer = {"resolution": "I saw it on the tape", "adjusted_s": 4300}
        assert me.post(f"disputes/{body['id']}/resolve", answer)[1]["code"] == "not_yours_to_decide"
        talent = as_someone(stories.a_member_of_staff(Staff.TALENT))
        assert talent.post(f"disputes/{body['id']}/resolve", answer)[0] == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"reason": "boredom", "text": "x"},
            {"reason": "other", "text": ""},
            {"reason": "other", "text": "x", "claimed_s": -1},
            {"reason": "other", "text": "x", "claimed_s": 90_000},
            {"reason": "other", "text": "x", "claimed_s": "1 h"},
            {"reason": "other", "text": "x" * 2001},
            {"reason": "other", "text": "x", "amount_minor": 1},
            ["other"],
        ],
    )
    def test_a_dispute_that_is_wrong_changes_nothing(self, as_someone: AsSomeone, wrong: Any) -> None:
        a_played_week()
        line = TimeLine.objects.select_related("timesheet__performer__user")[0]
        me = as_someone(line.timesheet.performer)
        assert me.post(f"time-lines/{line.public_id}/disputes", wrong)[0] == 422
        assert set(TimeLine.objects.values_list("state", flat=True)) == {"recorded"}


class TestCompany:
    def test_sees_exceptions_first_and_approves_the_rest(self, as_someone: AsSomeone) -> None:
        session = a_played_week()
        other = stories.a_pair_booked(session.company, call_at=stories.CALL + timedelta(days=1))
        stories.they_play(other, for_s=5400 + 600)
        week = stories.the_week_is_over()
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        path = f"companies/{session.company.public_id}/{WEEK}"
        assert owner.get(path)[1]["all"]["lines"] == 0
        stories.everyone_confirms(week)
        status, body = owner.get(path)
        assert status == 200
        assert {line["exception"] for line in body["exceptions"]} == {"overrun"}
        assert (body["waiting"]["lines"], body["waiting"]["payable_s"]) == (4, 2 * 4000 + 2 * 6000)
        left_out = body["exceptions"][0]["id"]
        assert owner.post(f"{path}/approve", {"except_lines": [left_out]}) == (200, {"approved_lines": 3})
        assert owner.post(f"{path}/approve", {}) == (200, {"approved_lines": 1})
        assert owner.post(f"{path}/approve", {}) == (200, {"approved_lines": 0})

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"except_lines": "all"}, 422),
            ({"except_lines": ["lin_1"]}, 422),
            ({"except_lines": ["lin_01m82nysgae40bycqsgyd8fqxh"]}, 422),
            ({"except": []}, 422),
            ([], 422),
        ],
    )
    def test_approves_nothing_by_mistake(self, as_someone: AsSomeone, wrong: Any, status: int) -> None:
        session = a_played_week()
        stories.everyone_confirms()
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        path = f"companies/{session.company.public_id}/{WEEK}/approve"
        assert owner.post(path, wrong)[0] == status
        assert not TimeLine.objects.filter(state="approved").exists()

    def test_approves_one_timesheet(self, as_someone: AsSomeone) -> None:
        session = a_played_week()
        stories.everyone_confirms()
        sheet = Timesheet.objects.all()[0]
        path = f"timesheets/{sheet.public_id}/approve"
        reviewer = as_someone(stories.a_member(session.company, Role.REVIEWER))
        assert reviewer.post(path)[0] == 403
        assert (
            as_someone(stories.person(stories.owner_of(session.company))).post(path)[1]["state"] == "approved"
        )

    @pytest.mark.parametrize("bad", ["weeks/2026-11-10", "weeks/2026-13-01", "weeks/last"])
    def test_there_are_only_weeks_that_exist(self, as_someone: AsSomeone, bad: str) -> None:
        session = a_played_week()
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        assert owner.get(f"companies/{session.company.public_id}/{bad}")[0] == 404


class TestWhoSeesWhat:
    def test_a_week_is_the_performers_until_it_is_submitted(self, as_someone: AsSomeone) -> None:
        session = a_played_week()
        sheet = Timesheet.objects.select_related("performer__user")[0]
        line = sheet.lines.get()
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        paths = [f"timesheets/{sheet.public_id}", f"time-lines/{line.public_id}"]
        strangers = [stories.a_performer(), stories.person(stories.owner_of(stories.a_company()))]
        for path in paths:
            assert as_someone(sheet.performer).get(path)[0] == 200
            assert owner.get(path)[0] == 404
            assert as_someone(None).get(path)[0] == 401
            assert {as_someone(who).get(path)[0] for who in strangers} == {404}
        stories.everyone_confirms()
        assert {owner.get(path)[0] for path in paths} == {200}
        rival = as_someone(strangers[1])
        assert rival.get(f"companies/{session.company.public_id}/{WEEK}")[0] == 404
        assert rival.post(f"companies/{session.company.public_id}/{WEEK}/approve")[0] == 404

    def test_takes_as_many_queries_for_many_as_for_one(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        stories.they_play(session, for_s=3000)
        stories.everyone_confirms()
        owner = as_someone(stories.person(stories.owner_of(session.company)))
        owner.get("me")
        paths = ["timesheets", "sessions", f"companies/{session.company.public_id}/{WEEK}"]

        def counted() -> list[int]:
            counts = []
            for path in paths:
                with CaptureQueriesContext(connection) as queries:
                    assert owner.get(path)[0] == 200
                counts.append(len(queries))
            return counts

        few = counted()
        for day in (1, 2):
            more = stories.a_pair_booked(session.company, call_at=stories.CALL + timedelta(days=day))
            stories.they_play(more, for_s=3000)
        stories.everyone_confirms()
        assert counted() == few
