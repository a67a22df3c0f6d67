"""Another pair of the same gig, whose scene was recorded too."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from marketplace.media.tasks import sweep as media_sweep
from marketplace.sessions import deliveries
from tests import stories
from tests.marketplace.conftest import Caller
from tests.marketplace.deliveries.conftest import Played
from tests.marketplace.media.conftest import a_recording


def another_pair_plays(played: Played) -> None:
    """A day later, from booking to two recordings that are checked."""
    pair = [stories.an_active_engagement(played.gig, grants=["evaluation"], at=played.now) for _ in range(2)]
    call_at = stories.CALL + timedelta(days=1)
    session = stories.a_booked_session(*pair, call_at=call_at, at=played.now)
    first, seats, path = played.session, played.seats, played.path
    played.passes(seconds=round((call_at - played.now).total_seconds()))
    bodies = [stories.joined(session, each.performer, call_at) for each in pair]
    stories.arrives(session, *bodies, at=call_at)
    deliveries.follow(session=session, at=call_at)
    played.session, played.path = session, f"sessions/{session.public_id}"
    recording = played.records()
    with TemporaryDirectory() as folder:
        body = a_recording(Path(folder) / "made.webm", kind="webm")
    for each in pair:
        played.arrives(Caller(each.performer.user), recording, body, kind="webm")
    played.passes(seconds=10)
    media_sweep()
    played.session, played.seats, played.path = first, seats, path
