"""Who moves money or decides about people needs a second factor: until then the role is withheld, and nothing else."""

import json
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts.access.roles import NEEDS_SECOND_FACTOR, Role, Staff
from accounts.companies import operations as companies
from accounts.companies.models import Company, Membership
from accounts.identity.models import User
from accounts.keys import acting
from accounts.notifications.models import Notification
from accounts.tasks import send_mail
from tests import stories, totp
from tests.accounts.browsing import (
    Api,
    an_app_of,
    body_of,
    code_of,
    logs_in,
    proves,
    proves_in_an_app,
    sets_up_an_app,
)

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "api"])
PAGES = {Staff.FINANCE: "/pay/payday/", Staff.TALENT: "/week/disputes/", Staff.ADMIN: "/staff/"}
PATHS = {Staff.FINANCE: "pay-runs", Staff.TALENT: "disputes"}


def of_the_house(role: Staff) -> User:
    user = stories.a_person()
    stories.says_yes_to_the_house(user, role)
    return user


def of_a_company(role: Role) -> tuple[User, Company]:
    """A member who came by their own yes and has set up nothing."""
    user, company = stories.a_person(), stories.a_company()
    companies.enrol(company=company, user=user, role=role, by=stories.HOUSE, at=stories.BEFORE)
    return user, company


def test_the_table_says_who() -> None:
    assert set(NEEDS_SECOND_FACTOR) == {"finance", "talent", "admin", "owner", "billing"}


class TestOfTheHouse:
    @pytest.mark.parametrize("role", list(Staff))
    def test_is_led_to_it_and_back_to_where_they_were_going(self, role: Staff) -> None:
        client = logs_in(of_the_house(role))
        asked = client.get(PAGES[role])
        assert asked.headers["Location"].startswith("/settings/second-factor/?next=")
        page = client.get(asked.headers["Location"]).content.decode()
        assert "a stolen password alone opens nothing" in page
        assert "Set up a passkey" in page
        shown = sets_up_an_app(client)
        codes = client.get(shown.headers["Location"]).content.decode()
        assert "I have kept them, go on" in codes
        assert client.get("/settings/second-factor/").headers["Location"] == PAGES[role]
        assert client.get(PAGES[role]).status_code == 200

    @pytest.mark.parametrize("role", list(PATHS))
    def test_is_told_by_the_api_what_to_do(self, role: Staff) -> None:
        user = of_the_house(role)
        api = Api(token=an_app_of(user))
        refused = api.get(PATHS[role])
        assert (refused.status_code, code_of(refused)) == (403, "second_factor_required")
        assert "Settings" in json.loads(refused.content)["detail"]
        assert body_of(api.get("me"))["second_factor"] == "required"
        token = api.headers["X-Session-Token"]
        headers = {"X-Session-Token": token}
        path = "/_allauth/app/v1/account/authenticators/totp"
        secret = Client().get(path, headers=headers).json()["meta"]["secret"]
        sent = {"code": totp.code(secret)}
        body_of(Client().post(path, json.dumps(sent), "application/json", headers=headers))  # type: ignore[arg-type] # Django's test client says so too
        assert body_of(api.get(PATHS[role]))["data"] == []
        assert body_of(api.get("me"))["second_factor"] == "set_up"

    def test_sees_nothing_of_what_the_role_sees(self) -> None:
        company = stories.a_company()
        for role in Staff:
            actor = acting.of_user(of_the_house(role))
            assert not any((actor.is_staff, actor.is_admin, actor.is_finance, actor.is_talent))
            assert not Company.objects.visible_to(actor).filter(pk=company.pk).exists()

    def test_comes_to_what_is_their_own(self) -> None:
        client = logs_in(of_the_house(Staff.FINANCE))
        assert "Your role waits for a second factor" in client.get("/today/").content.decode()
        for path in ("/settings/", "/notifications/", "/accounts/2fa/", "/accounts/email/"):
            assert client.get(path).status_code == 200, path
        assert Api(client=client).get("notifications").status_code == 200


class TestOfACompany:
    @pytest.mark.parametrize("role", [Role.OWNER, Role.BILLING])
    @DOORS
    def test_waits_with_a_role_that_pays_or_rules(self, role: Role, door: str) -> None:
        user, company = of_a_company(role)
        client = logs_in(user)
        if door == "page":
            asked = client.get(f"/company/{company.public_id}/wallet/")
            assert asked.headers["Location"].startswith("/settings/second-factor/")
        else:
            refused = Api(client=client).get(f"companies/{company.public_id}/wallet")
            assert code_of(refused) == "second_factor_required"
            assert body_of(Api(client=client).get("companies"))["data"] == []
        sets_up_an_app(client)
        assert client.get(f"/company/{company.public_id}/wallet/").status_code == 200
        assert body_of(Api(client=client).get("companies"))["data"][0]["id"] == company.public_id

    @pytest.mark.parametrize("role", [Role.PRODUCER, Role.REVIEWER])
    def test_does_not_with_another(self, role: Role) -> None:
        user, company = of_a_company(role)
        assert logs_in(user).get(f"/company/{company.public_id}/gigs/").status_code == 200

    def test_waits_in_one_company_and_works_in_another(self) -> None:
        user, owned = of_a_company(Role.OWNER)
        other = stories.a_company()
        companies.enrol(company=other, user=user, role=Role.PRODUCER, by=stories.HOUSE, at=stories.BEFORE)
        client = logs_in(user)
        assert client.get(f"/company/{other.public_id}/gigs/").status_code == 200
        asked = client.get(f"/company/{owned.public_id}/gigs/")
        assert asked.headers["Location"].startswith("/settings/second-factor/")
        path = f"companies/{owned.public_id}/gigs"
        assert code_of(Api(client=client).get(path)) == "second_factor_required"
        assert code_of(Api(client=client).get(f"companies/{stories.a_company().public_id}")) == "not_found"

    @DOORS
    def test_leaves_all_the_same(self, door: str) -> None:
        user, company = of_a_company(Role.BILLING)
        client = logs_in(user)
        if door == "page":
            client.post(f"/company/{company.public_id}/leave/")
        else:
            Api(client=client).delete(f"companies/{company.public_id}/membership")
        assert not Membership.objects.filter(user=user).exists()

    def test_the_companys_keys_go_on(self) -> None:
        company = stories.a_company()
        owner = stories.person(stories.owner_of(company))
        sent = {"name": "board", "scopes": ["gigs:read"], "days": 9}
        made = body_of(Api(client=logs_in(owner)).post(f"companies/{company.public_id}/api-keys", sent))
        Authenticator.objects.filter(user=owner).delete()
        assert code_of(Api(client=logs_in(owner)).get(f"companies/{company.public_id}/gigs")) == (
            "second_factor_required"
        )
        assert Api(key=made["secret"]).get(f"companies/{company.public_id}/gigs").status_code == 200


def by_page(client: Client, user: User) -> None:
    client.post("/accounts/2fa/totp/deactivate/")


def by_json(client: Client, user: User) -> None:
    client.delete("/_allauth/browser/v1/account/authenticators/totp")


# What refuses a deletion rolls back the transaction that it stands in.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("removes", [by_page, by_json])
class TestTheLastOne:
    def test_stays_while_a_role_needs_it(self, removes: Callable[[Client, User], None]) -> None:
        user = stories.a_member_of_staff(Staff.FINANCE)
        removes(logs_in(user), user)
        assert Authenticator.objects.filter(user=user, type="totp").exists()

    def test_goes_where_none_does(self, removes: Callable[[Client, User], None]) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        removes(logs_in(user), user)
        assert not Authenticator.objects.filter(user=user).exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_says_in_words_why_the_last_one_stays() -> None:
    client = logs_in(stories.a_member_of_staff(Staff.FINANCE))
    here = {"Referer": "http://testserver/accounts/2fa/totp/deactivate/"}
    said = client.post("/accounts/2fa/totp/deactivate/", headers=here, follow=True).content.decode()
    assert "Your role here takes one" in said


def test_nobody_locks_an_address_that_they_do_not_read() -> None:
    """Signed up with another's address: its owner can always set a new password and be alone in the account."""
    client = Client()
    sent = {"email": "victim@example.org", "password1": stories.PASSWORD, "comes_to": "performer"}
    client.post("/accounts/signup/", sent | {"name": "Mallory", "time_zone": "UTC"})
    assert client.get("/settings/second-factor/").status_code == 302
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
    assert not Authenticator.objects.filter(user__email="victim@example.org").exists()


class TestIsTold:
    """At once, by mail, with the time in the reader's zone, and what to do if it was not them."""

    def told(self, user: User) -> str:
        send_mail()
        letters = [letter for letter in mail.outbox if letter.to == [user.email]]
        body = Notification.objects.filter(user=user, kind="security").latest("id").body
        assert body in str(letters[-1].body)
        assert "If it was not you" in body
        return body

    def test_of_one_set_up_and_one_removed(self) -> None:
        user = stories.a_person(zone="Asia/Tokyo")
        client = logs_in(user)
        sets_up_an_app(client)
        assert "An authenticator app" in self.told(user)
        assert "JST" in self.told(user)
        client.post("/accounts/2fa/totp/deactivate/")
        assert Notification.objects.filter(user=user, title="A second factor was removed").exists()
        self.told(user)

    @pytest.mark.django_db(transaction=True)
    def test_of_new_recovery_codes(self) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        logs_in(user).post("/accounts/2fa/recovery-codes/generate/")
        assert "the old ones open nothing" in self.told(user)

    @DOORS
    def test_of_a_new_password(self, door: str) -> None:
        user, new = stories.a_person(), "another sentence to remember"
        client = logs_in(user)
        if door == "page":
            sent = {"oldpassword": stories.PASSWORD, "password1": new, "password2": new}
            client.post("/accounts/password/change/", sent)
        else:
            sent = {"current_password": stories.PASSWORD, "new_password": new}
            path = "/_allauth/browser/v1/account/password/change"
            client.post(path, json.dumps(sent), "application/json")
        assert "set another one at once" in self.told(user)


class TestOtherSessions:
    def sessions(self, user: User) -> tuple[Client, Client, Api]:
        """The one that acts, another browser and an app."""
        return logs_in(user), logs_in(user), Api(token=an_app_of(user))

    def all_but_one_ended(self, here: Client, there: Client, app: Api) -> bool:
        assert here.get("/today/").status_code == 200
        return there.get("/today/").status_code == 302 and app.get("me").status_code == 401

    def test_end_with_another_password(self) -> None:
        user, new = stories.a_person(), "another sentence to remember"
        here, there, app = self.sessions(user)
        here.post(
            "/accounts/password/change/",
            {"oldpassword": stories.PASSWORD, "password1": new, "password2": new},
        )
        assert self.all_but_one_ended(here, there, app)

    def test_end_with_another_second_factor(self) -> None:
        user = stories.a_person()
        here, there, app = self.sessions(user)
        sets_up_an_app(here)
        assert self.all_but_one_ended(here, there, app)
        assert UserSession.objects.filter(user=user).count() == 1

    def test_end_with_one_less(self) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        here, there, app = self.sessions(user)
        proves(here, user)
        here.post("/accounts/2fa/totp/deactivate/")
        assert self.all_but_one_ended(here, there, app)

    def test_do_not_end_with_a_log_in(self) -> None:
        user = stories.a_person()
        stories.sets_up_a_second_factor(user)
        _, there, app = self.sessions(user)
        logs_in(user)
        assert there.get("/today/").status_code == 200
        assert app.get("me").status_code == 200


def test_an_app_is_asked_for_the_second_factor_and_not_for_the_password_again() -> None:
    user = stories.a_member_of_staff(Staff.FINANCE)
    token = an_app_of(user)
    token = proves_in_an_app(token, password=stories.PASSWORD)
    proves_in_an_app(token, code=stories.a_recovery_code_of(user))


@pytest.mark.parametrize(
    ("host", "offered"),
    [("127.0.0.1:8000", False), ("[::1]:8000", False), ("localhost:8000", True), ("callboard.org", True)],
)
def test_a_passkey_is_offered_where_the_house_is_opened_by_a_name(host: str, offered: bool) -> None:
    client = logs_in(stories.a_person())
    page = client.get("/settings/second-factor/", headers={"Host": host}).content.decode()
    assert ("Set up a passkey" in page) is offered
    assert ("a passkey belongs to a name" in page) is not offered
    assert "Set up an app" in page
