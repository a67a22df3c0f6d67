"""Answers to a dispute about a line, by page and API: agree, disagree, take back; and talent operations decide the rest."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from accounts.access.roles import Role, Staff
from accounts.identity.models import User
from accounts.keys import acting
from accounts.notifications.models import Notification
from marketplace.timekeeping import disputes
from marketplace.timekeeping.models import Dispute, TimeLine
from marketplace.timekeeping.silence import decide_unanswered
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, code_of, logs_in

ItIs = Callable[[datetime], None]
pytestmark = pytest.mark.django_db
AT = stories.REVIEW_DAY
NO = "No. I do not agree."
DOORS = pytest.mark.parametrize("door", ["page", "api"])


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(AT)


@pytest.fixture
def talent() -> User:
    return stories.a_member_of_staff(Staff.TALENT)


def a_dispute(*, by: str = "performer", claimed_s: int = 6000) -> Dispute:
    """About a line of 5,400 s, in a week that is with the company."""
    session = stories.a_pair_booked()
    line = stories.they_play(session)[0]
    stories.everyone_confirms()
    company = stories.owner_of(session.company)
    return stories.questions(line, claimed_s=claimed_s, by=None if by == "performer" else company)


def performer_of(dispute: Dispute) -> User:
    return dispute.line.timesheet.performer.user


def company_of(dispute: Dispute) -> User:
    return stories.person(stories.owner_of(dispute.line.timesheet.company))


def asked_and_asker(dispute: Dispute) -> tuple[User, User]:
    both = company_of(dispute), performer_of(dispute)
    return both if dispute.raised_by == "performer" else both[::-1]


def answers(user: User, dispute: Dispute, *, answer: str, text: str = NO, door: str) -> HttpResponse:
    """`user` logs in and agrees, disagrees or takes it back."""
    if door == "page":
        path = reverse("dispute_answer", args=[dispute.public_id])
        return logs_in(user).post(path, {"answer": answer, "text": text})  # type: ignore[return-value] # Django's test client says so too
    api, path = Api(token=an_app_of(user)), f"disputes/{dispute.public_id}"
    if answer == "disagree":
        return api.post(f"{path}/disagree", {"text": text})
    adjusted_s = dispute.claimed_s if answer == "agree" else None
    return api.post(f"{path}/resolve", {"resolution": text, "adjusted_s": adjusted_s})


def decides(user: User, dispute: Dispute, *, adjusted_s: int | None, door: str) -> HttpResponse:
    if door == "api":
        sent = {"resolution": "We looked at the tape.", "adjusted_s": adjusted_s}
        return Api(token=an_app_of(user)).post(f"disputes/{dispute.public_id}/resolve", sent)
    page: dict[str, Any] = {"decision": "as_recorded"}
    if adjusted_s is not None:
        page = {"decision": "another", "minutes": str(adjusted_s / 60)}
        page = {"decision": "as_claimed"} if adjusted_s == dispute.claimed_s else page
    path = reverse("dispute_decide", args=[dispute.public_id])
    return logs_in(user).post(path, page | {"text": "We looked at the tape."})  # type: ignore[return-value] # as above


def reads(user: User, line: TimeLine, *, door: str) -> bool:
    """Whether `user` sees the line; it answers as if it did not exist otherwise."""
    if door == "api":
        answer = Api(token=an_app_of(user)).get(f"time-lines/{line.public_id}")
    else:
        answer = logs_in(user).get(reverse("line_detail", args=[line.public_id]))  # type: ignore[assignment] # as above
    assert answer.status_code in (200, 404)
    return answer.status_code == 200


def line_of(dispute: Dispute) -> TimeLine:
    return TimeLine.objects.get(pk=dispute.line_id)


def told(user: User, kind: str = "dispute") -> list[str]:
    return list(
        Notification.objects.filter(user=user, kind=kind).order_by("id").values_list("title", flat=True)
    )


@DOORS
@pytest.mark.parametrize("by", ["performer", "company"])
class TestTheSideThatWasAsked:
    def test_says_no_and_the_dispute_goes_on_to_talent_operations(
        self, by: str, door: str, talent: User
    ) -> None:
        dispute = a_dispute(by=by)
        asked, asker = asked_and_asker(dispute)
        due_at = dispute.answer_due_at
        assert answers(asked, dispute, answer="disagree", door=door).status_code in (200, 302)
        dispute.refresh_from_db()
        assert (dispute.resolved_at, dispute.answer_due_at) == (None, due_at)
        assert (dispute.disagreed_at, dispute.disagreement) == (AT, NO)
        line = line_of(dispute)
        assert (line.state, line.approved_at) == ("disputed", None)
        assert told(asker)[-1] == "They do not agree"
        assert told(asked) == ["A line of the week is disputed"]
        assert told(talent, "dispute_to_decide") == ["A dispute about a line waits for your decision"]
        assert NO in Notification.objects.get(user=talent, kind="dispute_to_decide").body

    def test_agrees_to_what_is_claimed(self, by: str, door: str) -> None:
        dispute = a_dispute(by=by)
        asked, asker = asked_and_asker(dispute)
        assert answers(asked, dispute, answer="agree", text="Right.", door=door).status_code in (200, 302)
        dispute.refresh_from_db()
        assert (dispute.resolved_at, dispute.resolution, dispute.disagreed_at) == (AT, "Right.", None)
        assert line_of(dispute).state == "approved"
        assert TimeLine.objects.get(kind="correction").payable_s == 600
        assert told(asker)[-1] == "A dispute about a line is resolved"

    def test_may_still_agree_after_saying_no_but_says_no_once(self, by: str, door: str) -> None:
        dispute = a_dispute(by=by)
        asked, _ = asked_and_asker(dispute)
        answers(asked, dispute, answer="disagree", door=door)
        again = answers(asked, dispute, answer="disagree", door=door)
        assert again.status_code == 409
        answers(asked, dispute, answer="agree", door=door)
        assert line_of(dispute).state == "approved"

    def test_does_not_take_back_what_it_did_not_ask(self, by: str, door: str) -> None:
        dispute = a_dispute(by=by)
        asked, asker = asked_and_asker(dispute)
        assert answers(asked, dispute, answer="take_back", door=door).status_code == 403
        assert line_of(dispute).state == "disputed"
        answers(asker, dispute, answer="take_back", door=door)
        assert line_of(dispute).state == "recorded"

    @pytest.mark.parametrize("answer", ["agree", "disagree"])
    def test_who_asked_does_not_answer_for_it(self, by: str, door: str, answer: str) -> None:
        dispute = a_dispute(by=by)
        _, asker = asked_and_asker(dispute)
        assert answers(asker, dispute, answer=answer, door=door).status_code == 403
        dispute.refresh_from_db()
        assert (dispute.resolved_at, dispute.disagreed_at) == (None, None)


@DOORS
class TestBeforeTheWeekIsSubmitted:
    """The performer disputes a line and keeps the week: the company is told, and five days run."""

    def an_early_dispute(self, door: str) -> Dispute:
        session = stories.a_pair_booked()
        line = stories.they_play(session)[0]
        performer = line.timesheet.performer.user
        sent = {"reason": "time_missing", "text": "I stayed for the retake."}
        if door == "api":
            path = f"time-lines/{line.public_id}/disputes"
            asked = Api(token=an_app_of(performer)).post(path, sent | {"claimed_s": 6000})
        else:
            path = reverse("line_detail", args=[line.public_id])
            asked = logs_in(performer).post(path, sent | {"minutes": "100"})  # type: ignore[assignment] # as above
        assert asked.status_code in (201, 302)
        return Dispute.objects.get()

    @pytest.mark.parametrize("answer", ["agree", "disagree"])
    def test_the_company_reads_what_it_was_told_of_and_answers(self, door: str, answer: str) -> None:
        dispute = self.an_early_dispute(door)
        company = company_of(dispute)
        assert reads(company, dispute.line, door=door)
        assert answers(company, dispute, answer=answer, door=door).status_code in (200, 302)
        assert line_of(dispute).state == ("approved" if answer == "agree" else "disputed")

    def test_the_notice_leads_to_it(self, door: str) -> None:
        dispute = self.an_early_dispute(door)
        company = company_of(dispute)
        notice = Notification.objects.get(user=company, kind="dispute")
        assert dispute.text in logs_in(company).get(notice.path).content.decode()

    def test_of_the_other_lines_the_company_sees_none(self, door: str) -> None:
        dispute = self.an_early_dispute(door)
        other = TimeLine.objects.exclude(pk=dispute.line_id).get()
        company = company_of(dispute)
        assert not reads(company, other, door=door)
        stories.everyone_confirms()
        assert reads(company, other, door=door)

    def test_another_company_sees_nothing(self, door: str) -> None:
        dispute = self.an_early_dispute(door)
        stranger = stories.person(stories.owner_of(stories.a_company()))
        assert not reads(stranger, dispute.line, door=door)
        assert answers(stranger, dispute, answer="agree", door=door).status_code == 404


class TestWordsAlone:
    def test_decide_nothing_on_the_page(self) -> None:
        dispute = a_dispute()
        owner, path = logs_in(company_of(dispute)), reverse("dispute_answer", args=[dispute.public_id])
        for sent in ({"text": NO}, {"text": "Yes", "answer": "maybe"}, {"answer": "agree", "text": " "}):
            answer = owner.post(path, sent)
            assert answer.status_code == 422
            assert "needs another look" in answer.content.decode()
        dispute.refresh_from_db()
        assert (dispute.resolved_at, dispute.disagreed_at) == (None, None)
        assert line_of(dispute).state == "disputed"

    def test_decide_nothing_on_the_api(self, talent: User) -> None:
        dispute = a_dispute()
        path = f"disputes/{dispute.public_id}"
        for user in (company_of(dispute), performer_of(dispute), talent):
            assert code_of(Api(client=logs_in(user)).post(f"{path}/resolve", {"resolution": NO})) == "invalid"
        assert (
            Api(client=logs_in(company_of(dispute))).post(f"{path}/disagree", {"text": " "}).status_code
            == 422
        )
        assert line_of(dispute).state == "disputed"

    def test_decide_nothing_for_talent_operations(self, talent: User) -> None:
        dispute = a_dispute()
        staff, path = logs_in(talent), reverse("dispute_decide", args=[dispute.public_id])
        for sent in ({"text": NO}, {"text": NO, "decision": "another"}, {"decision": "as_claimed"}):
            assert staff.post(path, sent).status_code == 422
        assert line_of(dispute).state == "disputed"
        sent = {"text": "So it is.", "decision": "another", "minutes": "100.5"}
        assert staff.post(path, sent).status_code == 302
        assert TimeLine.objects.get(kind="correction").payable_s == 630


class TestThePage:
    def test_offers_both_answers_to_the_side_that_was_asked(self) -> None:
        dispute = a_dispute()
        line = reverse("line_detail", args=[dispute.line.public_id])
        owner = logs_in(company_of(dispute))
        seen = owner.get(line).content.decode()
        assert "Agree to 1:40:00" in seen
        assert "Disagree" in seen
        answers(company_of(dispute), dispute, answer="disagree", door="page")
        seen = owner.get(line).content.decode()
        assert "does not agree" in seen
        assert 'value="disagree"' not in seen
        assert 'value="agree"' in seen
        asker = logs_in(performer_of(dispute)).get(line).content.decode()
        assert NO in asker
        assert "Take the dispute back" in asker

    def test_of_a_dispute_without_a_figure_of_before_offers_to_disagree_alone(self, talent: User) -> None:
        """They were raised until a figure was asked for, and the migration has given them to talent operations."""
        dispute = a_dispute()
        due_at = AT + timedelta(days=10)
        Dispute.objects.update(claimed_s=None, decision_due_at=due_at)
        dispute.refresh_from_db()
        assert dispute.line.public_id in logs_in(talent).get(reverse("disputes")).content.decode()
        line = reverse("line_detail", args=[dispute.line.public_id])
        seen = logs_in(company_of(dispute)).get(line).content.decode()
        assert 'value="agree"' not in seen
        assert 'value="disagree"' in seen
        assert answers(company_of(dispute), dispute, answer="agree", door="page").status_code == 403
        assert decide_unanswered(at=due_at) == 0
        assert line_of(dispute).state == "disputed"
        assert answers(company_of(dispute), dispute, answer="disagree", door="page").status_code == 302
        dispute.refresh_from_db()
        assert dispute.decision_due_at == due_at


@DOORS
class TestTalentOperations:
    @pytest.mark.parametrize(
        ("adjusted_s", "state", "corrected_s"),
        [(None, "approved", None), (6000, "approved", 600), (5700, "approved", 300), (0, "rejected", None)],
    )
    def test_decide_what_was_not_agreed(
        self, door: str, talent: User, adjusted_s: int | None, state: str, corrected_s: int | None
    ) -> None:
        dispute = a_dispute()
        answers(company_of(dispute), dispute, answer="disagree", door=door)
        assert decides(talent, dispute, adjusted_s=adjusted_s, door=door).status_code in (200, 302)
        assert line_of(dispute).state == state
        corrected = TimeLine.objects.filter(kind="correction").values_list("payable_s", flat=True)
        assert list(corrected) == ([corrected_s] if corrected_s else [])
        for user in (company_of(dispute), performer_of(dispute)):
            assert told(user)[-1] == "A dispute about a line is resolved"

    def test_see_what_waits_for_them(self, door: str, talent: User, it_is: ItIs) -> None:
        dispute = a_dispute()

        def waiting() -> bool:
            if door == "api":
                return bool(body_of(Api(token=an_app_of(talent)).get("disputes"))["data"])
            return dispute.line.public_id in logs_in(talent).get(reverse("disputes")).content.decode()

        assert not waiting(), "the company has still to answer"
        answers(company_of(dispute), dispute, answer="disagree", door=door)
        assert waiting()
        decides(talent, dispute, adjusted_s=None, door=door)
        assert not waiting()

    def test_have_a_clock_of_their_own_and_what_is_overdue_stands_first(
        self, door: str, talent: User, it_is: ItIs
    ) -> None:
        first, second = (a_dispute(), a_dispute())
        answers(company_of(second), second, answer="disagree", door=door)
        it_is(AT + timedelta(days=1))
        answers(company_of(first), first, answer="disagree", door=door)
        second.refresh_from_db()
        assert second.decision_due_at == AT + timedelta(days=5)
        it_is(second.decision_due_at)
        assert decide_unanswered(at=second.decision_due_at + timedelta(days=9)) == 0
        if door == "api":
            listed = body_of(Api(token=an_app_of(talent)).get("disputes"))["data"]
            assert [each["id"] for each in listed] == [second.public_id, first.public_id]
            assert datetime.fromisoformat(listed[0]["decision_due_at"]) == second.decision_due_at
        else:
            page = logs_in(talent).get(reverse("disputes")).content.decode()
            assert page.count("overdue</span>") == 1
            assert (
                page.index(second.line.public_id) < page.index("overdue<") < page.index(first.line.public_id)
            )

    def test_decide_neither_for_themselves_nor_for_their_company(self, door: str) -> None:
        dispute = a_dispute()
        both = company_of(dispute), performer_of(dispute)
        for user in both:
            stories.becomes_staff(user, Staff.TALENT)
            assert decides(user, dispute, adjusted_s=5700, door=door).status_code == 403
        assert line_of(dispute).state == "disputed"
        assert not disputes.adjudicates(dispute.line, acting.of_user(both[0]))

    def test_are_the_only_ones_who_do(self, door: str, talent: User) -> None:
        dispute = a_dispute()
        reviewer = stories.a_member(dispute.line.timesheet.company, Role.REVIEWER)
        for user in (reviewer, stories.a_person(), stories.a_member_of_staff(Staff.FINANCE)):
            assert decides(user, dispute, adjusted_s=6000, door=door).status_code in (403, 404)
        assert line_of(dispute).state == "disputed"


@DOORS
def test_the_deadline_stands_where_talent_operations_look(door: str, talent: User) -> None:
    dispute = a_dispute()
    answers(company_of(dispute), dispute, answer="disagree", door=door)
    assert dispute.answer_due_at == AT + timedelta(days=5)
    if door == "api":
        (listed,) = body_of(Api(token=an_app_of(talent)).get("disputes"))["data"]
        assert listed["answer_due_at"] == "2026-11-21T06:00:00Z"
    else:
        assert "2026-11-21T06:00" in logs_in(talent).get(reverse("disputes")).content.decode()
