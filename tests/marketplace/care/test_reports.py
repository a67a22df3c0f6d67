"""A performer's private line to talent operations: who reads it, by when it is answered, and what becomes of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.access.roles import Staff
from accounts.notifications.models import Notification
from marketplace.care.models import Report
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
AsSomeone = Callable[[Any], Caller]
HOUR = timedelta(hours=1)


class House:
    def __init__(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        self.session = stories.a_pair_booked()
        self.seats = list(self.session.seats.select_related("performer__user").order_by("id"))
        self.ada, self.bo = (as_someone(seat.performer) for seat in self.seats)
        self.nora = as_someone(stories.person(stories.owner_of(self.session.company)))
        self.tala_person = stories.a_member_of_staff(Staff.TALENT)
        self.tala = as_someone(self.tala_person)
        self.path = f"sessions/{self.session.public_id}/report"
        it_is(CALL + HOUR)

    def writes(self, who: Caller, text: str = "He did not stop when I said so.") -> tuple[int, Any]:
        return who.post(self.path, {"text": text})

    def answers(self, text: str = "We have called him.", *, closes: bool = False) -> tuple[int, Any]:
        report = Report.objects.get()
        return self.tala.post(f"reports/{report.public_id}/answer", {"text": text, "closes": closes})


@pytest.fixture
def house(as_someone: AsSomeone, it_is: ItIs) -> House:
    return House(as_someone, it_is)


def test_talent_operations_read_it_and_nobody_else(house: House) -> None:
    report = house.writes(house.ada)[1]
    assert (report["state"], report["answer_due_at"]) == ("waiting", "2026-11-11T16:00:00Z")
    told = Notification.objects.get(kind="report")
    assert told.user_id == house.tala_person.pk
    assert "did not stop" not in told.title + told.body
    assert [row["id"] for row in house.tala.get("reports")[1]["data"]] == [report["id"]]
    assert house.bo.get("reports")[1]["data"] == []
    assert house.nora.get("reports")[0] == 403
    page = f"/desk/reports/{report['id']}/"
    assert house.nora.client.get(page).status_code in (403, 404)
    assert house.bo.client.get(page).status_code == 404
    assert "He did not stop" in house.tala.client.get(page).content.decode()
    assert (
        "He did not stop"
        not in house.nora.client.get(f"/sessions/{house.session.public_id}/").content.decode()
    )


def test_is_answered_and_goes_on_as_long_as_somebody_has_something_to_say(house: House, it_is: ItIs) -> None:
    house.writes(house.ada)
    assert house.answers()[1]["state"] == "answered"
    answered = Notification.objects.get(kind="report_answered")
    assert answered.user_id == house.seats[0].performer.user_id
    assert "called him" not in answered.body
    it_is(CALL + 2 * HOUR)
    assert house.writes(house.ada, "Thank you. There is more.")[1]["state"] == "waiting"
    closed = house.answers("It is settled.", closes=True)[1]
    assert (closed["state"], closed["answer_due_at"]) == ("closed", None)
    assert house.answers("Again.")[1]["code"] == "illegal_state"
    it_is(CALL + timedelta(days=300))
    again = house.writes(house.ada, "It happened again.")[1]
    assert (again["state"], again["closed_at"], len(again["words"])) == ("waiting", None, 5)
    assert Report.objects.count() == 1


def test_who_works_for_the_house_too_reads_nothing_about_their_own_company_or_partner(house: House) -> None:
    report = house.writes(house.ada)[1]
    interested = (stories.person(stories.owner_of(house.session.company)), house.seats[1].performer.user)
    for person in interested:
        stories.becomes_staff(person, Staff.TALENT)
    path, page = f"reports/{report['id']}/answer", f"/desk/reports/{report['id']}/"
    for each in (house.nora, house.bo):
        assert each.get("reports")[1]["data"] == []
        assert each.post(path, {"text": "He means well."})[0] == 404
        assert each.client.get(page).status_code == 404
        assert each.client.post(f"{page}answer/", {"text": "He means well."}).status_code == 404
        assert page not in each.client.get("/desk/?what=report").content.decode()
    assert house.tala.client.get(page).status_code == 200
    assert house.answers()[1]["state"] == "answered"


def test_who_works_for_the_house_too_reads_their_own_line_and_does_not_answer_it(house: House) -> None:
    stories.becomes_staff(house.seats[0].performer.user, Staff.TALENT)
    report = house.writes(house.ada)[1]
    assert [row["id"] for row in house.ada.get("reports")[1]["data"]] == [report["id"]]
    page = f"/sessions/{house.session.public_id}/report/"
    assert house.ada.client.get(f"/desk/reports/{report['id']}/").headers["Location"] == page
    shown = house.ada.client.get(page).content.decode()
    assert "He did not stop" in shown
    assert f"/desk/reports/{report['id']}/answer/" not in shown
    assert report["id"] not in house.ada.client.get("/desk/?what=report").content.decode()
    assert house.ada.post(f"reports/{report['id']}/answer", {"text": "Well."})[0] == 403
    assert house.answers()[1]["state"] == "answered"


def test_each_of_a_pair_has_a_line_of_their_own(house: House) -> None:
    house.writes(house.ada)
    house.writes(house.bo, "I felt rushed.")
    assert Report.objects.count() == 2
    assert (
        "I felt rushed."
        not in house.ada.client.get(f"/sessions/{house.session.public_id}/report/").content.decode()
    )


def test_who_did_not_play_in_it_has_no_line_and_nothing_is_said_with_nothing(
    house: House, as_someone: AsSomeone
) -> None:
    assert house.writes(as_someone(stories.a_performer()))[0] == 404
    assert house.writes(house.nora)[0] == 403
    assert house.writes(house.ada, "  ")[0] == 422
    assert house.writes(house.ada, "x" * 4001)[0] == 422
    assert not Report.objects.exists()
    house.writes(house.ada)
    assert house.answers(" ")[0] == 422


def test_waits_on_the_desk_with_its_date(house: House) -> None:
    house.writes(house.ada)
    desk = house.tala.client.get("/desk/?what=report").content.decode()
    assert house.seats[0].performer.stage_name in desk
    house.answers()
    assert "/desk/reports/" not in house.tala.client.get("/desk/?what=report").content.decode()


def test_on_the_pages(house: House) -> None:
    page = f"/sessions/{house.session.public_id}/report/"
    assert "What happened?" in house.ada.client.get(page).content.decode()
    sent = house.ada.client.post(page, {"text": "He did not stop."}, follow=True).content.decode()
    assert "They answer within a day." in sent
    report = Report.objects.get()
    answer = house.tala.client.post(
        f"/desk/reports/{report.public_id}/answer/", {"text": "We have called.", "do": "close"}, follow=True
    )
    assert "Answered. They are told." in answer.content.decode()
    assert "We have called." in house.ada.client.get(page).content.decode()
    assert house.ada.client.get(f"/desk/reports/{report.public_id}/").status_code == 302
