"""What nothing is granted for: put apart at once, played by nobody, and gone after its time, with a row that says when."""

from datetime import timedelta
from pathlib import Path

import pytest

from accounts.audit.models import AuditEvent
from accounts.notifications.models import Notification
from accounts.privacy.models import Erasure
from marketplace.media import arriving, deleting, store
from marketplace.media.models import Segment
from marketplace.media.tasks import TICKS
from marketplace.rights.models import Grant
from tests.marketplace.media.conftest import Room, a_recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(room: Room, tmp_path: Path) -> Segment:
    """Ada's, checked; the recording is over."""
    recording = room.records()
    room.passes(seconds=2)
    arrived = room.arrives(room.ada, recording, a_recording(tmp_path / "hers.mp4", kind="mp4"))
    room.nora.post(f"{room.path}/recording/stop")
    arriving.check_arrived(at=room.now)
    return Segment.objects.get(pk=arrived.pk)


def ticks(room: Room) -> None:
    for tick in TICKS:
        tick(at=room.now)


def files(segment: Segment) -> list[bool]:
    return [path.exists() for path in (store.original(segment), store.playable(segment))]


def row(room: Room) -> dict[str, object]:
    found: dict[str, object] = room.ada.get(f"{room.path}/segments")[1]["data"][0]
    return found


def test_is_kept_while_it_is_granted(room: Room, segment: Segment) -> None:
    room.passes(days=100)
    ticks(room)
    assert files(segment) == [True, True]
    assert (row(room)["deletes_at"], row(room)["gone_at"]) == (None, None)


def test_is_put_apart_when_withdrawn_and_gone_after_its_time(room: Room, segment: Segment) -> None:
    room.withdraws(room.ada)
    ticks(room)
    assert files(segment) == [True, True]
    assert row(room)["deletes_at"] == f"{room.now + timedelta(days=14):%Y-%m-%dT%H:%M:%SZ}"
    page = room.nora.client.get(f"/{room.path}/recordings/").content.decode()
    assert "It is deleted" in page
    room.passes(days=14, seconds=-1)
    ticks(room)
    assert files(segment) == [True, True]
    room.passes(seconds=1)
    ticks(room)
    assert files(segment) == [False, False]
    found = Segment.objects.get(pk=segment.pk)
    assert (found.gone_at, found.why_deleted) == (room.now, "withdrawn")
    assert AuditEvent.objects.filter(verb="segment.deleted").count() == 1
    assert Notification.objects.filter(title="A recording of you was deleted").count() == 1
    assert Notification.objects.filter(title="A recording was deleted").exists()
    assert "its bytes were gone" in room.nora.client.get(f"/{room.path}/recordings/").content.decode()
    ticks(room)
    assert AuditEvent.objects.filter(verb="segment.deleted").count() == 1


def test_is_let_out_when_it_is_granted_again_within_its_time_and_not_after(
    room: Room, segment: Segment
) -> None:
    room.withdraws(room.ada)
    ticks(room)
    room.passes(days=13)
    Grant.objects.filter(application=segment.seat.engagement.application).update(
        state="active", withdrawn_at=None
    )
    ticks(room)
    room.passes(days=5)
    ticks(room)
    assert (files(segment), row(room)["is_granted"]) == ([True, True], True)
    Grant.objects.filter(application=segment.seat.engagement.application).update(
        state="withdrawn", withdrawn_at=room.now
    )
    ticks(room)
    room.passes(days=14)
    deleting.begin_due(at=room.now)
    Grant.objects.filter(application=segment.seat.engagement.application).update(
        state="active", withdrawn_at=None
    )
    # From here on it goes, whatever is granted; nobody plays half of it.
    assert row(room)["is_granted"] is False
    ticks(room)
    assert files(segment) == [False, False]


def test_of_whoever_asked_to_be_forgotten_goes_at_once(room: Room, segment: Segment) -> None:
    room.withdraws(room.ada)
    user = segment.seat.performer.user
    Erasure.objects.create(
        user=user,
        state="done",
        asked_at=room.now,
        due_at=room.now,
        ended_at=room.now,
    )
    ticks(room)
    assert files(segment) == [False, False]
    assert Segment.objects.get(pk=segment.pk).why_deleted == "forgotten"


def test_a_recording_that_not_everyone_had_granted_when_it_began_is_deleted(
    room: Room, segment: Segment
) -> None:
    Grant.objects.filter(application=room.seats[1].engagement.application).update(
        active_at=room.now + timedelta(minutes=1)
    )
    ticks(room)
    assert files(segment) == [False, False]
    assert Segment.objects.get(pk=segment.pk).why_deleted == "never_whole"


def test_a_worker_that_dies_over_it_leaves_it_to_the_next(
    room: Room, segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.withdraws(room.ada)
    ticks(room)
    room.passes(days=14)
    deleting.begin_due(at=room.now)

    def dies(path: Path) -> None:
        raise OSError(str(path))

    with monkeypatch.context() as patch:
        patch.setattr(store, "remove", dies)
        with pytest.raises(OSError, match="seg_"):
            deleting.delete_begun(at=room.now)
    assert Segment.objects.get(pk=segment.pk).gone_at is None
    assert deleting.delete_begun(at=room.now) == 1
    assert files(segment) == [False, False]
