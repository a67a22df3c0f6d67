"""The first page after a real log-in: what waits, for whom, until when, and where it is done. It stands without scripts."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.access.roles import Role, Staff
from accounts.identity.models import User
from accounts.notifications.models import Notification
from kit.money import Money
from marketplace.casting import operations as casting
from marketplace.engagements import operations as engagements
from marketplace.gigs import operations as gigs
from marketplace.gigs import reviewing
from payments.funding import following
from payments.funding import operations as funding
from payments.inbox import findings
from payments.inbox.models import Finding
from tests import stories
from tests.accounts.browsing import logs_in, sets_up_an_app, the_way_in
from tests.conftest import PAYDAY
from tests.payments.world import World

pytestmark = pytest.mark.django_db


def today(user: User) -> str:
    answer: HttpResponse = logs_in(user).get("/today/")  # type: ignore[assignment] # Django's test client says so too
    return str(answer.content.decode())


def steps_of(page: str) -> list[tuple[str, bool]]:
    """The first steps, each with whether it is done."""
    found = re.findall(r'<li class="step( is-done)?[^"]*".*?step-label">([^<]+)<', page, re.DOTALL)
    return [(label, bool(done)) for done, label in found]


def leads_to(page: str, title: str) -> str:
    """Where the press beside a row leads."""
    row = page[page.index(title) :]
    return str(re.findall(r'href="([^"]+)"', row)[0])


class TestANewCompany:
    def test_is_led_from_the_mail_to_the_board(self, world: World) -> None:
        sent = {"email": "nora@example.org", "password1": stories.PASSWORD, "name": "Nora Lindqvist"}
        sent |= {"comes_to": "company", "company_name": "Northlight", "time_zone": "America/New_York"}
        client = Client()
        assert client.post("/accounts/signup/", sent).status_code == 302
        assert client.post(the_way_in(sent["email"])).headers["Location"] == "/today/"
        page = client.get("/today/").content.decode()
        assert "Your role waits for a second factor" in page
        assert [done for _, done in steps_of(page)] == [False] * 6
        assert steps_of(page)[0][0] == "Set up a second factor"
        panel = page[page.index("Your first steps") : page.index("Whom you act for")]
        assert re.findall(r'href="([^"]+)"', panel) == ["/settings/second-factor/?next=/today/"]
        assert "Set up an app" in client.get("/settings/second-factor/?next=/today/").content.decode()
        sets_up_an_app(client)
        assert client.get("/settings/second-factor/").headers["Location"] == "/today/"
        page = client.get("/today/").content.decode()
        assert "1 of 6" in page
        assert [done for _, done in steps_of(page)] == [True, *[False] * 5]
        assert leads_to(page, "Have the company vetted").endswith("/standing/")

    def test_sees_what_is_done_and_no_steps_once_a_gig_is_on_the_board(self, world: World) -> None:
        company = stories.a_new_company()
        owner = stories.owner_of(company)
        assert [done for _, done in steps_of(today(stories.person(owner)))] == [True, *[False] * 5]
        stories.asks_to_be_vetted(company)
        assert [done for _, done in steps_of(today(stories.person(owner)))] == [True, True, *[False] * 4]
        stories.is_vetted(company)
        draft = stories.a_draft(company)
        page = today(stories.person(owner))
        assert [done for _, done in steps_of(page)] == [True, True, True, False, False, False]
        assert leads_to(page, "Put the gig on the board") == reverse(
            "gig_manage", args=[company.public_id, draft.public_id]
        )
        handed_in = gigs.publish(gig=draft, by=owner, at=stories.BEFORE)
        assert len(steps_of(today(stories.person(owner)))) == 6
        reviewing.approve(gig=handed_in, by=stories.HOUSE, at=stories.BEFORE)
        paid = funding.start(company=company, amount=Money(50_000, "usd"), by=owner, at=PAYDAY)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_visa")
        following.refresh(funding=paid, at=PAYDAY)
        page = today(stories.person(owner))
        assert steps_of(page) == []
        assert "500.00 USD is on its way" in page
        assert "It can be set aside from" in page

    def test_begins_with_the_second_factor_for_roles_that_take_one(self, world: World) -> None:
        producer = stories.a_member(stories.a_new_company(), Role.PRODUCER)
        page = today(producer)
        assert next(label for label, _ in steps_of(page)) == "Have the company vetted"
        assert "1 of 5" in page

    def test_shows_no_steps_to_those_who_post_no_gigs(self, world: World) -> None:
        reviewer = stories.a_member(stories.a_company(), Role.REVIEWER)
        assert steps_of(today(reviewer)) == []


class TestACompany:
    def test_reads_who_waits_for_what_and_until_when(self, it_is: Any) -> None:
        gig = stories.a_gig(stories.a_company())
        owner = stories.person(stories.owner_of(gig.company))
        stories.applies(stories.a_performer(), gig)
        signed = stories.accepts(stories.a_performer(), gig)
        it_is(stories.BEFORE)
        page = today(owner)
        assert leads_to(page, "1 applicant for “Two strangers in a lift” waits") == reverse(
            "gig_applicants", args=[gig.public_id]
        )
        assert "The first was promised one by " in page
        it_is(stories.BEFORE + timedelta(days=gig.answer_days + 1))
        assert "which has passed" in today(owner)
        sha256 = signed.versions.get().text_sha256
        engagements.sign_as_performer(
            engagement=signed,
            name=signed.performer.user.name,
            read_sha256=sha256,
            by=stories.proved(stories.acting(signed.performer), at=stories.BEFORE),
            at=stories.BEFORE,
        )
        assert leads_to(today(owner), "has signed for “Two strangers in a lift”") == (
            reverse("engagement_detail", args=[signed.public_id]) + "#sign"
        )

    def test_reads_until_when_a_week_waits_and_what_it_comes_to(self, it_is: Any) -> None:
        it_is(stories.REVIEW_DAY)
        session = stories.a_pair_booked()
        stories.they_play(session)
        owner = stories.person(stories.owner_of(session.company))
        assert "waits for your approval" not in today(owner)
        stories.everyone_confirms(stories.the_week_is_over())
        page = today(owner)
        assert "The week of Mon 9 Nov waits for your approval: 2 lines, " in page
        assert "Wed 18 Nov, 23:59 your time (EST)" in page
        path = reverse("company_week_of", args=[session.company.public_id, "2026-11-09"])
        assert leads_to(page, "The week of Mon 9 Nov waits") == path
        reviewer = stories.a_member(session.company, Role.REVIEWER)
        assert "waits for your approval" not in today(reviewer)

    def test_reads_which_budget_runs_short_and_which_money_is_coming(self, world: World) -> None:
        company = world.company
        gig = stories.a_gig(company, funded_minor=100_000, title="Nearly spent")
        owner = stories.owner_of(company)
        assert "Nearly spent" not in today(stories.person(owner))
        gigs.change_gig(gig=gig, fields={"rate_minor": 50_000}, by=owner, at=stories.BEFORE)
        short = f"{reverse('company_wallet', args=[company.public_id])}#{gig.public_id}"
        assert leads_to(today(stories.person(owner)), "“Nearly spent” has 1,000.00 USD left") == short
        funding.start(company=company, amount=Money(50_000, "usd"), by=owner, at=PAYDAY)
        page = today(stories.person(owner))
        assert "500.00 USD is not paid yet" in page
        producer = stories.a_member(company, Role.PRODUCER)
        assert "500.00 USD is not paid yet" not in today(producer)
        assert "“Nearly spent” has 1,000.00 USD left" in today(producer)


class TestAPerformer:
    def test_reads_offers_without_scripts(self) -> None:
        gig, performer = stories.a_gig(stories.a_company("Northlight")), stories.a_performer()
        applied = stories.applies(performer, gig)
        casting.offer(applications=[applied], by=stories.owner_of(gig.company), at=stories.BEFORE)
        page = today(performer.user)
        assert "Northlight offers you “Two strangers in a lift”" in page
        assert leads_to(page, "Northlight offers you") == f"/work/#{applied.public_id}"
        assert f'id="{applied.public_id}"' in logs_in(performer.user).get("/work/").content.decode()
        assert "hx-get" not in page[page.index("<main") : page.index("</main>")]

    def test_reads_until_when_the_week_is_to_be_confirmed(self, it_is: Any) -> None:
        it_is(stories.REVIEW_DAY)
        session = stories.a_pair_booked()
        stories.they_play(session)
        stories.the_week_is_over()
        page = today(session.seats.all()[0].performer.user)
        assert leads_to(page, "Your week of Mon 9 Nov") == "/week/2026-11-09/"


class TestFinance:
    def test_reads_the_run_that_waits_what_is_held_and_what_was_found(self, world: World) -> None:
        robin = world.performer(onboarded=False)
        world.earns(robin, "100.00")
        world.a_frozen_run()
        assert "wait for another person" in today(stories.person(world.freezer))
        page = today(stories.person(world.approver))
        assert "wait for your approval" in page
        assert leads_to(page, "wait for your approval") == reverse("payday")
        findings.report(code="payment_not_ours", thing="cs_1", detail="No wallet knows it.", at=PAYDAY)
        page = today(stories.person(world.approver))
        assert re.search(
            r"A payment that no wallet knows.*?Found <time [^>]+>(just now|.* ago)<", page, re.DOTALL
        )
        where = leads_to(page, "A payment that no wallet knows")
        inbox = logs_in(stories.person(world.approver)).get(where.partition("#")[0]).content.decode()
        assert f'id="{where.partition("#")[2]}"' in inbox

    def test_is_told_when_nothing_waits(self, world: World) -> None:
        assert "Nothing waits for finance" in today(stories.a_member_of_staff(Staff.FINANCE))
        assert "Nothing waits for finance" not in today(stories.a_member_of_staff(Staff.TALENT))


class TestNotifications:
    def test_lead_to_the_place_and_are_read_by_following(self, world: World) -> None:
        findings.report(code="payment_not_ours", thing="cs_1", detail="No wallet knows it.", at=PAYDAY)
        finance = logs_in(stories.person(world.freezer))
        page = finance.get("/notifications/").content.decode()
        assert "1 unread." in page
        assert "Fri 20 Nov</h2>" in page
        found = Finding.objects.get().public_id
        followed = finance.get(leads_to(page[page.index("<main") :], 'class="unread"'))
        assert followed.headers["Location"] == f"{reverse('finance_inbox')}#{found}"
        assert f'id="{found}"' in finance.get(reverse("finance_inbox")).content.decode()
        assert "All read." in finance.get("/notifications/").content.decode()

    def test_of_another_are_nobodys(self, world: World) -> None:
        findings.report(code="payment_not_ours", thing="cs_1", detail="No wallet knows it.", at=PAYDAY)
        theirs = Notification.objects.get(user=stories.person(world.freezer))
        path = reverse("notification_open", args=[theirs.public_id])
        assert logs_in(stories.person(world.approver)).get(path).status_code == 404
        theirs.refresh_from_db()
        assert theirs.read_at is None

    def test_stand_by_day_with_the_year_of_another(self, world: World, it_is: Any) -> None:
        findings.report(code="payment_not_ours", thing="cs_1", detail="No wallet knows it.", at=PAYDAY)
        it_is(PAYDAY + timedelta(days=60))
        page = logs_in(stories.person(world.freezer)).get("/notifications/").content.decode()
        assert "Fri 20 Nov 2026</h2>" in page


def test_a_phone_reaches_all_that_a_desk_does() -> None:
    """The tabs at the foot: performers' sessions, a company's wallet, all of finance's behind the last of them."""
    company = stories.a_company()
    for user, wanted in (
        (stories.a_performer().user, ["/sessions/", "/pay/"]),
        (
            stories.person(stories.owner_of(company)),
            [
                reverse("company_wallet", args=[company.public_id]),
                reverse("company_sessions", args=[company.public_id]),
            ],
        ),
        (stories.a_member_of_staff(Staff.FINANCE), [reverse("payday"), reverse("reconcile")]),
    ):
        page = today(user)
        foot = page[page.index('class="tabbar"') : page.index("<main")]
        assert set(wanted) <= set(re.findall(r'href="([^"]+)"', foot))
        head = page[page.index('class="masthead-nav"') : page.index('class="masthead-end"')]
        assert re.findall(r'href="([^"]+)"', head) == re.findall(r'href="([^"]+)"', foot)


class TestPayday:
    def test_lists_who_is_paid_with_the_way_to_each_statement(self, world: World) -> None:
        robin, sam = world.performer("Robin"), world.performer("Sam")
        world.earns(robin, "100.00")
        world.earns(sam, "50.00")
        run = world.a_frozen_run()
        finance = logs_in(stories.person(world.approver))
        page = finance.get("/pay/payday/").content.decode()
        assert "nothing goes out before it is approved" in page
        assert "Going out" not in page
        path = leads_to(page[page.index('id="payees"') :], "<tbody>")
        assert "Robin" in finance.get(path).content.decode()
        assert page.index(">Robin</a>") < page.index(">Sam</a>")
        assert leads_to(page[page.index("All runs") :], "<tbody>") == reverse(
            "payday_run", args=[run.public_id]
        )

    def test_opens_each_run_that_there_was(self, world: World) -> None:
        robin = world.performer()
        world.earns(robin, "100.00")
        run = world.pays()
        page = logs_in(stories.person(world.approver)).get(reverse("payday_run", args=[run.public_id]))
        assert run.public_id in page.content.decode()
        assert logs_in(robin.user).get(reverse("payday_run", args=[run.public_id])).status_code == 403
