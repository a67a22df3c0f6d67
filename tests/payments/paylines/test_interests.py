"""Who has two roles decides by neither for their own side; what has ended, or owes, promises nothing; a receipt counts once."""

import base64
from datetime import datetime, timedelta

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.identity import operations as identity
from accounts.keys import acting
from accounts.privacy import operations as privacy
from marketplace.gigs.models import Gig
from payments.funding import purses
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind as LedgerKind
from payments.paylines.models import PayLine
from payments.paylines.states import PayLineState
from payments.payroll import accrual
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, dollars, logs_in
from tests.payments.paylines.stage import PDF, Stage
from tests.payments.world import a_company


def app(actor: Actor) -> Api:
    return Api(client=logs_in(stories.person(actor)))


def about(stage: Stage) -> dict[str, object]:
    return {"engagement": stage.engagement.public_id, "amount": dollars(500), "reason": "So it is."}


def charged(gig: Gig, amount_minor: int, *, at: datetime) -> None:
    """A line of time is, of the gig's budget."""
    legs = purses.purse(gig.company_id, currency=gig.currency).charge(gig.public_id, amount_minor)
    fees = ledger.account(LedgerKind.PLATFORM_FEES, currency=gig.currency)
    drafts = [ledger.Draft(key="charged", kind="earning", legs=[*legs, ledger.Leg(fees, -amount_minor)])]
    ledger.post(drafts, at=at)


def state_of(line: PayLine) -> str:
    return PayLine.objects.get(pk=line.pk).state


class TestTwoRoles:
    def test_a_breach_is_not_decided_by_talent_operations_of_the_same_company(self, stage: Stage) -> None:
        line = stage.breach()
        stories.becomes_staff(stories.person(stage.petra), Staff.TALENT)
        petra, path = app(stage.petra), f"pay-lines/{line.public_id}"
        assert body_of(petra.post(f"{path}/contest", {"answer": "No."}))["state"] == "contested"
        for act in ("decline", "withdraw"):
            assert code_of(petra.post(f"{path}/{act}", {"answer": "I say so."})) == "own_company"
            page = petra.client.post(f"/pay/lines/{line.public_id}/{act}/", {"answer": "I say so."})
            assert page.status_code == 403
        assert line.public_id not in petra.client.get("/desk/?what=pay_line").content.decode()
        offered = petra.client.get("/house/pay-lines/").content.decode()
        assert f"{line.public_id}/decline/" not in offered
        assert f"{line.public_id}/withdraw/" not in offered
        assert body_of(app(stage.tom).post(f"{path}/approve"))["state"] == "approved"

    def test_a_bonus_is_not_agreed_by_finance_of_the_same_company(self, stage: Stage) -> None:
        line = stage.bonus(by=stage.olive)
        billing = stories.a_member(stage.world.company, Role.BILLING)
        stories.becomes_staff(billing, Staff.FINANCE)
        path = f"pay-lines/{line.public_id}/approve"
        assert code_of(Api(client=logs_in(billing)).post(path)) == "own_company"
        assert body_of(app(stage.world.approver).post(path))["state"] == "approved"

    def test_an_expense_left_too_long_is_still_the_companys_to_answer(self, stage: Stage) -> None:
        line = stage.expense()
        reviewer = stories.a_member(stage.world.company, Role.REVIEWER)
        for person in (reviewer, stories.person(stage.petra)):
            stories.becomes_staff(person, Staff.TALENT)
        stage.world.wait(days=8)
        path = f"pay-lines/{line.public_id}/approve"
        assert code_of(Api(client=logs_in(reviewer)).post(path)) == "forbidden"
        assert body_of(app(stage.petra).post(path))["state"] == "approved"

    def test_finance_takes_back_no_deduction_from_their_own_pay(self, stage: Stage) -> None:
        line = stage.deduction("20.00")
        stories.becomes_staff(stage.robin.user, Staff.FINANCE)
        path = f"pay-lines/{line.public_id}/withdraw"
        me = app(stage.me)
        assert code_of(me.post(path, {"answer": "No lamp fell."})) == "own_pay_line"
        assert f"{line.public_id}/withdraw/" not in me.client.get("/pay/lines/").content.decode()
        assert body_of(app(stage.world.approver).post(path, {"answer": "Found."}))["state"] == "withdrawn"

    def test_who_was_shut_out_is_no_second_so_finance_is(self, stage: Stage) -> None:
        line = stage.bonus(by=stage.petra)
        admin = stories.proved(acting.of_user(stories.a_member_of_staff(Staff.ADMIN)), at=stage.world.now)
        identity.deactivate(
            user=stories.person(stage.olive), reason="A stolen laptop.", by=admin, at=stage.world.now
        )
        approved = app(stage.world.approver).post(f"pay-lines/{line.public_id}/approve")
        assert body_of(approved)["state"] == "approved"


class TestWhoPromises:
    def test_a_company_that_owes_by_now_agrees_to_no_bonus(self, stage: Stage) -> None:
        stage.world.company = a_company(wallet=0)
        line = stage.bonus(by=stage.petra)
        stage.world.earns(stage.robin, "10.00")
        accrual.accrue(at=stage.world.now)
        olive, path = app(stage.olive), f"pay-lines/{line.public_id}"
        assert code_of(olive.post(f"{path}/approve")) == "company_owes"
        olive.client.post(f"/pay/lines/{line.public_id}/approve/")
        assert state_of(line) == PayLineState.PROPOSED
        assert body_of(olive.post(f"{path}/decline", {"answer": "Later."}))["state"] == "declined"

    def test_a_suspended_company_gives_no_bonus_and_pays_what_was_spent(self, stage: Stage) -> None:
        line, expense = stage.bonus(by=stage.petra), stage.expense()
        suspension = stories.is_suspended(stage.world.company, at=stage.world.now)
        olive, path = app(stage.olive), f"companies/{stage.world.company.public_id}/bonuses"
        assert code_of(olive.post(path, about(stage))) == "suspended"
        assert code_of(olive.post(f"pay-lines/{line.public_id}/approve")) == "suspended"
        olive.client.post(
            f"/company/{stage.world.company.public_id}/pay-lines/",
            {"engagement": stage.engagement.public_id, "amount": "5.00", "reason": "So it is."},
        )
        assert PayLine.objects.filter(kind="bonus").count() == 1
        assert body_of(olive.post(f"pay-lines/{expense.public_id}/approve"))["state"] == "approved"
        stories.is_reinstated(suspension, at=stage.world.now)
        assert body_of(olive.post(f"pay-lines/{line.public_id}/approve"))["state"] == "approved"
        assert olive.post(path, about(stage)).status_code == 201

    def test_a_bonus_is_agreed_as_far_as_there_is_money_for_it(self, stage: Stage) -> None:
        stage.world.company = a_company(wallet=0)
        first, second, third = (stage.bonus(amount, by=stage.petra) for amount in ("6000", "6000", "2000"))
        olive = app(stage.olive)
        assert body_of(olive.post(f"pay-lines/{first.public_id}/approve"))["state"] == "approved"
        for _ in ("before it is in the books", "after"):
            assert code_of(olive.post(f"pay-lines/{second.public_id}/approve")) == "bonus_not_funded"
            olive.client.post(f"/pay/lines/{second.public_id}/approve/")
            assert state_of(second) == PayLineState.PROPOSED
            accrual.accrue(at=stage.world.now)
        assert body_of(olive.post(f"pay-lines/{third.public_id}/approve"))["state"] == "approved"

    def test_what_a_budget_keeps_for_sessions_pays_no_bonus(self, stage: Stage) -> None:
        """What was committed stays so when it is charged: it is paid already, and kept no more."""
        stage.world.company = a_company(wallet=0)
        first, second = (stage.bonus(amount, by=stage.petra) for amount in ("1000", "6000"))
        olive, gig = app(stage.olive), stage.engagement.gig
        kept = gig.funded_minor - first.amount_minor - first.fee_minor
        path = f"pay-lines/{first.public_id}/approve"
        Gig.objects.filter(pk=gig.pk).update(committed_minor=kept + 1)
        assert code_of(olive.post(path)) == "bonus_not_funded"
        Gig.objects.filter(pk=gig.pk).update(committed_minor=kept)
        charged(gig, kept, at=stage.world.now)
        assert body_of(olive.post(path))["state"] == "approved"
        accrual.accrue(at=stage.world.now)
        Gig.objects.filter(pk=gig.pk).update(committed_minor=0)
        assert code_of(olive.post(f"pay-lines/{second.public_id}/approve")) == "bonus_not_funded"

    def test_nothing_is_promised_to_who_was_forgotten(self, stage: Stage) -> None:
        stage.engagement  # noqa: B018 -- signed before they leave
        olive, path = app(stage.olive), f"companies/{stage.world.company.public_id}/bonuses"
        assert olive.post(path, about(stage)).status_code == 201
        line = PayLine.objects.get()
        assert olive.post(f"pay-lines/{line.public_id}/withdraw", {"answer": "No."}).status_code == 200
        privacy.ask(by=stage.me, at=stage.world.now)
        assert privacy.carry_out_due(at=stage.world.now + timedelta(days=7)) == 1
        assert code_of(olive.post(path, about(stage))) == "performer_left"
        assert code_of(app(stage.tala).post("breaches", about(stage))) == "performer_left"
        assert code_of(app(stage.world.freezer).post("deductions", about(stage))) == "performer_left"
        assert PayLine.objects.count() == 1


class TestReceipt:
    def test_who_administers_and_performs_sees_their_own_alone(self, stage: Stage) -> None:
        line, both = stage.expense(), stories.a_performer()
        stories.becomes_staff(both.user, Staff.ADMIN)
        admin, me = Api(client=logs_in(both.user)), app(stage.me)
        assert body_of(admin.get("pay-lines"))["data"] == []
        assert [each["id"] for each in body_of(me.get("pay-lines"))["data"]] == [line.public_id]
        for who, status in ((admin, 404), (me, 200)):
            assert who.get(f"pay-lines/{line.public_id}/receipt").status_code == status
            assert who.client.get(f"/pay/lines/{line.public_id}/receipt/").status_code == status

    def test_counts_once_at_a_company_until_it_is_declined(self, stage: Stage) -> None:
        me = app(stage.me)
        sent = about(stage) | {"spent_on": "2026-11-16", "receipt": base64.b64encode(PDF).decode()}
        first = body_of(me.post("me/expenses", sent))
        assert code_of(me.post("me/expenses", sent)) == "receipt_used"
        other = base64.b64encode(PDF + b" and tea").decode()
        assert me.post("me/expenses", sent | {"receipt": other}).status_code == 201
        app(stage.olive).post(f"pay-lines/{first['id']}/decline", {"answer": "Say which train."})
        assert me.post("me/expenses", sent).status_code == 201
        elsewhere = stories.an_active_engagement(stories.a_gig(stories.a_company()), stage.robin)
        assert me.post("me/expenses", sent | {"engagement": elsewhere.public_id}).status_code == 201
