"""Everyone is answered: a gig ends only then, one press answers all, and the house answers for a company that is not there."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.roles import Role
from accounts.audit.models import AuditEvent
from accounts.companies import notices
from accounts.keys.acting import of_user
from accounts.notifications.models import Notification
from kit.errors import Forbidden, Invalid
from marketplace.casting import answering, operations
from marketplace.casting.models import Application
from marketplace.casting.states import OF_THE_HOUSE, Reason
from marketplace.endings import operations as endings
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.casting.test_operations import applied, takes

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
As = Callable[[Any], Any]


@pytest.fixture
def gig() -> Gig:
    return stories.a_gig(stories.a_company(), openings=3)


def states(gig: Gig) -> list[tuple[str, str]]:
    return list(gig.applications.order_by("pk").values_list("state", "reason"))


def html(answer: Any) -> str:
    return str(answer.content.decode())


def closed(gig: Gig) -> Gig:
    return gigs.close(gig=gig, by=stories.owner_of(gig.company), at=AT)


def told(application: Application) -> int:
    return Notification.objects.filter(user=application.performer.user, title="Not this time").count()


class TestCompleting:
    def test_is_refused_while_somebody_waits_and_names_them(self, gig: Gig) -> None:
        first, second = applied(gig), applied(gig)
        takes(second, "shortlist")
        us = stories.owner_of(gig.company)
        with pytest.raises(answering.ApplicationsUnanswered) as refused:
            endings.complete_gig(gig=closed(gig), by=us, at=AT)
        assert refused.value.facts == {"waiting": 2, "applications": [first.public_id, second.public_id]}
        assert [state for state, _ in states(gig)] == ["submitted", "shortlisted"]
        assert answering.answer_waiting(gig=gig, reason=Reason.SKILLS, by=us, at=AT) == 2
        assert endings.complete_gig(gig=gig, by=us, at=AT).state == "completed"

    def test_does_not_wait_for_a_performers_own_answer(self, gig: Gig) -> None:
        takes(applied(gig), "offer")
        us = stories.owner_of(gig.company)
        assert endings.complete_gig(gig=closed(gig), by=us, at=AT).state == "completed"
        assert states(gig) == [("not_selected", "gig_ended")]


class TestAnsweringAll:
    def test_answers_each_who_waits_once_audited_and_told_and_nobody_else(self, gig: Gig) -> None:
        waiting, offered = [applied(gig), applied(gig)], applied(gig)
        takes(offered, "offer")
        other = applied(stories.a_gig(gig.company))
        us = stories.owner_of(closed(gig).company)
        for expected in (2, 0):
            done = answering.answer_waiting(gig=gig, reason=Reason.SEATS_FILLED, note="Thanks.", by=us, at=AT)
            assert done == expected
        for each in waiting:
            each.refresh_from_db()
            assert (each.state, each.reason, each.reason_note) == ("not_selected", "seats_filled", "Thanks.")
            assert (each.decided_at, each.decided_by_id, told(each)) == (AT, us.user_id, 1)
            audited = AuditEvent.objects.filter(thing=each.public_id, to_state="not_selected")
            assert [(event.actor, event.reason) for event in audited] == [(us.label, "seats_filled")]
        offered.refresh_from_db()
        other.refresh_from_db()
        assert (offered.state, other.state) == ("offered", "submitted")

    def test_asks_no_more_of_the_database_for_more_of_them(self, gig: Gig) -> None:
        us, counted = stories.owner_of(gig.company), []
        for many in (1, 6):
            other = stories.a_gig(gig.company)
            for _ in range(many):
                applied(other)
            closed(other)
            with CaptureQueriesContext(connection) as asked:
                answering.answer_waiting(gig=other, reason=Reason.SKILLS, by=us, at=AT)
            counted.append(len(asked))
        assert counted[0] == counted[1]

    def test_waits_until_nobody_can_apply_any_more(self, gig: Gig) -> None:
        applied(gig)
        us = stories.owner_of(gig.company)
        with pytest.raises(answering.GigTakesApplications):
            answering.answer_waiting(gig=gig, reason=Reason.SKILLS, by=us, at=AT)
        assert states(gig) == [("submitted", "")]

    @pytest.mark.parametrize("reason", OF_THE_HOUSE)
    def test_leaves_the_houses_reasons_to_the_house(self, gig: Gig, reason: Reason) -> None:
        application = applied(gig)
        us = stories.owner_of(closed(gig).company)
        with pytest.raises(Invalid):
            answering.answer_waiting(gig=gig, reason=reason, by=us, at=AT)
        with pytest.raises(Invalid):
            operations.decline(application=application, reason=reason, by=us, at=AT)
        assert states(gig) == [("submitted", "")]

    def test_is_the_companys_to_do(self, gig: Gig) -> None:
        applied(gig)
        billing = of_user(stories.a_member(closed(gig).company, Role.BILLING))
        reviewer = of_user(stories.a_member(gig.company, Role.REVIEWER))
        with pytest.raises(Forbidden):
            answering.answer_waiting(gig=gig, reason=Reason.SKILLS, by=billing, at=AT)
        assert answering.answer_waiting(gig=gig, reason=Reason.SKILLS, by=reviewer, at=AT) == 1


class TestTheHouse:
    def test_answers_for_a_company_that_stays_suspended(self, gig: Gig) -> None:
        waiting, fine = applied(gig), applied(stories.a_gig(stories.a_company()))
        stories.is_suspended(gig.company, at=AT)
        soon, due = AT + answering.SILENT_FOR - timedelta(seconds=1), AT + answering.SILENT_FOR
        assert [answering.answer_for_the_silent(at=when) for when in (soon, due, due)] == [0, 1, 0]
        assert states(gig) == [("not_selected", "company_suspended")]
        fine.refresh_from_db()
        assert (fine.state, told(waiting)) == ("submitted", 1)
        news = Notification.objects.get(title="The house has answered your applicants")
        assert "1 had waited" in news.body

    def test_leaves_a_company_alone_that_is_back(self, gig: Gig) -> None:
        applied(gig)
        suspension = stories.is_suspended(gig.company, at=AT)
        stories.is_reinstated(suspension, at=AT + timedelta(days=13))
        assert answering.answer_for_the_silent(at=AT + answering.SILENT_FOR) == 0
        assert states(gig) == [("submitted", "")]

    def test_looks_again_before_it_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """While the first gig is answered another's company comes back, and a third one gets days to come."""
        past, due = date(2026, 11, 10), AT + timedelta(days=30)
        first = stories.a_gig(stories.a_company(), ends_on=past)
        of_the_suspended = stories.a_gig(stories.a_company())
        longer = stories.a_gig(stories.a_company(), ends_on=past)
        last = stories.a_gig(stories.a_company(), ends_on=past)
        for each in (first, of_the_suspended, longer, last):
            applied(each)
        suspension = stories.is_suspended(of_the_suspended.company, at=AT)
        tells, meanwhile = notices.tell_company, [True]

        def tell_company(**told: Any) -> None:
            tells(**told)
            if meanwhile:
                meanwhile.clear()
                stories.is_reinstated(suspension, at=due)
                Gig.objects.filter(pk=longer.pk).update(ends_on=date(2027, 1, 1))

        monkeypatch.setattr(answering, "tell_company", tell_company)
        assert answering.answer_for_the_silent(at=due) == 2
        assert states(of_the_suspended) == states(longer) == [("submitted", "")]
        assert states(first) == states(last) == [("not_selected", "no_answer")]

    def test_answers_for_a_gig_long_past_its_last_day(self) -> None:
        gig = stories.a_gig(stories.a_company(), ends_on=date(2026, 11, 20))
        application = applied(gig)
        ended = datetime(2026, 11, 21, tzinfo=AT.tzinfo)
        assert answering.answer_for_the_silent(at=ended + timedelta(days=13)) == 0
        assert answering.answer_for_the_silent(at=ended + timedelta(days=15)) == 1
        application.refresh_from_db()
        assert (application.reason, application.decided_by_id) == ("no_answer", None)
        us = stories.owner_of(closed(gig).company)
        assert endings.complete_gig(gig=gig, by=us, at=AT).state == "completed"


class TestAtTheDoors:
    def test_the_page_lists_them_and_one_press_answers_all(
        self, gig: Gig, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        waiting = [applied(gig), applied(gig)]
        closed(gig)
        us = browser(stories.person(stories.owner_of(gig.company)))
        page = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/"
        body = html(us.get(page))
        assert "2 applicants wait for an answer" in body
        assert "All work is done" not in body
        assert all(f"Applicant {each.pk}" in body for each in waiting)
        refused = us.post(f"{page}step/complete/", follow=True)
        assert "2 applicants wait for your answer." in html(refused)
        press = f"/gigs/{gig.public_id}/applicants/answer-all/"
        nothing = us.post(press, {"all-reason": ""})
        assert (nothing.status_code, states(gig)[0][0]) == (422, "submitted")
        done = us.post(press, {"all-reason": "seats_filled", "all-note": "Thanks."}, follow=True)
        assert "2 applicants have your answer, with the reason." in html(done)
        assert "All work is done" in html(us.get(page))
        assert "Completed." in html(us.post(f"{page}step/complete/", follow=True))

    def test_the_queue_offers_it_once_nobody_can_apply(
        self, gig: Gig, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        applied(gig)
        us = browser(stories.person(stories.owner_of(gig.company)))
        queue = f"/gigs/{gig.public_id}/applicants/"
        assert "Answer everyone who waits" not in html(us.get(queue))
        closed(gig)
        assert "Answer everyone who waits" in html(us.get(queue))

    def test_the_api_says_who_waits_and_answers_all(
        self, gig: Gig, as_someone: As, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        application = applied(gig)
        us = as_someone(stories.person(stories.owner_of(gig.company)))
        path = f"gigs/{gig.public_id}"
        assert us.post(f"{path}/applications/answer-all", {"reason": "skills"})[1]["code"] == (
            "gig_takes_applications"
        )
        us.post(f"{path}/close")
        status, refused = us.post(f"{path}/complete")
        assert (status, refused["code"]) == (409, "applications_unanswered")
        assert refused["facts"] == {"waiting": 1, "applications": [application.public_id]}
        assert us.post(f"{path}/applications/answer-all", {"reason": "no_answer"})[0] == 422
        assert us.post(f"{path}/applications/answer-all", {"reason": "skills"}) == (200, {"answered": 1})
        assert us.post(f"{path}/complete")[1]["state"] == "completed"
