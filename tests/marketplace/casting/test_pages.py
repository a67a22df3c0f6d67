"""Applying and being answered, as pages."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access.roles import Role
from marketplace.casting import operations
from marketplace.casting.models import Application
from marketplace.gigs import operations as gig_operations
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import browser, logs_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(it_is: Any) -> None:
    it_is(stories.BEFORE)


def a_gig_with_questions() -> Gig:
    gig = stories.a_gig(stories.a_company("Northlight"))
    gig.questions.create(position=1, text="Your best scene?")
    gig.questions.create(position=2, text="Recorded, is that fine?", kind="yes_no")
    return gig


def an_application(gig: Gig) -> Application:
    return stories.applies(stories.a_performer("Ada Quill"), gig)


class TestApplying:
    def test_sends_the_answers(self) -> None:
        gig, performer = a_gig_with_questions(), stories.a_performer()
        client = browser(performer.user)
        path = f"/gigs/{gig.public_id}/apply/"
        assert "Your best scene?" in client.get(path).content.decode()
        answer = client.post(path, {"answer_1": "The bakers.", "answer_2": "yes", "note": "Hello."})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/work/")
        assert [a.text for a in Application.objects.get().answers.all()] == ["The bakers.", "yes"]
        assert gig.title in client.get("/work/").content.decode()

    def test_says_beside_the_question_what_is_missing_and_keeps_the_rest(self) -> None:
        gig, performer = a_gig_with_questions(), stories.a_performer()
        answer = browser(performer.user).post(f"/gigs/{gig.public_id}/apply/", {"answer_1": "The bakers."})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["answer_2"]
        assert "The bakers." in answer.content.decode()

    def test_refuses_a_second_one_and_a_closed_gig(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
        client, path = browser(performer.user), f"/gigs/{gig.public_id}/apply/"
        assert client.post(path, {"note": "Hi"}).status_code == 302
        assert (
            "You have applied already"
            in client.post(path, {"note": "Hi"}).context["form"].non_field_errors()[0]
        )
        gig_operations.pause(gig=gig, by=stories.owner_of(gig.company), at=stories.BEFORE)
        assert client.post(path, {"note": "Hi"}).status_code == 422

    def test_takes_a_gig_without_questions(self) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
        assert browser(performer.user).post(f"/gigs/{gig.public_id}/apply/").status_code == 302

    def test_sends_a_visitor_to_log_in(self) -> None:
        gig = stories.a_gig(stories.a_company())
        answer = Client().get(f"/gigs/{gig.public_id}/apply/")
        assert answer.status_code == 302
        assert "login" in answer.headers["Location"]

    def test_can_be_taken_back_by_its_owner_alone(self) -> None:
        application = an_application(stories.a_gig(stories.a_company()))
        path = f"/work/applications/{application.public_id}/withdraw/"
        assert browser(stories.a_performer().user).post(path).status_code == 404
        assert browser(application.performer.user).post(path).status_code == 302
        application.refresh_from_db()
        assert application.state == "withdrawn"


class TestTheQueue:
    def test_shows_answers_and_no_name(self) -> None:
        gig = a_gig_with_questions()
        ada = stories.a_performer("Ada Quill")
        stories.applies(ada, gig, note="I like silence.", answers={1: "The bakers.", 2: "yes"})
        page = (
            browser(stories.person(stories.owner_of(gig.company)))
            .get(f"/gigs/{gig.public_id}/applicants/")
            .content.decode()
        )
        assert "The bakers." in page
        assert "I like silence." in page
        assert "Applicant " in page
        assert "Ada Quill" not in page
        assert ada.public_id not in page

    def test_names_whom_the_company_offered_it(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = an_application(gig)
        client = browser(stories.person(stories.owner_of(gig.company)))
        sent = client.post(
            f"/gigs/{gig.public_id}/offer/", {"application": application.public_id, "message": "Yes!"}
        )
        assert sent.status_code == 302
        page = client.get(f"/gigs/{gig.public_id}/applicants/", {"show": "offered"}).content.decode()
        assert "Ada Quill" in page

    def test_offers_to_all_who_are_ticked_or_to_none(self) -> None:
        gig = stories.a_gig(stories.a_company(), openings=1)
        both = [an_application(gig).public_id, an_application(gig).public_id]
        answer = browser(stories.person(stories.owner_of(gig.company))).post(
            f"/gigs/{gig.public_id}/offer/", {"application": both}
        )
        assert answer.status_code == 409
        assert not Application.objects.filter(state="offered").exists()

    def test_asks_for_a_tick(self) -> None:
        gig = stories.a_gig(stories.a_company())
        assert (
            browser(stories.person(stories.owner_of(gig.company)))
            .post(f"/gigs/{gig.public_id}/offer/")
            .status_code
            == 422
        )

    def test_declines_only_with_a_reason(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = an_application(gig)
        client = browser(stories.person(stories.owner_of(gig.company)))
        path = f"/applicants/{application.public_id}/decline/"
        refused = client.post(path, {"reason": "", "note": "A kind line."})
        assert refused.status_code == 422
        assert "A kind line." in refused.content.decode()
        assert "Choose a reason: the performer reads it." in refused.content.decode()
        assert client.post(path, {"reason": "because"}).status_code == 422
        assert client.post(path, {"reason": "skills", "note": "A kind line."}).status_code == 302
        mine = browser(application.performer.user).get("/work/").content.decode()
        assert "The gig needs other skills" in mine
        assert "A kind line." in mine

    def test_lets_a_reviewer_shortlist_but_not_offer(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = an_application(gig)
        reviewer = browser(stories.a_member(gig.company, Role.REVIEWER))
        assert reviewer.post(f"/applicants/{application.public_id}/shortlist/").status_code == 302
        assert (
            reviewer.post(f"/gigs/{gig.public_id}/offer/", {"application": application.public_id}).status_code
            == 403
        )

    def test_is_nothing_to_another_company_or_the_applicant(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = an_application(gig)
        other = browser(stories.person(stories.owner_of(stories.a_company())))
        assert other.get(f"/gigs/{gig.public_id}/applicants/").status_code == 404
        for act in ("shortlist", "decline"):
            assert other.post(f"/applicants/{application.public_id}/{act}/").status_code == 404
        own = stories.a_gig(stories.a_company())
        mixed = browser(stories.person(stories.owner_of(own.company)))
        path = f"/gigs/{own.public_id}/offer/"
        assert mixed.post(path, {"application": application.public_id}).status_code == 404
        assert (
            browser(application.performer.user).get(f"/gigs/{gig.public_id}/applicants/").status_code == 403
        )

    def test_asks_the_same_number_of_queries_for_many(self) -> None:
        gig = stories.a_gig(stories.a_company())
        client = browser(stories.person(stories.owner_of(gig.company)))
        asked = []
        client.get(f"/gigs/{gig.public_id}/applicants/")
        for more in (2, 4):
            for _ in range(more):
                an_application(gig)
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/gigs/{gig.public_id}/applicants/")
            asked.append(len(queries))
        assert asked[0] == asked[1]


class TestOffers:
    def test_are_accepted_into_terms_to_sign(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = an_application(gig)
        operations.offer(applications=[application], by=stories.owner_of(gig.company), at=stories.BEFORE)
        me = browser(application.performer.user)
        assert "Accept and read the terms" in me.get("/work/").content.decode()
        assert gig.title in me.get("/work/waiting/").content.decode()
        answer = me.post(f"/work/applications/{application.public_id}/accept/")
        assert answer.headers["Location"].startswith("/engagements/eng_")
        assert "Read and sign" in me.get("/work/").content.decode()

    def test_are_declined_without_harm(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = an_application(gig)
        operations.offer(applications=[application], by=stories.owner_of(gig.company), at=stories.BEFORE)
        me = browser(application.performer.user)
        assert me.post(f"/work/applications/{application.public_id}/decline/").status_code == 302
        assert me.post(f"/work/applications/{application.public_id}/accept/").status_code == 409


class TestWaiting:
    def test_tells_a_company_who_waits(self) -> None:
        gig = stories.a_gig(stories.a_company())
        an_application(gig)
        client = browser(stories.person(stories.owner_of(gig.company)))
        base = f"/company/{gig.company.public_id}/"
        assert "1 applicant for" in client.get(f"{base}waiting/").content.decode()
        assert gig.title in client.get(f"{base}applicants/").content.decode()
        other = browser(stories.person(stories.owner_of(stories.a_company())))
        assert other.get(f"{base}waiting/").status_code == 404
        assert other.get(f"{base}applicants/").status_code == 404


class TestWhoIsSeen:
    def test_a_preview_is_what_the_company_reads_before_and_after_its_yes(self) -> None:
        performer = stories.a_performer("Ada Quill")
        me = logs_in(performer.user)
        profile = {"stage_name": "Ada Lightning", "about": "I listen, then leap.", "skills": ["duo"]}
        profile |= {"languages": ["en"], "country": "US", "time_zone": "America/New_York"}
        assert me.post("/profile/", profile).status_code == 302
        page = me.get("/profile/").content.decode()
        before, after = (page[page.index(f'id="{part}"') :] for part in ("before-yes", "after-yes"))
        before = before[: before.index("</section>")]
        assert "Two-person scenes" in before
        assert "I listen" not in before
        assert "Ada Lightning" in after
        assert "I listen, then leap." in after
        assert "You sign as <strong>Ada Quill</strong>" in after
        gig = stories.a_gig(stories.a_company())
        applied = stories.applies(performer, gig)
        owner = logs_in(stories.person(stories.owner_of(gig.company)))
        path = f"/gigs/{gig.public_id}/applicants/"
        read = owner.get(path).content.decode()
        assert "Two-person scenes" in read
        assert "Ada Lightning" not in read
        assert "I listen" not in read
        operations.offer(applications=[applied], by=stories.owner_of(gig.company), at=stories.BEFORE)
        read = owner.get(f"{path}?show=offered").content.decode()
        assert "Ada Lightning" in read
        assert "I listen, then leap." in read
