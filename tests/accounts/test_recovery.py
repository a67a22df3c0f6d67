"""A lost second factor is given back by a second person: who it is, what they can say, and what follows."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client

from accounts.access.roles import Role, Staff
from accounts.audit.models import AuditEvent
from accounts.companies.models import Company
from accounts.identity.models import User
from accounts.notifications.models import Notification
from accounts.security import addresses
from accounts.security.models import Recovery
from accounts.security.recoveries import OPEN_FOR
from accounts.tasks import secure, send_mail
from tests import stories
from tests.accounts.browsing import Api, an_app_of, app_auth, body_of, code_of, logs_in, sets_up_an_app

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
DOORS = pytest.mark.parametrize("door", ["page", "api"])
ASKS = pytest.mark.parametrize("door", ["page", "browser", "app"])
AT = stories.BEFORE
REASON = "We spoke by telephone, on the number that we have had for a year."


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(AT)


def gives_the_password(user: User) -> Client:
    """As far as they come without their second factor."""
    client = Client()
    asked = client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
    assert asked.headers["Location"].startswith("/accounts/2fa/authenticate/")
    return client


def gives_the_password_in_an_app(user: User) -> str:
    """The token of the session that waits for the second factor."""
    sent = app_auth("login", {"email": user.email, "password": stories.PASSWORD})
    assert sent.status_code == 401
    return str(sent.json()["meta"]["session_token"])  # type: ignore[attr-defined] # the test client's


def asks_by_api(user: User, door: str) -> HttpResponse:
    """In the browser or the app in which they have given the password."""
    if door == "app":
        return Api(token=gives_the_password_in_an_app(user)).post("recoveries/ask")
    return Api(client=gives_the_password(user)).post("recoveries/ask")


def asks(user: User, door: str = "page") -> Recovery:
    if door != "page":
        assert body_of(asks_by_api(user, door))["state"] == "asked"
        return Recovery.objects.get(user=user, state="asked")
    client = gives_the_password(user)
    assert "I have lost all of them" in client.get("/accounts/2fa/authenticate/").content.decode()
    assert "Ask for a new start" in client.get("/recovery/").content.decode()
    assert "You asked for a new start" in client.post("/recovery/").content.decode()
    return Recovery.objects.get(user=user, state="asked")


def decides(by: User, recovery: Recovery, answer: str, door: str, reason: str = REASON) -> HttpResponse:
    client = logs_in(by)
    if door == "api":
        return Api(client=client).post(f"recoveries/{recovery.public_id}/{answer}", {"reason": reason})
    sent = {"answer": answer, "reason": reason}
    return client.post(f"/recoveries/{recovery.public_id}/", sent)  # type: ignore[return-value] # Django's test client says so too


def state(recovery: Recovery) -> str:
    return str(Recovery.objects.get(pk=recovery.pk).state)


def a_performer() -> User:
    user = stories.a_performer().user
    stories.sets_up_a_second_factor(user)
    return user


def owner_of(company: Company) -> User:
    return stories.person(stories.owner_of(company))


class TestAsking:
    def test_takes_the_password_first_and_tells_nobody_else_anything(self) -> None:
        for client in (Client(), logs_in(stories.a_person())):
            assert client.get("/recovery/").headers["Location"] == "/accounts/login/"
            assert client.post("/recovery/").headers["Location"] == "/accounts/login/"
        wrong = Client()
        wrong.post("/accounts/login/", {"login": a_performer().email, "password": "wrong"})
        assert wrong.post("/recovery/").headers["Location"] == "/accounts/login/"
        assert not Recovery.objects.exists()

    def test_by_api_answers_everybody_else_alike(self) -> None:
        """Nobody, who signed up and has not confirmed, and whoever is in whole, in a browser or an app."""
        user, whole = a_performer(), stories.a_person()
        account = {
            "email": "ada@example.org",
            "password": stories.PASSWORD,
            "name": "Ada",
            "time_zone": "UTC",
        }
        waits = app_auth("signup", account | {"comes_to": "performer"}).json()["meta"]["session_token"]  # type: ignore[attr-defined] # the test client's
        doors = [
            Api(),
            Api(client=logs_in(whole)),
            *(Api(token=token) for token in (an_app_of(whole), waits, "none")),
        ]
        answers = {door.post("recoveries/ask").content for door in doors}
        assert len(answers) == 1
        assert b"Give your mail address and password first." in answers.pop()
        assert doors[0].post("recoveries/ask").status_code == 401
        assert not Recovery.objects.exists()
        assert asks_by_api(user, "app").status_code == 201

    def test_by_api_in_a_browser_takes_the_token_of_its_forms(self) -> None:
        user, client = a_performer(), Client(enforce_csrf_checks=True)
        client.cookies = gives_the_password(user).cookies
        client.get("/accounts/2fa/authenticate/")
        token = client.cookies["csrftoken"].value
        assert code_of(Api(client=client).post("recoveries/ask")) == "forbidden"
        assert not Recovery.objects.exists()
        assert Api(client=client).post("recoveries/ask", {}, **{"X-CSRFToken": token}).status_code == 201

    @pytest.mark.parametrize("door", ["browser", "app"])
    def test_by_api_says_who_decides_and_until_when_and_does_nothing_else(self, door: str) -> None:
        """What it opens is asking, and asking alone: they are still nobody at every other door."""
        user = a_performer()
        said = body_of(asks_by_api(user, door))
        recovery = Recovery.objects.get(user=user)
        assert said == {
            "id": recovery.public_id,
            "state": "asked",
            "asked_at": "2026-11-02T09:00:00Z",
            "expires_at": "2026-11-09T09:00:00Z",
            "who_decides": "talent operations",
        }
        token = gives_the_password_in_an_app(user)
        for api in (Api(token=token), Api(client=gives_the_password(user))):
            api.post("recoveries/ask")
            assert api.get("me").status_code == 401
            assert api.get("recoveries").status_code == 401

    def test_by_api_ends_with_the_account(self) -> None:
        admin, user = stories.a_member_of_staff(Staff.ADMIN), a_performer()
        token = gives_the_password_in_an_app(user)
        path = f"staff/{user.public_id}/deactivate"
        body_of(Api(client=logs_in(admin)).post(path, {"reason": "They asked."}))
        assert Api(token=token).post("recoveries/ask").status_code == 401
        assert not Recovery.objects.exists()

    @ASKS
    def test_says_who_decides_and_tells_both(self, door: str) -> None:
        talent, user = stories.a_member_of_staff(Staff.TALENT), a_performer()
        asks(user, door)
        send_mail()
        assert {letter.to[0] for letter in mail.outbox} == {talent.email, user.email}
        told = Notification.objects.get(user=talent, kind="recovery_to_decide")
        assert told.path == "/recoveries/"
        assert "Speak to them by a way that you know" in told.body
        asked = Notification.objects.get(user=user, kind="security")
        assert "talent operations looks at it by Mon 9 Nov" in asked.body

    def test_is_told_on_a_former_address_too(self) -> None:
        user = a_performer()
        addresses.note_change(user=user, former="former@example.org", at=AT)
        asks(user)
        send_mail()
        subject = "Somebody says that you lost your second factor"
        to = {letter.to[0] for letter in mail.outbox if letter.subject == subject}
        assert to == {user.email, "former@example.org"}

    @ASKS
    def test_twice_is_once(self, door: str) -> None:
        user = a_performer()
        assert asks(user, door) == asks(user, door)
        assert Recovery.objects.count() == 1

    @ASKS
    def test_ends_when_the_owner_gives_their_second_factor(self, door: str) -> None:
        user = a_performer()
        recovery = asks(user, door)
        logs_in(user)
        assert state(recovery) == "withdrawn"

    def test_ends_when_the_owner_changes_the_password(self) -> None:
        user = a_performer()
        client = logs_in(user)
        recovery = asks(user)
        both = {f"password{n}": "marble otters drive north at dawn" for n in (1, 2)}
        client.post("/accounts/password/change/", {"oldpassword": stories.PASSWORD} | both)
        assert state(recovery) == "withdrawn"


@DOORS
class TestDeciding:
    def test_yes_takes_it_away_and_the_next_log_in_sets_up_another(self, door: str) -> None:
        talent, user = stories.a_member_of_staff(Staff.TALENT), a_performer()
        before, app = logs_in(user), Api(token=an_app_of(user))
        recovery = asks(user)
        assert user.email in logs_in(talent).get("/recoveries/").content.decode()
        assert decides(talent, recovery, "agree", door).status_code in (200, 302)
        assert state(recovery) == "agreed"
        assert not Authenticator.objects.filter(user=user).exists()
        assert before.get("/today/").status_code == 302
        assert app.get("me").status_code == 401
        trail = AuditEvent.objects.get(thing=recovery.public_id, to_state="agreed")
        assert (trail.actor, trail.reason) == (talent.public_id, REASON)
        mail.outbox.clear()
        send_mail()
        assert any("set up another one" in str(letter.body) for letter in mail.outbox)
        again = logs_in(user)
        assert sets_up_an_app(again).status_code == 302
        assert Authenticator.objects.filter(user=user, type="totp").exists()

    def test_yes_leads_in_where_it_was_asked_for_too(self, door: str) -> None:
        """There, the log-in had come as far as the second factor."""
        talent, user = stories.a_member_of_staff(Staff.TALENT), a_performer()
        client = gives_the_password(user)
        client.post("/recovery/")
        assert client.get("/accounts/login/").headers["Location"].startswith("/accounts/2fa/authenticate/")
        decides(talent, Recovery.objects.get(user=user), "agree", door)
        shown = client.get("/accounts/login/", follow=True)
        assert "You have no second factor any more." in shown.content.decode()
        sent = {"login": user.email, "password": stories.PASSWORD}
        assert client.post("/accounts/login/", sent, follow=True).request["PATH_INFO"] == "/today/"

    def test_yes_of_someone_with_a_role_withholds_it_until_then(self, door: str) -> None:
        admin, lost = stories.a_member_of_staff(Staff.ADMIN), stories.a_member_of_staff(Staff.FINANCE)
        decides(admin, asks(lost), "agree", door)
        client = logs_in(lost)
        assert client.get("/pay/payday/").headers["Location"].startswith("/settings/second-factor/")
        sets_up_an_app(client)
        assert client.get("/pay/payday/").status_code == 200

    def test_no_leaves_it_and_says_why(self, door: str) -> None:
        talent, user = stories.a_member_of_staff(Staff.TALENT), a_performer()
        recovery = asks(user)
        decides(talent, recovery, "refuse", door, "Nobody answers there.")
        assert state(recovery) == "refused"
        assert Authenticator.objects.filter(user=user).exists()
        assert "Nobody answers there." in Notification.objects.filter(user=user).latest("id").body
        assert state(asks(user)) == "asked"

    def test_takes_a_reason(self, door: str) -> None:
        talent, recovery = stories.a_member_of_staff(Staff.TALENT), asks(a_performer())
        assert decides(talent, recovery, "agree", door, " ").status_code == 422
        assert state(recovery) == "asked"

    def test_is_over_once_decided(self, door: str) -> None:
        talent, recovery = stories.a_member_of_staff(Staff.TALENT), asks(a_performer())
        decides(talent, recovery, "refuse", door)
        assert decides(talent, recovery, "agree", door).status_code == 409
        assert state(recovery) == "refused"

    def test_runs_out_unanswered_and_says_so(self, door: str, it_is: ItIs) -> None:
        talent, user = stories.a_member_of_staff(Staff.TALENT), a_performer()
        recovery = asks(user)
        it_is(AT + OPEN_FOR - timedelta(seconds=1))
        secure()
        assert state(recovery) == "asked"
        it_is(AT + OPEN_FOR)
        assert decides(talent, recovery, "agree", door).status_code == 409
        secure()
        assert state(recovery) == "expired"
        told = Notification.objects.filter(user=user).latest("id")
        assert told.title == "Nobody has decided about your second factor"


def who_may(recovery: Recovery, *people: User) -> list[bool]:
    """Each by the list of what waits for them, and by trying."""
    found = []
    for person in people:
        api = Api(client=logs_in(person))
        listed = [row["id"] for row in body_of(api.get("recoveries"))["data"]]
        tried = api.post(f"recoveries/{recovery.public_id}/refuse", {"reason": " "})
        assert (recovery.public_id in listed) == (tried.status_code == 422), tried.content
        if tried.status_code != 422:
            assert code_of(tried) == "not_found"
        found.append(recovery.public_id in listed)
    return found


class TestWho:
    def test_of_staff_another_administrator(self) -> None:
        admin, other = stories.a_member_of_staff(Staff.ADMIN), stories.a_member_of_staff(Staff.ADMIN)
        talent, finance = stories.a_member_of_staff(Staff.TALENT), stories.a_member_of_staff(Staff.FINANCE)
        recovery = asks(admin)
        assert who_may(recovery, other, talent, finance) == [True, False, False]
        assert set(Notification.objects.filter(kind="recovery_to_decide").values_list("user", flat=True)) == {
            other.pk
        }

    def test_of_a_member_another_owner_of_the_company(self) -> None:
        company = stories.a_company()
        lost, second = stories.a_member(company, Role.BILLING), stories.a_member(company, Role.OWNER)
        others = [
            owner_of(stories.a_company()),
            stories.a_member_of_staff(Staff.TALENT),
            stories.a_member_of_staff(Staff.ADMIN),
            stories.a_member(company, Role.PRODUCER),
        ]
        recovery = asks(lost)
        assert who_may(recovery, second, *others) == [True, False, False, False, False]

    def test_of_the_only_owner_talent_operations_or_an_administrator(self) -> None:
        company = stories.a_company()
        producer = stories.a_member(company, Role.PRODUCER)
        talent, admin = stories.a_member_of_staff(Staff.TALENT), stories.a_member_of_staff(Staff.ADMIN)
        finance = stories.a_member_of_staff(Staff.FINANCE)
        recovery = asks(owner_of(company))
        assert who_may(recovery, talent, admin, finance, producer) == [True, True, False, False]

    def test_of_a_performer_talent_operations(self) -> None:
        talent, admin = stories.a_member_of_staff(Staff.TALENT), stories.a_member_of_staff(Staff.ADMIN)
        recovery = asks(a_performer())
        assert who_may(recovery, talent, admin, owner_of(stories.a_company()), a_performer()) == [
            True,
            False,
            False,
            False,
        ]

    def test_never_oneself(self) -> None:
        admin = stories.a_member_of_staff(Staff.ADMIN)
        mine = logs_in(admin)
        recovery = asks(admin)
        path = f"recoveries/{recovery.public_id}/agree"
        assert code_of(Api(client=mine).post(path, {"reason": REASON})) == "not_found"
        assert Authenticator.objects.filter(user=admin).exists()
        other = stories.a_member_of_staff(Staff.ADMIN)
        body_of(Api(client=logs_in(other)).post(path, {"reason": REASON}))
        assert not Authenticator.objects.filter(user=admin).exists()

    def test_finds_the_way_from_the_pages_of_those_who_decide(self) -> None:
        company = stories.a_company()
        pages = {
            owner_of(company): f"/company/{company.public_id}/members/",
            stories.a_member_of_staff(Staff.ADMIN): "/staff/",
            stories.a_member_of_staff(Staff.TALENT): "/today/",
        }
        for person, page in pages.items():
            assert 'href="/recoveries/"' in logs_in(person).get(page).content.decode()


class TestTheLastAdministrator:
    def test_is_given_a_new_start_on_the_machine(self) -> None:
        admin = stories.a_member_of_staff(Staff.ADMIN)
        before = logs_in(admin)
        call_command("first_administrator", admin.email, "--recover")
        assert before.get("/today/").status_code == 302
        client = logs_in(admin)
        assert client.get("/staff/").headers["Location"].startswith("/settings/second-factor/")
        sets_up_an_app(client)
        assert client.get("/staff/").status_code == 200
        send_mail()
        assert any("on the machine of the house" in str(letter.body) for letter in mail.outbox)

    def test_but_nobody_else_is(self) -> None:
        admin, other = stories.a_member_of_staff(Staff.ADMIN), stories.a_member_of_staff(Staff.FINANCE)
        with pytest.raises(CommandError, match="another administrator decides"):
            call_command("first_administrator", other.email, "--recover")
        stories.a_member_of_staff(Staff.ADMIN)
        with pytest.raises(CommandError, match="another administrator decides"):
            call_command("first_administrator", admin.email, "--recover")
        assert Authenticator.objects.filter(user=admin).exists()


def test_an_app_that_gave_the_password_alone_decides_nothing() -> None:
    talent, recovery = stories.a_member_of_staff(Staff.TALENT), asks(a_performer())
    token = gives_the_password_in_an_app(talent)
    answer = Api(token=token).post(f"recoveries/{recovery.public_id}/agree", {"reason": REASON})
    assert answer.status_code == 401
