"""The terms as a page: read, signed in turn, raised, left."""

from typing import Any

import pytest

from accounts.access.roles import Role
from marketplace.engagements.models import Engagement
from marketplace.engagements.reading import parts
from tests import stories
from tests.accounts.browsing import Api, browser, code_of, logs_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(it_is: Any) -> None:
    it_is(stories.BEFORE)


def to_sign() -> Engagement:
    company = stories.a_company("Northlight", owner=stories.a_person("Nora North"))
    return stories.accepts(stories.a_performer("Ada Quill"), stories.a_gig(company))


def signing(engagement: Engagement, name: str = "Ada Quill") -> dict[str, str]:
    return {"name": name, "read_sha256": engagement.versions.order_by("-version")[0].text_sha256}


class TestSigning:
    def test_goes_performer_then_company_then_active(self) -> None:
        engagement = to_sign()
        me, us = (
            logs_in(engagement.performer.user),
            logs_in(stories.person(stories.owner_of(engagement.company))),
        )
        here = f"/engagements/{engagement.public_id}/"
        assert "Sign these terms" in me.get(here).content.decode()
        assert "Sign these terms" not in us.get(here).content.decode()
        assert me.post(f"{here}sign/", signing(engagement)).status_code == 302
        assert "Sign these terms" in us.get(here).content.decode()
        assert us.post(f"{here}sign/", signing(engagement, "Nora North")).status_code == 302
        engagement.refresh_from_db()
        assert engagement.state == "active"
        page = me.get(here).content.decode()
        assert "Ada Quill" in page
        assert "Nora North" in page

    def test_wants_a_name(self) -> None:
        engagement = to_sign()
        answer = logs_in(engagement.performer.user).post(
            f"/engagements/{engagement.public_id}/sign/", signing(engagement, "  ")
        )
        assert answer.status_code == 422
        assert "Type your name to sign." in answer.content.decode()

    @pytest.mark.parametrize("name", ["x", "Ada Q.", "Ada Quill Nora North", "Ada-Quill"])
    def test_takes_nobodys_name_but_ones_own(self, name: str) -> None:
        engagement = to_sign()
        me, here = logs_in(engagement.performer.user), f"/engagements/{engagement.public_id}/"
        refused = me.post(f"{here}sign/", signing(engagement, name))
        assert refused.status_code == 422
        assert "You sign with your own name, which is “Ada Quill” here." in refused.content.decode()
        sent = {"name": name, "text_sha256": signing(engagement)["read_sha256"]}
        assert code_of(Api(client=me).post(here[1:] + "sign", sent)) == "invalid"
        assert me.post(f"{here}sign/", signing(engagement, " ada  QUILL ")).status_code == 302
        us = logs_in(stories.person(stories.owner_of(engagement.company)))
        assert us.post(f"{here}sign/", signing(engagement, "Ada Quill")).status_code == 422
        assert us.post(f"{here}sign/", signing(engagement, "Nora North")).status_code == 302
        assert "Ada Quill (the performer)" in me.get(here).content.decode()

    def test_names_a_performer_by_both_names_where_they_differ(self) -> None:
        performer = stories.a_performer("Ada Quill")
        performer.stage_name = "Ada Lightning"
        performer.save()
        engagement = stories.accepts(performer, stories.a_gig(stories.a_company()))
        assert "Ada Quill, on stage Ada Lightning (the performer)" in engagement.versions.get().text

    def test_refuses_a_text_that_is_not_the_one_shown_and_keeps_the_name(self) -> None:
        engagement = to_sign()
        answer = logs_in(engagement.performer.user).post(
            f"/engagements/{engagement.public_id}/sign/", {"name": "ada quill", "read_sha256": "0" * 64}
        )
        assert answer.status_code == 422
        assert 'value="ada quill"' in answer.content.decode()
        engagement.refresh_from_db()
        assert engagement.state == "sent"

    def test_refuses_the_company_before_the_performer_and_either_twice(self) -> None:
        engagement = to_sign()
        me, us = (
            logs_in(engagement.performer.user),
            logs_in(stories.person(stories.owner_of(engagement.company))),
        )
        path = f"/engagements/{engagement.public_id}/sign/"
        assert us.post(path, signing(engagement)).status_code == 422
        me.post(path, signing(engagement))
        assert me.post(path, signing(engagement)).status_code == 422

    def test_is_not_a_reviewers_to_do(self) -> None:
        engagement = to_sign()
        path = f"/engagements/{engagement.public_id}/sign/"
        logs_in(engagement.performer.user).post(path, signing(engagement))
        reviewer = browser(stories.a_member(engagement.company, Role.REVIEWER))
        assert reviewer.post(path, signing(engagement)).status_code == 403

    def test_is_nothing_to_others(self) -> None:
        engagement = to_sign()
        path = f"/engagements/{engagement.public_id}/"
        for stranger in (stories.a_performer().user, stories.person(stories.owner_of(stories.a_company()))):
            assert browser(stranger).get(path).status_code == 404
            assert browser(stranger).post(f"{path}sign/", signing(engagement)).status_code == 404
            assert browser(stranger).post(f"{path}leave/", {"reason": "x"}).status_code == 404


class TestAfterwards:
    def test_raises_the_rate_and_never_lowers_it(self) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        us, path = (
            browser(stories.person(stories.owner_of(engagement.company))),
            f"/engagements/{engagement.public_id}/raise/",
        )
        for wrong in ("60.00", "eighty", "80.005", "-5", ""):
            assert us.post(path, {"rate": wrong}).status_code == 422
        assert us.post(path, {"rate": "80.00"}).status_code == 302
        assert sorted(engagement.versions.values_list("version", "rate_minor")) == [(1, 7400), (2, 8000)]
        page = (
            browser(engagement.performer.user).get(f"/engagements/{engagement.public_id}/").content.decode()
        )
        assert "Sign these terms" in page
        assert "1 earlier version" in page

    def test_ends_with_a_reason_by_either_side(self) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        me, path = browser(engagement.performer.user), f"/engagements/{engagement.public_id}/leave/"
        assert me.post(path, {"reason": " "}).status_code == 422
        assert me.post(path, {"reason": "A long tour."}).status_code == 302
        page = browser(stories.person(stories.owner_of(engagement.company))).get(
            f"/engagements/{engagement.public_id}/"
        )
        assert "A long tour." in page.content.decode()
        assert me.post(path, {"reason": "Again."}).status_code == 409


def test_the_text_is_laid_out_by_its_headings() -> None:
    found = parts("# Title\nBetween us.\n\n## Pay\nOne.\nTwo.\n\n## Rights\nNone.")
    assert [(part.heading, list(part.paragraphs)) for part in found] == [
        ("Title", ["Between us."]),
        ("Pay", ["One.", "Two."]),
        ("Rights", ["None."]),
    ]
