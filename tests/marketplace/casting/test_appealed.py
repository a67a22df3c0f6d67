"""A company's no is appealed: another human answers by a date, one place waits for it, and who was right has a place."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.access.roles import Role, Staff
from accounts.access.step_up import StaleProof
from accounts.appeals import operations as appeals
from accounts.appeals.models import Appeal
from accounts.appeals.queries import for_reviewer
from accounts.companies import operations as companies
from accounts.identity.models import User
from accounts.keys.acting import of_user
from accounts.notifications.models import Notification
from kit.errors import Forbidden, NotFound
from kit.instants import for_machines
from kit.transitions import IllegalMove
from marketplace.casting import answering, appealed, operations, places
from marketplace.casting.models import Application, KeptPlace
from marketplace.casting.states import NOT_APPEALED, Reason
from marketplace.endings import operations as endings
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.casting.test_answering import html
from tests.marketplace.casting.test_operations import applied, takes

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
DAY = timedelta(days=1)


@pytest.fixture
def gig() -> Gig:
    return stories.a_gig(stories.a_company(), openings=2)


@pytest.fixture
def tala() -> User:
    return stories.a_member_of_staff(Staff.TALENT)


def declined(gig: Gig) -> Application:
    application = applied(gig)
    takes(application, "decline")
    application.refresh_from_db()
    return application


def files(application: Application, *, at: datetime = AT) -> Appeal:
    by = stories.acting(application.performer)
    return appeals.file(subject=application.public_id, text="I speak it.", by=by, at=at)


def reversed_by(tala: User, appeal: Appeal) -> Application:
    appeals.take_up(appeal=appeal, by=of_user(tala), at=AT)
    appeals.reverse(appeal=appeal, text="They do speak it.", by=of_user(tala), at=AT)
    return Application.objects.get(public_id=appeal.subject)


def offer(gig: Gig, application: Application, *, at: datetime = AT) -> Application:
    return operations.offer(applications=[application], by=stories.owner_of(gig.company), at=at)[0]


class TestFiling:
    def test_has_a_date_and_waits_for_another_human(self, gig: Gig, tala: User) -> None:
        appeal = files(declined(gig))
        assert (appeal.answer_due_at, appeal.decided_by_id) == (
            AT + 7 * DAY,
            stories.owner_of(gig.company).user_id,
        )
        with pytest.raises(appeals.AlreadyAppealed):
            files(Application.objects.get())
        told = Notification.objects.filter(user=tala, title="An appeal waits for a person")
        assert told.count() == 1

    def test_is_the_performers_own(self, gig: Gig) -> None:
        application = declined(gig)
        for by in (stories.acting(stories.a_performer()), stories.owner_of(gig.company)):
            with pytest.raises(NotFound):
                appeals.file(subject=application.public_id, text="No.", by=by, at=AT)

    def test_is_of_a_choice_that_somebody_made(self, gig: Gig) -> None:
        waiting = applied(gig)
        with pytest.raises(NotFound):
            files(waiting)
        endings.cancel_gig(gig=gig, reason="No studio.", by=stories.owner_of(gig.company), at=AT)
        with pytest.raises(NotFound):
            files(waiting)
        assert set(NOT_APPEALED) == {Reason.GIG_ENDED, Reason.NO_ANSWER, Reason.COMPANY_SUSPENDED}

    def test_comes_too_late_once_the_gig_has_ended(self, gig: Gig) -> None:
        application = declined(gig)
        us = stories.owner_of(gig.company)
        gigs.close(gig=gig, by=us, at=AT)
        endings.complete_gig(gig=gig, by=us, at=AT)
        with pytest.raises(appeals.DecisionIsOver):
            files(application)


class TestTakingItBack:
    def test_frees_the_place_at_once_and_files_once_more_by_the_date_of_the_first(self, gig: Gig) -> None:
        application = declined(gig)
        first = files(application)
        offer(gig, applied(gig))
        waits = applied(gig)
        me = stories.acting(application.performer)
        appeals.withdraw(appeal=first, by=me, at=AT + DAY)
        gigs.change_gig(gig=gig, fields={"openings": 3}, by=stories.owner_of(gig.company), at=AT)
        assert offer(gig, waits).state == "offered"
        again = files(application, at=AT + 2 * DAY)
        assert (again.filed_at, again.answer_due_at) == (first.filed_at, first.answer_due_at)
        with pytest.raises(places.PlaceIsKept):
            offer(gig, applied(gig), at=AT + 2 * DAY)
        with pytest.raises(StaleProof):
            appeals.withdraw(appeal=again, by=me, at=AT + 3 * DAY)
        appeals.withdraw(appeal=again, by=stories.proved(me, at=AT + 3 * DAY), at=AT + 3 * DAY)
        with pytest.raises(appeals.TakenBack):
            files(application, at=AT + 4 * DAY)
        assert offer(gig, applied(gig), at=AT + 4 * DAY).state == "offered"

    def test_counts_for_the_no_it_was_about_and_not_for_the_next(self, gig: Gig, tala: User) -> None:
        application, later = declined(gig), AT + appealed.KEPT_FOR
        me, us = stories.acting(application.performer), stories.owner_of(gig.company)
        appeals.withdraw(appeal=files(application), by=me, at=AT)
        right = reversed_by(tala, files(application))
        operations.decline(application=right, reason=Reason.AVAILABILITY, by=us, at=later)
        second = files(right, at=later)
        assert (second.filed_at, second.answer_due_at) == (later, later + 7 * DAY)
        appeals.withdraw(appeal=second, by=me, at=later)
        again = files(right, at=later + DAY)
        appeals.withdraw(appeal=again, by=stories.proved(me, at=later + DAY), at=later + DAY)
        with pytest.raises(appeals.TakenBack):
            files(right, at=later + DAY)

    def test_is_for_good_once_the_first_would_have_been_answered(self, gig: Gig) -> None:
        application, other = declined(gig), declined(gig)
        for each in (application, other):
            appeals.withdraw(appeal=files(each), by=stories.acting(each.performer), at=AT)
        last = AT + 7 * DAY - timedelta(seconds=1)
        assert files(other, at=last).state == "filed"
        with pytest.raises(appeals.TakenBack):
            files(application, at=last + timedelta(seconds=1))

    def test_is_told_on_the_pages(self, gig: Gig, it_is: Callable[[datetime], None]) -> None:
        it_is(AT)
        application = declined(gig)
        me, appeal = browser(application.performer.user), files(application)
        page, address = f"/work/applications/{application.public_id}/appeal/", f"/appeals/{appeal.public_id}/"
        assert "once more until" in html(me.get(address))
        assert "once more until" in html(me.post(f"{address}withdraw/", follow=True))
        assert "still counts from" in html(me.get(page))
        it_is(AT + 8 * DAY)
        assert "cannot be filed again" in html(me.get(page))
        assert "cannot be filed again" in html(me.get(address))
        refused = me.post("/appeals/", {"subject": application.public_id, "text": "I can."}, follow=True)
        assert "You took this appeal back" in html(refused)


class TestWhoAnswers:
    def test_nobody_who_acts_for_the_company(self, gig: Gig, tala: User) -> None:
        appeal = files(declined(gig))
        companies.enrol(company=gig.company, user=tala, role=Role.BILLING, by=stories.HOUSE, at=AT)
        with pytest.raises(appeals.SamePersonReviews):
            appeals.take_up(appeal=appeal, by=of_user(tala), at=AT)
        other = of_user(stories.a_member_of_staff(Staff.TALENT))
        assert appeals.take_up(appeal=appeal, by=other, at=AT).state == "human_review"

    def test_an_administrator_where_all_of_talent_act_for_the_company(self, gig: Gig, tala: User) -> None:
        admin = stories.a_member_of_staff(Staff.ADMIN)
        us = of_user(tala)
        first = files(declined(gig))
        assert [list(for_reviewer(by, at=AT)) for by in (us, of_user(admin))] == [[first], []]
        companies.enrol(company=gig.company, user=tala, role=Role.BILLING, by=stories.HOUSE, at=AT)
        appeal = files(declined(gig))
        assert list(for_reviewer(of_user(tala), at=AT)) == []
        assert set(for_reviewer(of_user(admin), at=AT)) == {first, appeal}
        assert Notification.objects.filter(user=admin, title="An appeal waits for a person").count() == 1
        assert appeals.take_up(appeal=appeal, by=of_user(admin), at=AT).state == "human_review"
        stories.a_member_of_staff(Staff.TALENT)
        with pytest.raises(Forbidden):
            appeals.take_up(appeal=first, by=of_user(admin), at=AT)

    def test_an_administrator_too_once_it_is_three_days_overdue(self, gig: Gig, tala: User) -> None:
        admin = stories.a_member_of_staff(Staff.ADMIN)
        appeal = files(declined(gig))
        due = appeal.answer_due_at
        for late in (timedelta(), 2 * DAY):
            appeals.tell_of_overdue(at=due + late)
            assert not Notification.objects.filter(user=admin).exists()
            with pytest.raises(Forbidden):
                appeals.take_up(appeal=appeal, by=of_user(admin), at=due + late)
        appeals.tell_of_overdue(at=due + 3 * DAY)
        for reader in (tala, admin):
            told = Notification.objects.filter(user=reader, title="An appeal is overdue")
            assert told.filter(key__contains=f"{due + 3 * DAY:%Y-%m-%d}").count() == 1
        assert appeals.take_up(appeal=appeal, by=of_user(admin), at=due + 3 * DAY).state == "human_review"


class TestThePlace:
    def test_is_kept_while_an_appeal_waits_and_one_is_enough_for_all(self, gig: Gig, tala: User) -> None:
        filed = [files(declined(gig)) for _ in range(3)]
        first, second = applied(gig), applied(gig)
        assert offer(gig, first).state == "offered"
        with pytest.raises(places.PlaceIsKept) as refused:
            offer(gig, second)
        assert refused.value.facts == {"kept": 1, "until": for_machines(filed[0].answer_due_at)}
        for appeal in filed:
            appeals.take_up(appeal=appeal, by=of_user(tala), at=AT)
            appeals.uphold(appeal=appeal, text="It stays.", by=of_user(tala), at=AT)
        assert offer(gig, second).state == "offered"

    def test_of_another_gig_is_not_kept(self, gig: Gig) -> None:
        application = declined(gig)
        other = stories.a_gig(gig.company, openings=1)
        stories.applies(application.performer, other)
        files(application)
        assert offer(other, applied(other)).state == "offered"

    def test_is_there_for_as_many_as_are_sought_more(self, gig: Gig) -> None:
        files(declined(gig))
        first, second = applied(gig), applied(gig)
        offer(gig, first)
        us = stories.owner_of(gig.company)
        gigs.change_gig(gig=gig, fields={"openings": 3}, by=us, at=AT)
        assert offer(gig, second).state == "offered"


class TestARulingForWhoAppealed:
    def test_puts_them_on_the_shortlist_with_a_place_of_their_own(self, gig: Gig, tala: User) -> None:
        application = declined(gig)
        right = reversed_by(tala, files(application))
        assert (right.state, right.reason, right.decided_at, right.decided_by) == (
            "shortlisted",
            "",
            None,
            None,
        )
        kept = KeptPlace.objects.get()
        assert (kept.was_reason, kept.until) == ("skills", AT + appealed.KEPT_FOR)
        offer(gig, applied(gig))
        other = applied(gig)
        with pytest.raises(places.PlaceIsKept):
            offer(gig, other)
        assert offer(gig, right).state == "offered"

    def test_lets_the_company_say_no_again_only_when_the_place_is_kept_no_longer(
        self, gig: Gig, tala: User
    ) -> None:
        right, us = reversed_by(tala, files(declined(gig))), stories.owner_of(gig.company)
        with pytest.raises(places.PlaceIsKept):
            operations.decline(application=right, reason=Reason.SKILLS, by=us, at=AT)
        gigs.close(gig=gig, by=us, at=AT)
        with pytest.raises(places.PlaceIsKept):
            answering.answer_waiting(gig=gig, reason=Reason.SKILLS, by=us, at=AT)
        later = AT + appealed.KEPT_FOR
        assert answering.answer_waiting(gig=gig, reason=Reason.SKILLS, by=us, at=later) == 1

    @pytest.mark.parametrize("when", ["the place is kept no longer", "the gig is full"])
    def test_ends_with_it_and_a_second_no_is_another_decision(self, gig: Gig, tala: User, when: str) -> None:
        """Appealed once more, by page and by API, answered by itself; and each appeal says which no it is about."""
        first = files(declined(gig))
        right, us = reversed_by(tala, first), stories.owner_of(gig.company)
        later = AT + (appealed.KEPT_FOR if when == "the place is kept no longer" else DAY)
        if when == "the gig is full":
            gigs.change_gig(gig=gig, fields={"openings": 3}, by=us, at=AT)
            for _ in range(2):
                offer(gig, applied(gig), at=later)
            gigs.change_gig(gig=gig, fields={"openings": 2}, by=us, at=later)
        operations.decline(application=right, reason=Reason.AVAILABILITY, note="Too late.", by=us, at=later)
        second = appeals.file(
            subject=right.public_id, text="Not so.", by=stories.acting(right.performer), at=later
        )
        with pytest.raises(appeals.AlreadyAppealed):
            files(right)
        me = browser(right.performer.user)
        page = f"/work/applications/{right.public_id}/appeal/"
        assert me.get(page)["Location"] == f"/appeals/{second.public_id}/"
        assert "Too late." in html(me.get(f"/appeals/{second.public_id}/"))
        about_the_first = html(me.get(f"/appeals/{first.public_id}/"))
        assert "The gig needs other skills" in about_the_first
        assert "Too late." not in about_the_first
        appeals.take_up(appeal=second, by=of_user(tala), at=later)
        gigs.change_gig(gig=gig, fields={"openings": 4}, by=us, at=later)
        appeals.reverse(appeal=second, text="They can.", by=of_user(tala), at=later)
        kept = [whose for whose, _ in places.kept_in(gig, at=later) if whose is not None]
        assert kept == [right]
        assert KeptPlace.objects.count() == 2
        right.refresh_from_db()
        assert offer(gig, right, at=later).state == "offered"

    def test_of_a_second_no_is_asked_for_at_the_page(
        self, gig: Gig, tala: User, it_is: Callable[[datetime], None]
    ) -> None:
        later = AT + appealed.KEPT_FOR
        right, us = reversed_by(tala, files(declined(gig))), stories.owner_of(gig.company)
        operations.decline(application=right, reason=Reason.AVAILABILITY, by=us, at=later)
        it_is(later)
        me, page = browser(right.performer.user), f"/work/applications/{right.public_id}/appeal/"
        assert page in html(me.get("/work/"))
        assert Reason.AVAILABILITY.label in html(me.get(page))
        filed = me.post("/appeals/", {"subject": right.public_id, "text": "I can."}, follow=True)
        assert "To be answered by" in html(filed)

    def test_frees_the_place_when_it_is_kept_no_longer(self, gig: Gig, tala: User) -> None:
        reversed_by(tala, files(declined(gig)))
        both = [applied(gig), applied(gig)]
        offer(gig, both[0])
        later = AT + appealed.KEPT_FOR
        assert offer(gig, both[1], at=later).state == "offered"

    def test_is_refused_where_no_place_can_be_kept(self, gig: Gig, tala: User) -> None:
        application = declined(gig)
        appeal = files(application)
        appeals.take_up(appeal=appeal, by=of_user(tala), at=AT)
        again = stories.applies(application.performer, gig)
        with pytest.raises(operations.AlreadyApplied):
            appeals.reverse(appeal=appeal, text="Yes.", by=of_user(tala), at=AT)
        operations.withdraw(application=again, by=stories.acting(application.performer), at=AT)
        endings.cancel_gig(gig=gig, reason="Over.", by=stories.owner_of(gig.company), at=AT)
        with pytest.raises(operations.GigNotOpen):
            appeals.reverse(appeal=appeal, text="Yes.", by=of_user(tala), at=AT)
        assert not KeptPlace.objects.exists()
        done = appeals.remedy(appeal=appeal, text="An apology.", by=of_user(tala), at=AT)
        assert done.state == "remedied"

    def test_is_no_companys_to_give(self, gig: Gig) -> None:
        application = declined(gig)
        with pytest.raises(IllegalMove):
            operations.shortlist(application=application, by=stories.owner_of(gig.company), at=AT)


class TestAtTheDoors:
    def test_from_my_work_to_the_answer_and_the_queue(
        self, gig: Gig, tala: User, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        application = declined(gig)
        me, us = (
            browser(application.performer.user),
            browser(stories.person(stories.owner_of(gig.company))),
        )
        page = f"/work/applications/{application.public_id}/appeal/"
        assert page in html(me.get("/work/"))
        assert "The gig needs other skills" in html(me.get(page))
        filed = me.post("/appeals/", {"subject": application.public_id, "text": "I can."}, follow=True)
        assert "To be answered by" in html(filed)
        appeal = Appeal.objects.get()
        assert me.get(page)["Location"] == f"/appeals/{appeal.public_id}/"
        queue = f"/gigs/{gig.public_id}/applicants/"
        other = applied(gig)
        assert "A place is kept for an appeal" in html(us.get(queue))
        reviewer, address = browser(tala), f"/appeals/{appeal.public_id}/"
        assert application.performer.stage_name in html(reviewer.get("/desk/?what=appeal"))
        reviewer.post(f"{address}take-up/")
        said: dict[str, Any] = {"outcome": "reversed", "text": "They can."}
        assert "Answered." in html(reviewer.post(f"{address}answer/", said, follow=True))
        assert "The decision is taken back" in html(me.get(address))
        assert f"A place is kept for Applicant {application.pk}" in html(us.get(queue))
        no = us.post(f"/applicants/{application.public_id}/decline/", {"reason": "skills"}, follow=True)
        assert "An appeal took your no back" in html(no)
        other.refresh_from_db()
        assert other.state == "submitted"

    def test_with_nothing_to_appeal_leads_back(self, gig: Gig, it_is: Callable[[datetime], None]) -> None:
        it_is(AT)
        application = applied(gig)
        me = browser(application.performer.user)
        page = f"/work/applications/{application.public_id}/appeal/"
        assert page not in html(me.get("/work/"))
        assert "no answer of the company" in html(me.get(page, follow=True))


class TestWhoIsFoundToBeRight:
    def test_is_offered_the_place_whatever_else_waits(self, gig: Gig, tala: User) -> None:
        """Of two places one is taken; one appeal is won, another waits: the place that was won is not the other's."""
        offer(gig, applied(gig))
        one, other = declined(gig), declined(gig)
        first, second = files(one), files(other)
        won = reversed_by(tala, first)
        assert offer(gig, won).state == "offered"
        assert second.state == "filed"

    def test_comes_in_turn_where_there_are_two_for_one_place(self, gig: Gig, tala: User) -> None:
        offer(gig, applied(gig))
        one, other = (reversed_by(tala, files(declined(gig))) for _ in range(2))
        with pytest.raises(places.PlaceIsKept):
            offer(gig, other)
        # To the second nothing can be offered, so a no is an answer; to the first it is none yet.
        with pytest.raises(places.PlaceIsKept):
            takes(one, "decline")
        takes(other, "decline")
        assert offer(gig, one).state == "offered"

    def test_can_be_told_no_where_the_gig_is_full(self, gig: Gig, tala: User) -> None:
        appeal = files(declined(gig))
        offer(gig, applied(gig))
        gigs.change_gig(gig=gig, fields={"openings": 1}, by=stories.owner_of(gig.company), at=AT)
        won = reversed_by(tala, appeal)
        takes(won, "decline")
        won.refresh_from_db()
        assert won.state == "not_selected"
