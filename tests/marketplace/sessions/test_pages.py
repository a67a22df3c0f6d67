"""The pages, as a browser without scripts walks them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.sessions.models import Session
from tests import stories
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]


def page(client: Client, name: str, *args: str) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


class TestSessions:
    def test_a_company_books_and_a_performer_confirms(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        it_is(stories.BEFORE)
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        owner = as_someone(stories.person(stories.owner_of(engaged.company))).client
        path = reverse("session_book", args=[engaged.company.public_id, engaged.gig.public_id])
        assert engaged.performer.stage_name in owner.get(path).content.decode()
        sent = {"call_at": "2026-11-10T10:00", "minutes": "90", "engagements": [engaged.public_id]}
        assert owner.post(path, sent | {"minutes": "5"}).status_code == 422
        again = owner.post(path, sent | {"call_at": "2026-10-10T10:00"})
        assert (again.status_code, b"must lie ahead" in again.content) == (422, True)
        assert owner.post(path, sent).status_code == 302
        session = Session.objects.get()
        assert session.call_at == stories.CALL  # 10:00 in New York
        assert engaged.gig.title in page(owner, "company_sessions", engaged.company.public_id)
        me = as_someone(engaged.performer).client
        assert "Confirm the call" in page(me, "next_call_fragment")
        assert me.post(reverse("session_confirm", args=[session.public_id])).status_code == 302
        assert "Confirmed" in page(me, "session_detail", session.public_id)
        assert engaged.gig.title in page(me, "my_sessions")
        cancel = reverse("session_cancel", args=[session.public_id])
        assert me.post(cancel, {"reason": "Ill"}).status_code == 302
        assert "Called off" in page(owner, "session_detail", session.public_id)

    def test_the_room_from_coming_in_to_stopping(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        engaged = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        session = stories.a_booked_session(engaged)
        me, ids = as_someone(engaged.performer).client, [session.public_id]
        it_is(stories.CALL + timedelta(minutes=1))
        assert "Come in" in page(me, "session_room", *ids)
        assert me.post(reverse("session_enter", args=ids)).status_code == 302
        assert "Paid: you are on" in page(me, "session_room", *ids)
        it_is(stories.CALL + timedelta(minutes=1, seconds=15))
        assert b"Paid: you are on" in me.post(reverse("session_here", args=ids)).content
        me.post(reverse("session_mark", args=ids), {"kind": "rest"})
        assert "Paid rest" in page(me, "session_room", *ids)
        it_is(stories.CALL + timedelta(minutes=1, seconds=30))
        me.post(reverse("session_mark", args=ids), {"kind": "end"})
        it_is(stories.CALL + timedelta(minutes=5))
        assert b"You are not connected" in me.post(reverse("session_here", args=ids)).content
        me.post(reverse("session_enter", args=ids))
        owner = as_someone(stories.person(stories.owner_of(session.company))).client
        assert ">Hold<" in page(owner, "session_room", *ids)
        assert me.post(reverse("session_stop", args=ids)).status_code == 302
        assert "Stopped for safety" in page(me, "session_detail", *ids)

    def test_a_strangers_way_ends_at_every_door(self, as_someone: AsSomeone) -> None:
        session = stories.a_pair_booked()
        for who in (stories.a_performer(), stories.person(stories.owner_of(stories.a_company()))):
            client = as_someone(who).client
            for name in ("session_detail", "session_room"):
                assert client.get(reverse(name, args=[session.public_id])).status_code == 404
            for name in ("session_cancel", "session_stop", "session_here", "session_mark"):
                assert client.post(reverse(name, args=[session.public_id])).status_code in (403, 404)
        session.refresh_from_db()
        assert session.state == "booked"


class TestWeek:
    def test_is_confirmed_disputed_and_approved(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        line, other = stories.they_play(session, for_s=3000)
        stories.the_week_is_over()
        it_is(stories.REVIEW_DAY)
        me = as_someone(line.timesheet.performer).client
        assert "Is this your week?" in page(me, "my_week")
        dispute_it = reverse("line_detail", args=[line.public_id])
        assert me.post(dispute_it, {"reason": "other", "text": "", "minutes": "1"}).status_code == 422
        asked = {"reason": "time_missing", "text": "Ten minutes more", "minutes": "60.5"}
        assert me.post(dispute_it, asked).status_code == 302
        assert me.post(reverse("my_week_confirm", args=["2026-11-09"])).status_code == 302
        as_someone(other.timesheet.performer).client.post(reverse("my_week_confirm", args=["2026-11-09"]))
        company = session.company.public_id
        owner = as_someone(stories.person(stories.owner_of(session.company))).client
        seen = page(owner, "company_week", company)
        assert "Disputed by one of you" in seen
        assert "1 needs a decision" in seen
        assert "Paid beyond what was worked, by the terms" in seen
        assert "Approve the line, 1.00 h, 74.00 USD" in seen
        owner.post(reverse("company_week_approve", args=[company, "2026-11-09"]))
        other.refresh_from_db()
        line.refresh_from_db()
        assert (other.state, line.state) == ("approved", "disputed")
        dispute = line.disputes.get()
        assert dispute.claimed_s == 3630
        answer = reverse("dispute_answer", args=[dispute.public_id])
        assert owner.post(answer, {"answer": "agree", "text": "Yes"}).status_code == 302
        line.refresh_from_db()
        assert line.state == "approved"
        assert "Answered" in page(me, "line_detail", line.public_id)

    @pytest.mark.parametrize("bad", ["2026-11-10", "yesterday", "2026-02-30"])
    def test_begins_on_a_monday(self, as_someone: AsSomeone, bad: str) -> None:
        assert as_someone(stories.a_performer()).client.get(f"/week/{bad}/").status_code == 404
