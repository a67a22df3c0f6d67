"""An address that nobody has confirmed is nobody: it gets no role, and to ask for it tells nothing about anyone."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.test import Client

from accounts.access.roles import Staff
from accounts.companies.models import Company, Membership
from accounts.identity.models import StaffRole, User
from accounts.keys import acting
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, code_of, logs_in

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


def confirms(user: User) -> None:
    """Opens the link of the mail and presses its button."""
    key = EmailConfirmationHMAC(EmailAddress.objects.get(user=user)).key
    assert logs_in(user).post(f"/accounts/confirm-email/{key}/").status_code == 302


def adds(company: Company, email: str, door: str, role: str = "producer") -> tuple[int, str]:
    """The company's owner adds that address; what they are answered, with the address taken out."""
    owner = stories.person(stories.owner_of(company))
    sent = {"email": email, "role": role}
    if door == "api":
        told = Api(token=an_app_of(owner)).post(f"companies/{company.public_id}/members", sent)
        return told.status_code, told.content.decode().replace(email, "…")
    answer = logs_in(owner).post(f"/company/{company.public_id}/members/", sent)
    return answer.status_code, messages_of(answer).replace(email, "…")


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in answer.wsgi_request._messages)


def seen_by(company: Company) -> str:
    """All that the company's owner sees of its members, on the page and on the API."""
    owner = stories.person(stories.owner_of(company))
    client, path = logs_in(owner), company.public_id
    return client.get(f"/company/{path}/").content.decode() + str(
        body_of(Api(client=client).get(f"companies/{path}/members"))
    )


@DOORS
class TestAMemberByAddress:
    def test_a_stranger_with_somebodys_address_gains_nothing(self, company: Company, door: str) -> None:
        stranger = a_stranger_signs_up()
        adds(company, VICTIM, door)
        assert not Membership.objects.filter(user=stranger).exists()
        theirs = logs_in(stranger)
        assert theirs.get(f"/company/{company.public_id}/").status_code in (403, 404)
        api = Api(client=theirs)
        assert api.get(f"companies/{company.public_id}/members").status_code in (403, 404)
        assert body_of(api.get("companies"))["data"] == []

    def test_whoever_has_confirmed_it_acts_for_the_company(self, company: Company, door: str) -> None:
        person = a_stranger_signs_up("ada@example.org")
        confirms(person)
        adds(company, "ADA@example.org", door, role="producer")
        assert Membership.objects.get(user=person).role == "producer"
        theirs = logs_in(person)
        assert theirs.get(f"/company/{company.public_id}/").status_code == 200
        assert [row["name"] for row in body_of(Api(client=theirs).get("companies"))["data"]] == ["Northlight"]

    def test_the_answer_is_the_same_whoever_has_the_address(self, company: Company, door: str) -> None:
        a_stranger_signs_up()
        finance = stories.a_member_of_staff(Staff.FINANCE)
        asked = [VICTIM, "nobody@example.org", finance.email]
        answers = [adds(company, email, door) for email in asked]
        assert len(set(answers)) == 1, answers
        assert answers[0][0] in (201, 302)

    def test_the_name_of_whoever_is_added_is_theirs_to_tell(self, company: Company, door: str) -> None:
        finance = stories.a_member_of_staff(Staff.FINANCE)
        User.objects.filter(pk=finance.pk).update(name="Frances Ledger")
        _, said = adds(company, finance.email, door)
        assert "Frances" not in said + seen_by(company)
        owner = stories.person(stories.owner_of(company))
        changed = f"/company/{company.public_id}/members/{finance.public_id}/"
        assert (
            "Frances" not in logs_in(owner).post(changed, {"role": "billing"}, follow=True).content.decode()
        )
        theirs = logs_in(User.objects.get(pk=finance.pk))
        assert "Northlight has added you as billing" in theirs.get("/today/").content.decode()
        says_yes(theirs, company, door)
        assert "Frances Ledger" in seen_by(company)
        assert "has added you" not in theirs.get("/today/").content.decode()

    def test_whoever_was_added_may_leave(self, company: Company, door: str) -> None:
        person = stories.a_person()
        adds(company, person.email, door)
        theirs = logs_in(person)
        if door == "api":
            assert Api(client=theirs).delete(f"companies/{company.public_id}/membership").status_code == 204
        else:
            theirs.post(f"/company/{company.public_id}/membership/", {"do": "leave"})
        assert not Membership.objects.filter(user=person).exists()

    def test_the_last_owner_does_not_leave(self, company: Company, door: str) -> None:
        owner = stories.person(stories.owner_of(company))
        if door == "api":
            answer = Api(client=logs_in(owner)).delete(f"companies/{company.public_id}/membership")
            assert code_of(answer) == "last_owner"
        else:
            logs_in(owner).post(f"/company/{company.public_id}/membership/", {"do": "leave"})
        assert Membership.objects.filter(user=owner).exists()


def says_yes(client: Client, company: Company, door: str) -> None:
    if door == "api":
        assert body_of(Api(client=client).post(f"companies/{company.public_id}/membership"))["accepted_at"]
    else:
        assert client.post(f"/company/{company.public_id}/membership/", {"do": "accept"}).status_code == 302


class TestARoleOfTheHouse:
    def grants(self, user: User, role: Staff = Staff.FINANCE) -> str:
        root = User.objects.create_superuser("root@example.org", stories.PASSWORD, name="Root")
        sent = {"user": user.pk, "role": role}
        return logs_in(root).post("/admin/accounts/staffrole/add/", sent).content.decode()

    def test_is_not_given_to_an_address_that_is_not_confirmed(self) -> None:
        stranger = a_stranger_signs_up()
        assert "This address is not confirmed" in self.grants(stranger)
        assert not StaffRole.objects.exists()
        assert not acting.of_user(stranger).is_finance
        assert logs_in(stranger).get("/pay/payday/").status_code == 403

    @pytest.mark.parametrize("role", list(Staff))
    def test_is_given_to_whoever_has_confirmed(self, role: Staff) -> None:
        person = a_stranger_signs_up("ada@example.org")
        confirms(person)
        self.grants(person, role)
        assert StaffRole.objects.get(user=person).role == role
        pages: dict[Staff, str] = {Staff.FINANCE: "/pay/payday/", Staff.TALENT: "/week/disputes/"}
        assert logs_in(person).get(pages[role]).status_code == 200
