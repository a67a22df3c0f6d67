"""Two pages that have something for each other at the same moment."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from accounts.access.actors import Actor
from accounts.keys.acting import of_user
from marketplace.video import operations as video
from marketplace.video.operations import Meeting
from tests import stories
from tests.database import together
from tests.stories import CALL

ADAS, BOS = "a" * 24, "b" * 24


def test_neither_waits_for_the_other(committed_db: None, it_is: Callable[[datetime], None]) -> None:
    it_is(CALL)
    session = stories.a_pair_booked()
    ada, bo = (of_user(seat.performer.user) for seat in session.seats.select_related("performer__user"))

    def meets(by: Actor, page: str, *others: str) -> Meeting:
        said = [{"to": other, "body": {"said": "offer"}} for other in others]
        return video.meet(session=session, page=page, seen=0, signals=said, cut_off=False, by=by, at=CALL)

    def answers() -> Meeting:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return meets(bo, BOS, ADAS)

    meets(ada, ADAS), meets(bo, BOS)
    with transaction.atomic():
        meets(ada, ADAS, BOS)
        [answered] = together([answers])
    assert isinstance(answered, Meeting), answered
