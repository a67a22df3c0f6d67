"""Every door by which an amount or a currency comes in: what can be read in two ways is asked back, and nothing moves."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.companies.models import Company
from accounts.companies.queries import companies_of
from kit import clock
from marketplace.engagements.models import Terms
from marketplace.gigs import queries as gigs
from marketplace.gigs.models import Gig
from payments.funding import queries as funding
from payments.funding.models import Funding
from payments.payroll.models import PayRun
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, dollars, logs_in
from tests.payments.world import World, a_week

ASKED_BACK = {
    "74,5": "74.50 or 745.00? Write one of them, with a point before the cents.",
    "1,000": "1.00 or 1,000.00? Write one of them, with a point before the cents.",
    "1.234,50": "1,234.50? Write it like that.",
    "12,34.50": "1,234.50? Write it like that.",
    "a lot": "Write an amount such as 1,234.50.",
    "٧٤": "Write an amount such as 1,234.50.",
    "1e3": "Write an amount such as 1,234.50.",
}
WRITTEN = {"174.5": 17_450, "1,234.50": 123_450, "1,234.50 USD": 123_450}
NO_CURRENCY = ["zzz", "USD", "\u0131\u0131\u0131", "eur", "us", "uSd", "", "x" * 5_000]


@pytest.fixture(autouse=True)
def _at_payday(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", world.clock)


@pytest.fixture
def owner(world: World) -> Actor:
    """Of a company that has paid 5,000.00 USD into its wallet, by the page."""
    owner = stories.owner_of(stories.a_company())
    path = reverse("company_wallet", args=[company_of(owner).public_id])
    browser_of(owner).post(path, {"amount": "5,000.00"})
    paid = Funding.objects.get()
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
    assert "5,000.00" in browser_of(owner).get(path, {"funded": paid.public_id}).content.decode()
    return owner


def company_of(actor: Actor) -> Company:
    return companies_of(actor)[0]


def browser_of(actor: Actor) -> Client:
    return logs_in(stories.person(actor))


def said(answer: Any) -> str:
    return str(answer.content.decode())


def the_gig_form(**changes: str) -> dict[str, Any]:
    return {
        "title": "Night shift",
        "scene": "Two at a lighthouse",
        "brief": "Say yes, and.",
        "rate": "74.00",
        "seats": "2",
        "minutes": "90",
        "sessions_planned": "4",
        "openings": "2",
        "starts_on": "2026-12-01",
        "ends_on": "2027-06-01",
        "time_zone": "America/New_York",
        "answer_days": "7",
    } | changes


@pytest.mark.parametrize(("text", "question"), ASKED_BACK.items())
class TestAnAmountThatIsUnclear:
    def test_is_asked_back_when_a_gig_is_posted_or_changed(
        self, owner: Actor, text: str, question: str
    ) -> None:
        company, browser = company_of(owner), browser_of(owner)
        answer = browser.post(reverse("gig_post", args=[company.public_id]), the_gig_form(rate=text))
        assert answer.status_code == 422
        assert question in said(answer)
        assert f'value="{text}"' in said(answer)
        assert not Gig.objects.exists()
        gig = stories.a_gig(company)
        change = reverse("gig_change", args=[company.public_id, gig.public_id])
        assert question in said(browser.post(change, the_gig_form(rate=text)))
        assert Gig.objects.get().rate_minor == 7_400

    def test_is_asked_back_when_pay_is_raised(self, owner: Actor, text: str, question: str) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(company_of(owner)))
        path = reverse("engagement_raise", args=[engagement.public_id])
        answer = browser_of(owner).post(path, {"rate": text}, follow=True)
        assert question in said(answer)
        assert Terms.objects.filter(engagement=engagement).count() == 1

    def test_is_asked_back_when_a_wallet_is_funded(self, owner: Actor, text: str, question: str) -> None:
        path = reverse("company_wallet", args=[company_of(owner).public_id])
        answer = browser_of(owner).post(path, {"amount": text})
        assert answer.status_code == 422
        assert question in said(answer)
        assert Funding.objects.count() == 1

    def test_is_asked_back_when_money_is_set_aside(self, owner: Actor, text: str, question: str) -> None:
        gig = stories.a_gig(company_of(owner))
        sent = {f"{gig.public_id}-amount": text, f"{gig.public_id}-request_id": "req_1"}
        answer = browser_of(owner).post(reverse("gig_set_aside", args=[gig.public_id]), sent, follow=True)
        assert question in said(answer)
        assert funding.wallet(gig.company)["available"].minor == 500_000


@pytest.mark.parametrize(("text", "minor"), WRITTEN.items())
class TestAnAmountThatIsClear:
    def test_is_a_gigs_rate(self, owner: Actor, text: str, minor: int) -> None:
        company, browser = company_of(owner), browser_of(owner)
        browser.post(reverse("gig_post", args=[company.public_id]), the_gig_form(rate=text))
        gig = Gig.objects.get()
        assert gig.rate_minor == minor
        change = reverse("gig_change", args=[company.public_id, gig.public_id])
        browser.post(change, the_gig_form(rate="2,000.00"))
        assert Gig.objects.get().rate_minor == 200_000
        assert 'value="2,000.00"' in said(browser.get(change))

    def test_is_a_raise(self, owner: Actor, text: str, minor: int) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(company_of(owner)))
        path = reverse("engagement_raise", args=[engagement.public_id])
        assert browser_of(owner).post(path, {"rate": text}).status_code == 302
        assert Terms.objects.get(engagement=engagement, version=2).rate_minor == minor

    def test_is_paid_in(self, owner: Actor, text: str, minor: int) -> None:
        path = reverse("company_wallet", args=[company_of(owner).public_id])
        assert browser_of(owner).post(path, {"amount": text}).status_code == 302
        assert Funding.objects.order_by("-id")[0].amount_minor == minor

    def test_is_set_aside(self, owner: Actor, text: str, minor: int) -> None:
        gig = stories.a_draft(company_of(owner), funded_minor=0)
        sent = {f"{gig.public_id}-amount": text, f"{gig.public_id}-request_id": "req_1"}
        browser_of(owner).post(reverse("gig_set_aside", args=[gig.public_id]), sent)
        assert funding.wallet(gig.company)["set_aside"].minor == minor


@pytest.mark.parametrize("currency", NO_CURRENCY)
class TestACurrencyThatIsNone:
    def test_closes_no_week(self, world: World, currency: str) -> None:
        world.earns(world.performer(), "100.00")
        finance = Api(client=logs_in(stories.a_member_of_staff(Staff.FINANCE)))
        sent = {"week": str(a_week().starts_on), "currency": currency}
        refused = finance.post("pay-runs", sent)
        assert refused.status_code == 422
        assert code_of(refused) in ("unknown_currency", "invalid")
        assert PayRun.objects.count() == 0
        assert body_of(finance.post("pay-runs", sent | {"currency": "usd"}))["currency"] == "usd"

    def test_funds_no_wallet(self, owner: Actor, currency: str) -> None:
        api, path = Api(client=browser_of(owner)), f"companies/{company_of(owner).public_id}/fundings"
        assert api.post(path, {"amount": dollars(5000, currency=currency)}).status_code == 422
        assert Funding.objects.count() == 1
        assert api.post(path, {"amount": dollars(5000)}).status_code == 201

    def test_pays_no_gig(self, owner: Actor, currency: str) -> None:
        sent = {
            "company": company_of(owner).public_id,
            "title": "Night shift",
            "scene": "Two at a lighthouse",
            "brief": "Say yes, and.",
            "starts_on": str(date(2026, 12, 1)),
            "ends_on": str(date(2027, 6, 1)),
        }
        api = Api(client=browser_of(owner))
        assert api.post("gigs", sent | {"rate": dollars(7400, currency=currency)}).status_code == 422
        assert not Gig.objects.exists()
        gig = body_of(api.post("gigs", sent | {"rate": dollars(7400)}))
        assert api.patch(f"gigs/{gig['id']}", {"rate": dollars(7400, currency=currency)}).status_code == 422
        for part in ({"amount_minor": 8000}, {"currency": "usd"}):
            assert api.patch(f"gigs/{gig['id']}", {"rate": part}).status_code == 422
        assert body_of(api.patch(f"gigs/{gig['id']}", {"rate": dollars(8000)}))["rate"] == dollars(8000)
        assert gigs.get_own_gig(owner, gig["id"]).currency == "usd"

    def test_sets_nothing_aside(self, owner: Actor, currency: str) -> None:
        gig = stories.a_gig(company_of(owner))
        api, path = Api(client=browser_of(owner)), f"gigs/{gig.public_id}/funding"
        assert api.post(path, {"amount": dollars(1000, currency=currency)}).status_code == 422
        assert funding.wallet(gig.company)["available"].minor == 500_000
        assert api.post(path, {"amount": dollars(1000)}).status_code == 201
        assert funding.wallet(gig.company)["available"].minor == 499_000


def test_a_currency_that_is_none_says_which_are(world: World) -> None:
    finance = Api(client=logs_in(stories.a_member_of_staff(Staff.FINANCE)))
    refused = finance.post("pay-runs", {"week": str(a_week().starts_on), "currency": "zzz"})
    assert code_of(refused) == "unknown_currency"
    assert refused.json()["errors"] == [  # type: ignore[attr-defined] # the test client's
        {"field": "currency", "code": "unknown_currency", "detail": "'zzz' is no currency here; write usd."}
    ]


def test_yen_are_not_set_aside_for_a_gig_in_dollars(owner: Actor) -> None:
    gig = stories.a_gig(company_of(owner))
    sent = {"amount": dollars(1000, currency="jpy")}
    refused = Api(client=browser_of(owner)).post(f"gigs/{gig.public_id}/funding", sent)
    assert refused.json()["errors"][0]["code"] == "currency_mismatch"  # type: ignore[attr-defined] # as above
    assert funding.wallet(gig.company)["available"].minor == 500_000


@pytest.mark.parametrize("command", ["close_week", "reconcile"])
@pytest.mark.parametrize("currency", ["zzz", "USD"])
def test_a_command_takes_no_such_currency(world: World, command: str, currency: str) -> None:
    a_week()
    with pytest.raises(CommandError, match="no currency here"):
        call_command(command, currency=currency)
    assert not PayRun.objects.exists()
    call_command(command, currency="usd")
