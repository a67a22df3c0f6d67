"""The statement of account, and what a company reads of its terms."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kit.errors import Invalid
from marketplace.gigs.models import Gig
from marketplace.timekeeping.weeks import payroll_day
from payments.funding import operations as funding
from payments.funding.queries import KINDS
from payments.invoicing import account
from payments.invoicing import operations as invoicing
from payments.paylines.kinds import Kind
from tests.accounts.browsing import Api, body_of, code_of, dollars, logs_in
from tests.payments.terms.agreed import (
    LIMIT,
    agreed,
    an_owner,
    money,
    pays_in,
    sets_aside,
)
from tests.payments.world import World, usd


class TestTheStatement:
    def test_adds_up_from_the_opening_to_the_closing_balance(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        gig.title = "=1+1"
        gig.save(update_fields=["title"])
        sets_aside(world, gig, "300.00")
        first_day = payroll_day(world.now)
        world.wait(days=1)
        pays_in(world, gig.company, "120.00")
        sets_aside(world, gig, "20.00", press="req_2")
        funding.give_back(gig=gig, by=an_owner(gig.company), at=world.now, request_id="req_9")
        owner, today = an_owner(gig.company), payroll_day(world.now)
        found = account.statement(owner, gig.company, account.days(first_day, today, at=world.now))
        minor = [line.amount.minor for line in found.lines if line.amount]
        assert minor == [usd("300.00"), -usd("120.00"), usd("20.00"), -usd("200.00")]
        assert [line.what for line in found.lines] == [
            "Drawn for “=1+1”",
            "Paid in",
            "Drawn for “=1+1”",
            "Given back from “=1+1”",
        ]
        assert (found.opening.minor, found.closing.minor) == (0, 0)
        later = account.statement(owner, gig.company, account.days(today, today, at=world.now))
        assert (later.opening.minor, len(later.lines)) == (usd("300.00"), 3)
        rows = list(csv.reader(io.StringIO(account.csv_of(later).decode("utf-8-sig"))))
        assert [row[5] for row in rows[1:]] == ["300.00", "180.00", "200.00", "0.00", "0.00"]
        assert sum(Decimal(row[3] or 0) - Decimal(row[4] or 0) for row in rows[1:]) == -300

    def test_names_the_receipt_and_the_invoice(self, world: World) -> None:
        company = world.company
        world.earns(world.performer(), "90000.00")
        world.an_approved_run()
        pays_in(world, company, "500.00")
        invoicing.issue_due(at=world.now)
        invoicing.issue_receipts(at=world.now)
        today = payroll_day(world.now)
        asked = account.days(today - timedelta(days=40), today, at=world.now)
        found = account.statement(an_owner(company), company, asked)
        said = [
            (line.document.number[:3] if line.document else "", line.amount and line.amount.minor)
            for line in found.lines
        ]
        assert said == [("INV", usd("3500.00")), ("RCP", -usd("500.00")), ("INV", None)]
        assert found.closing == money("3000.00")

    def test_refuses_days_that_cannot_be(self, world: World) -> None:
        for first, last in ((date(2026, 2, 2), date(2026, 2, 1)), (date(2025, 1, 1), date(2026, 2, 1))):
            with pytest.raises(Invalid):
                account.days(first, last, at=world.now)
        assert account.days(date(2026, 2, 1), date(2026, 2, 1), at=world.now).until == date(2026, 2, 2)


class TestTheDoors:
    def test_the_owner_reads_the_terms_and_the_statement(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        owner, company = gig.company.memberships.get().user, gig.company.public_id
        api = Api(owner)
        sent = {"amount": dollars(usd("1000.01"))}
        assert code_of(api.post(f"gigs/{gig.public_id}/funding", sent)) == "beyond_terms"
        api.post(f"gigs/{gig.public_id}/funding", {"amount": dollars(usd("400.00"))})
        said = body_of(api.get(f"companies/{company}/net-terms"))
        assert said["terms"]["limit"] == dollars(usd(LIMIT))
        assert (said["drawn"], said["left"]) == (dollars(usd("400.00")), dollars(usd("600.00")))
        assert said["due"][0]["days_late"] == 0
        assert body_of(api.get(f"companies/{company}/account"))["closing"] == dollars(usd("400.00"))
        browser = logs_in(owner)
        page = browser.get(f"/company/{company}/wallet/").content.decode()
        assert "Terms of payment" in page
        assert "600.00 USD left to draw" in page
        page = browser.get(f"/company/{company}/account/").content.decode()
        assert "Drawn for" in page
        assert browser.get(f"/company/{company}/account/?first=2026-02-02&last=2026-02-01").status_code == 422
        assert b"400.00" in browser.get(f"/company/{company}/account.csv").content


def test_every_kind_of_pay_line_has_its_words() -> None:
    assert {kind.value for kind in Kind} <= KINDS.keys() & {*account.WORK}
