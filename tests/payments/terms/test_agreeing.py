"""Terms are agreed by two, lowered and ended by one, and done at finance's doors."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access.roles import Role, Staff
from accounts.access.standings import NotApproved, Standing
from accounts.companies.interests import OwnCompany
from accounts.companies.models import Company
from accounts.keys import acting
from kit.errors import Forbidden, Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.gigs.models import Gig
from marketplace.timekeeping.weeks import payroll_day
from payments.adjustments import operations as adjustments
from payments.ledger.operations import Overdrawn
from payments.terms import operations, queries
from payments.terms.drawing import BeyondTerms
from payments.terms.models import NetTerms
from tests import stories
from tests.accounts.browsing import Api, body_of, dollars, logs_in
from tests.payments.terms.agreed import LIMIT, agreed, an_owner, has, money, proposed, sets_aside, told
from tests.payments.world import World, usd


class TestAgreeing:
    def test_is_in_force_once_a_second_person_has_approved_it(self, world: World, gig: Gig) -> None:
        terms = proposed(world, gig.company)
        with pytest.raises(operations.SameTermsProposer):
            operations.approve(terms=terms, by=stories.proved(world.freezer, at=world.now), at=world.now)
        with pytest.raises(Overdrawn):
            sets_aside(world, gig, "10.00")
        for _ in range(2):
            terms = operations.approve(
                terms=terms, by=stories.proved(world.approver, at=world.now), at=world.now
            )
        assert (terms.state, terms.limit_minor) == ("in_force", usd(LIMIT))
        assert told(gig.company) == ["You may set aside 1,000.00 USD beyond your wallet"]
        sets_aside(world, gig, "10.00")

    def test_the_database_takes_no_approval_of_ones_own(self, world: World, gig: Gig) -> None:
        terms = proposed(world, gig.company)
        with pytest.raises(IntegrityError, match="net_terms_approved_by_another"), transaction.atomic():
            NetTerms.objects.filter(pk=terms.pk).update(
                state="in_force", decided_by=world.freezer.user_id, decided_at=world.now
            )

    def test_others_take_the_place_of_those_in_force(self, world: World, gig: Gig) -> None:
        first, second = agreed(world, gig.company), agreed(world, gig.company, limit="2000.00")
        first.refresh_from_db()
        assert (first.state, second.state) == ("ended", "in_force")
        sets_aside(world, gig, "2000.00")

    def test_but_those_that_begin_later_only_on_their_day(self, world: World, gig: Gig) -> None:
        agreed(world, gig.company)
        later = proposed(
            world, gig.company, limit="2.00", starts_on=payroll_day(world.now) + timedelta(days=3)
        )
        by = stories.proved(world.approver, at=world.now)
        with pytest.raises(operations.TermsInForce):
            operations.approve(terms=later, by=by, at=world.now)
        world.wait(days=3)
        by = stories.proved(world.approver, at=world.now)
        assert operations.approve(terms=later, by=by, at=world.now).state == "in_force"

    def test_one_proposal_waits_at_a_time(self, world: World, gig: Gig) -> None:
        waits = proposed(world, gig.company)
        with pytest.raises(operations.TermsWait):
            proposed(world, gig.company)
        assert (
            operations.decline(terms=waits, answer="No.", by=world.approver, at=world.now).state == "declined"
        )
        again = proposed(world, gig.company)
        gone = operations.decline(terms=again, answer="Wrong.", by=world.freezer, at=world.now)
        assert gone.state == "withdrawn"
        with pytest.raises(IllegalMove):
            operations.approve(terms=gone, by=stories.proved(world.approver, at=world.now), at=world.now)

    @pytest.mark.parametrize(
        ("what", "value"), [("limit", "0.00"), ("days", 0), ("days", 61), ("starts_on", date(2020, 1, 1))]
    )
    def test_is_bounded(self, world: World, gig: Gig, what: str, value: object) -> None:
        with pytest.raises(Invalid):
            proposed(world, gig.company, **{what: value})  # type: ignore[arg-type] # each its own

    def test_only_with_a_company_that_is_approved(self, world: World, gig: Gig) -> None:
        Company.objects.filter(pk=gig.company_id).update(state=Standing.APPLIED)
        gig.company.refresh_from_db()
        with pytest.raises(NotApproved):
            proposed(world, gig.company)

    def test_nobody_of_the_company_has_a_hand_in_it(self, world: World, gig: Gig) -> None:
        """Neither in what the house lends it, nor in what the house gives up."""
        insider = stories.a_member(gig.company, Role.REVIEWER)
        stories.becomes_staff(insider, Staff.FINANCE)
        me = stories.proved(acting.of_user(insider), at=world.now)
        waits = proposed(world, gig.company)
        with pytest.raises(OwnCompany):
            operations.approve(terms=waits, by=me, at=world.now)
        operations.decline(terms=waits, answer="Not by me.", by=me, at=world.now)
        with pytest.raises(OwnCompany):
            operations.propose(
                company=gig.company, limit=money(LIMIT), pay_days=7, reason="?", by=me, at=world.now
            )
        agreed(world, gig.company)
        sets_aside(world, gig, "300.00")
        owed: dict[str, Any] = {"company": gig.company, "amount": money("300.00"), "reason": "Gone."}
        with pytest.raises(OwnCompany):
            adjustments.propose_write_off(**owed, by=me, at=world.now)
        made = adjustments.propose_write_off(**owed, by=world.freezer, at=world.now)
        with pytest.raises(OwnCompany):
            adjustments.approve(adjustment=made, by=me, at=world.now)
        signs = stories.proved(world.approver, at=world.now)
        assert adjustments.approve(adjustment=made, by=signs, at=world.now).state == "approved"

    def test_one_lowers_and_ends_and_nobody_raises(self, world: World, gig: Gig) -> None:
        terms = agreed(world, gig.company)
        sets_aside(world, gig, "800.00")
        lowered = operations.lower(
            terms=terms, limit=money("500.00"), reason="A bad month.", by=world.freezer, at=world.now
        )
        assert (lowered.limit_minor, lowered.agreed_minor) == (usd("500.00"), usd(LIMIT))
        assert has(gig.company) == (0, usd("800.00"), usd("800.00")), "what was drawn stands"
        for limit in ("500.00", "501.00"):
            with pytest.raises(operations.NotLower):
                operations.lower(terms=terms, limit=money(limit), reason="?", by=world.freezer, at=world.now)
        with pytest.raises(IntegrityError, match="never raised"), transaction.atomic():
            NetTerms.objects.filter(pk=terms.pk).update(limit_minor=usd("501.00"))
        with pytest.raises(BeyondTerms):
            sets_aside(world, gig, "0.01", press="req_2")
        ended = operations.end(terms=terms, reason="It is over.", by=world.freezer, at=world.now)
        assert ended.state == "ended"
        with pytest.raises(Overdrawn):
            sets_aside(world, gig, "0.01", press="req_2")
        assert told(gig.company)[1:] == ["Your limit is 500.00 USD now", "Your terms of payment have ended"]
        assert has(gig.company)[2] == usd("800.00")

    def test_is_finances_and_the_company_reads_only_what_is_in_force(self, world: World, gig: Gig) -> None:
        owner = an_owner(gig.company)
        with pytest.raises(Forbidden):
            operations.propose(
                company=gig.company, limit=money("1.00"), pay_days=7, reason="?", by=owner, at=world.now
            )
        waits = proposed(world, gig.company)
        with pytest.raises(NotFound):
            queries.get(owner, waits.public_id)
        operations.approve(terms=waits, by=stories.proved(world.approver, at=world.now), at=world.now)
        assert queries.get(owner, waits.public_id) == waits
        with pytest.raises(NotFound):
            queries.get(an_owner(world.company), waits.public_id)


class TestTheDoors:
    def test_finance_does_each_move_on_its_page(self, world: World, gig: Gig) -> None:
        one, other = (logs_in(stories.person(each)) for each in (world.freezer, world.approver))
        asked = {
            "company": gig.company.public_id,
            "limit": "500",
            "pay_days": "7",
            "starts_on": "",
            "reason": "Known to us.",
        }
        one.post("/pay/terms/propose/", asked)
        terms = NetTerms.objects.get()
        assert "Known to us." in one.get("/pay/terms/").content.decode()
        other.post(f"/pay/terms/{terms.public_id}/approve/")
        terms.refresh_from_db()
        assert terms.state == "in_force"
        sets_aside(world, gig, "100.00")
        page = one.get("/pay/terms/").content.decode()
        assert "Lower the limit" in page
        one.post("/pay/terms/propose/", asked | {"limit": "600"})
        assert "In the place of 500.00 USD, 7 days to pay." in other.get("/pay/terms/").content.decode()
        one.post(
            f"/pay/terms/company/{gig.company.public_id}/write/", {f"{gig.company.public_id}-words": "Hello."}
        )
        lowered = {f"{terms.public_id}-limit": "50", f"{terms.public_id}-reason": "Less."}
        one.post(f"/pay/terms/{terms.public_id}/lower/", lowered)
        one.post(f"/pay/terms/{terms.public_id}/end/", {f"end-{terms.public_id}-reason": "Over."})
        terms.refresh_from_db()
        assert (terms.state, terms.limit_minor) == ("ended", usd("50.00"))
        assert len(told(gig.company)) == 4
        said = body_of(Api(stories.person(world.freezer)).get("net-terms/ageing"))
        assert said["exposure"] == dollars(usd("100.00"))
