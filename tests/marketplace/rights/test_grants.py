"""What recordings may be used for: each purpose granted by itself with the signature, by page and by API, and withdrawn so."""

import hashlib
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marketplace.engagements import asking
from marketplace.engagements.models import Engagement, Signature
from marketplace.rights import queries
from marketplace.rights.models import Grant, GrantEvent
from marketplace.rights.use_terms import set_use_terms
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
ASKED = ["evaluation", "fine_tuning"]


@pytest.fixture(autouse=True)
def _the_day(it_is: Any) -> None:
    it_is(stories.BEFORE)


@pytest.fixture
def engagement() -> Engagement:
    """Accepted, and signed by nobody yet."""
    gig = stories.a_gig(stories.a_company("Northlight", owner=stories.a_person("Nora North")), purposes=ASKED)
    return stories.accepts(stories.a_performer("Ada Quill"), gig)


class Doors:
    """Both sides of one engagement, by page and by API."""

    def __init__(self, engagement: Engagement) -> None:
        self.engagement = engagement
        owner = stories.person(stories.owner_of(engagement.company))
        self.ada, self.nora = Caller(engagement.performer.user).proves(), Caller(owner).proves()
        self.her_pages, self.their_pages = logs_in(engagement.performer.user), logs_in(owner)

    @property
    def path(self) -> str:
        return f"engagements/{self.engagement.public_id}"

    def signs(self, name: str, **also: Any) -> dict[str, Any]:
        """As they stand now: the newest terms, and of a performer who grants a use the words of all of them."""
        told = self.ada.get(f"{self.path}/agreement")[1]
        read = {"uses_sha256": told["uses_sha256"]} if "grants" in also else {}
        return {"name": name, "text_sha256": told["text_sha256"]} | read | also

    def by_page(self, client: Any, name: str, **also: Any) -> int:
        """With what stands in the form as it is shown."""
        shown = client.get(f"/{self.path}/").content.decode()
        sent = dict(re.findall(r'name="(\w+_sha256)" value="([0-9a-f]{64})"', shown))
        answer = client.post(f"/{self.path}/sign/", {"name": name} | sent | also)
        return int(answer.status_code)

    def states(self) -> dict[str, str]:
        rows = self.ada.get("grants")[1]["data"]
        assert rows == self.nora.get("grants")[1]["data"]
        return {row["purpose"]: row["state"] for row in rows}


@pytest.fixture
def doors(engagement: Engagement) -> Doors:
    return Doors(engagement)


def test_without_a_tick_nothing_is_granted(doors: Doors) -> None:
    assert doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill"))[0] == 200
    assert doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))[0] == 200
    assert doors.states() == {}
    assert queries.who_lets_record([doors.engagement.application_id]) == set()
    assert "No use is granted" in doors.her_pages.get(f"/{doors.path}/").content.decode()


@pytest.mark.parametrize("door", ["page", "api"])
def test_one_is_granted_by_itself_and_active_once_both_have_signed(doors: Doors, door: str) -> None:
    page = doors.her_pages.get(f"/{doors.path}/").content.decode()
    assert page.count('name="grants"') == len(ASKED)
    assert "checked" not in page
    if door == "page":
        assert doors.by_page(doors.her_pages, "Ada Quill", grants=["fine_tuning"]) == 302
    else:
        sent = doors.signs("Ada Quill", grants=["fine_tuning"])
        assert doors.ada.post(f"{doors.path}/sign", sent)[0] == 200
    assert doors.states() == {"fine_tuning": "given"}
    assert queries.who_lets_record([doors.engagement.application_id]) == set()
    assert doors.by_page(doors.their_pages, "Nora North") == 302
    assert doors.states() == {"fine_tuning": "active"}
    assert queries.who_lets_record([doors.engagement.application_id]) == {doors.engagement.application_id}
    for pages in (doors.her_pages, doors.their_pages):
        assert "<li>Fine-tune a model</li>" in pages.get(f"/{doors.path}/").content.decode()


def test_what_was_read_is_kept_with_its_hash(doors: Doors) -> None:
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=["evaluation"]))
    grant = Grant.objects.get()
    assert grant.text.startswith("Evaluate a model: Northlight may use")
    assert grant.text_sha256 == hashlib.sha256(grant.text.encode()).hexdigest()
    assert grant.terms_sha256 == doors.engagement.versions.get().text_sha256
    (event,) = GrantEvent.objects.all()
    assert (event.kind, event.text_sha256) == ("given", grant.text_sha256)
    for change in (event.delete, lambda: GrantEvent.objects.update(by="nobody")):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_nobody_grants_what_was_not_asked_for_and_the_company_grants_nothing(doors: Doors) -> None:
    sent = doors.signs("Ada Quill", grants=["voice_replica"])
    assert doors.ada.post(f"{doors.path}/sign", sent)[0] == 422
    assert doors.by_page(doors.her_pages, "Ada Quill", grants=["voice_replica"]) == 422
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill"))
    sent = doors.signs("Nora North", grants=["evaluation"])
    assert doors.nora.post(f"{doors.path}/sign", sent)[0] == 422
    assert doors.by_page(doors.their_pages, "Nora North", grants=["evaluation"]) == 302  # it is not read
    assert doors.states() == {}


@pytest.mark.parametrize("door", ["page", "api"])
def test_one_is_withdrawn_at_any_time_and_the_other_stays(doors: Doors, door: str) -> None:
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=ASKED))
    doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    grant = Grant.objects.get(purpose="evaluation")
    assert doors.nora.post(f"grants/{grant.public_id}/withdraw")[0] == 403
    if door == "page":
        assert doors.her_pages.post(f"/rights/{grant.public_id}/withdraw/").status_code == 302
    else:
        assert doors.ada.post(f"grants/{grant.public_id}/withdraw")[1]["state"] == "withdrawn"
    assert doors.states() == {"evaluation": "withdrawn", "fine_tuning": "active"}
    assert doors.ada.post(f"grants/{grant.public_id}/withdraw")[0] == 409
    assert [event.kind for event in grant.events.order_by("id")] == ["given", "active", "withdrawn"]
    page = doors.her_pages.get("/rights/").content.decode()
    assert page.count("/withdraw/") == 1
    other = Grant.objects.get(purpose="fine_tuning")
    doors.ada.post(f"grants/{other.public_id}/withdraw")
    assert queries.who_lets_record([doors.engagement.application_id]) == set()


def test_what_was_withdrawn_can_be_granted_anew_with_the_next_terms(doors: Doors) -> None:
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=ASKED))
    doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    doors.ada.post(f"grants/{Grant.objects.get(purpose='evaluation').public_id}/withdraw")
    raised = {"rate": {"amount_minor": 9_900, "currency": "usd"}}
    assert doors.nora.post(f"{doors.path}/amend", raised)[0] == 201
    assert doors.her_pages.get(f"/{doors.path}/").content.decode().count('name="grants"') == 1
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=ASKED))
    doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    live = Grant.objects.exclude(state="withdrawn").values_list("purpose", "state")
    assert dict(live) == {"evaluation": "active", "fine_tuning": "active"}
    assert Grant.objects.count() == 3


RAISED = {"rate": {"amount_minor": 9_900, "currency": "usd"}}


@pytest.mark.parametrize("door", ["page", "api"])
def test_what_was_ticked_under_terms_that_were_replaced_is_asked_again(doors: Doors, door: str) -> None:
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=ASKED))
    assert doors.nora.post(f"{doors.path}/amend", RAISED)[0] == 201
    page = doors.her_pages.get(f"/{doors.path}/").content.decode()
    assert page.count('name="grants"') == len(ASKED)
    assert "checked" not in page
    if door == "page":
        assert doors.by_page(doors.her_pages, "Ada Quill", grants=["fine_tuning"]) == 302
    else:
        doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=["fine_tuning"]))
    doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    assert active_grants() == {"fine_tuning": doors.engagement.versions.get(version=2).text_sha256}
    first = Grant.objects.get(purpose="evaluation")
    assert first.state == "superseded"
    assert [event.kind for event in first.events.order_by("id")] == ["given", "superseded"]
    assert all(event.receipt.event_id for event in GrantEvent.objects.all())


@pytest.mark.parametrize(("signed_by_both", "state"), [(False, "superseded"), (True, "active")])
def test_what_was_given_ends_with_an_engagement_that_ends_before_both_have_signed(
    doors: Doors, signed_by_both: bool, state: str
) -> None:
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=ASKED))
    if signed_by_both:
        doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    assert doors.nora.post(f"{doors.path}/terminate", {"reason": "The model was cancelled."})[0] == 200
    assert set(Grant.objects.values_list("state", flat=True)) == {state}
    assert all(event.receipt.event_id for event in GrantEvent.objects.all())


def active_grants() -> dict[str, str]:
    return dict(Grant.objects.filter(state="active").values_list("purpose", "terms_sha256"))


def test_what_is_active_stays_as_it_was_signed_when_later_terms_are_signed_without_a_tick(
    doors: Doors,
) -> None:
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=ASKED))
    doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    first = doors.engagement.versions.get().text_sha256
    doors.nora.post(f"{doors.path}/amend", RAISED)
    doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill"))
    doors.nora.post(f"{doors.path}/sign", doors.signs("Nora North"))
    assert active_grants() == dict.fromkeys(ASKED, first)


def says_more(engagement: Engagement, **said: Any) -> None:
    """The company fills in what was left empty, which it may at any time."""
    us = stories.owner_of(engagement.company)
    set_use_terms(gig=engagement.gig, purpose="fine_tuning", fields=said, by=us, at=stories.BEFORE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [
        {"use": "A model that sings."},
        {"model_family": "Aria 2"},
        {"not_for": "Political speech"},
        {"territory": "Norway"},
        {"bonus_minor": 5_000},
    ],
)
def test_nobody_grants_words_that_they_were_not_shown(doors: Doors, more: dict[str, Any]) -> None:
    """Over the API: refused with a code of its own, then granted over the words as they stand."""
    read = doors.signs("Ada Quill", grants=["fine_tuning"])
    says_more(doors.engagement, **more)
    status, refused = doors.ada.post(f"{doors.path}/sign", read)
    assert (status, refused["code"]) == (409, "uses_changed")
    assert "Read them again" in refused["detail"]
    assert not Grant.objects.exists()
    assert doors.engagement.versions.get().performer_signed_at is None
    assert doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill", grants=["fine_tuning"]))[0] == 200
    grant, signature = Grant.objects.get(), Signature.objects.get()
    told = doors.ada.get(f"{doors.path}/agreement")[1]
    assert told["uses"] == []
    assert told["signatures"][0]["uses_sha256"] == signature.uses_sha256 != read["uses_sha256"]
    assert grant.conditions.items() >= more.items()
    kept = told["signatures"][0]["uses"]
    assert {"evaluation", "fine_tuning"} <= set(kept), "what was read and refused is kept too"
    assert kept["fine_tuning"] == grant.text
    assert asking.hash_of(kept) == signature.uses_sha256


def test_on_the_page_the_new_words_are_shown_with_nothing_ticked(doors: Doors) -> None:
    shown = doors.her_pages.get(f"/{doors.path}/").content.decode()
    read = dict(re.findall(r'name="(\w+_sha256)" value="([0-9a-f]{64})"', shown))
    says_more(doors.engagement, use="A model that sings.")
    sent = {"name": "ada quill", "grants": ["fine_tuning"]} | read
    refused = doors.her_pages.post(f"/{doors.path}/sign/", sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "These are not the uses that you read." in page
    assert "A model that sings." in page
    assert 'value="ada quill"' in page
    assert "checked" not in page
    again = dict(re.findall(r'name="(\w+_sha256)" value="([0-9a-f]{64})"', page))
    assert again["uses_sha256"] != read["uses_sha256"]
    assert doors.her_pages.post(f"/{doors.path}/sign/", sent | again).status_code == 302
    assert "A model that sings." in Grant.objects.get().text


def test_a_grant_says_which_words_were_read(doors: Doors) -> None:
    """None of them left out; who grants nothing need not say."""
    said = doors.signs("Ada Quill", grants=["evaluation"])
    for wrong in ("0" * 64, None):
        sent = (
            said | {"uses_sha256": wrong} if wrong else {k: v for k, v in said.items() if k != "uses_sha256"}
        )
        assert doors.ada.post(f"{doors.path}/sign", sent)[1]["code"] == "uses_changed"
    assert doors.ada.post(f"{doors.path}/sign", doors.signs("Ada Quill"))[0] == 200
    assert Signature.objects.get().uses_sha256 == ""
