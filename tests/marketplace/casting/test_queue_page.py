"""A company's queue by page: what stands under each heading, what is pressed there, and what it leads to."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from accounts.access.roles import Role
from accounts.performers.skills import LANGUAGES, SKILLS
from marketplace.casting.models import Application
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import Api, body_of, browser
from tests.marketplace.casting.test_operations import takes

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
NAMES = {
    "waiting": "Ada",
    "shortlisted": "Bo",
    "offered": "Cy",
    "accepted": "Dee",
    "over": "Eve",
    "expired": "Flo",
}
WAYS = {
    "shortlisted": ["shortlist"],
    "offered": ["offer"],
    "accepted": ["offer", "accept"],
    "over": ["decline"],
}


@pytest.fixture
def gig(it_is: Callable[[datetime], None]) -> Gig:
    """A gig of four places with an applicant under each heading; one's offer has run out. There are others beside it."""
    it_is(AT)
    gig = stories.a_gig(stories.a_company(), openings=4, answer_days=5)
    late = stories.applies(stories.a_performer(NAMES["expired"]), gig)
    takes(late, "offer")
    takes(late, "expire")
    stories.is_offered(stories.a_performer("Zed"), stories.a_gig(stories.a_company()))
    for heading, name in NAMES.items():
        if heading != "expired":
            application = stories.applies(stories.a_performer(name), gig)
            for step in WAYS.get(heading, []):
                takes(application, step)
    return gig


def company(gig: Gig) -> Client:
    return browser(stories.person(stories.owner_of(gig.company)))


def of(gig: Gig, name: str) -> Application:
    return gig.applications.get(performer__stage_name=name)


def test_each_stands_under_their_heading_and_may_be_what_may_follow(gig: Gig) -> None:
    us, pages = company(gig), {}
    for show in ("waiting", "shortlisted", "offered", "accepted", "over", "nonsense"):
        answer = us.get(f"/gigs/{gig.public_id}/applicants/", {"show": show})
        pages[show] = answer.content.decode()
        assert "2 of 4 places are free." in pages[show]
        assert {name for name in NAMES.values() if of(gig, name).public_id in pages[show]} == {
            "waiting": {"Ada", "Bo"},
            "nonsense": {"Ada", "Bo"},
            "shortlisted": {"Bo"},
            "offered": {"Cy"},
            "accepted": {"Dee"},
            "over": {"Eve", "Flo"},
        }[show]
        assert ("For an offer" in pages[show]) == (show in ("waiting", "shortlisted", "nonsense"))
        assert ("next, back" in pages[show]) == (show in ("waiting", "shortlisted", "nonsense"))
    assert pages["waiting"].count("/shortlist/") == 1
    assert "Take it back" in pages["offered"]
    assert "Cy" in pages["offered"]
    assert "Dee" in pages["accepted"]


def test_an_offer_is_taken_back_and_one_that_ran_out_is_made_again(gig: Gig) -> None:
    us, reviewer = company(gig), browser(stories.a_member(gig.company, Role.REVIEWER))
    stranger = company(stories.a_gig(stories.a_company()))
    for act, name, state in (("take-offer-back", "Cy", "shortlisted"), ("offer-again", "Flo", "offered")):
        path = f"/applicants/{of(gig, name).public_id}/{act}/"
        assert reviewer.post(path).status_code == 403
        assert stranger.post(path).status_code == 404
        done = us.post(path)
        assert (done.status_code, done.headers["Location"]) == (302, f"/gigs/{gig.public_id}/applicants/")
        assert of(gig, name).state == state
        assert us.post(path).status_code == 409
    assert of(gig, "Flo").offer_expires_at == AT + timedelta(hours=72)
    assert us.post(f"/applicants/{of(gig, 'Ada').public_id}/shortlist/").status_code == 302
    assert of(gig, "Ada").state == "shortlisted"


def test_only_this_gigs_applicants_are_offered_it(gig: Gig) -> None:
    us, other = company(gig), stories.applies(stories.a_performer(), stories.a_gig(gig.company))
    both = {"application": [of(gig, "Ada").public_id, other.public_id]}
    assert us.post(f"/gigs/{gig.public_id}/offer/", both).status_code == 404
    assert of(gig, "Ada").state == "submitted"
    # Who is ticked twice is one.
    twice = {"application": [of(gig, "Ada").public_id] * 2, "message": "Yes!"}
    done = us.post(f"/gigs/{gig.public_id}/offer/", twice, follow=True).content.decode()
    assert "Offered to 1 performer." in done
    assert (of(gig, "Ada").state, of(gig, "Ada").offer_message) == ("offered", "Yes!")


def test_the_companys_list_has_who_waits_by_the_nearest_promise(gig: Gig) -> None:
    soon = stories.a_gig(gig.company, title="Soon", answer_days=1)
    stories.applies(stories.a_performer(), soon)
    answered = stories.a_gig(gig.company, title="Answered")
    takes(stories.applies(stories.a_performer(), answered), "decline")
    stories.a_gig(gig.company, title="Nobody came")
    context = company(gig).get(f"/company/{gig.company.public_id}/applicants/").context
    assert [(one.title, one.waiting, one.all_told, one.taken) for one in context["waiting"]] == [
        ("Soon", 1, 1, 0),
        (gig.title, 2, 6, 1),
    ]
    assert [one.due_at for one in context["waiting"]] == [AT + timedelta(days=1), AT + timedelta(days=5)]
    assert [one.title for one in context["answered"]] == ["Answered"]


def test_the_company_reads_skills_languages_and_answers_and_who_it_is_once_it_said_yes(gig: Gig) -> None:
    for show, about in (("waiting", False), ("offered", True)):
        page = company(gig).get(f"/gigs/{gig.public_id}/applicants/", {"show": show}).context
        for one in page["applicants"]:
            assert (one["skills"], one["languages"]) == ([SKILLS["duo"]], [LANGUAGES["en"]])
            assert (one["name"] == one["application"].performer.stage_name) is about
            assert (one["can_decline"], one["declining"]) == (not about, False)
            assert one["can_shortlist"] is (one["application"].state == "submitted")


def test_a_question_of_yes_or_no_has_two_answers_to_choose(gig: Gig) -> None:
    gig.questions.create(position=1, text="Recorded, is that fine?", kind="yes_no")
    gig.questions.create(position=2, text="In a duo?", kind="yes_no", required=False)
    gig.questions.create(position=3, text="Your best scene?", required=False)
    performer = browser(stories.a_performer().user)
    path = f"/gigs/{gig.public_id}/apply/"
    page = performer.get(path).content.decode()
    assert page.count('type="radio"') >= 4
    assert "They ask everyone this; answer it" in performer.post(path).content.decode()
    refused = performer.post(path, {"answer_1": "maybe"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["answer_1"])
    assert performer.post(path, {"answer_1": "no"}).status_code == 302


def test_the_api_lists_who_applied_for_this_gig_alone(gig: Gig) -> None:
    other = stories.a_gig(gig.company)
    stories.applies(stories.a_performer("Zoe"), other)
    us = Api(client=company(gig))
    for one, count in ((gig, 6), (other, 1)):
        listed = body_of(us.get(f"gigs/{one.public_id}/applications"))["data"]
        assert {each["gig"] for each in listed} == {one.public_id}
        assert len(listed) == count
    assert "Zoe" not in company(gig).get(f"/gigs/{gig.public_id}/applicants/").content.decode()


def test_who_applies_and_has_a_company_too_does_not_answer_themselves(gig: Gig) -> None:
    ada = of(gig, "Ada")
    own = stories.a_company(owner=ada.performer.user)
    me = browser(stories.person(stories.owner_of(own)))
    for act in ("shortlist", "decline", "take-offer-back", "offer-again"):
        assert me.post(f"/applicants/{ada.public_id}/{act}/", {"reason": "skills"}).status_code == 404
    assert of(gig, "Ada").state == "submitted"
