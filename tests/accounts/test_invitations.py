"""Nobody is enrolled by another: one mail, answered by the person, for a company as for the house."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client

from accounts.access.roles import Role, Staff
from accounts.companies.models import Company, Membership
from accounts.identity.models import StaffRole, User
from accounts.invitations import operations
from accounts.invitations.models import Invitation
from accounts.notifications.models import Notification
from accounts.tasks import invite as the_mail_goes_out
from kit.instants import in_words_and_utc
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, code_of, comes_in, logs_in, sets_up_an_app
from tests.accounts.inviting import answers, link_to, signs_up_by

ItIs = Callable[[datetime], None]
pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "api"])
ADA = "ada@example.org"
AT = stories.BEFORE


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(AT)


@pytest.fixture
def company() -> Company:
    return stories.a_company("Northlight")


def owner_of(company: Company) -> User:
    return stories.person(stories.owner_of(company))


def invites(
    inviter: User, email: str = ADA, *, role: str = "producer", company: Company | None, door: str
) -> HttpResponse:
    sent = {"email": email, "role": role}
    if door == "api":
        path = f"companies/{company.public_id}/invitations" if company else "staff/invitations"
        return Api(token=an_app_of(inviter)).post(path, sent)
    path = f"/company/{company.public_id}/invitations/" if company else "/staff/invitations/"
    return logs_in(inviter).post(path, sent)  # type: ignore[return-value] # Django's test client says so too


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user, kind="invitation").values_list("body", flat=True))


@DOORS
class TestAMember:
    def test_comes_by_one_mail_and_their_own_yes(self, company: Company, door: str) -> None:
        assert invites(owner_of(company), company=company, door=door).status_code in (201, 302)
        link = link_to(ADA)
        them = signs_up_by(link, ADA)
        assert not Membership.objects.filter(user__email=ADA).exists()
        assert "You act for Northlight as producer" in answers(them, link)
        assert Membership.objects.get(user__email=ADA).role == Role.PRODUCER
        assert them.get(f"/company/{company.public_id}/members/").status_code == 200
        assert told(owner_of(company)) == ["Ada Reyes says yes."]
        assert len(mail.outbox) == 1

    def test_is_told_until_when_in_a_zone_they_know(self, company: Company, door: str) -> None:
        """In their own where they have an account, else in that of who asks; and in UTC, for nobody knows where they read."""
        berlin = stories.a_person(zone="Europe/Berlin")
        for email, zone in ((ADA, owner_of(company).time_zone), (berlin.email, "Europe/Berlin")):
            invites(owner_of(company), email, company=company, door=door)
            link_to(email)
            until = in_words_and_utc(Invitation.objects.get(email=email).expires_at, zone)
            assert f"Say yes or no here, by {until}:" in str(mail.outbox[-1].body)
            assert until.endswith(" UTC)")

    def test_is_asked_three_times_a_day_at_most_by_one_company(
        self, company: Company, door: str, it_is: ItIs
    ) -> None:
        owner, other = owner_of(company), stories.a_company()
        first = invites(owner, company=company, door=door)
        sent = [invites(owner, company=company, door=door).status_code for _ in range(3)]
        assert sent == [first.status_code] * 2 + [429 if door == "api" else 422]
        assert Invitation.objects.filter(email=ADA).count() == 3
        assert (
            Invitation.objects.filter(email=ADA, state="open").count() == 1
        )  # the third stands, whose mail leads in
        assert invites(owner, "bo@example.org", company=company, door=door).status_code == first.status_code
        assert invites(owner_of(other), company=other, door=door).status_code == first.status_code
        it_is(AT + timedelta(days=1))
        assert invites(owner, company=company, door=door).status_code == first.status_code

    def test_is_one_of_a_hundred_a_day_at_most(
        self, company: Company, door: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "MOST_A_DAY", 2)
        sent = [
            invites(owner_of(company), f"p{n}@example.org", company=company, door=door).status_code
            for n in range(3)
        ]
        assert sent[0] == sent[1] != sent[2]
        assert sent[2] == (429 if door == "api" else 422)
        assert Invitation.objects.count() == 2

    def test_says_no(self, company: Company, door: str) -> None:
        invites(owner_of(company), company=company, door=door)
        link = link_to(ADA)
        them = signs_up_by(link, ADA)
        if door == "api":
            (invitation,) = body_of(Api(client=them).get("invitations"))["data"]
            assert (
                body_of(Api(client=them).post(f"invitations/{invitation['id']}/decline"))["state"]
                == "declined"
            )
        else:
            answers(them, link, "decline")
        assert not Membership.objects.filter(user__email=ADA).exists()
        assert told(owner_of(company)) == ["ada@example.org says no."]
        assert "is over" in them.get(link).content.decode()

    def test_with_an_account_accepts_where_they_are(self, company: Company, door: str) -> None:
        person = stories.a_person("Grace")
        invites(owner_of(company), person.email.upper(), company=company, door=door)
        them = logs_in(person)
        assert "asked to act for Northlight" in them.get("/today/").content.decode()
        if door == "api":
            (invitation,) = body_of(Api(client=them).get("invitations"))["data"]
            assert (
                body_of(Api(client=them).post(f"invitations/{invitation['id']}/accept"))["state"]
                == "accepted"
            )
        else:
            answers(them, link_to(person.email))
        assert Membership.objects.filter(user=person, company=company).exists()
        assert "asked to act" not in them.get("/today/").content.decode()

    def test_is_asked_by_an_owner_alone(self, company: Company, door: str) -> None:
        producer, stranger = stories.a_member(company, Role.PRODUCER), owner_of(stories.a_company())
        assert invites(producer, company=company, door=door).status_code == 403
        assert invites(stranger, company=company, door=door).status_code == 404
        assert not Invitation.objects.exists()

    def test_is_not_asked_twice_for_one_place(self, company: Company, door: str) -> None:
        owner = owner_of(company)
        for role in ("producer", "billing"):
            invites(owner, company=company, role=role, door=door)
        assert sorted(Invitation.objects.values_list("role", "state")) == [
            ("billing", "open"),
            ("producer", "withdrawn"),
        ]
        again = invites(owner, owner.email, company=company, door=door)
        assert "there already" in again.content.decode()
        assert Invitation.objects.count() == 2

    def test_is_not_there_once_it_was_taken_back(self, company: Company, door: str) -> None:
        owner = owner_of(company)
        invites(owner, company=company, door=door)
        link, invitation = link_to(ADA), Invitation.objects.get()
        if door == "api":
            Api(client=logs_in(owner)).post(f"invitations/{invitation.public_id}/withdraw")
        else:
            logs_in(owner).post(f"/invitation/{invitation.public_id}/withdraw/")
        them = stories.a_person()
        assert Client().get(link).status_code == 200
        assert "is over" in Client().get(link).content.decode()
        assert logs_in(them).get(link.split("?")[0]).status_code == 404


class TestThief:
    def test_with_the_id_alone_sees_nothing(self, company: Company) -> None:
        invites(owner_of(company), company=company, door="page")
        link = link_to(ADA)
        path, key = link.split("?key=")
        for opened in (path, f"{path}?key=", f"{path}?key={key[:-1]}x", f"{path}?key=ü"):
            assert Client().get(opened).status_code in (302, 404)
        assert Client().get(f"/invitation/no_such/?key={key}").status_code == 404

    def test_with_another_address_takes_nothing(self, company: Company) -> None:
        invites(owner_of(company), company=company, door="page")
        link, thief = link_to(ADA), logs_in(stories.a_person("Mallory"))
        assert "another address" in thief.get(link).content.decode()
        invitation = Invitation.objects.get()
        assert (
            thief.post(f"/invitation/{invitation.public_id}/answer/", {"answer": "accept"}).status_code == 404
        )
        assert Api(client=thief).post(f"invitations/{invitation.public_id}/accept").status_code == 404
        assert body_of(Api(client=thief).get("invitations"))["data"] == []

    def test_who_signs_up_with_the_address_and_never_reads_its_mail_takes_nothing(
        self, company: Company
    ) -> None:
        sent = {"email": ADA, "password1": stories.PASSWORD, "comes_to": "invitation", "name": "Mallory"}
        thief = Client()
        thief.post("/accounts/signup/", sent | {"time_zone": "UTC"})
        invites(owner_of(company), company=company, door="page")
        thief.post("/accounts/login/", {"login": ADA, "password": stories.PASSWORD})
        assert thief.get("/today/").status_code == 302
        invitation = Invitation.objects.get()
        assert Api(client=thief).post(f"invitations/{invitation.public_id}/accept").status_code == 401
        assert not Membership.objects.filter(user__email=ADA).exists()


def test_who_comes_by_invitation_and_has_none_is_told_where_it_stands() -> None:
    client = comes_in(ADA, comes_to="invitation")
    shown = client.post("/today/begin/", {"comes_to": "invitation", "name": "Ada"}, follow=True)
    assert shown.status_code == 200
    assert "Open the link in the mail" in shown.content.decode()
    client.post("/today/begin/", {"comes_to": "performer", "name": "Ada"})
    assert client.get("/onboarding/").status_code == 200


class TestTime:
    def test_ends_what_nobody_answered_and_who_asked_is_told(self, company: Company, it_is: ItIs) -> None:
        invites(owner_of(company), company=company, door="page")
        link = link_to(ADA)
        them = signs_up_by(link, ADA)
        it_is(AT + timedelta(days=14))
        invitation = Invitation.objects.get()
        assert (
            code_of(Api(client=them).post(f"invitations/{invitation.public_id}/accept")) == "invitation_over"
        )
        the_mail_goes_out()
        invitation.refresh_from_db()
        assert invitation.state == "expired"
        assert told(owner_of(company)) == ["ada@example.org says nothing, and it has run out."]
        invites(owner_of(company), company=company, door="page")
        assert "You act for" in answers(them, link_to(ADA))

    @pytest.mark.parametrize("how", ["removed", "lowered", "left", "deactivated"])
    def test_ends_what_an_owner_sent_the_moment_that_they_are_none(self, company: Company, how: str) -> None:
        """And it does not come back with them; nor does a mail go out that was due."""
        first, second = owner_of(company), stories.a_member(company, Role.OWNER)
        invites(second, company=company, door="page")
        link = link_to(ADA)
        them = signs_up_by(link, ADA)
        invites(second, "late@example.org", company=company, door="page")
        loses_the_place(second, company, how, by=first)
        assert set(Invitation.objects.values_list("state", flat=True)) == {"withdrawn"}
        mail.outbox.clear()
        the_mail_goes_out()
        assert [letter.to for letter in mail.outbox if "/invitation/" in str(letter.body)] == []
        assert "is over" in them.get(link).content.decode()
        has_it_again(second, company, how, by=first)
        path = link.split("?", maxsplit=1)[0]
        pressed = them.post(f"{path}answer/", {"answer": "accept"}, follow=True)
        assert "You act for" not in pressed.content.decode()
        assert not Membership.objects.filter(user__email=ADA).exists()
        invites(second, company=company, door="page")
        assert "You act for" in answers(them, link_to(ADA))

    def test_sends_one_mail_though_the_first_try_fails(
        self, company: Company, it_is: ItIs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        invites(owner_of(company), company=company, door="page")
        invites(owner_of(company), "grace@example.org", company=company, door="page")
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _fails_for(ADA))
        the_mail_goes_out()
        assert [letter.to for letter in mail.outbox] == [["grace@example.org"]]
        monkeypatch.undo()
        it_is(AT + timedelta(minutes=1))
        for _ in range(2):
            the_mail_goes_out()
        assert [letter.to for letter in mail.outbox] == [["grace@example.org"], [ADA]]


def _fails_for(email: str) -> Callable[..., int]:
    def send(backend: object, letters: list[mail.EmailMessage]) -> int:
        if letters[0].to == [email]:
            raise OSError("the line is down")
        mail.outbox.extend(letters)
        return len(letters)

    return send


@DOORS
class TestStaff:
    @pytest.mark.parametrize("role", list(Staff))
    def test_come_by_an_administrators_invitation(self, door: str, role: Staff) -> None:
        admin = stories.a_member_of_staff(Staff.ADMIN)
        assert invites(admin, role=role, company=None, door=door).status_code in (201, 302)
        link = link_to(ADA)
        them = signs_up_by(link, ADA)
        pages = {Staff.FINANCE: "/pay/payday/", Staff.TALENT: "/week/disputes/", Staff.ADMIN: "/staff/"}
        assert them.get(pages[role]).status_code == 403
        answers(them, link)
        assert them.get(pages[role]).headers["Location"].startswith("/settings/second-factor/")
        sets_up_an_app(them)
        assert them.get(pages[role]).status_code == 200
        assert "Ada Reyes" in logs_in(admin).get("/staff/").content.decode()
        assert told(admin) == ["Ada Reyes says yes."]

    def test_invite_nobody_themselves(self, door: str) -> None:
        for other in (stories.a_member_of_staff(Staff.FINANCE), owner_of(stories.a_company())):
            assert invites(other, role="finance", company=None, door=door).status_code == 403
        assert not Invitation.objects.exists()


class TestAdministration:
    def test_begins_with_one_command_that_is_refused_afterwards(self) -> None:
        call_command("first_administrator", ADA)
        link = link_to(ADA)
        assert "Act for the house" in Client().get(link).content.decode()
        answers(signs_up_by(link, ADA), link)
        assert StaffRole.objects.get(user__email=ADA).role == Staff.ADMIN
        with pytest.raises(CommandError, match="has an administrator"):
            call_command("first_administrator", "eve@example.org")

    def test_begins_once_whoever_else_was_asked_by_the_command(self) -> None:
        for email in (ADA, "typo@example.org"):
            call_command("first_administrator", email)
        first, second = link_to(ADA), link_to("typo@example.org")
        answers(signs_up_by(first, ADA), first)
        late = signs_up_by(second, "typo@example.org", name="Eve")
        assert "This invitation is over" in answers(late, second)
        assert [role.user.email for role in StaffRole.objects.select_related("user")] == [ADA]

    @pytest.mark.parametrize("email", ["nobody", "a@b", "a b@example.org"])
    def test_begins_with_a_mail_address(self, email: str) -> None:
        with pytest.raises(CommandError, match="is no mail address"):
            call_command("first_administrator", email)

    def test_takes_a_role_away_at_once(self) -> None:
        admin, finance = stories.a_member_of_staff(Staff.ADMIN), stories.a_member_of_staff(Staff.FINANCE)
        theirs = logs_in(finance)
        assert theirs.get("/pay/payday/").status_code == 200
        logs_in(admin).post(f"/staff/{finance.public_id}/", {"do": "finance"})
        assert theirs.get("/pay/payday/").status_code == 403

    def test_closes_and_opens_an_account_with_a_reason(self) -> None:
        admin, finance = stories.a_member_of_staff(Staff.ADMIN), stories.a_member_of_staff(Staff.FINANCE)
        theirs, app = logs_in(finance), Api(token=an_app_of(finance))
        path, root = f"/staff/{finance.public_id}/", logs_in(admin)
        root.post(path, {"do": "deactivate", "reason": " "})
        assert theirs.get("/pay/payday/").status_code == 200
        root.post(path, {"do": "deactivate", "reason": "Left the house."})
        assert theirs.get("/pay/payday/").status_code in (302, 401, 403)
        assert app.get("me").status_code == 401
        root.post(path, {"do": "reactivate", "reason": "Back again."})
        assert theirs.get("/pay/payday/").status_code == 302  # what was open then stays ended
        assert app.get("me").status_code == 401
        assert logs_in(finance).get("/pay/payday/").status_code == 200

    def test_keeps_one_administrator(self) -> None:
        admin = stories.a_member_of_staff(Staff.ADMIN)
        client, path = logs_in(admin), f"/staff/{admin.public_id}/"
        assert "last administrator" in client.post(path, {"do": "admin"}, follow=True).content.decode()
        client.post(path, {"do": "deactivate", "reason": "Me."})
        assert client.get("/staff/").status_code == 200
        stories.a_member_of_staff(Staff.ADMIN)
        client.post(path, {"do": "admin"})
        assert client.get("/staff/").status_code == 403


@pytest.mark.parametrize("how", ["removed", "lowered", "left", "deactivated"])
def test_a_key_ends_with_its_makers_place_and_does_not_come_back_with_them(
    company: Company, how: str
) -> None:
    first, maker = owner_of(company), stories.a_member(company, Role.OWNER)
    sent = {"name": "casting", "scopes": ["gigs:read"], "days": 9}
    path, gigs = f"companies/{company.public_id}/api-keys", f"companies/{company.public_id}/gigs"
    program = Api(key=body_of(Api(client=logs_in(maker)).post(path, sent))["secret"])
    other = Api(key=body_of(Api(client=logs_in(first)).post(path, sent))["secret"])
    assert program.get(gigs).status_code == 200
    loses_the_place(maker, company, how, by=first)
    assert program.get(gigs).status_code == 401
    has_it_again(maker, company, how, by=first)
    assert program.get(gigs).status_code == 401
    assert other.get(gigs).status_code == 200
    anew = Api(key=body_of(Api(client=logs_in(maker)).post(path, sent))["secret"])
    assert anew.get(gigs).status_code == 200


def test_what_an_administrator_sent_ends_with_the_role(company: Company) -> None:
    admin, other = stories.a_member_of_staff(Staff.ADMIN), stories.a_member_of_staff(Staff.ADMIN)
    invites(admin, role="talent", company=None, door="page")
    invites(other, "bo@example.org", role="talent", company=None, door="page")
    logs_in(other).post(f"/staff/{admin.public_id}/", {"do": "admin"})
    assert dict(Invitation.objects.values_list("email", "state")) == {
        ADA: "withdrawn",
        "bo@example.org": "open",
    }


def loses_the_place(person: User, company: Company, how: str, *, by: User) -> None:
    page = f"/company/{company.public_id}/members/{person.public_id}/"
    match how:
        case "removed":
            sent = logs_in(by).post(page, {"do": "remove"})
        case "lowered":
            sent = logs_in(by).post(page, {"role": "producer"})
        case "left":
            sent = logs_in(person).post(f"/company/{company.public_id}/leave/")
        case _:
            boss = logs_in(stories.a_member_of_staff(Staff.ADMIN))
            sent = boss.post(f"/staff/{person.public_id}/", {"do": "deactivate", "reason": "Left."})
    assert sent.status_code == 302, how


def has_it_again(person: User, company: Company, how: str, *, by: User) -> None:
    if how == "lowered":
        page = f"/company/{company.public_id}/members/{person.public_id}/"
        assert logs_in(by).post(page, {"role": "owner"}).status_code == 302
    elif how == "deactivated":
        boss = logs_in(stories.a_member_of_staff(Staff.ADMIN))
        boss.post(f"/staff/{person.public_id}/", {"do": "reactivate", "reason": "Back."})
    else:
        invites(by, person.email, role="owner", company=company, door="page")
        assert "You act for" in answers(logs_in(person), link_to(person.email))


class TestStaffByAnApp:
    def test_lists_them_takes_a_role_away_closes_and_opens_a_door(self) -> None:
        finance, root = stories.a_member_of_staff(Staff.FINANCE), stories.a_member_of_staff(Staff.ADMIN)
        admin, theirs = Api(token=an_app_of(root)), Api(token=an_app_of(finance))
        rows = {row["id"]: row for row in body_of(admin.get("staff"))["data"]}
        assert rows[finance.public_id] == {
            "id": finance.public_id,
            "name": finance.name,
            "staff_roles": ["finance"],
            "is_active": True,
        }
        assert theirs.get("staff").status_code == 403
        path = f"staff/{finance.public_id}"
        assert theirs.post(f"{path}/withdraw", {"role": "finance"}).status_code == 403
        assert body_of(admin.post(f"{path}/deactivate", {"reason": "Lost laptop."}))["is_active"] is False
        assert theirs.get("me").status_code == 401
        assert body_of(admin.post(f"{path}/reactivate", {"reason": "Found it."}))["is_active"] is True
        back = Api(token=an_app_of(finance))
        assert back.get("halts").status_code == 200
        assert body_of(admin.post(f"{path}/withdraw", {"role": "finance"}))["staff_roles"] == []
        assert back.get("halts").status_code == 403

    def test_is_refused_the_last_administrator(self) -> None:
        root = stories.a_member_of_staff(Staff.ADMIN)
        admin, path = Api(token=an_app_of(root)), f"staff/{root.public_id}"
        assert code_of(admin.post(f"{path}/withdraw", {"role": "admin"})) == "last_administrator"
        assert code_of(admin.post(f"{path}/deactivate", {"reason": "Me."})) == "your_own_account"
        stories.a_member_of_staff(Staff.ADMIN)
        assert body_of(admin.post(f"{path}/withdraw", {"role": "admin"}))["staff_roles"] == []
