"""What people say of a recording: by whom, blind, never changed, and under grants alone."""

import re
from datetime import timedelta
from fractions import Fraction
from typing import Any
from unittest.mock import ANY

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.access.roles import Role
from accounts.companies.models import Membership
from accounts.notifications.models import Notification
from accounts.privacy.holdings import REGISTRY
from kit import agreement
from kit.errors import Forbidden
from marketplace.labels import operations
from marketplace.labels.models import Label, Transcript
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller
from tests.marketplace.labels.conftest import WORDS, Labelled

pytestmark = pytest.mark.django_db


class TestBeingSetUp:
    def test_by_words_of_the_house_and_neutral_belongs_to_each(self, labelled: Labelled) -> None:
        status, said = labelled.nora.get(f"{labelled.of_gig}/labelling")
        assert status == 200
        assert set(said["emotions"]) == {*WORDS, "neutral", "other"}
        for wrong in (
            {"emotions": ["joy"]},
            {"emotions": ["neutral", "other"]},
            {"emotions": ["joy", "lust for power"]},
            {"wanted": 1},
            {"wanted": 6},
            {"piece_s": 4},
            {"piece_s": 301},
        ):
            assert labelled.sets_up(**wrong)[0] == 422, wrong

    def test_words_stay_once_somebody_has_labelled_by_them(self, labelled: Labelled) -> None:
        assert labelled.sets_up(emotions=["joy", "pride"])[0] == 200
        assert labelled.sets_up()[0] == 200
        assert labelled.feels(labelled.ada, labelled.of_ada, 0, 900)[0] == 201
        status, said = labelled.sets_up(emotions=["joy", "pride"])
        assert (status, said["code"]) == (409, "labelling_in_use")
        assert labelled.sets_up(wanted=3)[0] == 200

    def test_only_members_who_may_label_are_asked_and_each_new_one_is_told(self, labelled: Labelled) -> None:
        assert Notification.objects.filter(user__in=labelled.people, kind="to_label").count() == 2
        billing = stories.a_member(labelled.company, Role.BILLING)
        stranger = stories.person(stories.owner_of(stories.a_company("Elsewhere")))
        for wrong in (billing, stranger, labelled.seats[0].performer.user):
            assert labelled.asks_to_label(*labelled.people, wrong)[0] == 422
        assert labelled.asks_to_label(labelled.people[0])[0] == 200
        assert labelled.waits_for(labelled.kim) == []
        assert len(labelled.waits_for(labelled.jo)) == 2
        assert labelled.sets_up(labelled.jo)[0] == 403


class TestAPerformer:
    def test_says_what_they_felt_of_their_own_seat_alone(self, labelled: Labelled) -> None:
        status, said = labelled.feels(labelled.ada, labelled.of_ada, 0, 900)
        assert (status, said["by"], said["version"]) == (201, "performer", 1)
        assert labelled.feels(labelled.ada, labelled.of_bo, 0, 900)[0] == 404
        assert labelled.feels(labelled.nora, labelled.of_ada, 0, 900)[0] == 403
        status, said = labelled.feels(labelled.ada, labelled.of_ada, 0, 900)
        assert (status, said["code"]) == (409, "already_labelled")
        assert labelled.feels(labelled.ada, labelled.of_ada, 0, 900, sense="played")[0] == 201

    def test_within_the_recording_by_the_words_of_the_gig(self, labelled: Labelled) -> None:
        lasts = labelled.of_ada.duration_ms or 0
        for wrong in (
            {"range": (-1, 500)},
            {"range": (0, lasts + 1)},
            {"range": (500, 500)},
            {"range": (0, 500), "emotion": "disgust"},
            {"range": (0, 500), "emotion": "bliss"},
            {"range": (0, 500), "intensity": 0},
            {"range": (0, 500), "intensity": 6},
            {"range": (0, 500), "intensity": "3"},
            {"range": (0, 500), "sense": "seen"},
        ):
            said: dict[str, Any] = {name: value for name, value in wrong.items() if name != "range"}
            assert labelled.feels(labelled.ada, labelled.of_ada, *wrong["range"], **said)[0] == 422, wrong  # type: ignore[misc] # the range is two numbers
        assert labelled.feels(labelled.ada, labelled.of_ada, 0, lasts)[0] == 201

    def test_labels_on_the_page_that_says_what_it_is_for(self, labelled: Labelled) -> None:
        own, path = browser(labelled.seats[0].performer.user), f"/{labelled.path}/labels/"
        page = own.get(path).content.decode()
        assert "They never feed casting, your standing or your pay" in page
        sent = {
            "segment": labelled.of_ada.public_id,
            "starts_ms": "0:00.5",
            "ends_ms": "1.25",
            "sense": "felt",
            "emotion": "fear",
            "intensity": "4",
        }
        assert own.post(path, sent | {"ends_ms": "soon"}).status_code == 422
        assert own.post(path, sent | {"ends_ms": "0:09"}).status_code == 422
        assert own.post(path, sent | {"segment": labelled.of_bo.public_id}).status_code == 404
        assert Label.objects.count() == 0
        assert own.post(path, sent).status_code == 302
        label, at = Label.objects.get(), labelled.of_ada.offset_ms or 0
        assert (label.starts_ms - at, label.ends_ms - at) == (500, 1250)
        assert "0:00.500 to 0:01.250" in own.get(path).content.decode()
        corrected = sent | {"emotion": "joy", "starts_ms": "0"}
        assert own.post(f"/labels/{label.public_id}/replace/", corrected).status_code == 302
        assert "Joy, 4" in own.get(path).content.decode()
        second = Label.objects.standing().get()
        assert own.post(f"/labels/{second.public_id}/withdraw/").status_code == 302
        assert "Joy, 4" not in own.get(path).content.decode()

    def test_chooses_a_take_whose_times_stand_there_then(self, labelled: Labelled) -> None:
        """Cut to what the recording holds; a take of before it is none of it."""
        own, path = browser(labelled.seats[0].performer.user), f"/{labelled.path}/labels/"
        began, at = labelled.of_ada.recording.started_at, labelled.of_ada.offset_ms or 0
        for n, (starts_ms, ends_ms) in enumerate(((-900, -100), (400, 1_200), (1_500, 9_000)), start=1):
            slated_at, cut_at = (began + timedelta(milliseconds=at + each) for each in (starts_ms, ends_ms))
            labelled.session.takes.create(scene=n, number=1, slated_at=slated_at, cut_at=cut_at, by="x")
        links = re.findall(r"\?segment=([^&]+)&amp;take=([0-9.]+)", own.get(path).content.decode())
        assert links == [(labelled.of_ada.public_id, "2.1"), (labelled.of_ada.public_id, "3.1")]
        page = own.get(f"{path}?segment={labelled.of_ada.public_id}&take=2.1").content.decode()
        assert 'value="0:00.400"' in page
        assert 'value="0:01.200"' in page
        assert re.search(r'value="played"[^>]*checked', page)
        for take in ("1.1", "9", ""):
            assert own.get(f"{path}?segment={labelled.of_ada.public_id}&take={take}").status_code == 200
        said = {"starts_ms": "0:00.400", "ends_ms": "0:01.200", "emotion": "joy", "intensity": "4"}
        own.post(path, said | {"sense": "played", "segment": labelled.of_ada.public_id})
        assert own.get(path).content.decode().count("Labelled") == 1

    def test_reads_that_there_is_nothing_to_do_where_nobody_chose_words(
        self, as_someone: Any, it_is: Any, tmp_path: Any
    ) -> None:
        bare = Labelled(as_someone, it_is, tmp_path)
        own = browser(bare.seats[0].performer.user)
        assert "has not said by which words" in own.get(f"/{bare.path}/labels/").content.decode()
        status, said = bare.feels(bare.ada, bare.of_ada, 0, 900)
        assert (status, said["code"]) == (409, "no_vocabulary")
        status, said = bare.asks_to_label(*bare.people)
        assert (status, said["code"]) == (409, "no_vocabulary")


class TestAnAnnotator:
    def test_reads_no_other_label_before_their_own_is_in(self, labelled: Labelled) -> None:
        first, second = labelled.waits_for(labelled.jo)
        assert labelled.sees(labelled.jo, first, "joy")[0] == 201
        assert labelled.sees(labelled.jo, second, "fear")[0] == 201
        assert labelled.feels(labelled.ada, labelled.of_ada, 0, 900)[0] == 201
        assert labelled.reads_labels(labelled.kim) == []
        page = labelled.kim.client.get(f"/gigs/{labelled.gig.public_id}/labels/next/").content.decode()
        assert "checked" not in page
        assert labelled.sees(labelled.kim, first, "anger")[0] == 201
        read = labelled.reads_labels(labelled.kim)
        assert {each["emotion"] for each in read} == {"joy", "anger"}
        assert {each["sense"] for each in read} == {"seen"}
        # Whoever labels nothing, and takes the delivery, reads all.
        assert len(labelled.reads_labels(labelled.nora)) == 4

    def test_a_piece_leaves_the_queue_when_as_many_as_wanted_labelled_it(self, labelled: Labelled) -> None:
        assert labelled.asks_to_label(*labelled.people, labelled.owner)[0] == 200
        piece = labelled.waits_for(labelled.nora)[0]
        for who in (labelled.jo, labelled.kim):
            assert labelled.sees(who, piece, "joy")[0] == 201
            assert len(labelled.waits_for(who)) == 1
        assert len(labelled.waits_for(labelled.nora)) == 1
        given = Label.objects.get(annotator__user=labelled.people[0])
        labelled.passes(seconds=1)
        assert labelled.jo.post(f"labels/{given.public_id}/withdraw")[0] == 200
        assert len(labelled.waits_for(labelled.nora)) == 2
        assert len(labelled.waits_for(labelled.jo)) == 1, "they have read what Kim said of the other"

    def test_labels_whole_pieces_once_each(self, labelled: Labelled) -> None:
        piece = labelled.waits_for(labelled.jo)[0]
        assert labelled.sees(labelled.jo, piece | {"ends_ms": piece["ends_ms"] - 1}, "joy")[0] == 422
        assert labelled.sees(labelled.jo, piece, "joy")[0] == 201
        status, said = labelled.sees(labelled.jo, piece, "fear")
        assert (status, said["code"]) == (409, "already_labelled")
        status, said = labelled.sees(labelled.nora, piece, "joy")
        assert (status, said["code"]) == (403, "not_an_annotator")
        assert labelled.sees(labelled.ada, piece, "joy")[0] in (404, 422)

    def test_works_through_the_queue_on_the_page(self, labelled: Labelled) -> None:
        path = f"/gigs/{labelled.gig.public_id}/labels/"
        client = labelled.jo.client
        assert "2 pieces wait for your label" in client.get(path).content.decode()
        for _ in range(2):
            page = client.get(f"{path}next/").content.decode()
            piece = page.split('name="piece" value="')[1].split('"')[0]
            assert client.post(f"{path}next/", {"piece": piece}).status_code == 422
            sent = {"piece": piece, "emotion": "joy", "intensity": "3"}
            assert client.post(f"{path}next/", sent).status_code == 302
        assert client.get(f"{path}next/").status_code == 302
        assert client.post(f"{path}next/", sent).status_code == 302  # twice is once
        assert Label.objects.count() == 2
        page = client.get(path).content.decode()
        assert "Nothing waits for your label" in page
        label = Label.objects.order_by("id")[0]
        sent = {"emotion": "anger", "intensity": "5"}
        assert client.post(f"/labels/{label.public_id}/replace/", sent).status_code == 302
        assert "Anger, 5" in client.get(path).content.decode()

    def test_a_withdrawn_grant_takes_its_pieces_out_of_the_queue_at_once(self, labelled: Labelled) -> None:
        piece = labelled.waits_for(labelled.jo)[0]
        given = labelled.sees(labelled.jo, piece, "joy")[1]
        labelled.withdraws(labelled.bo)
        assert labelled.waits_for(labelled.jo) == []
        assert labelled.waits_for(labelled.kim) == []
        for who, status in ((labelled.kim, 409), (labelled.ada, 409)):
            sent = (
                labelled.sees(who, piece, "joy")
                if who is labelled.kim
                else labelled.feels(who, labelled.of_ada, 0, 9)
            )
            assert (sent[0], sent[1]["code"]) == (status, "not_to_be_labelled")
        stands = labelled.nora.get(f"{labelled.of_gig}/labelling/standing")[1]
        assert (stands["pieces"], stands["recordings"]) == (0, 0)
        # What one said one may take back all the same.
        assert labelled.jo.post(f"labels/{given['id']}/withdraw")[0] == 200

    def test_who_is_asked_no_more_labels_no_more_and_what_they_gave_stays(self, labelled: Labelled) -> None:
        first, second = labelled.waits_for(labelled.jo)
        assert labelled.sees(labelled.jo, first, "joy")[0] == 201
        assert labelled.asks_to_label(labelled.people[1])[0] == 200
        assert labelled.sees(labelled.jo, second, "joy")[0] == 403
        label = Label.objects.standing().get()
        status, said = labelled.jo.put(f"labels/{label.public_id}", says(label, "fear"))
        assert (status, said["code"]) == (403, "not_an_annotator")
        assert Label.objects.standing().get() == label

    def test_who_could_read_the_others_before_they_were_named_does_not_label_after_them(
        self, labelled: Labelled
    ) -> None:
        """A producer who names themselves, names themselves no more, reads all, and names themselves again."""
        first, second = labelled.waits_for(labelled.jo)
        labelled.asks_to_label(*labelled.people, labelled.owner)
        assert labelled.sees(labelled.jo, first, "joy")[0] == 201
        assert labelled.reads_labels(labelled.nora) == []
        labelled.asks_to_label(*labelled.people)
        assert len(labelled.reads_labels(labelled.nora)) == 1
        labelled.passes(seconds=1)
        labelled.asks_to_label(*labelled.people, labelled.owner)
        assert labelled.waits_for(labelled.nora) == [second | {"address": ANY}]
        status, said = labelled.sees(labelled.nora, first, "joy")
        assert (status, said["code"]) == (409, "label_read_before")
        assert labelled.sees(labelled.kim, first, "joy")[0] == 201, "who could read nothing labels it"
        assert labelled.sees(labelled.nora, second, "joy")[0] == 201

    def test_who_can_read_the_others_by_now_corrects_nothing_and_takes_it_back(
        self, labelled: Labelled
    ) -> None:
        first, second = labelled.waits_for(labelled.jo)
        for piece in (first, second):
            assert labelled.sees(labelled.jo, piece, "joy")[0] == 201
        labelled.passes(seconds=1)
        assert labelled.sees(labelled.kim, first, "fear")[0] == 201
        of_first, of_second = Label.objects.filter(annotator__user=labelled.people[0]).order_by("starts_ms")
        path = f"labels/{of_first.public_id}"
        status, said = labelled.jo.put(path, says(of_first, "fear"))
        assert (status, said["code"]) == (409, "label_read_before")
        assert labelled.jo.put(f"labels/{of_second.public_id}", says(of_second, "fear"))[0] == 200
        labelled.passes(seconds=1)
        assert labelled.jo.post(f"{path}/withdraw")[0] == 200
        labelled.passes(seconds=1)
        status, said = labelled.sees(labelled.jo, first, "fear")
        assert (status, said["code"]) == (409, "label_read_before")

    def test_who_took_theirs_back_before_another_labelled_labels_again(self, labelled: Labelled) -> None:
        piece = labelled.waits_for(labelled.jo)[0]
        given = labelled.sees(labelled.jo, piece, "joy")[1]
        labelled.passes(seconds=1)
        assert labelled.jo.post(f"labels/{given['id']}/withdraw")[0] == 200
        labelled.passes(seconds=1)
        assert labelled.sees(labelled.kim, piece, "fear")[0] == 201
        assert labelled.sees(labelled.jo, piece, "anger")[0] == 201


class TestWhoLabelsNoMore:
    def test_has_an_owner_take_back_what_they_gave_and_nobody_else_can(self, labelled: Labelled) -> None:
        for piece in labelled.waits_for(labelled.jo):
            labelled.sees(labelled.jo, piece, "joy")
        labelled.sees(labelled.kim, piece, "fear")
        jo = labelled.people[0]
        row = Label.objects.filter(annotator__user=jo)[0].annotator
        assert row is not None
        path, sent = f"{labelled.of_gig}/annotators/{row.public_id}/withdraw", {"reason": "They asked me."}
        status, said = labelled.nora.post(path, sent)
        assert (status, said["code"]) == (409, "still_labels")
        Membership.objects.filter(user=jo).delete()
        producer = Caller(stories.a_member(labelled.company, Role.PRODUCER))
        for who, status in ((labelled.kim, 403), (producer, 403), (labelled.ada, 403)):
            assert who.post(path, sent)[0] == status
        page = labelled.page.get(f"/gigs/{labelled.gig.public_id}/labels/").content.decode()
        assert f"Take back what {jo.name} said" in page
        assert labelled.nora.post(path, {"reason": " "})[0] == 422
        for _ in range(2):
            assert labelled.nora.post(path, sent)[0] == 200
        (left,) = Label.objects.standing()
        assert left.annotator_id != row.pk


def says(label: Label, emotion: str) -> dict[str, Any]:
    """A correction of it."""
    return {
        "sense": label.sense,
        "starts_ms": label.starts_ms,
        "ends_ms": label.ends_ms,
        "emotion": emotion,
        "intensity": 1,
    }


class TestNeverChanged:
    def test_a_correction_is_the_next_version_and_its_authors_alone(self, labelled: Labelled) -> None:
        piece = labelled.waits_for(labelled.jo)[0]
        first = labelled.sees(labelled.jo, piece, "joy")[1]
        said = {name: first[name] for name in ("sense", "starts_ms", "ends_ms")} | {
            "emotion": "fear",
            "intensity": 1,
        }
        for stranger in (labelled.kim, labelled.nora, labelled.ada):
            assert stranger.put(f"labels/{first['id']}", said)[0] == 404
            assert stranger.post(f"labels/{first['id']}/withdraw")[0] == 404
        status, second = labelled.jo.put(f"labels/{first['id']}", said)
        assert (status, second["version"], second["emotion"]) == (200, 2, "fear")
        kept = Label.objects.get(public_id=first["id"])
        assert (kept.emotion, kept.replaced_at) == ("joy", labelled.now)
        status, said = labelled.jo.put(f"labels/{first['id']}", said)
        assert (status, said["code"]) == (409, "label_over")
        assert labelled.jo.post(f"labels/{second['id']}/withdraw")[0] == 200
        status, said = labelled.jo.post(f"labels/{second['id']}/withdraw")
        assert (status, said["code"]) == (409, "label_over")

    @pytest.mark.parametrize(
        "change",
        [
            "emotion = 'fear'",
            "intensity = 1",
            "given_at = now()",
            "starts_ms = starts_ms - 1",
            "withdrawn_at = null",
        ],
    )
    def test_the_database_lets_nobody_change_what_was_given(self, labelled: Labelled, change: str) -> None:
        labelled.feels(labelled.ada, labelled.of_ada, 0, 900)
        Label.objects.update(withdrawn_at=labelled.now)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE marketplace_label SET {change}")  # noqa: S608 -- from the list above

    def test_a_key_labels_nothing(self, labelled: Labelled) -> None:
        said = operations.Said("felt", 0, 1, "joy", 1)
        with pytest.raises(Forbidden):
            operations.give(segment=labelled.of_ada, said=said, by=stories.HOUSE, at=labelled.now)


class TestAgreement:
    def test_is_over_what_two_labelled_exactly(self, labelled: Labelled) -> None:
        first, second = labelled.waits_for(labelled.jo)
        for who, words in ((labelled.jo, ("joy", "fear")), (labelled.kim, ("joy", "anger"))):
            for piece, emotion in zip((first, second), words, strict=True):
                assert labelled.sees(who, piece, emotion, intensity=3 if emotion == "joy" else 5)[0] == 201
        labelled.feels(labelled.ada, labelled.of_ada, 0, 900, emotion="anger")
        found = labelled.nora.get(f"{labelled.of_gig}/labelling/standing")[1]
        by_hand = agreement.alpha([[0, 0], [1, 2]], agreement.nominal)
        assert by_hand == Fraction(2, 5)
        assert found["emotion_thousandths"] == 400
        assert found["intensity_thousandths"] == 1000
        assert (found["pieces"], found["done"], found["compared"], found["of_performers"]) == (2, 2, 2, 1)
        page = labelled.page.get(f"/gigs/{labelled.gig.public_id}/labels/").content.decode()
        assert "0.40" in page
        assert labelled.jo.get(f"{labelled.of_gig}/labelling/standing")[0] == 403

    def test_says_nothing_of_one_alone(self, labelled: Labelled) -> None:
        labelled.sees(labelled.jo, labelled.waits_for(labelled.jo)[0], "joy")
        found = labelled.nora.get(f"{labelled.of_gig}/labelling/standing")[1]
        assert (found["emotion_thousandths"], found["compared"]) == (None, 0)
        assert "not yet" in labelled.page.get(f"/gigs/{labelled.gig.public_id}/labels/").content.decode()


class TestATranscript:
    GOOD = "WEBVTT\n\n00:00.000 --> 00:01.500\nYou came back.\n"

    def test_is_brought_read_replaced_and_removed(self, labelled: Labelled) -> None:
        path = f"segments/{labelled.of_ada.public_id}/transcript"
        assert labelled.nora.get(path)[0] == 404
        status, said = labelled.nora.put(path, {"text": self.GOOD})
        assert (status, said["cues"], said["text"]) == (200, 1, self.GOOD)
        assert labelled.nora.put(path, {"text": self.GOOD})[1]["id"] == said["id"]
        assert labelled.ada.get(path)[1]["text"] == self.GOOD
        assert labelled.bo.get(path)[0] == 404
        assert labelled.nora.put(path, {"text": self.GOOD.replace("back", "late")})[1]["id"] != said["id"]
        assert Transcript.objects.filter(ended_at=None).count() == 1
        assert labelled.nora.post(f"{path}/remove")[0] == 200
        assert labelled.nora.post(f"{path}/remove")[0] == 404
        assert Transcript.objects.count() == 2

    def test_is_the_companys_to_bring_and_refused_with_a_sentence(self, labelled: Labelled) -> None:
        path = f"segments/{labelled.of_ada.public_id}/transcript"
        for who, status in ((labelled.jo, 403), (labelled.ada, 404)):
            assert who.put(path, {"text": self.GOOD})[0] == status
        status, said = labelled.nora.put(path, {"text": self.GOOD.replace("01.500", "09.500")})
        assert (status, said["errors"][0]["code"]) == (422, "not_webvtt")
        assert "ends after the recording does" in said["errors"][0]["detail"]
        labelled.withdraws(labelled.bo)
        status, said = labelled.nora.put(path, {"text": self.GOOD})
        assert (status, said["code"]) == (409, "not_to_be_labelled")

    def test_is_uploaded_on_its_page(self, labelled: Labelled, tmp_path: Any) -> None:
        path = f"/segments/{labelled.of_ada.public_id}/transcript/"
        assert "Deliveries say that there is none" in labelled.page.get(path).content.decode()
        file = tmp_path / "ada.vtt"
        file.write_text("WEBVTT\n\nSTYLE\n::cue { color: red }\n")
        with file.open("rb") as sent:
            assert labelled.page.post(path, {"file": sent}).status_code == 422
        file.write_text(self.GOOD)
        with file.open("rb") as sent:
            assert labelled.page.post(path, {"file": sent}).status_code == 302
        assert "You came back." in labelled.page.get(path).content.decode()
        assert labelled.page.post(f"{path}remove/").status_code == 302


def test_whoever_is_erased_takes_their_labels_along(labelled: Labelled) -> None:
    """What was said of them, and what they said of others."""
    labelled.feels(labelled.ada, labelled.of_ada, 0, 900)
    for piece in labelled.waits_for(labelled.jo):
        labelled.sees(labelled.jo, piece, "joy")
    holding = next(each for each in REGISTRY.holdings if each.model == "marketplace.Label")
    assert holding.of(labelled.seats[0].performer.user).count() == 2
    assert holding.of(labelled.people[0]).count() == 2
    holding.of(labelled.people[0]).delete()
    assert Label.objects.count() == 1


def test_strangers_read_nothing(labelled: Labelled) -> None:
    labelled.feels(labelled.ada, labelled.of_ada, 0, 900)
    other = Caller(stories.person(stories.owner_of(stories.a_company("Elsewhere"))))
    assert other.get(f"{labelled.of_gig}/labels")[0] == 404
    assert other.get(f"segments/{labelled.of_ada.public_id}/labels")[0] == 404
    assert labelled.bo.get(f"segments/{labelled.of_ada.public_id}/labels")[0] == 404
    assert len(labelled.ada.get(f"segments/{labelled.of_ada.public_id}/labels")[1]["data"]) == 1
