"""Sign-up, by page and by app: an account with its role, or a sentence that says what is wrong. Never half an account."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.core import mail
from django.template.loader import get_template
from django.test import Client

from accounts.companies.models import Company, Membership
from accounts.identity.adapters import AccountAdapter
from accounts.identity.models import User
from accounts.identity.names import LONGEST_NAME
from accounts.identity.zones import ALIASES, names
from accounts.performers.models import Performer
from tests.accounts.browsing import Api, app_auth, body_of, logs_in
from tests.stories import PASSWORD

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "app"])
EMAIL = "ada@example.org"
MAILS = (
    "email_confirmation",
    "email_confirmation_signup",
    "password_reset_key",
    "unknown_account",
)
MESSAGES = (
    "cannot_delete_primary_email",
    "email_confirmation_failed",
    "email_confirmation_sent",
    "email_confirmed",
    "email_deleted",
    "logged_in",
    "logged_out",
    "password_changed",
    "password_set",
    "primary_email_set",
    "unverified_primary_email",
)
REACHED = (
    *(f"account/email/{name}_{part}.txt" for name in MAILS for part in ("subject", "message")),
    *(f"account/messages/{name}.txt" for name in MESSAGES),
    "usersessions/messages/sessions_logged_out.txt",
)
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


class TestThePage:
    def test_asks_for_the_company_as_something_that_is_needed(self) -> None:
        page = Client().get("/accounts/signup/").content.decode()
        assert "optional" not in page
        refused = signs_up("page", comes_to="company").content.decode()
        at_the_field = refused[refused.index('name="company_name"') :]
        assert "Name the company you hire for." in at_the_field[: at_the_field.index('name="email"')]

    def test_leads_from_the_address_to_the_password(self) -> None:
        for path in ("/accounts/signup/", "/accounts/login/"):
            page = Client().get(path).content.decode()
            main = page[page.index("<main") : page.index("</main>")]
            form = main[main.index('<form action="/accounts/') :]
            stops = re.findall(r'<(?:input|select|button|a)\b[^>]*?(?:name|href|type)="([^"]+)', form)
            named = re.findall(
                r'<(?:a href|input type="(?:email|password|text|checkbox)" name|select name)="([^"]+)"', form
            )
            address = next(n for n, name in enumerate(named) if name in ("email", "login"))
            assert named[address + 1] in ("password", "password1"), stops

    def test_guesses_nobodys_time_zone(self) -> None:
        page = Client().get("/accounts/signup/").content.decode()
        assert '<option value="" selected>Choose your time zone</option>' in page
        assert "data-own-zone" in page
        assert "required" in signs_up("page", time_zone="").content.decode()
        assert made() == [0, 0, 0, 0, 0]


@DOORS
@pytest.mark.parametrize(("said", "kept"), [("Asia/Calcutta", "Asia/Kolkata"), ("Etc/UTC", "UTC")])
def test_a_zone_is_known_by_the_name_that_a_browser_gives_it(door: str, said: str, kept: str) -> None:
    signs_up(door, time_zone=said)
    user = User.objects.get(email=EMAIL)
    assert user.time_zone == kept
    api = Api(client=logs_in(user))
    assert body_of(api.patch("me", {"time_zone": "Europe/Kiev"}))["time_zone"] == "Europe/Kyiv"
    assert 'value="Europe/Kyiv" selected' in api.client.get("/settings/").content.decode()


def test_the_names_of_browsers_are_other_names_of_zones_of_the_list() -> None:
    at = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7)]
    for alias, name in ALIASES.items():
        assert name in names()
        assert alias not in names()
        if alias in available_timezones():
            assert [a.astimezone(ZoneInfo(alias)).utcoffset() for a in at] == [
                a.astimezone(ZoneInfo(name)).utcoffset() for a in at
            ]


class TestTheFirstMail:
    @pytest.mark.parametrize(
        ("comes_to", "reason"),
        [
            ("performer", "offers and pay news reach you"),
            ("company", "applicants, weeks to approve and receipts reach you"),
            ("invitation", "your invitation finds you"),
        ],
    )
    def test_names_the_product_the_person_and_the_reason(self, comes_to: str, reason: str) -> None:
        signs_up("page", comes_to=comes_to, company_name="Lab" * (comes_to == "company"))
        (letter,) = mail.outbox
        assert letter.subject == "Welcome: confirm your address"
        body = str(letter.body)
        assert body.startswith("Hello Ada,\n\nyou have signed up to Callboard, where improv performers")
        assert reason in body
        assert f"confirm that {EMAIL} is yours" in body
        link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", body)
        assert link is not None
        client = Client()
        assert client.post(link[1]).status_code == 302
        assert EmailAddress.objects.get(email=EMAIL).verified

    def test_goes_to_nobody_who_has_an_account(self) -> None:
        signs_up("page")
        again = signs_up("page", name="Mallory")
        assert "There is an account with this address. Log in with it instead." in again.content.decode()
        assert len(mail.outbox) == 1
        assert made() == [1, 1, 1, 0, 0]


def test_no_sentence_of_the_library_is_left_in_a_mail_or_a_message() -> None:
    """Whatever its templates are called: mails, messages and pages that can be reached here are ours."""
    for name in REACHED:
        origin = get_template(name).origin.name  # type: ignore[attr-defined] # Django's own templates have one
        assert "/callboard/templates/" in origin, name
    theirs = DefaultAccountAdapter.error_messages
    kept = {name for name, text in AccountAdapter.error_messages.items() if text == theirs[name]}
    assert {name for name in kept if "phone" not in name and "username" not in name} == set()
