"""What accounts keeps, by page and by API."""

from collections.abc import Callable

from django.urls import reverse

from accounts.access.roles import Role, Staff
from accounts.identity.names import LONGEST_ABOUT, LONGEST_EMAIL, LONGEST_NAME, LONGEST_WEBSITE
from accounts.keys.models import LONGEST_KEY_NAME
from accounts.keys.operations import LONGEST_DAYS
from tests import stories
from tests.architecture.both_doors.both import Both, choice, link, number, owner, text, too_long


def the_account() -> Both:
    user = stories.a_person()
    sent = {"name": "Eve", "time_zone": "Asia/Tokyo"}
    wrong = [*text("name", LONGEST_NAME, line=True), *link("name"), *choice("time_zone")]
    return Both(user, reverse("settings"), ("PATCH", "me"), (sent, sent), wrong)


def a_profile() -> Both:
    sent = {
        "stage_name": "Eve",
        "about": "Plays.",
        "country": "DE",
        "skills": ["duo"],
        "languages": ["en"],
        "time_zone": "Asia/Tokyo",
    }
    wrong = [
        *text("stage_name", LONGEST_NAME, line=True),
        *link("stage_name"),
        *text("about", LONGEST_ABOUT, needed=False),
        *choice("country"),
        *choice("skills", several=True),
        *choice("languages", several=True),
        *choice("time_zone"),
    ]
    user = stories.a_performer().user
    return Both(user, reverse("profile"), ("PATCH", "me/performer"), (sent, sent), wrong)


def a_companys_own_page() -> Both:
    company = stories.a_company()
    sent = {"name": "Lab", "website": "https://lab.example", "about": "We listen."}
    wrong = [
        *text("name", LONGEST_NAME, line=True),
        *link("name"),
        *text("about", LONGEST_ABOUT, needed=False),
        *[("website: none", {"website": said}, {"website": said}) for said in ("lab", "javascript:alert(1)")],
        too_long("website", "https://lab.example/", LONGEST_WEBSITE),
    ]
    page = reverse("company_settings", args=[company.public_id])
    return Both(owner(company), page, ("PATCH", f"companies/{company.public_id}"), (sent, sent), wrong)


def an_invited_member() -> Both:
    company = stories.a_company()
    sent = {"email": stories.a_person().email, "role": "reviewer"}
    wrong = [
        *choice("role"),
        *[("email: none", {"email": said}, {"email": said}) for said in ("", "eve", "eve@example.org\nx")],
        too_long("email", "eve@", LONGEST_EMAIL, ".org"),
    ]
    page = reverse("member_invite", args=[company.public_id])
    path = f"companies/{company.public_id}/invitations"
    return Both(owner(company), page, ("POST", path), (sent, sent), wrong)


def an_invited_member_of_staff() -> Both:
    sent = {"email": "eve@example.org", "role": "talent"}
    wrong = [*choice("role"), ("role: a company's", {"role": "owner"}, {"role": "owner"})]
    admin = stories.a_member_of_staff(Staff.ADMIN)
    return Both(admin, reverse("staff_invite"), ("POST", "staff/invitations"), (sent, sent), wrong)


def a_members_role() -> Both:
    company = stories.a_company()
    member = stories.a_member(company, Role.PRODUCER)
    page = reverse("company_member", args=[company.public_id, member.public_id])
    path = f"companies/{company.public_id}/members/{member.public_id}"
    sent = {"role": "reviewer"}
    return Both(owner(company), page, ("PATCH", path), (sent, sent), [*choice("role")])


def an_api_key() -> Both:
    company = stories.a_company()
    sent = {"name": "casting", "scopes": ["gigs:read"], "days": 9}
    wrong = [
        *text("name", LONGEST_KEY_NAME, line=True),
        *choice("scopes", several=True),
        *number("days", below=(0, 0), above=(LONGEST_DAYS + 1, LONGEST_DAYS + 1)),
    ]
    page = reverse("company_keys", args=[company.public_id])
    path = f"companies/{company.public_id}/api-keys"
    return Both(owner(company), page, ("POST", path), (sent, sent), wrong)


OPERATIONS: tuple[Callable[[], Both], ...] = (
    the_account,
    a_profile,
    a_companys_own_page,
    an_invited_member,
    an_invited_member_of_staff,
    a_members_role,
    an_api_key,
)
