"""The demo's people: companies' owners, performers and two in finance, each with a login."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.companies import operations as companies
from accounts.companies.models import Company
from accounts.identity.models import StaffRole, User
from accounts.keys import acting
from accounts.onboarding import operations as onboarding
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from accounts.performers.queries import get_own
from accounts.standing import checklist, vetting
from accounts.standing.models import Vetting
from callboard.demo.plan import COMPANIES, Plan, PlannedPerformer

PASSWORD = "break-a-leg-2026"  # noqa: S105 -- of people who exist only in the demo
DOMAIN = "demo.callboard.example"
LANGUAGES = ("en",)
HOUSE = Actor.of_system("demo")


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


def _company(name: str, number: int, *, at: datetime) -> Company:
    owner, _ = _user(f"owner{number}@{DOMAIN}", f"Owner of {name}", "America/Los_Angeles")
    found = Company.objects.filter(memberships__user=owner).first()
    if found is not None:
        return found
    company = companies.create_company(name=name, owner=owner, by=acting.of_user(owner), at=at)
    asked = vetting.ask_as_company(
        company=company,
        legal_name=f"{name}, Inc.",
        registration_number=f"{number:07}",
        country="US",
        website=f"https://{DOMAIN}",
        by=acting.of_user(owner),
        at=at,
    )
    _vet(asked, at=at)
    company.refresh_from_db()
    return company


def _vet(asked: Vetting, *, at: datetime) -> None:
    """Talent operations approve, once they have looked up what the house cannot know."""
    vetting.take_up(vetting=asked, by=HOUSE, at=at)
    for each in checklist.open_items(asked):
        vetting.tick(vetting=asked, item=each.item, note="Looked up.", by=HOUSE, at=at)
    vetting.approve(vetting=asked, by=HOUSE, at=at)


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
    onboarding.accept_terms(performer=performer, by=me, at=at)
    reference = f"vs_{performer.public_id}"
    performers.record_identity(
        performer=performer, reference=reference, fingerprint=reference, by=HOUSE, at=at
    )
    _vet(vetting.ask_as_performer(performer=performer, by=me, at=at), at=at)
    return get_own(me)


def _finance(name: str, login: str) -> Actor:
    user, _ = _user(f"{login}@{DOMAIN}", name, "America/New_York")
    StaffRole.objects.get_or_create(user=user, role=Staff.FINANCE)
    return acting.of_user(user)
