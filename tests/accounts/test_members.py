"""To invite an address tells nothing about whoever has it."""

import pytest
from django.test import Client

from accounts.access.roles import Role, Staff
from accounts.companies.models import Company, Membership
from accounts.identity.models import User
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, logs_in

pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "api"])
VICTIM = "grace.hopper@example.org"


@pytest.fixture
def company() -> Company:
    return stories.a_company("Northlight")


def a_stranger_signs_up(email: str = VICTIM) -> User:
    """By the page, with somebody's address that they cannot read."""
    sent = {"email": email, "password1": stories.PASSWORD, "comes_to": "performer", "name": "Mallory"}
    Client().post("/accounts/signup/", sent | {"time_zone": "UTC"})
    return User.objects.get(email=email)


@DOORS
class TestTheLastOwner:
    def test_does_not_leave(self, company: Company, door: str) -> None:
        owner = stories.person(stories.owner_of(company))
        assert leaves(owner, company, door) in (302, 409)
        assert Membership.objects.filter(user=owner).exists()

    def test_leaves_once_there_is_another(self, company: Company, door: str) -> None:
        owner = stories.person(stories.owner_of(company))
        stories.a_member(company, Role.OWNER)
        assert leaves(owner, company, door) in (302, 204)
        assert not Membership.objects.filter(user=owner).exists()


def leaves(user: User, company: Company, door: str) -> int:
    if door == "api":
        return Api(client=logs_in(user)).delete(f"companies/{company.public_id}/membership").status_code
    return logs_in(user).post(f"/company/{company.public_id}/leave/").status_code


@DOORS
def test_the_answer_is_the_same_whoever_has_the_address(company: Company, door: str) -> None:
    a_stranger_signs_up()
    finance = stories.a_member_of_staff(Staff.FINANCE)
    owner = stories.person(stories.owner_of(company))
    said = [asks(owner, company, email, door) for email in (VICTIM, "nobody@example.org", finance.email)]
    assert len(set(said)) == 1, said


def asks(owner: User, company: Company, email: str, door: str) -> tuple[int, str]:
    """The owner invites the address; what they are answered, with the address and what differs by itself taken out."""
    sent = {"email": email, "role": "producer"}
    if door == "api":
        told = Api(token=an_app_of(owner)).post(f"companies/{company.public_id}/invitations", sent)
        return told.status_code, str(
            body_of(told) | {"id": "", "email": "", "invited_at": "", "expires_at": ""}
        )
    client = logs_in(owner)
    answer = client.post(f"/company/{company.public_id}/invitations/", sent)
    said = " ".join(str(message) for message in answer.wsgi_request._messages)  # type: ignore[attr-defined] # the messages of this answer
    return answer.status_code, said.replace(email, "…")
