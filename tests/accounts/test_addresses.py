"""One's mail address is changed by whoever reads the new one, told to the old one, and undone from there for a while."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts.identity.addresses import UNDO_FOR
from accounts.identity.models import FormerAddress, User
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from accounts.privacy.retention import let_go
from accounts.tasks import secure, send_mail
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, browser, logs_in, proves, sets_up_an_app

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
AT = stories.BEFORE
NEW = "new@example.org"
DOORS = pytest.mark.parametrize("door", ["page", "api"])


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(AT)


def letters_to(email: str) -> list[str]:
    return [str(letter.body) for letter in mail.outbox if letter.to == [email]]


def the_link(text: str, part: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/{part}/\S+)", text)
    assert found is not None, text
    return found[1]


def asks_for(client: Client, email: str, *, door: str = "page") -> None:
    if door == "page":
        client.post("/accounts/email/", {"action_add": "1", "email": email})
    else:
        sent = json.dumps({"email": email})
        client.post("/_allauth/browser/v1/account/email", sent, "application/json")


def changes(user: User, email: str = NEW, *, door: str = "page") -> Client:
    """Asks for the new address and follows the link in the mail to it; the browser of whoever did."""
    client = logs_in(user)
    asks_for(client, email, door=door)
    client.post(the_link(letters_to(email)[-1], "accounts/confirm-email"))
    user.refresh_from_db()
    return client


def the_way_back(old: str) -> str:
    secure()
    return the_link(letters_to(old)[-1], "address")


class TestTheNewOne:
    @DOORS
    def test_counts_once_its_mail_is_answered(self, door: str) -> None:
        user = stories.a_person()
        old, client = user.email, logs_in(user)
        asks_for(client, NEW, door=door)
        user.refresh_from_db()
        assert user.email == old
        assert "takes the place of the other" in client.get("/accounts/email/").content.decode()
        client.post(the_link(letters_to(NEW)[-1], "accounts/confirm-email"))
        user.refresh_from_db()
        assert user.email == NEW
        assert [each.email for each in EmailAddress.objects.filter(user=user)] == [NEW]
        assert (
            Client().post("/accounts/login/", {"login": NEW, "password": stories.PASSWORD}).status_code == 302
        )

    def test_can_be_taken_back_before(self) -> None:
        client = logs_in(stories.a_person())
        asks_for(client, NEW)
        client.post("/accounts/email/", {"action_remove": "1", "email": NEW})
        assert not EmailAddress.objects.filter(email=NEW).exists()

    def test_is_changed_by_someone_with_a_second_factor_too(self) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        changes(user)
        assert user.email == NEW


class TestTheOldOne:
    def test_is_told_with_both_times_in_the_readers_zone(self) -> None:
        user = stories.a_person(zone="Asia/Tokyo")
        old = user.email
        changes(user)
        the_way_back(old)
        (said,) = letters_to(old)
        assert "since Mon 2 Nov, 18:00 JST" in said
        assert "undo it by Thu 5 Nov, 18:00 JST" in said
        secure()
        assert len(letters_to(old)) == 1

    def test_shows_first_and_undoes_by_a_press_without_a_log_in(self) -> None:
        user = stories.a_person()
        old = user.email
        thief = changes(user)
        link = the_way_back(old)
        assert "Put your old address back?" in Client().get(link).content.decode()
        user.refresh_from_db()
        assert user.email == NEW
        done = Client().post(link)
        assert "Your old address is back" in done.content.decode()
        user.refresh_from_db()
        assert user.email == old
        assert [each.email for each in EmailAddress.objects.filter(user=user)] == [old]
        assert thief.get("/today/").status_code == 302
        assert not UserSession.objects.filter(user=user).exists()
        assert (
            Client().post("/accounts/login/", {"login": old, "password": stories.PASSWORD}).status_code == 200
        )
        reset = the_link(letters_to(old)[-1], "accounts/password/reset/key")
        form = Client()
        address = form.get(reset, follow=True).redirect_chain[-1][0]
        form.post(address, {"password1": "a sentence of my own", "password2": "a sentence of my own"})
        assert logs_in(user, password="a sentence of my own").get("/today/").status_code == 200

    def test_undoes_it_once(self) -> None:
        user = stories.a_person()
        old = user.email
        changes(user)
        link = the_way_back(old)
        Client().post(link)
        again = Client().post(link)
        assert again.status_code == 409
        assert "undone already" in again.content.decode()

    def test_undoes_it_to_the_last_second_of_its_time_and_then_says_so(self, it_is: ItIs) -> None:
        user = stories.a_person()
        old = user.email
        changes(user)
        link = the_way_back(old)
        it_is(AT + UNDO_FOR)
        late = Client().get(link)
        assert late.status_code == 409
        assert "The 72 hours for it are over" in late.content.decode()
        Client().post(link)
        user.refresh_from_db()
        assert user.email == NEW
        it_is(AT + UNDO_FOR - timedelta(seconds=1))
        Client().post(link)
        user.refresh_from_db()
        assert user.email == old

    @pytest.mark.parametrize("key", ["", "x", "ü"])
    def test_is_asked_for_the_key_of_its_mail(self, key: str) -> None:
        user = stories.a_person()
        old = user.email
        changes(user)
        path = the_way_back(old).split("?")[0]
        assert Client().get(path, {"key": key}).status_code == 404
        assert Client().post(f"{path}?key={key}").status_code == 404

    def test_is_nobody_elses_meanwhile(self, it_is: ItIs) -> None:
        user = stories.a_person()
        old = user.email
        changes(user)
        sent = {"email": old, "password1": stories.PASSWORD, "comes_to": "performer", "name": "Eve"}
        Client().post("/accounts/signup/", sent | {"time_zone": "UTC"})
        assert not User.objects.filter(email=old).exists()
        it_is(AT + UNDO_FOR)
        Client().post("/accounts/signup/", sent | {"time_zone": "UTC"})
        assert User.objects.filter(email=old).exists()


class TestWhoTookAnAccount:
    """A thief with the password sets up a second factor of their own and changes the address, once or twice."""

    def test_is_out_of_it_with_what_they_set_up(self) -> None:
        user = stories.a_person()
        old = user.email
        thief = logs_in(user)
        sets_up_an_app(thief)
        asks_for(thief, NEW)
        thief.post(the_link(letters_to(NEW)[-1], "accounts/confirm-email"))
        user.refresh_from_db()
        app = Api(token=an_app_of(user))
        Client().post(the_way_back(old))
        assert not Authenticator.objects.filter(user=user).exists()
        assert thief.get("/today/").status_code == 302
        assert app.get("me").status_code == 401

    def test_but_what_the_owner_set_up_long_ago_stays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        for row in Authenticator.objects.filter(user=user):
            row.created_at -= UNDO_FOR + timedelta(minutes=1)
            row.save()
        old = user.email
        changes(user)
        Client().post(the_way_back(old))
        assert Authenticator.objects.filter(user=user).count() == 2

    def test_leaves_no_key_behind_and_the_owner_is_told(self, it_is: ItIs) -> None:
        company = stories.a_company()
        user = stories.person(stories.owner_of(company))
        old, keys = user.email, f"companies/{company.public_id}/api-keys"
        sent = {"name": "Scheduler", "scopes": ["gigs:read"], "days": 9}
        before = body_of(Api(token=an_app_of(user)).post(keys, sent))["secret"]
        it_is(AT + timedelta(minutes=1))
        thief = changes(user)
        theirs = body_of(Api(client=thief).post(keys, sent))["secret"]
        assert Api(key=theirs).get("gigs").status_code == 200
        it_is(AT + timedelta(hours=2))
        Client().post(the_way_back(old))
        assert Api(key=theirs).get("gigs").status_code == 401
        assert Api(key=before).get("gigs").status_code == 200
        send_mail()
        assert any(
            "API keys made since the change open nothing any more: 1." in said for said in letters_to(old)
        )

    def test_has_no_way_back_in_by_an_address_of_theirs(self) -> None:
        user = stories.a_person()
        old = user.email
        client = changes(user, "thief1@example.org")
        asks_for(client, "thief2@example.org")
        client.post(the_link(letters_to("thief2@example.org")[-1], "accounts/confirm-email"))
        secure()
        theirs = the_link(letters_to("thief1@example.org")[-1], "address")
        Client().post(the_way_back(old))
        assert Client().post(theirs).status_code == 409
        user.refresh_from_db()
        assert user.email == old

    def test_cannot_keep_news_of_weight_from_the_old_address(self, it_is: ItIs) -> None:
        performer = stories.a_performer()
        user = performer.user
        old = user.email
        changes(user)
        notify(kind=Kind.BANK_CHANGED, user_id=user.pk, key="one", about={"rest": "72 hours"}, at=AT)
        it_is(AT + UNDO_FOR)
        notify(kind=Kind.BANK_CHANGED, user_id=user.pk, key="two", about={"rest": "a rest"}, at=AT + UNDO_FOR)
        send_mail()
        assert any("72 hours" in said for said in letters_to(old))
        assert any("72 hours" in said for said in letters_to(NEW))
        assert not any("a rest" in said for said in letters_to(old))
        listed = Api(client=browser(user)).get("notifications").content.decode()
        assert listed.count('"bank_changed"') == 2

    def test_and_a_new_password_is_told_to_both(self) -> None:
        user = stories.a_person()
        old = user.email
        client = changes(user)
        both = {"password1": "another sentence to keep", "password2": "another sentence to keep"}
        proves(client, user)
        client.post("/accounts/password/change/", {"oldpassword": stories.PASSWORD} | both)
        send_mail()
        for email in (old, NEW):
            assert any("If it was not you" in said for said in letters_to(email))


def test_old_addresses_are_forgotten_once_nothing_can_come_of_them() -> None:
    changes(stories.a_person())
    assert let_go(at=AT + UNDO_FOR - timedelta(seconds=1))["accounts.FormerAddress"] == 0
    assert let_go(at=AT + UNDO_FOR)["accounts.FormerAddress"] == 1
    assert not FormerAddress.objects.exists()
