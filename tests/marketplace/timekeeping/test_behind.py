"""A provider whose clock runs behind: the line is an exception for a person, with both readings, for either side."""

import json
from datetime import timedelta

import pytest

from marketplace.sessions import deliveries
from marketplace.sessions.models import PresenceDelivery
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in

pytestmark = pytest.mark.django_db
CALL = stories.CALL
SAID, SEEN = CALL + timedelta(minutes=60), CALL + timedelta(minutes=60, seconds=45)


def behind(by_s: int = 45) -> TimeLine:
    """LiveKit says that they left at 60 minutes; a poll of ours saw them there `by_s` later."""
    session = stories.a_pair_booked()
    performer = session.seats.select_related("performer").order_by("id")[0].performer
    joined, left = stories.joined(session, performer, CALL), stories.left(session, performer, SAID)
    seen = SAID + timedelta(seconds=by_s)
    body = {
        "room": session.room,
        "at": f"{seen:%Y-%m-%dT%H:%M:%SZ}",
        "participants": [{"sid": joined["participant"]["sid"], "identity": performer.public_id}],
    }
    poll = PresenceDelivery.Kind.POLL
    deliveries.receive(room=session.room, kind=poll, body=json.dumps(body).encode(), at=seen)
    ends = session.scheduled_end_at
    stories.arrives(session, *stories.somebody_of_the_company(session, ends), joined, left, at=ends)
    return stories.time_passes(session, at=ends + timedelta(hours=1))[0]


def test_is_shown_to_both_with_both_readings() -> None:
    line = behind()
    stories.everyone_confirms()
    me, us = line.timesheet.performer.user, stories.person(stories.owner_of(line.timesheet.company))
    for user in (me, us):
        page = logs_in(user).get(f"/week/line/{line.public_id}/").content.decode()
        assert "The provider&#x27;s clock ran behind" in page
        assert "11:00:00 EST" in page
        assert "11:00:45 EST" in page
        seen = body_of(Api(client=logs_in(user)).get(f"time-lines/{line.public_id}"))
        assert seen["exception"] == "behind"
        assert seen["readings"] == {"said_at": "2026-11-10T16:00:00Z", "seen_at": "2026-11-10T16:00:45Z"}
    week = logs_in(me).get("/week/2026-11-09/").content.decode()
    assert "11:00:00 EST; we last saw you there at 11:00:45 EST" in week
    company = line.timesheet.company.public_id
    approve = logs_in(us).get(f"/company/{company}/week/2026-11-09/").content.decode()
    assert "The provider&#x27;s clock ran behind" in approve


def test_within_half_a_minute_is_no_exception() -> None:
    line = behind(30)
    stories.everyone_confirms()
    assert line.readings is None
    page = logs_in(line.timesheet.performer.user).get(f"/week/line/{line.public_id}/").content.decode()
    assert "clock ran behind" not in page
