"""Sign-up, by page and by app: an account with its role, or a sentence that says what is wrong. Never half an account."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.template.loader import get_template
from django.test import Client
from pytest_django import Settings

from accounts.companies.models import Company, Membership
from accounts.identity.adapters import AccountAdapter
from accounts.identity.models import FormerAddress, User
from accounts.identity.names import LONGEST_NAME
from accounts.identity.zones import ALIASES, names
from accounts.performers.models import Performer
from kit import clock
from tests import stories
from tests.accounts.browsing import Api, app_auth, body_of, comes_in, logs_in, the_way_in
from tests.stories import PASSWORD

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "app"])
EMAIL = "ada@example.org"
MAILS = (
    "account_already_exists",
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


def waits(answer: Any) -> bool:
    """Whether the sign-up is taken, and waits for the link in a mail."""
    if answer.status_code == 302:
        return bool(answer.headers["Location"] == "/accounts/confirm-email/")
    flows = {flow["id"]: flow.get("is_pending", False) for flow in answer.json()["data"]["flows"]}
    return bool(answer.status_code == 401 and flows["verify_email"])


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
        assert waits(answer)
        performer = Performer.objects.get(user__email=EMAIL)
        assert performer.stage_name == performer.user.name == "N" * length
        assert made() == [1, 1, 1, 0, 0]

    @pytest.mark.parametrize("name", ["Booking.com", "AC/DC", "Ann-Sofie d'Abreu (she/her)", "Dr. No"])
    def test_takes_names_that_only_look_like_links(self, door: str, name: str) -> None:
        assert waits(signs_up(door, name=name))
        assert Performer.objects.get().stage_name == name

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
            *[
                ({"name": name}, "no link")
                for name in ("Win https://evil.example", "www.evil.example", "evil.example/win")
            ],
            ({"comes_to": "company", "company_name": "See https://evil.example"}, "no link"),
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
        assert waits(signs_up(door))
        assert made() == [1, 1, 1, 0, 0]


class TestSignUpByAnApp:
    @pytest.mark.parametrize("field", ["name", "company_name", "password", "email", "comes_to", "time_zone"])
    @pytest.mark.parametrize("wrong", [["Ada", "Eve"], {"first": "Ada"}, 1234567890123, 1.5, True, [], {}])
    def test_takes_a_text_as_a_text_only(self, field: str, wrong: Any) -> None:
        sent = {"comes_to": "company", "company_name": "Lab", "name": "Ada", "time_zone": "Europe/London"}
        sent |= {"email": EMAIL, "password": PASSWORD}
        refused = errors_of(app_auth("signup", sent | {field: wrong}))
        assert {param for param, _ in refused} == {field}
        assert all(code for _, code in refused)
        assert made() == [0, 0, 0, 0, 0]
        assert waits(app_auth("signup", sent))
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
    Client().post(the_way_in(EMAIL))
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
        assert f"http://testserver{the_way_in(EMAIL)}" in body
        client = Client()
        assert client.post(the_way_in(EMAIL)).status_code == 302
        assert EmailAddress.objects.get(email=EMAIL).verified


def answered(answer: Any) -> tuple[int, str, str]:
    """All that a stranger is shown, but for a session of their own."""
    body = re.sub(r'"session_token": "[^"]+"|name="csrf[^>]+', "", answer.content.decode())
    return answer.status_code, answer.headers.get("Location", ""), body


class Stranger:
    """Tries an address that is not theirs at every door that an address opens; what each answers, whole."""

    def __init__(self, email: str) -> None:
        self.email, self.client = email, Client()

    def finds(self) -> list[tuple[int, str, str]]:
        account = {"email": self.email, "comes_to": "performer", "name": "Eve", "time_zone": "UTC"}
        by_page = self.client.post("/accounts/signup/", account | {"password1": PASSWORD})
        waiting = self.client.get("/accounts/confirm-email/")
        by_app = app_auth("signup", account | {"password": PASSWORD})
        token = by_app.json()["meta"]["session_token"]  # type: ignore[attr-defined] # Django's test client adds it
        found = [
            by_page,
            waiting,
            self.client.post("/confirmation/again/"),
            self.client.get("/accounts/confirm-email/"),
            self.client.get("/recovery/"),
            self.client.post("/accounts/login/", {"login": self.email, "password": PASSWORD}),
            self.client.get("/accounts/2fa/authenticate/"),
            Client().post("/accounts/password/reset/", {"email": self.email}),
            by_app,
            Client().get("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token}),
            app_auth("login", {"email": self.email, "password": PASSWORD}),
            app_auth("password/request", {"email": self.email}),
        ]
        return [
            (status, there, body.replace(self.email, "…")) for status, there, body in map(answered, found)
        ]


class TestAStranger:
    @pytest.mark.parametrize("limits", [False, {}], ids=["unlimited", "as in production"])
    def test_reads_the_same_whether_or_not_an_address_is_known(self, limits: Any, settings: Settings) -> None:
        settings.ACCOUNT_RATE_LIMITS = limits
        known, unconfirmed = stories.a_person("Grace").email, "unconfirmed@example.org"
        User.objects.filter(email=known).update(password="another's")
        for email in (EMAIL, unconfirmed, known):
            cache.clear()
            found = Stranger(email).finds()
            assert found[0][:2] == (302, "/accounts/confirm-email/")
            assert found[8][0] == 401
            if email == EMAIL:
                at_first = found
            assert found == at_first, email
        assert User.objects.get(email=known).name == "Grace"

    def test_with_an_address_that_can_still_be_taken_back_reads_the_same(self) -> None:
        user = stories.a_person()
        FormerAddress.objects.create(user=user, email="old@example.org", until=clock.now())
        known, new = Stranger("old@example.org").finds(), Stranger(EMAIL).finds()
        assert known == new
        assert not User.objects.filter(email="old@example.org").exists()

    def test_leaves_the_time_of_a_password_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hashed: list[str] = []
        hasher = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
        known, encode = stories.a_person().email, MD5PasswordHasher.encode

        def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
            hashed.append(password)
            return encode(self, password, salt)

        monkeypatch.setattr(hasher, counted)
        signs_up("page", email=known)
        for_one_that_is_known = len(hashed)
        signs_up("page")
        assert len(hashed) == 2 * for_one_that_is_known > 0


class TestWhoHasAnAccount:
    @pytest.mark.parametrize("door", ["page", "app"])
    def test_is_told_by_mail_and_no_other_is_made(self, door: str) -> None:
        user = stories.a_person("Grace")
        assert waits(signs_up(door, email=user.email, name="Mallory"))
        (letter,) = mail.outbox
        assert letter.to == [user.email]
        assert letter.subject == "You have an account already"
        assert "http://testserver/accounts/login/" in str(letter.body)
        assert "/accounts/password/reset/" in str(letter.body)
        assert "Mallory" not in str(letter.body)
        assert made() == [1, 1, 0, 0, 0]
        assert logs_in(user).get("/today/").status_code == 200

    def test_of_a_stranger_takes_it_over_by_a_new_password(self) -> None:
        """Somebody signed up with an address that they cannot read, and knows that account's password."""
        signs_up("page", name="Mallory")
        signs_up("page", name="Ada")
        Client().post("/accounts/password/reset/", {"email": EMAIL})
        link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
        assert link is not None
        owner = Client()
        there = owner.get(link[0]).headers["Location"]
        new = "a sentence of my own"
        assert owner.post(there, {"password1": new, "password2": new}).status_code == 302
        assert refused_at_the_log_in(PASSWORD)
        assert logs_in(User.objects.get(email=EMAIL), password=new).get("/today/").status_code == 200


def refused_at_the_log_in(password: str) -> bool:
    by_page = Client().post("/accounts/login/", {"login": EMAIL, "password": password})
    return by_page.status_code == 200 and "look into your mail first" in by_page.content.decode()


class TestUntilItIsConfirmed:
    @DOORS
    def test_an_address_lets_nobody_in(self, door: str) -> None:
        signs_up(door)
        if door == "page":
            assert refused_at_the_log_in(PASSWORD)
        else:
            assert errors_of(app_auth("login", {"email": EMAIL, "password": PASSWORD})) == [
                ("password", "email_password_mismatch")
            ]
        Client().post(the_way_in(EMAIL))
        assert logs_in(User.objects.get(email=EMAIL)).get("/today/").status_code == 200

    def test_each_log_in_sends_the_mail_again(self) -> None:
        signs_up("page")
        refused_at_the_log_in("not the password")
        assert len(mail.outbox) == 1
        refused_at_the_log_in(PASSWORD)
        assert [letter.to for letter in mail.outbox] == [[EMAIL]] * 2

    def test_its_link_lets_in_the_browser_that_signed_up(self) -> None:
        client = comes_in(EMAIL)
        assert client.get("/today/").status_code == 200

    def test_its_link_leads_another_browser_to_the_log_in(self) -> None:
        signs_up("page")
        phone = Client()
        assert phone.post(the_way_in(EMAIL)).headers["Location"] == "/accounts/login/"
        assert phone.get("/today/").status_code == 302

    def test_an_app_is_in_with_the_key_of_the_mail(self) -> None:
        token = signs_up("app").json()["meta"]["session_token"]
        key = the_way_in(EMAIL).split("/")[-2]
        token = body_of(app_auth("email/verify", {"key": key}, token=token))["meta"]["session_token"]
        assert body_of(Api(token=token).get("me"))["name"] == "Ada"

    def test_the_page_says_which_mail_and_sends_it_again(self, settings: Settings) -> None:
        client = Client()
        sent = {"email": EMAIL, "password1": PASSWORD, "comes_to": "performer", "name": "Ada"}
        client.post("/accounts/signup/", sent | {"time_zone": "UTC"})
        page = client.get("/accounts/confirm-email/").content.decode()
        assert f"the mail that we sent to {EMAIL}" in page
        assert "That is not my address" in page
        assert client.get("/accounts/signup/").status_code == 200
        said = client.post("/confirmation/again/", follow=True).content.decode()
        assert "Sent again." in said
        assert [letter.subject for letter in mail.outbox] == ["Welcome: confirm your address"] * 2
        settings.ACCOUNT_RATE_LIMITS = {}
        cache.clear()
        client.post("/confirmation/again/")
        assert "It went out a moment ago" in client.post("/confirmation/again/", follow=True).content.decode()
        assert len(mail.outbox) == 3

    def test_nobody_has_one_sent_again_who_did_not_sign_up(self) -> None:
        refused = Client().post("/confirmation/again/")
        assert refused.status_code == 409
        assert "Log in, and the mail comes again" in refused.content.decode()


class TestAnAddressToBe:
    def test_that_nobody_confirmed_sets_no_new_password(self) -> None:
        """Mistyped, it may be anybody's: whoever reads it gets no way into the account."""
        user = stories.a_person()
        EmailAddress.objects.create(user=user, email="mistyped@example.org", verified=False)
        Client().post("/accounts/password/reset/", {"email": "mistyped@example.org"})
        assert [letter.subject for letter in mail.outbox] == ["No account with this address"]
        Client().post("/accounts/password/reset/", {"email": user.email.upper()})
        assert mail.outbox[-1].subject == "Set a new password"


def test_no_sentence_of_the_library_is_left_in_a_mail_or_a_message() -> None:
    """Whatever its templates are called: mails, messages and pages that can be reached here are ours."""
    for name in REACHED:
        origin = get_template(name).origin.name  # type: ignore[attr-defined] # Django's own templates have one
        assert "/callboard/templates/" in origin, name
    theirs = DefaultAccountAdapter.error_messages
    kept = {name for name, text in AccountAdapter.error_messages.items() if text == theirs[name]}
    assert {name for name in kept if "phone" not in name and "username" not in name} == set()
