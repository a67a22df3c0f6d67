"""Sign-up, by page and by app: an account with its role, or a sentence that says what is wrong. Never half an account."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.companies.models import Company, Membership
from accounts.identity.models import User
from accounts.identity.names import LONGEST_NAME
from accounts.performers.models import Performer
from tests.accounts.browsing import app_auth
from tests.stories import PASSWORD

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "app"])
EMAIL = "ada@example.org"
CONTROL = [
    "Eve\nBcc: x",
    "Eve\r\nx",
    "Eve\tx",
    "Eve\x00x",
    "Eve\x1b[2Jx",
    "Eve\x85x",
    "Eve\u2028x",
    "Eve\x7fx",
]


def signs_up(door: str, **fields: Any) -> Any:
    sent = {"email": EMAIL, "comes_to": "performer", "name": "Ada", "time_zone": "Europe/London"} | fields
    if door == "app":
        return app_auth("signup", sent | {"password": PASSWORD})
    return Client().post("/accounts/signup/", sent | {"password1": PASSWORD})


def errors_of(answer: Any) -> list[tuple[str, str]]:
    """What an app is told: which field, by which code."""
    assert answer.status_code == 400, answer.content
    return [(error["param"], error["code"]) for error in answer.json()["errors"]]


def made() -> list[int]:
    return [kind.objects.count() for kind in (User, EmailAddress, Performer, Company, Membership)]


@DOORS
class TestSignUp:
    @pytest.mark.parametrize("length", [1, 80, 81, LONGEST_NAME])
    def test_makes_a_performer_of_every_name_that_the_form_takes(self, door: str, length: int) -> None:
        answer = signs_up(door, name="N" * length)
        assert answer.status_code in (200, 302), answer.content
        performer = Performer.objects.get(user__email=EMAIL)
        assert performer.stage_name == performer.user.name == "N" * length
        assert made() == [1, 1, 1, 0, 0]

    def test_makes_a_company_of_every_name_that_the_form_takes(self, door: str) -> None:
        signs_up(door, comes_to="company", company_name="C" * LONGEST_NAME, name="N" * LONGEST_NAME)
        assert Company.objects.get().name == "C" * LONGEST_NAME
        assert made() == [1, 1, 0, 1, 1]

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"name": "N" * (LONGEST_NAME + 1)}, "at most 120 characters"),
            ({"name": " "}, "required"),
            ({"comes_to": "company", "company_name": "C" * (LONGEST_NAME + 1)}, "at most 120 characters"),
            ({"comes_to": "company"}, "Name the company"),
            ({"time_zone": "Mars/Olympus"}, "valid choice"),
            *[({"name": name}, "One line, please") for name in CONTROL if "\x00" not in name],
            ({"name": "Eve\x00x"}, "Null characters"),
        ],
    )
    def test_says_what_is_wrong_and_makes_nothing(self, door: str, wrong: dict[str, str], said: str) -> None:
        answer = signs_up(door, **wrong)
        assert answer.status_code in (200, 400)
        assert said in answer.content.decode()
        assert made() == [0, 0, 0, 0, 0]

    def test_leaves_no_account_behind_when_the_role_cannot_be_made(
        self, door: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(**_: object) -> None:
            raise ConnectionResetError

        with monkeypatch.context() as patched:
            patched.setattr("accounts.onboarding.forms.create_performer", dies)
            with pytest.raises(ConnectionResetError):
                signs_up(door)
        assert made() == [0, 0, 0, 0, 0]
        assert signs_up(door).status_code in (200, 302)
        assert made() == [1, 1, 1, 0, 0]


class TestSignUpByAnApp:
    @pytest.mark.parametrize("field", ["name", "company_name", "password", "email", "comes_to", "time_zone"])
    @pytest.mark.parametrize("wrong", [["Ada", "Eve"], {"first": "Ada"}, 1234567890123, 1.5, True, [], {}])
    def test_takes_a_text_as_a_text_only(self, field: str, wrong: Any) -> None:
        sent = {"comes_to": "company", "company_name": "Lab", "name": "Ada", "time_zone": "Europe/London"}
        sent |= {"email": EMAIL, "password": PASSWORD}
        ((param, code),) = errors_of(app_auth("signup", sent | {field: wrong}))
        assert param == field
        assert code
        assert made() == [0, 0, 0, 0, 0]
        assert app_auth("signup", sent).status_code == 200
        assert made() == [1, 1, 0, 1, 1]

    @pytest.mark.parametrize(
        ("company", "code"), [("C" * (LONGEST_NAME + 1), "max_length"), ("", "required"), (" ", "required")]
    )
    def test_is_told_once_and_by_a_code_what_is_wrong_with_the_company(self, company: str, code: str) -> None:
        answer = signs_up("app", comes_to="company", company_name=company)
        assert errors_of(answer) == [("company_name", code)]
        page = signs_up("page", comes_to="company", company_name=company).content.decode()
        assert ("Name the company" in page) == (code == "required")
        assert made() == [0, 0, 0, 0, 0]
