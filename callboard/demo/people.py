"""The demo's people: companies' owners, performers and two in finance, each with a login."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.companies import operations as companies
from accounts.companies.models import Company
from accounts.identity.models import StaffRole, User
from accounts.identity.queries import second_factors
from accounts.keys import acting
from accounts.onboarding import operations as onboarding
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from accounts.performers.queries import get_own
from callboard.demo.plan import COMPANIES, Plan, PlannedPerformer

PASSWORD = "break-a-leg-2026"  # noqa: S105 -- of people who exist only in the demo
APP_SECRET = "DEMO2BREAK2LEG7CALLBOARD7777777A"  # noqa: S105 -- likewise: for an authenticator app
DOMAIN = "demo.callboard.example"
LANGUAGES = ("en",)


@dataclass(frozen=True)
class People:
    """Everyone, by how the plan names them."""

    companies: dict[str, Company]
    performers: dict[int, Performer]
    freezer: Actor
    approver: Actor

    def owner_of(self, company: str) -> Actor:
        members = self.companies[company].memberships
        return acting.of_user(members.select_related("user").get(role="owner").user)

    def actor_of(self, planned: PlannedPerformer) -> Actor:
        return acting.of_user(self.performers[planned.number].user)


def gather(plan: Plan, *, at: datetime) -> People:
    """Everyone in the plan, made where they are not there yet."""
    return People(
        companies={name: _company(name, number, at=at) for number, name in enumerate(COMPANIES, start=1)},
        performers={planned.number: _performer(planned, at=at) for planned in plan.performers},
        freezer=_finance("Frances Ledger", "finance1"),
        approver=_finance("Ansel Proof", "finance2"),
    )


def logins(plan: Plan) -> list[tuple[str, str]]:
    """Who can log in, as (who, mail address); all with PASSWORD."""
    return [
        ("A performer", f"performer01@{DOMAIN}"),
        ("A performer whose pay is held", plan.performers[-1].email),
        (f"A company ({COMPANIES[0]})", f"owner1@{DOMAIN}"),
        ("Finance, who freezes", f"finance1@{DOMAIN}"),
        ("Finance, who approves", f"finance2@{DOMAIN}"),
    ]


@cache
def _password() -> str:
    # One slow hash for all: the demo's people share a password, and nobody else's is stored here.
    return make_password(PASSWORD)


def _user(email: str, name: str, zone: str) -> tuple[User, bool]:
    user, new = User.objects.get_or_create(
        email=email, defaults={"name": name, "time_zone": zone, "password": _password()}
    )
    if new:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user, new


def _set_up(user: User) -> None:
    """A second factor, for whose role takes one: all of them by one app, to be played with."""
    if not second_factors(user).exists():
        TOTP.activate(user, APP_SECRET)
        RecoveryCodes.activate(user)


def _company(name: str, number: int, *, at: datetime) -> Company:
    owner, _ = _user(f"owner{number}@{DOMAIN}", f"Owner of {name}", "America/Los_Angeles")
    _set_up(owner)
    found = Company.objects.filter(memberships__user=owner).first()
    return found or companies.create_company(name=name, owner=owner, by=acting.of_user(owner), at=at)


def _performer(planned: PlannedPerformer, *, at: datetime) -> Performer:
    user, _ = _user(planned.email, planned.name, planned.zone)
    me = acting.of_user(user)
    if me.is_performer:
        return get_own(me)
    performer = performers.create_performer(user=user, stage_name=planned.name, by=me, at=at)
    performers.update_profile(
        performer=performer,
        stage_name=planned.name,
        about="Plays what the scene needs, and listens.",
        country="US",
        skills=planned.skills,
        languages=LANGUAGES,
        time_zone=planned.zone,
        by=me,
        at=at,
    )
    performers.confirm_adult(performer=performer, by=me, at=at)
    onboarding.accept_terms(performer=performer, by=me, at=at)
    return performer


def _finance(name: str, login: str) -> Actor:
    user, _ = _user(f"{login}@{DOMAIN}", name, "America/New_York")
    StaffRole.objects.get_or_create(user=user, role=Staff.FINANCE)
    _set_up(user)
    return acting.of_user(user)
