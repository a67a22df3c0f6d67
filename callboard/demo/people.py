"""How the demo's people come: they sign up, confirm their mail, are invited, prove who they are and are vetted. All of it
over HTTP; whoever is there already comes back."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.management import call_command

from accounts.onboarding.queries import TERMS_VERSION
from callboard.demo.doors import Mailbox, Person, Program, Refused
from callboard.demo.plan import COMPANIES, Plan, PlannedPerformer
from callboard.demo.stripe_hands import Hands
from callboard.demo.waiting import ring, until

PASSWORD = "break-a-leg-2026"  # noqa: S105 -- of people who exist only in the demo
DOMAIN = "demo.callboard.example"
ZONE = "America/New_York"
AT_ONCE = 4
SCOPES = ["gigs:read", "gigs:write", "casting:read", "casting:write", "sessions:read", "sessions:write"]
STAFF = {
    "finance1": ("Frances Ledger", "finance"),
    "finance2": ("Ansel Proof", "finance"),
    "talent1": ("Tamsin Reed", "talent"),
}
# By a demo that was stopped before Stripe's answer came.
# Where people of a zone live: agreements follow the law of the place.
STATES = {"America/Chicago": "IL", "America/Denver": "CO", "America/Los_Angeles": "CA"}
SHOWN_BEFORE = ("identity_already_proven", "identity_check_under_way")
T = TypeVar("T")


@dataclass
class People:
    """Everyone, by how the plan names them, and a way to show progress."""

    plan: Plan
    web_url: str
    hands: Hands
    track: Callable[[str, Sequence[Any]], Iterable[Any]]
    staff: dict[str, Person] = field(default_factory=dict)
    owners: dict[str, Person] = field(default_factory=dict)
    company_ids: dict[str, str] = field(default_factory=dict)
    performers: dict[int, Person] = field(default_factory=dict)
    _programs: dict[str, Program] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._mailbox = Mailbox(Path(settings.EMAIL_FILE_PATH))

    @property
    def talent(self) -> Person:
        return self.staff["talent1"]

    def program_of(self, company: str) -> Program:
        """A program of that company's, whose key the owner made."""
        if company not in self._programs:
            path = f"companies/{self.company_ids[company]}/api-keys"
            key = self.owners[company].post(path, name="Scheduler", scopes=SCOPES, days=90)["secret"]
            self._programs[company] = Program(self.web_url, f"{company}'s program", key=key)
        return self._programs[company]

    def each(self, act: str, things: Sequence[T], do: Callable[[T], Any]) -> None:
        """Do it with each, several at once. Raises what the first that fails raises."""
        with ThreadPoolExecutor(AT_ONCE) as at_once:
            for doing in self.track(act, [at_once.submit(do, thing) for thing in things]):
                doing.result()

    def person(self, login: str, name: str) -> Person:
        email = login if "@" in login else f"{login}@{DOMAIN}"
        return Person(self.web_url, self._mailbox, email=email, name=name, password=PASSWORD)


def logins(plan: Plan) -> list[tuple[str, str]]:
    """Who can log in, as (who, mail address); all with PASSWORD."""
    return [
        ("A performer", f"performer01@{DOMAIN}"),
        ("A performer whose pay is held", plan.performers[-1].email),
        (f"A company ({COMPANIES[0]})", f"owner1@{DOMAIN}"),
        ("Finance, who freezes", f"finance1@{DOMAIN}"),
        ("Finance, who approves", f"finance2@{DOMAIN}"),
        ("Talent operations", f"talent1@{DOMAIN}"),
        ("The administrator", f"admin@{DOMAIN}"),
    ]


def staff_comes(people: People) -> None:
    """The first administrator by the machine's own command; everyone else by invitation and their own yes."""
    admin = people.person("admin", "Root Keeper")
    if not admin.comes_back():
        call_command("first_administrator", admin.email, stdout=StringIO())
        ring("notifications.invitations")
        admin.signs_up(comes_to="invitation", time_zone=ZONE)
    _begins_work(admin)
    people.staff["admin"] = admin
    for login, (name, role) in people.track("The house is staffed", list(STAFF.items())):
        person = people.person(login, name)
        if not person.comes_back():
            admin.post("staff/invitations", email=person.email, role=role)
            person.signs_up(comes_to="invitation", time_zone=ZONE)
        _begins_work(person)
        people.staff[login] = person


def _begins_work(person: Person) -> None:
    for invitation in person.all("invitations"):
        if invitation["state"] == "open" and invitation["email"] == person.email:
            person.post(f"invitations/{invitation['id']}/accept")
    person.sets_up_a_phone()


def companies_come(people: People) -> None:
    """Each company's owner signs up, sets up a second factor, and asks for the company to be vetted."""
    for number, name in people.track("Companies sign up", list(enumerate(COMPANIES, start=1))):
        owner = people.person(f"owner{number}", f"Owner of {name}")
        if not owner.comes_back():
            owner.signs_up(comes_to="company", company_name=name, time_zone="America/Los_Angeles")
        owner.sets_up_a_phone()
        people.owners[name] = owner
        people.company_ids[name] = next(owner.all("companies"))["id"]
        owner.patch(f"companies/{people.company_ids[name]}", seat_country="US", seat_region="NY")
        vettings = f"companies/{people.company_ids[name]}/vettings"
        if not owner.get(vettings)["data"]:
            registered = {"legal_name": f"{name}, Inc.", "registration_number": f"NY-{4100 + number}"}
            owner.post(vettings, **registered, country="US", website=f"https://{DOMAIN}")


def performers_come(people: People) -> None:
    """Performers sign up, tell of themselves, show a document to Stripe, give it their bank, and ask to be vetted."""
    people.each("Performers sign up", people.plan.performers, lambda one: _comes(people, one))
    until("Stripe has looked at the documents", lambda: _is_known(people), "webhooks.sweep")
    people.each("Performers ask to be vetted", people.plan.performers, lambda one: _asks(people, one))


def _comes(people: People, planned: PlannedPerformer) -> None:
    me = people.person(planned.email, planned.name)
    people.performers[planned.number] = me
    if not me.comes_back():
        me.signs_up(comes_to="performer", time_zone=planned.zone)
    done = {row["step"] for row in me.get("me/onboarding")["steps"] if row["done"]}
    if "profile" not in done:
        about = "Plays what the scene needs, and listens."
        at_home = {"country": "US", "region": STATES.get(planned.zone, "NY")}
        me.patch("me/performer", about=about, **at_home, skills=list(planned.skills), languages=["en"])
    if "terms" not in done:
        me.post("me/onboarding/terms", version=TERMS_VERSION)
    born = f"1991-05-{planned.number % 28 + 1:02}"
    if "identity" not in done:
        _shows_a_document(people.hands, me, born)
    if "payouts" not in done:
        _gives_a_bank(people.hands, me, planned, born)


def _shows_a_document(hands: Hands, me: Person, born: str) -> None:
    first, last = me.name.split(" ", 1)
    try:
        page = me.post("me/identity-check/link")["url"]
    except Refused as no:
        if no.code in SHOWN_BEFORE:
            return
        raise
    hands.fills_in(page, first_name=first, last_name=last, dob=born)


def _gives_a_bank(hands: Hands, me: Person, planned: PlannedPerformer, born: str) -> None:
    form = me.post("me/payout-account/link")["url"]
    if planned.finishes_stripe:
        bank = {"routing_number": "110000000", "account_number": f"{123_400_000 + planned.number:012}"}
        good = {"address_line1": "address_full_match", "id_number": "000000000", "dob": born}
        hands.fills_in(form, legal_name=me.name, **good, **bank)


def _is_known(people: People) -> bool:
    return all(
        me.get("me/identity-check")["status"] == "verified" for me in reversed(people.performers.values())
    )


def _asks(people: People, planned: PlannedPerformer) -> None:
    me = people.performers[planned.number]
    if not me.get("me/vettings")["data"]:
        me.post("me/vettings")


def talent_vets(people: People) -> None:
    """Talent operations looks at everyone who asks, ticks what it saw, and approves."""
    waiting = [row for row in people.talent.all("desk") if row["id"].startswith("vet_")]
    people.each("Talent operations vets", waiting, lambda row: _vets(people.talent, row["id"]))


def _vets(talent: Person, vetting: str) -> None:
    path = f"vettings/{vetting}"
    talent.post(f"{path}/take-up")
    for item in talent.get(path)["checklist"]:
        if not item["met"]:
            talent.post(f"{path}/ticks", item=item["item"], note="Looked up, and it is so.")
    talent.post(f"{path}/approve")
