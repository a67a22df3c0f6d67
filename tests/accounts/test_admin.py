import pytest

from accounts.access.roles import Staff
from accounts.identity.models import StaffRole, User
from tests import stories
from tests.accounts.browsing import browser

pytestmark = pytest.mark.django_db


def a_superuser() -> User:
    return User.objects.create_superuser("root@example.org", stories.PASSWORD, name="Root")


def test_roles_of_the_house_are_only_looked_at() -> None:
    client, held = browser(a_superuser()), stories.a_member_of_staff(Staff.FINANCE).staff_roles.get()
    assert client.get(f"/admin/accounts/staffrole/{held.pk}/change/").status_code == 200
    assert client.get("/admin/accounts/staffrole/add/").status_code == 403
    client.post(f"/admin/accounts/staffrole/{held.pk}/delete/", {"post": "yes"})
    assert StaffRole.objects.filter(pk=held.pk).exists()


def test_people_are_only_looked_at() -> None:
    client, person = browser(a_superuser()), stories.a_person()
    assert client.get(f"/admin/accounts/user/{person.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/user/{person.pk}/change/", {"email": "x@y.z"}).status_code == 403
    assert client.get("/admin/accounts/user/add/").status_code == 403


def test_finance_is_no_superuser() -> None:
    response = browser(stories.a_member_of_staff(Staff.FINANCE)).get("/admin/accounts/user/")
    assert response.status_code in (302, 403)
