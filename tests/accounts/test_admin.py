"""The admin: for superusers with their second factor given in the session; it shows, changes nothing, and leaves a trace."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client

from accounts.access.roles import Staff
from accounts.audit.models import AuditEvent
from accounts.identity.look_only import LookOnly
from accounts.identity.models import StaffRole, User
from tests import stories
from tests.accounts.browsing import browser, logs_in, proves, sets_up_an_app

pytestmark = pytest.mark.django_db


def a_superuser(*, second_factor: bool = True) -> User:
    user = User.objects.create_superuser("root@example.org", stories.PASSWORD, name="Root")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if second_factor:
        stories.sets_up_a_second_factor(user)
    return user


class TestTheDoor:
    def test_opens_by_the_second_factor_given_in_this_session(self) -> None:
        user = a_superuser()
        client = browser(user)
        asked = client.get("/admin/accounts/user/", follow=True)
        assert asked.redirect_chain[-1][0].startswith("/accounts/2fa/reauthenticate/")
        client.post("/accounts/reauthenticate/", {"password": stories.PASSWORD})
        assert client.get("/admin/accounts/user/").status_code == 302
        assert proves(client, user, next="/admin/").headers["Location"] == "/admin/"
        assert client.get("/admin/accounts/user/").status_code == 200
        assert logs_in(user).get("/admin/").status_code == 200

    def test_leads_to_setting_one_up_and_back(self) -> None:
        client = logs_in(a_superuser(second_factor=False))
        asked = client.get("/admin/", follow=True)
        assert asked.redirect_chain[-1][0].startswith("/settings/second-factor/")
        sets_up_an_app(client)
        assert client.get("/settings/second-factor/").headers["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200

    def test_leads_a_stranger_to_the_log_in_of_the_house(self) -> None:
        asked = Client().get("/admin/accounts/user/", follow=True)
        assert asked.redirect_chain[-1][0].startswith("/accounts/login/")
        sent = {"username": a_superuser().email, "password": stories.PASSWORD}
        assert Client().post("/admin/login/", sent).headers["Location"].startswith("/accounts/login/")

    @pytest.mark.parametrize("role", list(Staff))
    def test_stays_shut_to_staff(self, role: Staff) -> None:
        client = logs_in(stories.a_member_of_staff(role))
        assert client.get("/admin/accounts/user/", follow=True).status_code == 403


class TestLooking:
    def test_leaves_a_trace_of_each_page(self) -> None:
        user, person = a_superuser(), stories.a_person()
        client, path = logs_in(user), f"/admin/accounts/user/{person.pk}/change/"
        assert client.get(path).status_code == 200
        assert client.get("/admin/accounts/user/", {"q": "Person"}).status_code == 200
        traces = AuditEvent.objects.filter(verb="admin.opened").order_by("id")
        assert [(trace.actor, trace.facts["path"]) for trace in traces] == [
            (user.public_id, path),
            (user.public_id, "/admin/accounts/user/"),
        ]

    def test_changes_nothing_and_adds_nobody(self) -> None:
        client, person = logs_in(a_superuser()), stories.a_person()
        for path in (
            f"/admin/accounts/user/{person.pk}/change/",
            f"/admin/accounts/user/{person.pk}/delete/",
            "/admin/accounts/user/add/",
            "/admin/accounts/user/",
            "/admin/password_change/",
        ):
            sent = {"email": "x@y.z", "post": "yes", "action": "delete_selected"}
            assert client.post(path, sent).status_code == 403, path
        person.refresh_from_db()
        assert person.email != "x@y.z"

    def test_roles_of_the_house_are_only_looked_at(self) -> None:
        client, held = logs_in(a_superuser()), stories.a_member_of_staff(Staff.FINANCE).staff_roles.get()
        assert client.get(f"/admin/accounts/staffrole/{held.pk}/change/").status_code == 200
        assert client.get("/admin/accounts/staffrole/add/").status_code == 403
        client.post(f"/admin/accounts/staffrole/{held.pk}/delete/", {"post": "yes"})
        assert StaffRole.objects.filter(pk=held.pk).exists()

    def test_shows_no_rows_of_libraries(self) -> None:
        """Sessions, addresses, seeds of second factors: nobody steps round the house by them."""
        assert all(isinstance(each, LookOnly) for each in admin.site._registry.values())
        assert {model._meta.app_label for model in admin.site._registry} == {"accounts"}
        client = logs_in(a_superuser())
        for path in ("mfa/authenticator", "usersessions/usersession", "account/emailaddress", "auth/group"):
            assert client.get(f"/admin/{path}/").status_code == 404
        assert client.get("/admin/logout/").status_code == 405
        assert client.post("/admin/logout/").status_code == 302
        assert client.get("/admin/").status_code == 302
