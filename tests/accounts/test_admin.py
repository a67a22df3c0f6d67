import pytest

from accounts.access.roles import Staff
from accounts.audit.models import AuditEvent
from accounts.identity.models import StaffRole, User
from tests import stories
from tests.accounts.browsing import browser

pytestmark = pytest.mark.django_db


def a_superuser() -> User:
    return User.objects.create_superuser("root@example.org", stories.PASSWORD, name="Root")


def test_a_role_of_the_house_is_granted_and_withdrawn_on_the_record() -> None:
    client, person = browser(a_superuser()), stories.a_person()
    client.post("/admin/accounts/staffrole/add/", {"user": person.pk, "role": Staff.FINANCE})
    granted = StaffRole.objects.get(user=person)
    client.post(f"/admin/accounts/staffrole/{granted.pk}/delete/", {"post": "yes"})
    assert not StaffRole.objects.exists()
    verbs = AuditEvent.objects.filter(thing=person.public_id).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["staff.granted", "staff.withdrawn"]


def test_people_are_only_looked_at() -> None:
    client, person = browser(a_superuser()), stories.a_person()
    assert client.get(f"/admin/accounts/user/{person.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/user/{person.pk}/change/", {"email": "x@y.z"}).status_code == 403
    assert client.get("/admin/accounts/user/add/").status_code == 403


def test_finance_is_no_superuser() -> None:
    response = browser(stories.a_member_of_staff(Staff.FINANCE)).get("/admin/accounts/user/")
    assert response.status_code in (302, 403)
