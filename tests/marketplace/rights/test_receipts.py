"""A receipt proves what was granted, to anybody: by page, command and a script that knows nothing of the house."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client, override_settings

from marketplace.engagements.models import Engagement
from marketplace.rights import operations, receipts
from marketplace.rights.models import Grant, GrantReceipt
from marketplace.rights.tasks import sweep
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
ASKED = ["evaluation", "fine_tuning"]
SCRIPT = "marketplace/static/marketplace/check_receipt.py"
AT = stories.BEFORE


@pytest.fixture(autouse=True)
def _the_day(it_is: Any) -> None:
    it_is(AT)


@pytest.fixture
def engagement() -> Engagement:
    """Signed by both: one use granted, then a second one that was taken back at once."""
    gig = stories.a_gig(stories.a_company("Northlight", owner=stories.a_person("Nora North")), purposes=ASKED)
    engagement = stories.an_active_engagement(gig, grants=ASKED)
    grant = Grant.objects.get(purpose="fine_tuning")
    operations.withdraw(grant=grant, by=stories.acting(engagement.performer), at=AT + timedelta(hours=1))
    return engagement


@pytest.fixture
def chain(engagement: Engagement) -> dict[str, Any]:
    """As the performer takes it from their page."""
    answer = browser(engagement.performer.user).get("/rights/receipts.json")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    told: dict[str, Any] = json.loads(answer.content)
    return told


def published() -> dict[str, Any]:
    keys: dict[str, Any] = json.loads(Client().get("/.well-known/callboard-receipt-keys.json").content)
    return keys


def test_each_event_has_its_receipt_in_the_order_in_which_it_happened(chain: dict[str, Any]) -> None:
    said = [row["receipt"] for row in chain["receipts"]]
    assert [each["number"] for each in said] == [1, 2, 3, 4, 5]
    assert [(each["event"], each["grant"]["purpose"]) for each in said] == [
        ("given", "evaluation"),
        ("given", "fine_tuning"),
        ("active", "evaluation"),
        ("active", "fine_tuning"),
        ("withdrawn", "fine_tuning"),
    ]
    assert said[0]["previous_sha256"] == ""
    hashes = [row["sha256"] for row in chain["receipts"]]
    assert [each["previous_sha256"] for each in said[1:]] == hashes[:-1]


def test_it_names_nobody(chain: dict[str, Any], engagement: Engagement) -> None:
    said = json.dumps(chain)
    assert engagement.performer.public_id in said
    assert engagement.performer.stage_name not in said
    assert engagement.performer.user.email not in said


class Elsewhere:
    """A machine that has the script, the file and the published keys, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "keys.json").write_text(json.dumps(published()))

    def says(self, chain: dict[str, Any]) -> str:
        (self.folder / "receipts.json").write_text(json.dumps(chain))
        command = [
            sys.executable,
            "-I",
            SCRIPT,
            str(self.folder / "receipts.json"),
            str(self.folder / "keys.json"),
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={}).stderr.strip()


@pytest.fixture
def elsewhere(engagement: Engagement, tmp_path: Path) -> Elsewhere:
    return Elsewhere(tmp_path)


def _changed(row: dict[str, Any]) -> None:
    row["receipt"]["grant"]["purpose"] = "voice_replica"


def _another_hand(row: dict[str, Any]) -> None:
    raw = bytearray(base64.urlsafe_b64decode(row["signature"] + "=="))
    raw[0] ^= 1
    row["signature"] = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")


def _another_key(row: dict[str, Any]) -> None:
    row["receipt"]["key"] = "0" * 16


def test_a_script_of_forty_lines_proves_it_without_the_house(
    chain: dict[str, Any], elsewhere: Elsewhere
) -> None:
    assert elsewhere.says(chain) == ""
    code = [line for line in Path(SCRIPT).read_text().splitlines() if line.strip()]
    assert len(code) <= 44
    del chain["receipts"][2]
    assert "missing" in elsewhere.says(chain)


@pytest.mark.parametrize("forge", [_changed, _another_hand, _another_key])
def test_a_forged_one_is_found_everywhere(
    chain: dict[str, Any], elsewhere: Elsewhere, forge: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    """By the script, the page and the command; and the true one is proved by each."""
    file = tmp_path / "chain.json"
    row = chain["receipts"][0]
    file.write_text(json.dumps(chain))
    call_command("verify_receipt", str(file))
    call_command("verify_receipt", str(file), "--keys", str(elsewhere.folder / "keys.json"))
    assert "signed by this house and unchanged" in _page(chain)
    forge(row)
    file.write_text(json.dumps(chain))
    assert elsewhere.says(chain)
    assert "It proves nothing" in _page(chain)
    with pytest.raises(CommandError):
        call_command("verify_receipt", str(file))


def test_a_missing_one_is_found_by_page_and_command(chain: dict[str, Any], tmp_path: Path) -> None:
    del chain["receipts"][1]
    assert "does not follow on" in _page(chain)
    file = tmp_path / "chain.json"
    file.write_text(json.dumps(chain))
    with pytest.raises(CommandError, match="does not follow on"):
        call_command("verify_receipt", str(file))


def test_the_last_ones_left_out_prove_what_was_true_then(chain: dict[str, Any]) -> None:
    """A chain that is cut at its end says nothing false: the withdrawal is a later receipt, and the page says so."""
    del chain["receipts"][4]
    assert "a later receipt says" in _page(chain)


@pytest.mark.parametrize(
    "junk", ["", "no json", "[]", "{}", '{"receipts": [1]}', "[" * 5_000, '{"receipt": {"performer": 1}}']
)
def test_junk_is_told_from_a_receipt(junk: str, db: None) -> None:
    answer = Client().post("/receipts/check/", {"text": junk})
    assert answer.status_code in (200, 422)
    assert "signed by this house" not in answer.content.decode()


def test_only_whom_it_concerns_reads_it(engagement: Engagement) -> None:
    receipt = GrantReceipt.objects.order_by("id").first()
    assert receipt is not None
    path = f"/receipts/{receipt.public_id}.json"
    owner = stories.person(stories.owner_of(engagement.company))
    stranger, other = stories.a_performer("Cy Vale"), stories.owner_of(stories.a_company("Elsewhere"))
    assert browser(engagement.performer.user).get(path).status_code == 200
    assert browser(owner).get(path).status_code == 200
    assert browser(stranger.user).get(path).status_code == 404
    assert browser(stories.person(other)).get(path).status_code == 404
    assert (
        Caller(owner).get("receipts")[1]["data"]
        == Caller(engagement.performer.user).get("receipts")[1]["data"]
    )
    assert Caller(stranger.user).get("receipts")[1]["data"] == []


def test_a_new_key_signs_and_the_old_one_still_proves(engagement: Engagement) -> None:
    key = base64.urlsafe_b64encode(bytes(range(100, 132))).decode()
    with override_settings(RECEIPT_KEY=key):
        grant = Grant.objects.get(purpose="evaluation")
        operations.withdraw(grant=grant, by=stories.acting(engagement.performer), at=AT + timedelta(hours=2))
        chain = json.loads(browser(engagement.performer.user).get("/rights/receipts.json").content)
    assert len(published()["keys"]) == 2
    assert len({row["receipt"]["key"] for row in chain["receipts"]}) == 2
    assert "6 receipts, signed by this house" in _page(chain)


def test_a_receipt_is_never_changed_or_deleted(engagement: Engagement) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantReceipt.objects.update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantReceipt.objects.all().delete()


def test_what_was_granted_before_there_were_receipts_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a house that had none: the sweep writes them in the order of events, and a second sweep no more."""
    gig = stories.a_gig(stories.a_company(), purposes=ASKED)
    with monkeypatch.context() as before:
        before.setattr(receipts, "issue", lambda performer: None)
        engagement = stories.an_active_engagement(gig, grants=ASKED)
    assert not GrantReceipt.objects.exists()
    sweep()
    sweep()
    chain = json.loads(browser(engagement.performer.user).get("/rights/receipts.json").content)
    assert "4 receipts, signed by this house" in _page(chain)


class TestForATime:
    """A use that is asked for so many days ends by itself; both are told, and a receipt says so."""

    def test_ends_when_its_days_are_over_and_not_before(self, it_is: Callable[[datetime], None]) -> None:
        gig = stories.a_gig(stories.a_company(), purposes=["evaluation"])
        owner = Caller(stories.person(stories.owner_of(gig.company)))
        path = f"gigs/{gig.public_id}/purposes/evaluation"
        said = {"term_days": 30, "deletion_days": 7, "model_family": "Aria 2", "not_for": "Advertising."}
        status, told = owner.put(path, said)
        assert status == 200, told
        assert "for 30 days from both signatures" in told["text"]
        assert "Aria 2" in told["text"]
        engagement = stories.an_active_engagement(gig, grants=["evaluation"])
        grant = Grant.objects.get()
        assert grant.text == told["text"]
        assert grant.conditions == {
            "term_days": 30,
            "deletion_days": 7,
            "model_family": "Aria 2",
            "not_for": "Advertising.",
        }
        assert grant.active_at is not None
        ends = grant.active_at + timedelta(days=30)
        operations.expire(at=ends - timedelta(seconds=1))
        assert Grant.objects.get().state == "active"
        operations.expire(at=ends)
        operations.expire(at=ends)
        assert Grant.objects.get().state == "expired"
        it_is(ends)
        chain = json.loads(browser(engagement.performer.user).get("/rights/receipts.json").content)
        assert [row["receipt"]["event"] for row in chain["receipts"]] == ["given", "active", "expired"]
        assert chain["receipts"][1]["receipt"]["grant"]["conditions"]["deletion_days"] == 7


class TestWhatIsAskedFor:
    def test_a_replica_is_granted_only_once_its_use_is_described(self) -> None:
        """New York, General Obligations Law 5-302; California, Labor Code 927."""
        gig = stories.a_gig(stories.a_company(), purposes=["voice_replica"])
        owner = Caller(stories.person(stories.owner_of(gig.company)))
        engagement = stories.accepts(stories.a_performer("Ada Quill"), gig)
        stories.signs_as_performer(engagement)
        ada, path = Caller(engagement.performer.user).proves(), f"engagements/{engagement.public_id}/replicas"
        signs = {
            "name": "Ada Quill",
            "purpose": "voice_replica",
            "read_sha256": "0" * 64,
            "represented_by": "counsel",
            "representative": "Ruth Bader, Esq.",
        }
        assert owner.get(f"gigs/{gig.public_id}/purposes")[1]["data"][0]["is_offered"] is False
        status, said = ada.post(path, signs)
        assert (status, said["errors"][0]["code"]) == (422, "not_asked_for")
        use = "A voice that reads weather reports in the Aria app, for two years, and nothing else."
        assert owner.put(f"gigs/{gig.public_id}/purposes/voice_replica", {"use": use})[0] == 200
        (asked,) = ada.get(path)[1]["data"]
        assert use in asked["text"]
        assert ada.post(path, signs)[1]["code"] == "replica_changed"
        assert ada.post(path, signs | {"read_sha256": asked["read_sha256"]})[0] == 201
        assert use in Grant.objects.get().text

    def test_is_made_no_worse_once_it_was_read(self) -> None:
        gig = stories.a_gig(stories.a_company(), purposes=["evaluation"])
        owner = Caller(stories.person(stories.owner_of(gig.company)))
        path = f"gigs/{gig.public_id}/purposes/evaluation"
        assert owner.put(path, {"bonus_minor": 5_000, "term_days": 90, "deletion_days": 20})[0] == 200
        for worse in (
            {"bonus_minor": 4_999, "term_days": 90, "deletion_days": 20},
            {"bonus_minor": 5_000, "term_days": 91, "deletion_days": 20},
            {"bonus_minor": 5_000, "deletion_days": 20},
            {"bonus_minor": 5_000, "term_days": 90, "deletion_days": 21},
        ):
            status, said = owner.put(path, worse)
            assert (status, said["code"]) == (409, "gig_is_promised"), worse
        assert owner.put(path, {"bonus_minor": 6_000, "term_days": 60, "deletion_days": 10})[0] == 200

    def test_is_said_by_its_company_alone_and_within_bounds(self) -> None:
        gig = stories.a_gig(stories.a_company(), purposes=["evaluation"])
        owner = Caller(stories.person(stories.owner_of(gig.company)))
        other = Caller(stories.person(stories.owner_of(stories.a_company("Elsewhere"))))
        path = f"gigs/{gig.public_id}/purposes/evaluation"
        assert other.put(path, {"term_days": 9})[0] == 404
        assert owner.put(path, {"term_days": 0})[0] == 422
        assert owner.put(f"gigs/{gig.public_id}/purposes/avatar", {"term_days": 9})[0] == 422
        page = browser(stories.person(stories.owner_of(gig.company)))
        address = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/uses/"
        sent = {"purpose": "evaluation", "evaluation-deletion_days": "0"}
        assert page.post(address, sent).status_code == 422
        sent |= {
            "evaluation-deletion_days": "14",
            "evaluation-bonus": "25.00",
            "evaluation-territory": "the United States",
        }
        assert page.post(address, sent).status_code == 302
        assert "It pays you 25.00 USD once" in page.get(address).content.decode()


def _page(chain: dict[str, Any]) -> str:
    return Client().post("/receipts/check/", {"text": json.dumps(chain)}).content.decode()
