"""What a client buys: a data set that loads, whose hashes and receipts hold, under active grants only, and can be recalled."""

import hashlib
import json
import subprocess
import sys
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.access.roles import Role, Staff
from marketplace.deliveries import building, shards
from marketplace.deliveries.croissant import TABLE
from marketplace.deliveries.models import DeletionOrder, Delivery
from marketplace.deliveries.tasks import sweep
from marketplace.rights import operations as rights
from marketplace.rights.models import Use
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller
from tests.marketplace.deliveries.conftest import Played

pytestmark = pytest.mark.django_db
CLIENT = "tests/clients/data_set.py"


def taken(played: Played, delivery: dict[str, Any], folder: Path) -> Path:
    """Every file, as the company takes it over the API, held against the hash that was told."""
    folder.mkdir(exist_ok=True)
    for file in delivery["files"]:
        answer = played.takes(file["address"])
        assert answer.status_code == 200, answer.content
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert len(answer.content) == file["size"]
        (folder / file["name"]).write_bytes(answer.content)
    return folder


def test_loads_where_data_sets_are_loaded(played: Played, tmp_path: Path) -> None:
    """`webdataset` reads the shards, `mlcroissant` the description and its records: on a machine that knows nothing of us."""
    delivery = played.is_delivered()
    assert (delivery["state"], delivery["recordings"]) == ("ready", 2)
    folder = taken(played, delivery, tmp_path / "set")
    found = _at_the_client(folder)
    assert found["errors"] == []
    assert found["is_1_1"]
    assert found["matches"] == [True, True]
    whose = {seat.performer.public_id for seat in played.seats}
    assert {record["performer"] for record in found["records"]} == whose
    for told in found["told"]:
        assert told["duration_ms"] > 1_900
        assert told["session"] == played.session.public_id
    raw = json.loads((folder / "croissant.json").read_text())
    assert raw["rai:dataUseCases"] == ["Evaluate a model"]
    assert "Make a replica of your voice" in raw["rai:dataLimitations"]


def _at_the_client(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", CLIENT, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_minute_has_its_receipt(played: Played, tmp_path: Path) -> None:
    folder = taken(played, played.is_delivered(), tmp_path / "set")
    told = json.loads((folder / "receipts.json").read_text())
    proved = {row["sha256"]: row["receipt"] for row in told["receipts"]}
    with tarfile.open(folder / "data-000000.tar") as shard:
        for member in shard.getmembers():
            if member.name.endswith(".json"):
                file = shard.extractfile(member)
                assert file is not None
                sample = json.load(file)
                assert sample["receipts"]
                for sha256 in sample["receipts"]:
                    assert proved[sha256]["performer"] == sample["performer"]
                    assert proved[sha256]["event"] == "active"
    page = browser().post("/receipts/check/", {"text": json.dumps(told)}).content.decode()
    assert "2 receipts, signed by this house and unchanged" in page
    manifest = json.loads((folder / "manifest.json").read_text())
    for each in manifest["files"]:
        assert hashlib.sha256((folder / each["name"]).read_bytes()).hexdigest() == each["sha256"]


def test_holds_the_same_bytes_whenever_it_is_made(played: Played, tmp_path: Path) -> None:
    """But for the manifests, which are signed for each version."""
    first = played.is_delivered()
    played.passes(days=1)
    again = played.is_delivered()
    assert (first["version"], again["version"]) == (1, 2)
    both = [_without_manifests(taken(played, each, tmp_path / each["id"])) for each in (first, again)]
    assert both[0] == both[1]
    assert len(both[0]) == 4


def _without_manifests(folder: Path) -> dict[str, bytes]:
    with tarfile.open(folder / "data-000000.tar") as shard:
        files = {member.name: shard.extractfile(member) for member in shard.getmembers()}
        return {name: file.read() for name, file in files.items() if file and not name.endswith(".c2pa")}


def test_is_read_from_a_bucket_where_recordings_lie_in_one(
    s3: object, played: Played, tmp_path: Path
) -> None:
    """The disk has none of them any more; the set is the same."""
    assert not list((tmp_path / "media").glob("*.play"))
    found = _at_the_client(taken(played, played.is_delivered(), tmp_path / "set"))
    assert found["matches"] == [True, True]


def test_goes_on_where_a_download_stopped(played: Played) -> None:
    delivery = played.is_delivered()
    shard = next(file for file in delivery["files"] if file["name"].endswith(".tar"))
    whole = played.takes(shard["address"]).content
    half = len(whole) // 2
    first = played.takes(shard["address"], Range=f"bytes=0-{half - 1}")
    rest = played.takes(shard["address"], Range=f"bytes={half}-")
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == whole


class TestUnderActiveGrantsOnly:
    def test_nobody_in_a_scene_may_have_refused(self, played: Played) -> None:
        """The yes: both grant it, and it is delivered. The no: one of two withdraws, and nothing of the scene is."""
        assert played.is_delivered()["recordings"] == 2
        played.withdraws(played.bo)
        status, said = played.asks()
        assert (status, said["code"]) == (409, "nothing_to_deliver")

    def test_no_purpose_that_was_not_asked_for(self, played: Played) -> None:
        status, said = played.asks("voice_replica")
        assert (status, said["errors"][0]["code"]) == (422, "not_asked_for")
        assert played.nora.post(played.path_of_gig, {"purposes": []})[0] == 422

    def test_a_withdrawal_before_it_is_put_together(self, played: Played) -> None:
        status, told = played.asks()
        assert status == 201
        played.withdraws(played.ada)
        sweep()
        assert played.reads(told["id"])["state"] == "empty"

    def test_a_withdrawal_while_it_is_put_together(
        self, played: Played, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Settled with both, one shard written; then one withdraws. It is never given out as it was."""
        written = building._keep

        def then_withdraws(delivery: Delivery, file: Any) -> None:
            written(delivery, file)
            if file.name == building.MANIFEST:
                played.withdraws(played.ada)

        monkeypatch.setattr(building, "_keep", then_withdraws)
        status, told = played.asks()
        sweep()
        assert played.reads(told["id"])["state"] == "asked"
        monkeypatch.undo()
        sweep()
        assert (status, played.reads(told["id"])["state"]) == (201, "empty")

    def test_nothing_is_given_out_from_the_moment_of_a_withdrawal(self, played: Played) -> None:
        delivery = played.is_delivered()
        address = delivery["files"][0]["address"]
        assert played.takes(address).status_code == 200
        played.withdraws(played.ada)
        refused = played.takes(address)
        assert (refused.status_code, refused.json()["code"]) == (409, "delivery_not_given_out")


def gives_again(played: Played) -> None:
    """The first of the pair, under the terms that both signed."""
    application, me = played.seats[0].engagement.application, stories.acting(played.seats[0].performer)
    sha256 = played.seats[0].engagement.versions.latest("version").text_sha256
    rights.give(application=application, purposes=["evaluation"], terms_sha256=sha256, by=me, at=played.now)
    rights.activate(application=application, terms_sha256=sha256, by=me, at=played.now)


class TestWhoDies:
    def test_a_builder_that_dies_between_shards_goes_on_there(
        self, played: Played, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shards, "into_shards", lambda sizes: list(range(len(sizes))))
        wrote: list[int] = []
        write = shards.write_shard

        def dies_after_the_first(folder: Path, number: int, samples: Any) -> Any:
            if len(wrote) == 1:
                wrote.append(-1)
                raise OSError("the disk is gone")
            wrote.append(number)
            return write(folder, number, samples)

        monkeypatch.setattr(shards, "write_shard", dies_after_the_first)
        _, told = played.asks()
        sweep()
        assert played.reads(told["id"])["state"] == "asked"
        played.passes(seconds=4)
        sweep()
        assert played.reads(told["id"])["state"] == "asked"  # it waits its time
        played.passes(minutes=1)
        sweep()
        assert played.reads(told["id"])["state"] == "ready"
        assert wrote == [0, -1, 1]

    def test_what_was_withdrawn_and_given_again_meanwhile_is_named_anew_in_every_part(
        self, played: Played, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shards, "into_shards", lambda sizes: list(range(len(sizes))))
        wrote: list[int] = []
        write = shards.write_shard

        def dies_once(folder: Path, number: int, samples: Any) -> Any:
            wrote.append(number)
            if len(wrote) == 2:
                raise OSError("the disk is gone")
            return write(folder, number, samples)

        monkeypatch.setattr(shards, "write_shard", dies_once)
        _, told = played.asks()
        sweep()
        played.withdraws(played.ada)
        gives_again(played)
        played.passes(minutes=2)
        sweep()
        assert played.reads(told["id"])["state"] == "ready"
        assert wrote == [0, 1, 0, 1]
        folder = building.folder_of(Delivery.objects.get())
        handed_out = {row["sha256"] for row in json.loads((folder / "receipts.json").read_text())["receipts"]}
        lines = (folder / TABLE).read_text().splitlines()
        assert {json.loads(line)["receipt"] for line in lines} <= handed_out

    def test_asked_twice_at_once_is_once(self, played: Played) -> None:
        assert played.asks()[0] == 201
        status, said = played.asks()
        assert (status, said["code"]) == (409, "being_put_together")
        sweep()
        sweep()
        assert Delivery.objects.count() == 1


class TestRecalled:
    @pytest.fixture
    def delivered(self, played: Played, tmp_path: Path) -> dict[str, Any]:
        delivery = played.is_delivered()
        taken(played, delivery, tmp_path / "set")
        return delivery

    def test_an_order_is_given_confirmed_and_seen_by_whose_work_it_is(
        self, played: Played, delivered: dict[str, Any]
    ) -> None:
        played.withdraws(played.ada)
        sweep()
        assert played.reads(delivered["id"])["state"] == "recalled"
        assert played.reads(delivered["id"])["files"] == []
        (order,) = played.nora.get("deletion-orders")[1]["data"]
        assert order["state"] == "open"
        assert played.ada.get("deletion-orders")[1]["data"] == [order]
        assert played.bo.get("deletion-orders")[1]["data"] == []
        assert "Delete a delivery" in _told(played)
        page = f"/deletions/{order['id']}/acknowledge/"
        assert played.page.post(page, {"statement": " "}).status_code == 422
        assert played.page.post(page, {"statement": "Bucket a/b and its backup."}).status_code == 302
        assert played.page.post(page, {"statement": "Once more."}).status_code == 302
        (order,) = played.ada.get("deletion-orders")[1]["data"]
        assert (order["state"], order["statement"]) == ("acknowledged", "Bucket a/b and its backup.")
        own = browser(played.seats[0].performer.user)
        assert "Bucket a/b and its backup." in own.get("/rights/deletions/").content.decode()
        seen = own.get("/rights/uses/").content.decode()
        for what in ("Put into a delivery", "Downloaded", "Deletion confirmed"):
            assert what in seen

    def test_who_withdraws_after_the_first_has_an_order_too(
        self, played: Played, delivered: dict[str, Any]
    ) -> None:
        played.withdraws(played.ada)
        sweep()
        played.withdraws(played.bo)
        sweep()
        sweep()
        assert len(played.nora.get("deletion-orders")[1]["data"]) == 2
        assert len(played.bo.get("deletion-orders")[1]["data"]) == 1

    def test_who_grants_it_again_before_anybody_looked_recalls_nothing(
        self, played: Played, delivered: dict[str, Any]
    ) -> None:
        """Withdrawn, and signed anew: what counts is what holds."""
        played.withdraws(played.ada)
        gives_again(played)
        sweep()
        assert played.reads(delivered["id"])["state"] == "ready"
        assert played.nora.get("deletion-orders")[1]["data"] == []

    def test_the_folder_is_gone_from_the_house_too(
        self, played: Played, delivered: dict[str, Any], django_capture_on_commit_callbacks: Any
    ) -> None:
        folder = building.folder_of(Delivery.objects.get())
        assert folder.exists()
        played.withdraws(played.ada)
        with django_capture_on_commit_callbacks(execute=True):
            sweep()
        assert not folder.exists()

    def test_who_does_not_confirm_is_reminded_then_chased_and_staff_hear_of_it(
        self, played: Played, delivered: dict[str, Any]
    ) -> None:
        talent = stories.a_member_of_staff(Staff.TALENT)
        played.withdraws(played.ada)
        sweep()
        order = DeletionOrder.objects.get()
        start = played.now
        for _day in range(46):
            played.passes(days=1)
            sweep()
        said = _told(played)
        assert said.count("Confirm a deletion soon") == 1
        assert said.count("A deletion is overdue") == 3  # on the day, and each week after it
        assert order.due_at == start + timedelta(days=30)
        page = browser(talent).get("/house/deletions/").content.decode()
        assert "Overdue" in page
        assert "has not confirmed a deletion" in _titles(talent)

    def test_nobody_took_it_so_nothing_is_to_be_deleted(self, played: Played) -> None:
        played.is_delivered()
        played.withdraws(played.ada)
        sweep()
        (order,) = played.ada.get("deletion-orders")[1]["data"]
        assert order["state"] == "not_taken"
        assert "Delete a delivery" not in _told(played)

    def test_a_new_version_without_them_is_put_together(
        self, played: Played, delivered: dict[str, Any]
    ) -> None:
        """Two sessions, another pair in the second: who withdraws takes only their scenes with them."""
        from tests.marketplace.deliveries.others import another_pair_plays  # noqa: PLC0415

        another_pair_plays(played)
        both = played.is_delivered()
        assert both["recordings"] == 4
        played.withdraws(played.ada)
        sweep()
        sweep()
        rows = played.nora.get(played.path_of_gig)[1]["data"]
        assert [(row["version"], row["state"], row["recordings"]) for row in rows] == [
            (3, "ready", 2),
            (2, "recalled", 4),
            (1, "recalled", 2),
        ]

    def test_an_erasure_recalls_too(self, played: Played, delivered: dict[str, Any]) -> None:
        from marketplace.rights.operations import withdraw_all  # noqa: PLC0415

        performer = played.seats[0].performer
        withdraw_all(performer=performer, by=stories.acting(performer), at=played.now)
        sweep()
        assert DeletionOrder.objects.get().performer == performer


class TestWhoMay:
    def test_only_the_company_and_of_it_who_produces(self, played: Played, as_someone: Any) -> None:
        delivery = played.is_delivered()
        address = delivery["files"][0]["address"]
        other = stories.person(stories.owner_of(stories.a_company("Elsewhere")))
        reviewer = stories.a_member(played.session.company, Role.REVIEWER)
        for who, status in ((other, 404), (reviewer, 403), (played.seats[0].performer.user, 403)):
            assert browser(who).get(address).status_code == status
        assert Caller(other).get(f"deliveries/{delivery['id']}")[0] == 404
        assert played.takes(address).status_code == 200

    def test_no_file_but_those_that_are_in_it(self, played: Played) -> None:
        delivery = played.is_delivered()
        for name in ("..%2f..%2fsecret", "data-000009.tar", "croissant.json.draft"):
            answer = played.takes(f"/api/v1/deliveries/{delivery['id']}/files/{name}")
            assert answer.status_code in (404, 422)

    def test_each_taking_is_written_down_once_a_day(self, played: Played) -> None:
        delivery = played.is_delivered()
        for _ in range(2):
            for file in delivery["files"]:
                played.takes(file["address"])
        assert Use.objects.filter(kind="downloaded").count() == 2  # one of each performer
        played.passes(days=1)
        played.takes(delivery["files"][0]["address"])
        assert Use.objects.filter(kind="downloaded").count() == 4


def test_a_playing_is_seen_by_whose_work_it_is(played: Played) -> None:
    rows = played.nora.get(f"sessions/{played.session.public_id}/segments")[1]["data"]
    for _ in range(2):  # a player asks again and again by one address
        assert played.page.get(rows[0]["address"]).status_code == 200
    whose = next(seat for seat in played.seats if seat.public_id == rows[0]["seat"])
    own = browser(whose.performer.user).get("/rights/uses/").content.decode()
    assert own.count("Played") == 1


def _told(played: Played) -> str:
    return _titles(played.owner)


def _titles(who: Any) -> str:
    from accounts.notifications.models import Notification  # noqa: PLC0415

    return "\n".join(Notification.objects.filter(user=who).order_by("id").values_list("title", flat=True))
