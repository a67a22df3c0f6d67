"""From an empty database to money in two banks: everyone who has a part in a week plays it, by the doors that they have."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.coming_in import comes_by_invitation
from tests.journeys.house import House, Person, running

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
LONDON, LOS_ANGELES = ZoneInfo("Europe/London"), ZoneInfo("America/Los_Angeles")
RATE_MINOR, MINUTES, CLAIMED_MINUTES = 7450, 65, "72.5"
BEAT_S = 15
TITLE = "Two strangers and a lift"
LONG_NAME = "Wilhelmina " + "Aurelia-" * 13 + "Smith"
A_MOMENT = timedelta(seconds=30)


@dataclass
class Performer:
    """A performer with what they were given on the way: their seat at the call, and the line of their time."""

    me: Person
    zone: ZoneInfo
    line_id: str = ""
    payable_s: int = 0

    @property
    def earned_minor(self) -> int:
        """The rate for these seconds, to the nearest cent, half up."""
        return (2 * self.payable_s * RATE_MINOR + 3600) // 7200


@dataclass
class Week:
    """Who is in the house, and when the week is: it begins on the first Monday ahead, and plays on its Tuesday."""

    house: House
    company_id: str = ""
    gig_id: str = ""
    session_id: str = ""
    began: datetime = field(default_factory=lambda: datetime.now(NEW_YORK))

    def __post_init__(self) -> None:
        self.nora = Person(self.house, "Nora Lindqvist")
        self.faye, self.frank = Person(self.house, "Faye Ledger"), Person(self.house, "Frank Audit")
        self.tala, self.root = Person(self.house, "Tala Opal"), Person(self.house, "Root Keeper")
        self.ada = Performer(Person(self.house, "Ada Okafor"), LONDON)
        self.wil = Performer(Person(self.house, LONG_NAME), LOS_ANGELES)

    @property
    def performers(self) -> list[Performer]:
        return [self.ada, self.wil]

    @property
    def monday(self) -> date:
        today = self.began.date()
        return today + timedelta(days=7 - today.weekday())

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """An hour in New York, so many days after the week's Monday."""
        day = self.monday + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)

    @property
    def call_at(self) -> datetime:
        return self.at(1, 14)


@pytest.fixture(scope="module")
def empty_house() -> Iterator[House]:
    with running() as house:
        yield house


@pytest.mark.long_journey
def test_a_week_of_improv_becomes_money_in_the_bank(empty_house: House) -> None:
    week = Week(empty_house)
    the_house_is_staffed(week)
    a_company_posts_a_gig(week)
    performers_are_cast(week)
    a_pair_plays(week)
    the_week_is_over(week)
    performers_look_at_it(week)
    the_dispute_is_decided(week)
    the_company_approves(week)
    finance_closes(week)
    another_approves(week)
    money_arrives(week)


def the_house_is_staffed(week: Week) -> None:
    said = week.house.makes("first_administrator", week.root.email)
    assert "on its way" in said
    comes_by_invitation(week.root)
    for person, role in ((week.faye, "finance"), (week.frank, "finance"), (week.tala, "talent")):
        asked = week.root.sends(
            week.root.opens("/staff/"), "/staff/invitations/", email=person.email, role=role
        )
        assert f"{person.email} gets a mail" in asked.text
        comes_by_invitation(person)
        assert person.name in week.root.opens("/staff/").text


def a_company_posts_a_gig(week: Week) -> None:
    nora = week.nora
    today = nora.comes_in(comes_to="company", company_name="Northlight", time_zone=BERLIN.key)
    assert "Your role waits for a second factor" in today.text
    nora.sets_up_a_second_factor()
    today = nora.opens("/today/")
    week.company_id = today.link(r"^/company/\w+/").split("/")[2]
    company = f"/company/{week.company_id}"

    checkout = nora.sends(nora.opens(f"{company}/wallet/"), f"{company}/wallet/", amount="500")
    assert "500.00" in checkout.text
    week.house.asks_stripe(
        f"checkout/{checkout.path.split('/')[-1]}/pay", payment_method="pm_card_bypassPending"
    )

    blank = nora.opens(f"{company}/gigs/new/")
    gig: dict[str, str | list[str]] = {
        "title": TITLE,
        "scene": "Two strangers wait for a lift that never comes.",
        "brief": "No script. One light prompt at a time.",
        "minutes": str(MINUTES),
        "starts_on": f"{week.monday}",
        "ends_on": f"{week.monday + timedelta(days=30)}",
        "languages": ["en"],
        "purposes": ["evaluation"],
        "openings": "2",
    }
    asked_back = nora.sends(blank, f"{company}/gigs/new/", **gig, rate="74,5")
    assert asked_back.status == 422
    assert "74.50" in asked_back.text
    draft = nora.sends(blank, f"{company}/gigs/new/", **gig, rate="74.50")
    week.gig_id = draft.path.strip("/").split("/")[-1]

    early = nora.calls("POST", f"gigs/{week.gig_id}/publish")
    assert (early["status_code"], early["code"]) == (409, "not_approved")
    the_company_is_vetted(week)

    assert "Set 228.50 USD aside, then publish" in nora.opens(draft.path).text
    refused = nora.calls("POST", f"gigs/{week.gig_id}/publish")
    assert (refused["status_code"], refused["code"]) == (409, "gig_not_funded")
    wallet = nora.waits_for(f"{company}/wallet/", "Free in the wallet 500.00 USD")
    nora.sends(wallet, f"/gigs/{week.gig_id}/set-aside/", **{f"{week.gig_id}-amount": "300"})
    assert "Free in the wallet 200.00 USD" in nora.opens(f"{company}/wallet/").text
    handed_in = nora.sends(nora.opens(draft.path), rf"{company}/gigs/{week.gig_id}/step/publish/")
    assert "Talent operations look at your first gig" in handed_in.text
    assert TITLE not in nora.opens("/").text
    review = week.tala.opens(week.tala.opens("/desk/").link(f"/house/gigs/{week.gig_id}"))
    answered = week.tala.sends(review, r"/house/gigs/\w+/answer/", answer="approve")
    assert "It is on the board." in answered.text
    assert TITLE in nora.opens("/").text


def the_company_is_vetted(week: Week) -> None:
    """Nora asks with what the register says; Tala looks it up, and approves once nothing is open."""
    standing = f"/company/{week.company_id}/standing/"
    asked = week.nora.sends(
        week.nora.opens(standing),
        standing,
        legal_name="Northlight Labs GmbH",
        registration_number="HRB 7654321",
        country="DE",
        website="https://www.example.org",
    )
    assert "Sent. A person looks at your company" in asked.text
    tala_vets(week)
    assert "Northlight is approved" in week.nora.opens(standing).text


def tala_vets(week: Week) -> None:
    """Whoever waits longest, from the desk: taken up, ticked where the house cannot know, approved."""
    tala, move = week.tala, r"/house/vetting/\w+/"
    page = tala.sends(tala.opens(tala.opens("/desk/").link("/house/vetting/")), f"{move}take-up/")
    while any(re.match(f"{move}tick/", form.action) for form in page.forms):
        page = tala.sends(page, f"{move}tick/", note="Looked up in the register.")
    assert "Approved. They are told." in tala.sends(page, f"{move}approve/").text


def performers_are_cast(week: Week) -> None:
    for performer in week.performers:
        comes_in(performer)
        early = performer.me.calls("POST", f"gigs/{week.gig_id}/applications", note="I listen.")
        assert (early["status_code"], early["code"]) == (409, "not_approved")
        asked = performer.me.sends(performer.me.opens("/standing/"), "/standing/ask/")
        assert "Sent. A person looks at your profile" in asked.text
        applies(performer.me, week.gig_id)
    nora = week.nora
    queue = nora.opens(f"/gigs/{week.gig_id}/applicants/")
    assert len(queue.boxes["application"]) == 2
    offered = nora.sends(queue, f"/gigs/{week.gig_id}/offer/", application=queue.boxes["application"])
    assert "Offered to 2 performers" in offered.text
    for performer in week.performers:
        me = performer.me
        too_early = me.sends(me.opens("/work/"), r"/work/applications/\w+/accept/")
        assert "is not approved by talent operations" in too_early.text
        proves_who_they_are(me)
        tala_vets(week)
        terms = me.sends(me.opens("/work/"), r"/work/applications/\w+/accept/")
        assert "74.50" in terms.text
        me.proves()
        signed = me.sends(terms, r"/engagements/\w+/sign/", name=me.name)
        assert "Signed. The other side is told." in signed.text
    nora.proves()
    for _ in week.performers:
        terms = nora.opens(nora.opens(f"/company/{week.company_id}/waiting/").link("/engagements/"))
        assert "Signed." in nora.sends(terms, r"/engagements/\w+/sign/", name=nora.name).text


def comes_in(performer: Performer) -> None:
    """Sign up, confirm, and finish every step of the checklist, that of Stripe on Stripe's own page."""
    me = performer.me
    me.comes_in(comes_to="performer", time_zone=performer.zone.key)
    profile = me.opens("/profile/?next=onboarding")
    saved = me.sends(profile, r"/profile/(\?|$)", skills=["duo"], languages=["en"], country="US", region="NY")
    assert "Your profile is saved." in saved.text
    me.sends(me.opens("/terms/"), "/onboarding/terms/")
    stripe = me.sends(me.opens("/pay/setup/"), "/pay/setup/")
    assert stripe.url.startswith(me.house.stripe)
    me.sends(
        stripe,
        "/",
        legal_name=me.name[:60],
        dob="1990-05-04",
        address_line1="address_full_match",
        id_number="000000000",
        routing_number="110000000",
        account_number=f"{zlib.crc32(me.email.encode()):012}",
    )
    assert me.waits_for("/pay/", "How you are paid").status == 200


def proves_who_they_are(me: Person) -> None:
    """On Stripe's own page, the first time with an expired document."""
    stripe = me.sends(me.opens("/identity/"), "/identity/")
    assert stripe.url.startswith(me.house.stripe)
    document = {"first_name": me.name.split()[0], "last_name": me.name.split()[-1][-40:], "dob": "1990-05-04"}
    back = me.sends(stripe, "/hosted/verify/", **document, error="document_expired")
    assert "The document has expired." in back.text
    again = me.sends(back, "/identity/")
    assert "Your identity is proven" in me.sends(again, "/hosted/verify/", **document).text


def applies(me: Person, gig_id: str) -> None:
    form = me.opens(f"/gigs/{gig_id}/apply/")
    assert "Sent." in me.sends(form, f"/gigs/{gig_id}/apply/", note="I listen.").text


def a_pair_plays(week: Week) -> None:
    nora = week.nora
    book = f"/company/{week.company_id}/gigs/{week.gig_id}/book/"
    form = nora.opens(book)
    booked = nora.sends(
        form,
        book,
        call_at=f"{week.call_at.astimezone(BERLIN):%Y-%m-%dT%H:%M}",
        engagements=form.boxes["engagements"],
    )
    week.session_id = booked.path.strip("/").split("/")[-1]
    assert in_words(week.call_at, BERLIN) in booked.text
    for performer in week.performers:
        mine = performer.me.opens(performer.me.opens("/sessions/").link("/sessions/ses"))
        assert in_words(week.call_at, performer.zone) in mine.text
        assert "Confirmed." in performer.me.sends(mine, r"/sessions/\w+/confirm/").text

    week.house.passes_to(week.call_at - timedelta(hours=1))
    early = week.ada.me.calls("POST", f"sessions/{week.session_id}/presence", event="joined")
    assert (early["status_code"], early["code"]) == (409, "doors_closed")
    week.house.passes_to(week.call_at - A_MOMENT)
    they_are_in_the_room(week, nora)
    room = nora.opens(f"/sessions/{week.session_id}/room/")
    assert "Ended." in nora.sends(room, r"/sessions/\w+/room/end/").text


def they_are_in_the_room(week: Week, nora: Person) -> None:
    """All three from before the call; Ada is there when the company ends it, the other leaves four minutes before the end."""
    presence = f"sessions/{week.session_id}/presence"
    there = {
        performer.me.name: tells(performer.me, presence, event="joined") for performer in week.performers
    }
    seen_by_nora = tells(nora, presence, event="joined")
    leaves_at = week.call_at + timedelta(minutes=MINUTES - 4)
    ends_at = week.call_at + timedelta(minutes=MINUTES - 2)
    for at in week.house.passes_by_hand(ends_at, step_s=BEAT_S):
        tells(nora, presence, event="here", sid=seen_by_nora)
        tells(week.ada.me, presence, event="here", sid=there[week.ada.me.name])
        if (sid := there.get(week.wil.me.name)) and at < leaves_at:
            tells(week.wil.me, presence, event="here", sid=sid)
        elif sid:
            tells(week.wil.me, presence, event="left", sid=there.pop(week.wil.me.name))


def tells(me: Person, presence: str, **event: str) -> str:
    answer = me.calls("POST", presence, **event)
    assert answer["status_code"] == 200, answer
    return str(answer["sid"])


def the_week_is_over(week: Week) -> None:
    """Each finds their own line, and its seconds are those that they were there."""
    week.house.passes_to(week.at(7, 9))
    for performer, minutes in ((week.ada, MINUTES - 2), (week.wil, MINUTES - 4)):
        (sheet,) = performer.me.calls("GET", "timesheets")["data"]
        line_id = sheet["lines"][0]["id"]
        line = performer.me.calls("GET", f"time-lines/{line_id}")
        performer.line_id, performer.payable_s = line_id, line["payable_s"]
        assert abs(performer.payable_s - minutes * 60) <= 2 * BEAT_S
        assert line["amount"]["amount_minor"] == performer.earned_minor


def performers_look_at_it(week: Week) -> None:
    """One confirms; the other asks for more, and finds the time of the dispute in their own zone."""
    ada, wil = week.ada.me, week.wil.me
    mine = ada.opens(f"/week/{week.monday}/")
    assert "Confirmed." in ada.sends(mine, f"/week/{week.monday}/confirm/").text
    line = f"/week/line/{week.wil.line_id}/"
    asked = wil.sends(
        wil.opens(line),
        f"{line}#dispute",
        reason="time_missing",
        minutes=CLAIMED_MINUTES,
        text="I stayed on.",
    )
    assert "Disputed." in asked.text


def the_dispute_is_decided(week: Week) -> None:
    """The company says no, and talent operations decide."""
    nora, line = week.nora, f"/week/line/{week.wil.line_id}/"
    week.house.passes_to(week.at(7, 20))
    said = nora.sends(
        nora.opens(line), r"/week/dispute/\w+/answer/", answer="disagree", text="The recording ends before."
    )
    assert "Talent operations decide" in said.text
    dispute = week.tala.opens(week.tala.opens("/week/disputes/").link(line))
    decided = week.tala.sends(
        dispute, r"/week/dispute/\w+/decide/", decision="as_claimed", text="The recording shows it."
    )
    assert "Decided." in decided.text
    week.wil.payable_s = round(float(CLAIMED_MINUTES) * 60)


def the_company_approves(week: Week) -> None:
    nora, path = week.nora, f"/company/{week.company_id}/week/{week.monday}/"
    sheet = nora.opens(path)
    approved = nora.sends(sheet, f"{path}approve/")
    assert "approved" in approved.text


def finance_closes(week: Week) -> None:
    """On Thursday one of finance opens the run and freezes it, and may then not approve it, however fresh the log-in."""
    faye = week.faye
    week.house.passes_to(week.at(10, 10))
    faye.sends(faye.opens("/pay/payday/"), "/pay/payday/close/")
    frozen = faye.sends(faye.opens("/pay/payday/"), r"/pay/payday/\w+/freeze/")
    assert "You froze this run, so someone else in finance approves it." in frozen.text
    first = faye.opens(f"{frozen.path}?reason=first_pay")
    assert "No week was sent to them before" in first.text
    assert first.text.count("First pay") > len(week.performers)
    (run,) = faye.calls("GET", "pay-runs")["data"]
    total_minor = sum(performer.earned_minor for performer in week.performers)
    assert run["total"]["amount_minor"] == total_minor
    faye.proves()
    same = faye.calls("POST", f"pay-runs/{run['id']}/approve", content_hash=run["content_hash"])
    assert (same["status_code"], same["code"]) == (403, "approver_is_creator")


def another_approves(week: Week) -> None:
    """With a second factor given twenty minutes ago it is asked for again; then the run goes out."""
    frank = week.frank
    frank.sends(frank.opens("/today/"), "/accounts/logout/")
    frank.logs_in()
    week.house.passes_to(week.at(10, 10, 20))
    approve = r"/pay/payday/\w+/approve/"
    stale = frank.sends(frank.opens("/pay/payday/"), approve)
    assert "Prove once more that it is you" in stale.text
    back = frank.sends(stale, "/accounts/2fa/reauthenticate/", code=frank.codes.pop())
    assert back.path.startswith("/pay/payday/run_")
    assert "Approved. It starts by itself" in frank.sends(back, approve).text
    frank.waits_for("/pay/payday/", "The run Paid")


def money_arrives(week: Week) -> None:
    """Each reads where it is and why it is that much, to the cent; so do the bank, and the books of both sides."""
    week.house.passes_to(week.at(15, 10))
    for performer in week.performers:
        me = performer.me
        pay = me.waits_for("/pay/", "In the bank")
        assert f"In the bank {money(performer.earned_minor)} USD" in pay.text
        standing = me.calls("GET", "me/standing")
        assert standing["in_the_bank"]["amount_minor"] == performer.earned_minor
        (item,) = me.calls("GET", "me/statements")["data"]
        assert item["amount"]["amount_minor"] == performer.earned_minor
        assert paid_out_minor(week.house, transfer=item["transfer"]) == performer.earned_minor
        is_explained(week, performer, item["id"])
    assert week.house.asks_stripe("books")["ok"]
    assert "difference 0.00 USD" in week.house.makes("reconcile")
    week.house.makes("audit")


def paid_out_minor(house: House, *, transfer: str) -> int:
    """What the bank behind the account of that transfer has received."""
    books = house.asks_stripe("books")
    (account,) = (one["destination"] for one in books["transfers"] if one["id"] == transfer)
    arrived = [one for one in books["payouts"] if one["account"] == account and one["status"] == "paid"]
    return sum(one["amount"] for one in arrived)


def is_explained(week: Week, performer: Performer, item_id: str) -> None:
    """From the bank back to the seconds, with times as the performer's own clock says them."""
    steps = performer.me.calls("GET", f"explain/{item_id}")["data"]
    said = {step["kind"]: step["sentence"] for step in reversed(steps)}
    assert said["bank"].startswith(f"{money(performer.earned_minor)} USD arrived in the bank")
    local, call = (at.astimezone(performer.zone) for at in (week.at(10, 10), week.call_at))
    assert f"on {local:%a} {local.day} {local:%b}, {local:%H}:" in said["transfer"]
    assert said["transfer"].endswith(f" {local:%Z}.")
    assert f"called {call:%a} {call.day} {call:%b}, {call:%H:%M} {call:%Z}." in said["session"]
    assert (
        sum(step["amount"]["amount_minor"] for step in steps if step["kind"] == "line")
        == performer.earned_minor
    )


def money(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02d}"


def in_words(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} your time ({local:%Z})"
