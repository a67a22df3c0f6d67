import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.access.roles import Role, Staff
from accounts.identity.models import User
from accounts.onboarding import queries as onboarding
from accounts.performers.models import Performer
from callboard.backstage import outbox
from tests import stories
from tests.accounts.browsing import browser, logs_in, the_way_in

pytestmark = pytest.mark.django_db

SIGN_UP = {
    "comes_to": "performer",
    "name": "Ada Okafor",
    "email": "ada@example.org",
    "password1": "a long enough sentence",
    "time_zone": "Europe/London",
}


def whole(response: Any) -> str:
    """The page's text, after a look that no tag was left unrendered and nothing is styled or scripted in line."""
    text: str = response.content.decode()
    assert not re.search(r"<c-|\{%|\{\{", text)
    assert not re.search(
        r"<[^>]+\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\s(src=|type=\"application/json\"))", text
    )
    return text


class TestComingIn:
    def test_a_performer_signs_up_and_is_led_to_being_set_up(self) -> None:
        client = Client()
        assert "Look into your mail" in whole(client.post("/accounts/signup/", SIGN_UP, follow=True))
        assert client.get("/today/").status_code == 302
        assert client.post(the_way_in("ada@example.org")).headers["Location"] == "/today/"
        assert EmailAddress.objects.get(email="ada@example.org").verified
        performer = Performer.objects.get(user__email="ada@example.org")
        assert performer.user.time_zone == "Europe/London"
        assert "What waits for you" in whole(client.get("/today/"))
        client.post("/profile/", {"stage_name": "Ada", "skills": "duo", "languages": "en", "country": "GB"})
        assert onboarding.missing(
            performer, of=(onboarding.Step.PROFILE,)
        )  # no zone was sent: nothing was saved
        sent = {"stage_name": "Ada", "skills": "duo", "languages": "en", "country": "GB", "time_zone": "UTC"}
        assert client.post("/profile/?next=onboarding", sent).headers["Location"] == "/onboarding/"
        client.post("/onboarding/terms/")
        assert "Ask to be vetted" in whole(client.get("/onboarding/"))
        client.post("/standing/ask/")
        performer.refresh_from_db()
        assert performer.state == "applied"
        stories.proves_identity(performer)
        stories.is_vetted(performer)
        assert [item.step for item in onboarding.missing(performer, of=onboarding.TO_BE_PAID)] == ["payouts"]
        assert "You can be booked" in whole(client.get("/onboarding/"))

    def test_a_company_names_itself(self) -> None:
        refused = Client().post("/accounts/signup/", SIGN_UP | {"comes_to": "company"})
        assert "Name the company you hire for." in whole(refused)
        assert not User.objects.exists()
        client = Client()
        client.post("/accounts/signup/", SIGN_UP | {"comes_to": "company", "company_name": "Northlight"})
        client.post(the_way_in("ada@example.org"))
        assert "Your role waits for a second factor" in whole(client.get("/today/"))
        owner = User.objects.get(email="ada@example.org")
        stories.sets_up_a_second_factor(owner)
        assert "Northlight" in whole(client.get("/today/"))

    def test_a_forgotten_password_is_set_anew_by_mail(self) -> None:
        user, client = stories.a_person(), Client()
        client.post("/accounts/password/reset/", {"email": user.email})
        link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
        assert link is not None
        form = client.get(link.group(), follow=True)
        address = form.redirect_chain[-1][0]
        client.post(address, {"password1": "another good sentence", "password2": "another good sentence"})
        user.refresh_from_db()
        assert user.check_password("another good sentence")

    def test_an_unknown_address_is_not_given_away(self) -> None:
        known, unknown = Client(), Client()
        user = stories.a_person()
        one = known.post("/accounts/password/reset/", {"email": user.email})
        other = unknown.post("/accounts/password/reset/", {"email": "nobody@example.org"})
        assert (one.status_code, one.headers["Location"]) == (other.status_code, other.headers["Location"])

    def test_a_wrong_password_is_said_beside_the_form(self) -> None:
        user = stories.a_person()
        said = whole(Client().post("/accounts/login/", {"login": user.email, "password": "wrong"}))
        assert 'role="alert"' in said

    def test_someone_without_a_role_says_what_they_come_for(self) -> None:
        client = browser(stories.a_person())
        assert "What do you come for?" in whole(client.get("/today/"))
        assert client.post("/today/begin/", {"comes_to": "company", "name": "A"}).status_code == 422
        sent = {"comes_to": "performer", "name": "Ada"}
        assert client.post("/today/begin/", sent).headers["Location"] == "/onboarding/"


class TestEveryPage:
    ANYONE = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/terms/", "/_gallery/")
    SIGNED_IN = (
        "/today/",
        "/settings/",
        "/notifications/",
        "/mail/",
        "/accounts/email/",
        "/accounts/logout/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/sessions/",
    )

    @pytest.mark.parametrize("path", ANYONE)
    def test_opens_for_a_stranger(self, path: str) -> None:
        response = Client().get(path)
        assert response.status_code == 200
        assert "<h1" in whole(response)

    @pytest.mark.parametrize("path", SIGNED_IN)
    @pytest.mark.parametrize("who", ["performer", "owner", "finance", "nobody"])
    def test_opens_for_each_role(self, path: str, who: str) -> None:
        people: dict[str, Callable[[], Any]] = {
            "performer": lambda: stories.a_performer().user,
            "owner": lambda: stories.person(stories.owner_of(stories.a_company())),
            "finance": lambda: stories.a_member_of_staff(Staff.FINANCE),
            "nobody": stories.a_person,
        }
        response = logs_in(people[who]()).get(path)
        assert response.status_code == 200
        whole(response)

    @pytest.mark.parametrize(
        "path", ["/today/", "/profile/", "/settings/", "/onboarding/", "/notifications/"]
    )
    def test_sends_a_stranger_to_log_in(self, path: str) -> None:
        response = Client().get(path)
        assert response.headers["Location"] == f"/accounts/login/?next={path}"

    @pytest.mark.parametrize("path", ["/profile/", "/onboarding/"])
    def test_is_closed_to_another_role(self, path: str) -> None:
        response = browser(stories.person(stories.owner_of(stories.a_company()))).get(path)
        assert response.status_code == 403
        assert "Nothing was changed" in whole(response)

    @pytest.mark.parametrize("path", ["/nowhere/", "/company/cmp_zzz/", "/company/1/"])
    def test_an_address_that_is_none_is_a_page_that_helps(self, path: str) -> None:
        response = browser(stories.person(stories.owner_of(stories.a_company()))).get(path)
        assert response.status_code == 404
        assert "There is nothing here" in whole(response)


class TestCompanyPage:
    def test_a_key_is_shown_once(self) -> None:
        company = stories.a_company()
        client = logs_in(stories.person(stories.owner_of(company)))
        address = f"/company/{company.public_id}/"
        shown = client.post(f"{address}keys/", {"name": "board", "scopes": ["gigs:read"], "days": "30"})
        secret = re.search(r"cb_[\w-]{40,}", whole(shown))
        assert secret is not None
        assert "no-store" in shown.headers["Cache-Control"]
        assert secret.group() not in whole(client.get(address))

    def test_members_come_and_go(self) -> None:
        company = stories.a_company()
        newcomer = stories.a_member(company, Role.BILLING)
        client = logs_in(stories.person(stories.owner_of(company)))
        address = f"/company/{company.public_id}/"
        assert newcomer.email in whole(client.get(f"{address}members/"))
        client.post(f"{address}members/{newcomer.public_id}/", {"do": "remove"})
        assert not company.memberships.filter(user=newcomer).exists()

    def test_a_rule_that_says_no_is_said_on_the_page_one_came_from(self) -> None:
        company = stories.a_company()
        owner = stories.person(stories.owner_of(company))
        assert owner is not None
        address = f"http://testserver/company/{company.public_id}/"
        response = logs_in(owner).post(
            f"/company/{company.public_id}/members/{owner.public_id}/",
            {"do": "remove"},
            headers={"Referer": address},
            follow=True,
        )
        assert "This is the last owner" in whole(response)
        assert company.memberships.count() == 1

    def test_another_company_looks_like_none(self) -> None:
        company = stories.a_company()
        stranger = browser(stories.person(stories.owner_of(stories.a_company())))
        assert stranger.get(f"/company/{company.public_id}/").status_code == 404
        assert stranger.post(f"/company/{company.public_id}/", {"name": "Mine"}).status_code == 404


def test_the_theme_is_drawn_by_the_server() -> None:
    client = Client()
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in whole(client.get("/terms/"))
    client.cookies["theme"] = '"><script>'
    assert "data-theme" not in whole(client.get("/terms/")).split(">")[1]


def test_the_outbox_reads_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "one.log").write_bytes(
        b"Subject: =?utf-8?q?Pay_d=C3=A1y?=\nTo: a@example.org\nDate: Mon, 09 Nov 2026 10:00:00 -0000\n\nHello\n"
        + b"-" * 79
        + b"\n"
    )
    [found] = outbox.newest(tmp_path)
    assert (found.subject, found.to, found.body) == ("Pay dáy", "a@example.org", "Hello")
    assert outbox.newest(tmp_path / "missing") == []
