"""A self-tape: for one casting and nothing else, played by its performer and its company alone, deleted when it is over."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.notifications.models import Notification
from marketplace.casting import operations as casting
from marketplace.casting.states import Reason
from marketplace.craft import arriving, receiving
from marketplace.craft.models import Tape
from marketplace.endings import operations as endings
from marketplace.media import sent
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller
from tests.marketplace.craft.conftest import AUDITION, Booth
from tests.stories import HOUSE

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]


def test_an_application_for_a_gig_that_asks_for_one_waits_for_it(booth: Booth, mp4: bytes) -> None:
    """The yes: it is asked for at once, sent, told to the company, and the days to an answer count anew."""
    assert booth.stands() == "audition_requested"
    asked = Notification.objects.get(user=booth.performer.user, title__contains="self-tape")
    assert "nothing else" in asked.body
    page = booth.ada.client.get(f"/work/applications/{booth.application.public_id}/tape/").content.decode()
    assert AUDITION in page
    booth.passes(days=2)
    tape = booth.brings(mp4)
    assert (tape.state, tape.form, tape.tracks[0]["kind"]) == ("ready", "mp4", "video")
    assert booth.stands() == "audition_submitted"
    booth.application.refresh_from_db()
    assert booth.application.answer_due_at is not None
    assert (booth.application.answer_due_at - booth.now).days == booth.gig.answer_days
    told = Notification.objects.get(user=stories.person(stories.owner_of(booth.company)), kind="applicant")
    assert "self-tape" in told.title


def test_where_none_is_asked_for_one_may_come_all_the_same(plain: Booth, mp4: bytes) -> None:
    assert plain.stands() == "submitted"
    assert plain.brings(mp4).state == "ready"
    assert plain.stands() == "submitted"
    assert plain.address_for(plain.nora)


def test_it_plays_for_its_performer_and_its_company_and_for_nobody_else(
    booth: Booth, mp4: bytes, as_someone: AsSomeone
) -> None:
    tape = booth.brings(mp4)
    for who in (booth.ada, booth.nora):
        address = booth.address_for(who)
        played = who.client.get(address)
        assert (played.status_code, played["Content-Type"]) == (200, "video/mp4")
        assert "no-store" in played["Cache-Control"]
        part = who.client.get(address, headers={"Range": "bytes=0-99"})
        assert (part.status_code, len(part.content)) == (206, 100)
    theirs = booth.address_for(booth.nora)
    other_company = as_someone(stories.person(stories.owner_of(stories.a_company())))
    another = as_someone(stories.a_performer())
    for stranger in (other_company, another):
        assert booth.address_for(stranger) == ""
        assert stranger.client.get(theirs).status_code == 404
        assert stranger.client.get(f"/tapes/{tape.public_id}/play/").status_code == 404
    assert browser().get(theirs).status_code in (302, 401, 404)
    assert booth.nora.client.get(theirs.replace("signed=", "signed=x")).status_code == 404
    booth.passes(minutes=11)
    assert booth.nora.client.get(theirs).status_code == 403
    assert booth.nora.client.get(booth.address_for(booth.nora)).status_code == 200


def test_billing_casts_nobody_and_plays_nothing(booth: Booth, mp4: bytes, as_someone: AsSomeone) -> None:
    booth.brings(mp4)
    reviewer = as_someone(stories.a_member(booth.company, Role.REVIEWER))
    billing = as_someone(stories.a_member(booth.company, Role.BILLING))
    assert booth.address_for(reviewer)
    assert booth.address_for(billing) == ""


def test_it_goes_on_from_where_it_broke_off(booth: Booth, mp4: bytes) -> None:
    opened = booth.opens({"Upload-Length": str(len(mp4))})
    address = opened["Location"]
    assert booth.sends(address, 0, mp4[:1000])["Upload-Offset"] == "1000"
    again = booth.opens({"Upload-Length": str(len(mp4))})
    assert again["Location"] == address
    assert booth.ada.client.head(address, headers={"Tus-Resumable": "1.0.0"})["Upload-Offset"] == "1000"
    assert booth.sends(address, 0, mp4[:1000]).json()["code"] == "offset_conflict"
    assert booth.sends(address, 1000, mp4[1000:]).status_code == 204
    arriving.check_arrived(at=booth.now)
    assert Tape.objects.get().state == "ready"
    assert booth.files() == [".play"]


def test_another_take_replaces_the_one_before_it_until_they_look(
    plain: Booth, mp4: bytes, webm: bytes
) -> None:
    first = plain.brings(mp4)
    second = plain.brings(webm, key="s" * 32)
    first.refresh_from_db()
    assert (first.state, first.why_gone, second.state, second.form) == ("gone", "replaced", "ready", "webm")
    plain.ticks()
    first.refresh_from_db()
    assert first.removed_at == plain.now
    assert plain.files() == [".play"]
    plain.nora.post(f"applications/{plain.application.public_id}/shortlist")
    late = plain.opens({"Upload-Length": "9"}, key="l" * 32)
    assert (late.status_code, late.json()["code"]) == (409, "no_tape_now")


def test_of_two_that_were_on_their_way_the_one_that_came_first_counts(booth: Booth, mp4: bytes) -> None:
    """What arrives after they have one is let go."""
    opened = booth.opens({"Upload-Length": str(len(mp4))}, key="a" * 32)
    for at in range(0, len(mp4), 200_000):
        booth.sends(opened["Location"], at, mp4[at : at + 200_000])
    second = booth.brings(mp4, key="b" * 32)
    states = {tape.key[0]: (tape.state, tape.why_gone) for tape in Tape.objects.all()}
    assert states == {"a": ("ready", ""), "b": ("gone", "late")}
    assert second.state == "gone"


def test_an_application_that_is_taken_back_takes_its_tape_along(booth: Booth, mp4: bytes) -> None:
    tape = booth.brings(mp4)
    theirs = booth.address_for(booth.nora)
    assert booth.nora.client.get(theirs).status_code == 200
    booth.ada.post(f"applications/{booth.application.public_id}/withdraw")
    assert booth.nora.client.get(theirs).status_code == 404, "at once, before any job"
    booth.ticks()
    tape.refresh_from_db()
    assert (tape.state, tape.why_gone, booth.files()) == ("gone", "withdrawn", [])


def test_after_the_answer_the_company_plays_it_no_longer_and_in_30_days_it_is_deleted(
    booth: Booth, mp4: bytes
) -> None:
    tape = booth.brings(mp4)
    casting.decline(application=booth.application, reason=Reason.AUDITION, by=HOUSE, at=booth.now)
    assert booth.address_for(booth.nora) == ""
    assert booth.ada.client.get(booth.address_for(booth.ada)).status_code == 200
    booth.passes(days=29)
    booth.ticks()
    assert booth.files() == [".play"]
    booth.passes(days=1)
    booth.ticks()
    tape.refresh_from_db()
    assert (tape.state, tape.why_gone, tape.removed_at, booth.files()) == (
        "gone",
        "casting_over",
        booth.now,
        [],
    )


def test_is_deleted_when_its_performer_is_forgotten(booth: Booth, mp4: bytes) -> None:
    tape = booth.brings(mp4)
    reel = booth.brings(mp4, path="/profile/reel/uploads/", key="r" * 32)
    endings.part_with(booth.performer.user, by=HOUSE, at=booth.now)
    booth.ticks()
    for each in (tape, reel):
        each.refresh_from_db()
        assert (each.state, each.why_gone) == ("gone", "erased")
    assert booth.files() == []


def test_a_house_that_stopped_between_the_row_and_the_file_removes_it_with_the_next_tick(
    booth: Booth, mp4: bytes
) -> None:
    tape = booth.brings(mp4)
    sent.original(tape).write_bytes(mp4)
    booth.ticks()
    assert booth.files() == [".play"], "what came is not kept beside what plays"
    receiving.let_go_of_all(performer=booth.performer, by=HOUSE, at=booth.now)
    assert booth.files() == [".play"]
    booth.ticks()
    tape.refresh_from_db()
    assert (booth.files(), tape.removed_at) == ([], booth.now)


def test_what_never_came_whole_is_let_go(booth: Booth) -> None:
    opened = booth.opens({"Upload-Length": "5000"})
    booth.sends(opened["Location"], 0, b"x" * 100)
    booth.passes(days=2)
    gone = booth.sends(opened["Location"], 100, b"x")
    assert (gone.status_code, gone.json()["code"]) == (410, "upload_gone")
    booth.ticks()
    assert (Tape.objects.get().why_gone, booth.files()) == ("never_whole", [])
    # The same file, chosen again, is told that it is given up: the page makes a new name for it.
    assert booth.opens({"Upload-Length": "5000"}, key="n" * 32).status_code == 201


def test_whoever_sends_nothing_is_reminded_once_and_answered(booth: Booth) -> None:
    booth.passes(days=3)
    for _ in range(2):
        casting.remind_of_auditions(at=booth.now)
    reminded = Notification.objects.filter(user=booth.performer.user, title="A self-tape is waited for")
    assert reminded.count() == 1
    booth.passes(days=3)
    declined = booth.nora.post(
        f"applications/{booth.application.public_id}/decline", {"reason": "no_audition"}
    )
    assert (declined[0], declined[1]["state"]) == (200, "not_selected")


def test_a_company_asks_only_where_the_board_said_so(
    plain: Booth, booth: Booth, as_someone: AsSomeone
) -> None:
    assert plain.application.state == "submitted"
    # One who applied before the company said what its self-tape shall show, which it may reword but not add.
    refused = plain.nora.patch(f"gigs/{plain.gig.public_id}", {"audition": "Sing."})
    assert refused[1]["code"] == "gig_is_promised"
    reworded = booth.nora.patch(f"gigs/{booth.gig.public_id}", {"audition": "Ask for an umbrella."})
    assert reworded[0] == 200
    board = booth.ada.client.get(f"/gigs/{booth.gig.public_id}/").content.decode()
    assert "A self-tape, unpaid" in board
    assert "No unpaid audition" not in board
    assert "No unpaid audition" in booth.ada.client.get(f"/gigs/{plain.gig.public_id}/").content.decode()


def test_only_its_own_performer_sends_one(booth: Booth, mp4: bytes, as_someone: AsSomeone) -> None:
    another = as_someone(stories.a_performer())
    assert booth.opens({"Upload-Length": "9"}, who=another).status_code == 404
    assert booth.opens({"Upload-Length": "9"}, who=booth.nora).status_code in (403, 404)
    address = booth.opens({"Upload-Length": "9"})["Location"]
    assert another.client.head(address, headers={"Tus-Resumable": "1.0.0"}).status_code == 404
    assert booth.sends(address, 0, b"x").status_code == 204


def test_one_that_was_suspended_sends_none(booth: Booth) -> None:
    stories.is_suspended(booth.performer)
    refused = booth.opens({"Upload-Length": "9"})
    assert (refused.status_code, refused.json()["code"]) == (409, "suspended")


def test_a_tape_is_deleted_by_whoever_sent_it_while_nobody_looks(plain: Booth, mp4: bytes) -> None:
    tape = plain.brings(mp4)
    assert plain.nora.client.delete(f"/api/v1/tapes/{tape.public_id}").status_code in (403, 404)
    assert plain.ada.client.delete(f"/api/v1/tapes/{tape.public_id}").status_code == 204
    assert plain.ada.client.delete(f"/api/v1/tapes/{tape.public_id}").status_code == 204
    plain.ticks()
    assert (Tape.objects.get().why_gone, plain.files()) == ("taken_back", [])
