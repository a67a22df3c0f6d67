"""Finished recordings in a bucket: a real client against a server that speaks S3."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from marketplace.media import arriving, bucket, deleting, store
from marketplace.media.models import Segment
from tests.marketplace.media.conftest import Room, a_recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(room: Room, s3: object, tmp_path: Path) -> Segment:
    recording = room.records()
    room.passes(seconds=2)
    arrived = room.arrives(room.ada, recording, a_recording(tmp_path / "hers.mp4", kind="mp4"))
    room.nora.post(f"{room.path}/recording/stop")
    arriving.check_arrived(at=room.now)
    return Segment.objects.get(pk=arrived.pk)


def names(s3: object) -> list[str]:
    kept = django_settings.MEDIA_BUCKET
    return [each["Key"] for each in s3.list_objects_v2(Bucket=kept).get("Contents", [])]  # type: ignore[attr-defined]


def test_what_was_checked_goes_there_and_plays_from_there(room: Room, segment: Segment, s3: object) -> None:
    assert names(s3) == []
    whole = store.playable(segment).read_bytes()
    assert (arriving.settle_finished(at=room.now), arriving.settle_finished(at=room.now)) == (1, 0)
    assert names(s3) == [f"{segment.public_id}.part", f"{segment.public_id}.play"]
    assert not store.playable(segment).exists()
    assert not store.original(segment).exists()
    address = room.ada.get(f"{room.path}/segments")[1]["data"][0]["address"]
    answer = room.ada.client.get(address)
    assert hashlib.sha256(answer.content).hexdigest() == segment.playable_sha256
    part = room.ada.client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole[10:20])


def test_what_is_withdrawn_is_gone_from_there(room: Room, segment: Segment, s3: object) -> None:
    arriving.settle_finished(at=room.now)
    room.withdraws(room.ada)
    deleting.quarantine(at=room.now)
    room.passes(days=14)
    deleting.begin_due(at=room.now)
    assert deleting.delete_begun(at=room.now) == 1
    assert names(s3) == []


def test_a_bucket_that_is_away_loses_nothing(
    room: Room, segment: Segment, s3: object, settings: Settings
) -> None:
    ours, settings.MEDIA_BUCKET = settings.MEDIA_BUCKET, "nowhere"
    with pytest.raises(Exception, match="NoSuchBucket"):
        arriving.settle_finished(at=room.now)
    assert store.playable(segment).exists()
    assert bucket.is_used()
    settings.MEDIA_BUCKET = ours
    assert arriving.settle_finished(at=room.now) == 1


def test_without_a_bucket_all_stays_in_the_folder(room: Room, segment: Segment, settings: Settings) -> None:
    settings.MEDIA_BUCKET = ""
    assert arriving.settle_finished(at=room.now) == 0
    assert store.playable(segment).exists()
