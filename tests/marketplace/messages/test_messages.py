"""Messages between a company and an applicant: in the house, told without a word of them, reported, blocked, and over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.access.roles import Role, Staff
from accounts.notifications.models import Notification
from marketplace.casting import operations as casting
from marketplace.casting.states import Reason
from marketplace.messages.models import Flag, Message
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import BEFORE, HOUSE

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
AsSomeone = Callable[[Any], Caller]
DAY = timedelta(days=1)


class House:
    def __init__(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        it_is(BEFORE)
        self.it_is, self.as_someone = it_is, as_someone
        self.company = stories.a_company("Northlight")
        self.performer = stories.a_performer("Ada Quick")
        self.application = stories.applies(self.performer, stories.a_gig(self.company))
        self.ada = as_someone(self.performer)
        self.nora_person = stories.person(stories.owner_of(self.company))
        self.nora = as_someone(self.nora_person)
        self.tala = as_someone(stories.a_member_of_staff(Staff.TALENT))
        self.path = f"applications/{self.application.public_id}/messages"
        self.page = f"/applications/{self.application.public_id}/messages/"

    def writes(self, who: Caller, text: str = "Which days would it be?") -> tuple[int, Any]:
        return who.post(self.path, {"text": text})

    def is_declined(self) -> None:
        casting.decline(application=self.application, reason=Reason.SKILLS, by=HOUSE, at=BEFORE)


@pytest.fixture
def house(as_someone: AsSomeone, it_is: ItIs) -> House:
    return House(as_someone, it_is)


def test_both_sides_write_and_read_by_page_and_by_app(house: House) -> None:
    assert house.writes(house.ada)[0] == 201
    sent = house.nora.client.post(house.page, {"text": "Tuesdays.\nAt noon."})
    assert sent.status_code == 302
    rows = house.ada.get(house.path)[1]["data"]
    assert [(row["of_company"], row["text"]) for row in rows] == [
        (True, "Tuesdays.\nAt noon."),
        (False, "Which days would it be?"),
    ]
    assert "Tuesdays." in house.ada.client.get(house.page).content.decode()


def test_each_is_told_that_there_is_one_and_no_word_of_it(house: House) -> None:
    house.writes(house.ada, "My secret question")
    house.writes(house.nora, "Our secret answer")
    for user, kind in ((house.nora_person, "applicant"), (house.performer.user, "company")):
        told = Notification.objects.get(user=user, kind="message")
        assert "secret" not in told.title + told.body
        assert kind in told.title
        assert told.path == house.page


def test_the_company_reads_a_number_until_it_has_said_yes(house: House) -> None:
    house.writes(house.ada)
    page = house.nora.client.get(house.page).content.decode()
    told = Notification.objects.get(user=house.nora_person, kind="message")
    assert f"Applicant {house.application.pk}" in page
    assert "Ada Quick" not in page + told.body


def test_nobody_else_reads_or_writes(house: House) -> None:
    house.writes(house.ada)
    stranger = house.as_someone(stories.a_performer())
    company = house.as_someone(stories.person(stories.owner_of(stories.a_company())))
    billing = house.as_someone(stories.a_member(house.company, Role.BILLING))
    for who in (stranger, company, billing, house.tala):
        assert house.writes(who)[0] in (403, 404)
        assert who.get(house.path)[0] in (403, 404)
        assert who.client.get(house.page).status_code in (403, 404)
    reviewer = house.as_someone(stories.a_member(house.company, Role.REVIEWER))
    assert house.writes(reviewer)[0] == 201


def test_it_is_open_some_days_after_the_answer_and_then_over(house: House) -> None:
    house.is_declined()
    house.it_is(BEFORE + 13 * DAY)
    assert house.writes(house.ada, "Thank you.")[0] == 201
    house.it_is(BEFORE + 14 * DAY)
    assert house.writes(house.ada)[1]["code"] == "thread_over"
    refused = house.nora.client.post(house.page, {"text": "One more thing."})
    assert refused.status_code == 422
    assert "This casting is over" in refused.content.decode()
    assert "One more thing." in refused.content.decode(), "what was typed is not lost"
    assert house.ada.get(house.path)[0] == 200


def test_a_block_ends_it_for_both_until_whoever_blocked_ends_the_block(house: House) -> None:
    house.writes(house.nora, "Come on.")
    block = f"applications/{house.application.public_id}/block"
    assert house.ada.api.send("PUT", block).status_code == 200
    assert house.ada.api.send("PUT", block).status_code == 200
    for who in (house.ada, house.nora):
        assert house.writes(who)[1]["code"] == "thread_blocked"
    # Not by the other side, and in whatever gig of theirs.
    house.nora.api.send("DELETE", block)
    assert house.writes(house.nora)[1]["code"] == "thread_blocked"
    other = stories.applies(house.performer, stories.a_gig(house.company))
    assert house.nora.post(f"applications/{other.public_id}/messages", {"text": "?"})[0] == 409
    elsewhere = stories.applies(house.performer, stories.a_gig(stories.a_company()))
    assert house.ada.post(f"applications/{elsewhere.public_id}/messages", {"text": "?"})[0] == 201
    unblocked = house.ada.client.post(f"{house.page}block/", {"do": "unblock"})
    assert unblocked.status_code == 302
    assert house.writes(house.nora)[0] == 201


def test_a_message_is_reported_and_answered_by_talent_operations(house: House) -> None:
    message = house.writes(house.nora, "Wear less.")[1]["id"]
    assert house.tala.get(house.path)[0] in (403, 404), "they read no thread of which nothing was reported"
    own = house.nora.post(f"messages/{message}/report", {"text": "?"})
    assert own[0] == 403
    flag = house.ada.post(f"messages/{message}/report", {"text": "It is harassment."})[1]
    assert flag["state"] == "waiting"
    again = house.ada.post(f"messages/{message}/report", {"text": "It is harassment."})
    assert again[1]["code"] == "already_reported"
    told = Notification.objects.get(kind="report")
    assert "Wear less" not in told.body
    assert [row["id"] for row in house.tala.get("desk", what="message")[1]["data"]] == [flag["id"]]
    page = house.tala.client.get(f"/reported/{flag['id']}/").content.decode()
    assert "Wear less." in page
    assert "It is harassment." in page
    assert house.nora.client.get(f"/reported/{flag['id']}/").status_code == 404
    answered = house.tala.post(f"message-reports/{flag['id']}/answer", {"text": "They are suspended."})[1]
    assert (answered["state"], answered["answer"]) == ("answered", "They are suspended.")
    assert Notification.objects.get(kind="report_answered").user_id == house.performer.user_id
    assert "They are suspended." in house.ada.client.get(f"/reported/{flag['id']}/").content.decode()
    house.it_is(BEFORE + DAY)
    once_more = house.ada.post(f"messages/{message}/report", {"text": "It goes on."})[1]
    assert (once_more["id"], once_more["state"]) == (flag["id"], "waiting")


def test_nobody_answers_what_they_reported_themselves(house: House) -> None:
    message = house.writes(house.nora, "Wear less.")[1]["id"]
    stories.becomes_staff(house.performer.user, Staff.TALENT)
    flag = house.ada.post(f"messages/{message}/report", {"text": "It is harassment."})[1]
    assert house.ada.post(f"message-reports/{flag['id']}/answer", {"text": "Fine."})[0] == 403
    assert house.tala.post(f"message-reports/{flag['id']}/answer", {"text": "It is not."})[0] == 200
    assert Flag.objects.get().answer == "It is not."


@pytest.mark.parametrize("whom", ["performer", "company"])
def test_nothing_is_written_while_one_is_suspended(house: House, whom: str) -> None:
    suspension = stories.is_suspended(getattr(house, whom))
    for who in (house.ada, house.nora):
        assert house.writes(who)[1]["code"] == "suspended"
    stories.is_reinstated(suspension)
    assert house.writes(house.ada)[0] == 201


def test_so_many_without_an_answer_are_enough(house: House) -> None:
    for n in range(20):
        assert house.writes(house.ada, f"Hello? {n}")[0] == 201
    assert house.writes(house.ada)[1]["code"] == "too_many_messages"
    assert house.writes(house.nora, "Here.")[0] == 201
    assert house.writes(house.ada)[0] == 201


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001, "a\0b"])
def test_a_message_says_something(house: House, text: str) -> None:
    assert house.writes(house.ada, text)[0] == 422
    assert house.ada.client.post(house.page, {"text": text}).status_code == 422
    assert not Message.objects.exists()
