"""Each kind as its row in the table says: who makes it, who agrees, what it costs whom, and what silence does."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from accounts.access.actors import Actor
from accounts.access.standings import CompanyOwes
from accounts.access.step_up import StaleProof
from accounts.notifications.models import Notification
from kit.errors import Forbidden, Invalid, NotFound
from kit.transitions import IllegalMove
from marketplace.desk.waiting import What, sources
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind as Account
from payments.paylines import answering, deciding, proposing, receipts, silence
from payments.paylines.models import PayLine
from payments.paylines.states import PayLineState
from payments.payroll import accrual
from payments.payroll.models import Earning
from tests import stories
from tests.payments.paylines.stage import PDF, Stage, dollars
from tests.payments.world import a_company, usd


def titles(actor: Actor) -> list[str]:
    return list(Notification.objects.filter(user_id=actor.user_id or 0).values_list("title", flat=True))


def state_of(line: PayLine) -> str:
    line.refresh_from_db()
    return line.state


class TestBonus:
    def test_a_second_of_the_company_approves_and_it_is_charged_like_a_line(self, stage: Stage) -> None:
        budget = ledger.owned_minor(Account.GIG_BUDGET, owner=stage.engagement.gig.public_id, currency="usd")
        line = stage.bonus(by=stage.petra)
        assert "50.00 USD waits for your answer" in titles(stage.olive)
        with pytest.raises(answering.SameMaker):
            deciding.approve(line=line, by=stage.petra, at=stage.world.now)
        with pytest.raises(Forbidden):
            deciding.approve(line=line, by=stage.world.approver, at=stage.world.now)
        deciding.approve(line=line, by=stage.olive, at=stage.world.now)
        assert accrual.accrue(at=stage.world.now) == 1
        left = ledger.owned_minor(Account.GIG_BUDGET, owner=stage.engagement.gig.public_id, currency="usd")
        assert budget - left == usd("57.50")
        assert "50.00 USD: there is an answer" in titles(stories.acting(stage.robin))

    def test_where_nobody_else_may_approve_finance_does(self, stage: Stage) -> None:
        line = stage.bonus(by=stage.olive)
        assert "50.00 USD waits for your answer" in titles(stage.world.approver)
        with pytest.raises(Forbidden):
            deciding.approve(line=line, by=stage.tala, at=stage.world.now)
        approved = deciding.approve(line=line, by=stage.world.approver, at=stage.world.now)
        assert deciding.approve(line=line, by=stage.world.approver, at=stage.world.now) == approved

    def test_nobody_decides_about_their_own(self, stage: Stage) -> None:
        stage.world.company = a_company()
        producer = stories.a_member(stage.world.company)
        stage.robin.user_id = producer.pk
        stage.robin.save()
        line = stage.bonus(by=stage.olive)
        both = stories.acting(stage.robin)
        with pytest.raises(Forbidden):
            deciding.approve(line=line, by=both, at=stage.world.now)
        with pytest.raises(answering.OwnLine):
            stage.bonus(by=both)
        assert deciding.approve(line=line, by=stage.world.approver, at=stage.world.now).state == "approved"

    def test_who_owes_promises_nothing(self, stage: Stage) -> None:
        stage.world.company = a_company(wallet=0)
        stage.engagement  # noqa: B018 -- signed before anything is owed
        stage.world.earns(stage.robin, "10.00")
        accrual.accrue(at=stage.world.now)
        with pytest.raises(CompanyOwes):
            stage.bonus()

    @pytest.mark.parametrize("amount", ["0.00", "-1.00", "100000.01"])
    def test_is_of_an_amount_that_one_can_mean(self, stage: Stage, amount: str) -> None:
        with pytest.raises(Invalid):
            stage.bonus(amount)

    def test_lapses_after_fourteen_days_and_says_so(self, stage: Stage) -> None:
        line = stage.bonus(by=stage.petra)
        assert silence.sweep(at=line.due_at - timedelta(seconds=1)) == 0
        assert silence.sweep(at=line.due_at) == 1
        assert state_of(line) == PayLineState.EXPIRED
        assert "50.00 USD: there is an answer" in titles(stage.petra)
        with pytest.raises(IllegalMove):
            deciding.approve(line=line, by=stage.olive, at=line.due_at)

    def test_the_database_takes_no_proposer_as_the_second(self, stage: Stage) -> None:
        line = stage.an_approved_bonus()
        with pytest.raises(IntegrityError, match="pay_line_approved_by_another"), transaction.atomic():
            PayLine.objects.filter(pk=line.pk).update(decided_by=line.made_by)


class TestExpense:
    def test_the_company_approves_what_has_a_receipt_and_pays_no_fee(self, stage: Stage) -> None:
        stage.petra  # noqa: B018 -- she may approve too
        line = stage.expense()
        assert "12.00 USD waits for your answer" in titles(stage.olive)
        with pytest.raises(Forbidden):
            deciding.approve(line=line, by=stage.me, at=stage.world.now)
        deciding.approve(line=line, by=stage.petra, at=stage.world.now)
        accrual.accrue(at=stage.world.now)
        earning = Earning.objects.get(pay_line=line)
        assert (earning.amount_minor, earning.fee_minor, earning.line) == (usd("12.00"), 0, None)

    def test_is_declined_with_a_reason_that_the_performer_reads(self, stage: Stage) -> None:
        line = stage.expense()
        with pytest.raises(Invalid):
            deciding.decline(line=line, answer=" ", by=stage.olive, at=stage.world.now)
        deciding.decline(line=line, answer="We pay no trains.", by=stage.olive, at=stage.world.now)
        told = Notification.objects.filter(user=stage.robin.user, title="12.00 USD: there is an answer")
        assert "We pay no trains." in told.get().body

    def test_left_unanswered_it_is_talent_operations_to_decide_too(self, stage: Stage) -> None:
        line = stage.expense()
        with pytest.raises(Forbidden):
            deciding.approve(line=line, by=stage.tala, at=line.due_at - timedelta(seconds=1))
        assert self._on_the_desk(stage, line, at=line.due_at - timedelta(seconds=1)) == 0
        assert (silence.sweep(at=line.due_at), silence.sweep(at=line.due_at)) == (1, 0)
        assert state_of(line) == PayLineState.PROPOSED
        assert "12.00 USD waits for your answer" in titles(stage.tala)
        assert self._on_the_desk(stage, line, at=line.due_at) == 1
        deciding.approve(line=line, by=stage.tala, at=line.due_at)
        assert self._on_the_desk(stage, line, at=line.due_at) == 0

    def _on_the_desk(self, stage: Stage, line: PayLine, *, at: datetime) -> int:
        return sources(stage.tala, at=at)[What.PAY_LINE].rows.filter(pk=line.pk).count()

    @pytest.mark.parametrize(
        "content", [b"", b"GIF89a", b"<html>", b" %PDF-1.7", b"%PDF-" + b"x" * receipts.MOST_BYTES]
    )
    def test_a_receipt_is_a_pdf_or_a_picture_of_a_size_by_what_it_holds(
        self, stage: Stage, content: bytes
    ) -> None:
        with pytest.raises(Invalid):
            stage.expense(receipt=content)
        for good in (PDF, b"\xff\xd8\xff\xe0 JFIF", b"\x89PNG\r\n\x1a\n IHDR"):
            assert stage.expense(receipt=good).receipt is not None

    def test_is_of_the_last_year(self, stage: Stage) -> None:
        for days in (400, -2):
            with pytest.raises(Invalid):
                proposing.ask_expense(
                    engagement=stage.engagement,
                    amount=dollars("1.00"),
                    reason="A pen.",
                    spent_on=stage.world.now.date() - timedelta(days=days),
                    receipt=PDF,
                    by=stage.me,
                    at=stage.world.now,
                )

    def test_is_on_an_engagement_of_ones_own(self, stage: Stage) -> None:
        other = stories.an_active_engagement(stories.a_gig(stage.world.company))
        stage.engagement = other
        with pytest.raises(NotFound):
            stage.expense()


class TestBreach:
    def test_stands_after_three_days_of_silence_at_the_companys_cost_with_the_fee(self, stage: Stage) -> None:
        line = stage.breach()
        assert "30.00 USD waits for your answer" in titles(stage.olive)
        with pytest.raises(answering.NotContested):
            deciding.approve(line=line, by=stage.tom, at=stage.world.now)
        silence.sweep(at=line.due_at)
        assert state_of(line) == PayLineState.APPROVED
        stage.world.wait(days=3)
        accrual.accrue(at=stage.world.now)
        assert Earning.objects.get(pay_line=line).fee_minor == usd("4.50")

    @pytest.mark.parametrize("how", ["approve", "decline"])
    def test_contested_it_is_a_second_persons_to_decide(self, stage: Stage, how: str) -> None:
        line, _ = stage.breach(), stage.tom
        with pytest.raises(Invalid):
            deciding.contest(line=line, answer="", by=stage.olive, at=stage.world.now)
        deciding.contest(line=line, answer="There was a break.", by=stage.olive, at=stage.world.now)
        assert "30.00 USD waits for your answer" in titles(stage.tom)
        assert silence.sweep(at=stage.world.now + timedelta(days=30)) == 0
        with pytest.raises(answering.SameMaker):
            deciding.approve(line=line, by=stage.tala, at=stage.world.now)
        if how == "approve":
            deciding.approve(line=line, by=stage.tom, at=stage.world.now)
        else:
            deciding.decline(line=line, answer="There was.", by=stage.tom, at=stage.world.now)
        assert state_of(line) == {"approve": "approved", "decline": "declined"}[how]

    def test_cannot_be_contested_once_the_time_is_over(self, stage: Stage) -> None:
        line = stage.breach()
        with pytest.raises(deciding.ContestIsOver):
            deciding.contest(line=line, answer="No.", by=stage.olive, at=line.due_at)
        deciding.contest(line=line, answer="No.", by=stage.olive, at=line.due_at - timedelta(seconds=1))

    def test_nothing_else_is_contested(self, stage: Stage) -> None:
        with pytest.raises(Forbidden):
            deciding.contest(line=stage.expense(), answer="No.", by=stage.olive, at=stage.world.now)


class TestDeduction:
    def test_only_the_performer_agrees_having_just_proved_who_they_are(self, stage: Stage) -> None:
        line = stage.deduction("20.00")
        assert "20.00 USD waits for your answer" in titles(stage.me)
        for other in (stage.olive, stage.world.approver):
            with pytest.raises(Forbidden):
                deciding.approve(line=line, by=other, at=stage.world.now)
        with pytest.raises(StaleProof):
            deciding.approve(line=line, by=stories.acting(stage.robin), at=stage.world.now)
        assert deciding.approve(line=line, by=stage.me, at=stage.world.now).state == "approved"

    def test_is_declined_or_taken_back_and_then_never_counts(self, stage: Stage) -> None:
        stage.an_approved_bonus("100.00")
        declined, back = stage.deduction("20.00"), stage.deduction("20.00")
        deciding.decline(line=declined, answer="It was not me.", by=stage.me, at=stage.world.now)
        with pytest.raises(Forbidden):
            deciding.withdraw(line=stage.bonus(by=stage.petra), answer="No.", by=stage.me, at=stage.world.now)
        deciding.withdraw(line=back, answer="It was found.", by=stage.world.freezer, at=stage.world.now)
        assert stage.item_of(stage.is_paid()).amount_minor == usd("100.00")

    def test_is_given_up_by_finance_alone_once_it_was_agreed_and_everyone_is_told(self, stage: Stage) -> None:
        line = stage.deduction("20.00")
        give_up = partial(deciding.waive, line=line, at=stage.world.now)
        with pytest.raises(IllegalMove):
            give_up(answer="It was ours.", by=stage.world.freezer)
        deciding.approve(line=line, by=stage.me, at=stage.world.now)
        for other in (stage.olive, stage.tala, stage.me):
            with pytest.raises(Forbidden):
                give_up(answer="No.", by=other)
        with pytest.raises(Invalid):
            give_up(answer=" ", by=stage.world.freezer)
        assert give_up(answer="It was ours.", by=stage.world.freezer).state == "waived"
        assert any(
            "Given up" in note.title + note.body
            for note in Notification.objects.filter(user=stage.robin.user)
        )
        with pytest.raises(Forbidden):
            deciding.waive(
                line=stage.an_approved_bonus(), answer="No.", by=stage.world.freezer, at=stage.world.now
            )

    def test_is_above_zero_when_it_is_asked_for_and_below_when_it_counts(self, stage: Stage) -> None:
        line = stage.deduction("20.00")
        assert line.amount_minor == -usd("20.00")
        with pytest.raises(IntegrityError, match="only_deductions_take_from_pay"), transaction.atomic():
            PayLine.objects.filter(pk=line.pk).update(kind="bonus")
