"""The two doors to one's standing, for who asks and for who decides: each act by page or by API, by a real log-in."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.access.roles import Staff
from accounts.companies.models import Company
from accounts.identity.models import User
from accounts.performers.models import Performer
from accounts.standing.models import Vetting
from tests import stories
from tests.accounts.browsing import Api, logs_in

DOORS = pytest.mark.parametrize("door", ["page", "api"])
REGISTERED = {
    "legal_name": "Northlight Labs, Inc.",
    "registration_number": "7654321",
    "country": "US",
    "website": "https://northlight.example",
}


class Person:
    """Someone logged in, at one of the two doors."""

    def __init__(self, user: User, door: str) -> None:
        self.user, self.door = user, door
        self.client: Client = logs_in(user)
        self.api = Api(client=self.client)

    def sends(self, page: str, path: str, sent: dict[str, Any], **to: Any) -> HttpResponse:
        """POST to the page of that name, or to the API's path."""
        if self.door == "page":
            return self.client.post(reverse(page, kwargs=to), sent)  # type: ignore[return-value] # Django's test client says so too
        return self.api.post(path, sent)

    def reads(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.content
        return str(answer.content.decode())

    def asks(self, subject: Performer | Company, **registered: str) -> HttpResponse:
        if isinstance(subject, Performer):
            return self.sends("vetting_ask", "me/vettings", {})
        path = f"companies/{subject.public_id}/vettings"
        return self.sends("company_standing", path, REGISTERED | registered, company_id=subject.public_id)

    def moves(self, vetting: Vetting, move: str, **sent: str) -> HttpResponse:
        """`take-up`, `tick`, `approve` or `decline`."""
        path = f"vettings/{vetting.public_id}/{'ticks' if move == 'tick' else move}"
        return self.sends("vetting_move", path, sent, vetting_id=vetting.public_id, move=move)

    def appeals(self, subject: str, text: str = "Please look again.") -> HttpResponse:
        return self.sends("appeal_file", "appeals", {"subject": subject, "text": text})

    def of_appeal(self, appeal_id: str, what: str, **sent: str) -> HttpResponse:
        """`take-up`, `answer` or `withdraw`."""
        page = {"take-up": "appeal_take_up", "answer": "appeal_answer", "withdraw": "appeal_withdraw"}[what]
        return self.sends(page, f"appeals/{appeal_id}/{what}", sent, appeal_id=appeal_id)


def talent(door: str, name: str = "") -> Person:
    return Person(stories.a_member_of_staff(Staff.TALENT, name), door)


def done(answer: HttpResponse) -> bool:
    """Whether it was done: the API's 2xx, or the page's way on."""
    return answer.status_code in (200, 201, 302)


def refused(answer: HttpResponse, code: str = "") -> bool:
    """Whether nothing was done, and the API said which rule it was."""
    if answer.headers["Content-Type"] == "application/problem+json":
        return bool(answer.json()["code"] == code) if code else True  # type: ignore[attr-defined] # the test client's
    return 400 <= answer.status_code < 500
