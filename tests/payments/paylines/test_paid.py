"""Pay lines through accrual, run, hash, tie-out, explanation and statement; the audit is asked after each (`world`)."""

from datetime import timedelta
from hashlib import sha256

import pytest

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from payments.control import audit
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind as Account
from payments.ledger.models import Entry
from payments.paylines import deciding
from payments.paylines.kinds import Tax
from payments.paylines.models import PayLine
from payments.payroll import accrual, carrying, deductions, items, off_cycle, operations, tieout
from payments.payroll.carrying import Carried
from payments.payroll.models import Earning, PayItem, PayRun
from payments.statements import queries as statements
from payments.statements.explain import explain
from payments.statements.sheet import lay_out
from tests import stories
from tests.payments.paylines.stage import Stage
from tests.payments.world import a_week, sent_amounts, usd


def wallet_and_budget(stage: Stage) -> int:
    gig = stage.engagement.gig.public_id
    kept = ledger.owned_minor(Account.GIG_BUDGET, owner=gig, currency="usd")
    owner = stage.world.company.public_id
    return kept + ledger.owned_minor(Account.COMPANY_WALLET, owner=owner, currency="usd")


class TestEarned:
    def test_time_and_every_kind_are_paid_in_one_item_and_tie_out(self, stage: Stage) -> None:
        before = wallet_and_budget(stage)
        stage.world.earns(stage.robin, "100.00")
        stage.an_approved_bonus("50.00")
        deciding.approve(line=stage.expense("12.00"), by=stage.olive, at=stage.world.now)
        breach = stage.breach("30.00")
        deciding.contest(line=breach, answer="No.", by=stage.olive, at=stage.world.now)
        deciding.approve(line=breach, by=stage.tom, at=stage.world.now)
        run = stage.is_paid()
        assert sent_amounts(stage.world.transfers_to(stage.robin)) == [usd("192.00")]
        figures = tieout.figures(run, at=stage.world.now)
        assert (figures.agrees, figures.lines, figures.payable_s) == (True, 4, 3600)
        assert figures.fees.minor == usd("27.00")
        assert before - wallet_and_budget(stage) == usd("219.00")

    def test_each_becomes_one_earning_however_often_it_is_asked(self, stage: Stage) -> None:
        line = stage.an_approved_bonus()
        assert [accrual.accrue(at=stage.world.now) for _ in range(3)] == [1, 0, 0]
        assert Earning.objects.get(pay_line=line).book == 20261116
        key = f"earning:pay:{line.pk}"
        assert Entry.objects.get(key=key).kind == "bonus"

    def test_nothing_that_waits_or_ended_otherwise_is_earned(self, stage: Stage) -> None:
        stage.bonus(by=stage.petra)
        deciding.decline(line=stage.expense(), answer="No.", by=stage.olive, at=stage.world.now)
        stage.breach()
        stage.deduction("5.00")
        stage.an_agreed_deduction("5.00")
        assert accrual.accrue(at=stage.world.now) == 0

    def test_the_hash_is_over_the_source_of_each_time_lines_named_as_ever(self, stage: Stage) -> None:
        (worked,) = stage.world.earns(stage.robin, "10.00")
        line = stage.an_approved_bonus()
        run = stage.freezes(stage.a_draft())
        item = stage.item_of(run)
        ((start, end),) = item.earnings or ((0, 0),)
        first, second = Earning.objects.order_by("id")
        said = (
            f"usd{item.performer_id}|{item.natural_key}|6000|0|6000|2|{{[{start},{end})}}|"
            f"{first.pk}:{worked.pk}:1000,{second.pk}:pay:{line.pk}:5000"
        )
        assert run.content_hash == sha256(said.encode()).hexdigest()

    def test_the_audit_notices_a_line_that_was_never_earned_or_changed(self, stage: Stage) -> None:
        line = stage.an_approved_bonus()
        stage.world.wait(hours=2)
        assert offended(stage) == {"approved_lines_are_earned"}
        accrual.accrue(at=stage.world.now)
        assert offended(stage) == set()
        PayLine.objects.filter(pk=line.pk).update(amount_minor=1)
        assert offended(stage) == {"earnings_are_posted"}
        PayLine.objects.filter(pk=line.pk).update(amount_minor=line.amount_minor)


def offended(stage: Stage) -> set[str]:
    return {result.code for result in audit.run(at=stage.world.now) if not result.ok}


class TestDeducted:
    """The gig's cap is 25 %."""

    def test_takes_no_more_of_a_payday_than_the_cap_and_the_rest_waits_visibly(self, stage: Stage) -> None:
        before = wallet_and_budget(stage)
        stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("100.00")
        run = stage.is_paid()
        assert stage.item_of(run).amount_minor == usd("75.00")
        assert statements.standing(performer=stage.robin).to_deduct_minor == usd("15.00")
        (row,) = [row for row in carrying.carried(run) if row.what == Carried.TO_DEDUCT]
        assert (row.performers, row.amount.minor) == (1, usd("15.00"))
        stage.an_approved_bonus("200.00")
        assert stage.item_of(stage.is_paid()).amount_minor == usd("185.00")
        assert statements.standing(performer=stage.robin).to_deduct_minor == 0
        stage.an_approved_bonus("10.00")
        assert stage.item_of(stage.is_paid()).amount_minor == usd("10.00")
        # What was deducted went to the company.
        assert before - wallet_and_budget(stage) == usd("356.50") - usd("40.00")

    def test_is_taken_beside_what_was_overpaid_within_one_cap(self, stage: Stage) -> None:
        (line,) = stage.world.earns(stage.robin, "80.00")
        stage.is_paid()
        stage.world.corrects(line, "20.00", monday=stories.MONDAY)
        accrual.accrue(at=stage.world.now)
        run = PayRun.objects.create(
            week=a_week(), off_cycle=99, reason="It is below zero.", chosen=[stage.robin.pk], currency="usd"
        )
        stage.world.approves(stage.freezes(run))
        stage.world.sweep()
        stage.world.wait(days=8)
        stage.an_agreed_deduction("100.00")
        stage.an_approved_bonus("100.00")
        item = stage.item_of(stage.is_paid())
        # 20.00 of the 25.00 that the cap leaves is due for what was overpaid; the deduction takes the other 5.00.
        assert (item.net_minor, item.recovered_minor) == (usd("95.00"), usd("20.00"))

    def test_a_cancelled_run_leaves_its_part_and_the_next_takes_no_more_of_the_same(
        self, stage: Stage
    ) -> None:
        stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("100.00")
        self._is_cancelled(stage, stage.freezes(stage.a_draft()))
        assert stage.item_of(stage.is_paid()).amount_minor == usd("75.00")

    def test_where_less_may_be_taken_by_then_some_is_given_back(self, stage: Stage) -> None:
        (line,) = stage.world.earns(stage.robin, "60.00")
        stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("40.00")
        self._is_cancelled(stage, stage.freezes(stage.a_draft()))
        stage.world.corrects(line, "60.00", monday=stories.MONDAY)
        draft = stage.a_draft()
        previewed = [
            (item.net_minor, item.amount_minor, item.lines)
            for item in items.preview(draft, at=stage.world.now)
        ]
        item = stage.item_of(stage.freezes(draft))
        assert (item.net_minor, item.amount_minor, item.lines) == previewed[0]
        assert item.amount_minor == usd("30.00")
        assert deductions.waiting_minor(performer_id=stage.robin.pk, currency="usd") == usd("30.00")

    def test_is_taken_by_the_weeks_own_run_too(self, stage: Stage) -> None:
        stage.an_agreed_deduction("10.00")
        stage.an_approved_bonus("20.00")
        other = stage.world.performer("Sam")
        stage.world.earns(other, "20.00")
        run = stage.world.pays()
        assert stage.item_of(run).amount_minor == usd("15.00")
        assert PayItem.objects.get(run=run, performer=other).amount_minor == usd("20.00")

    def test_given_up_takes_no_more_and_keeps_what_was_taken(self, stage: Stage) -> None:
        line = stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("100.00")
        assert stage.item_of(stage.is_paid()).amount_minor == usd("75.00")
        gives_up(stage, line)
        stage.an_approved_bonus("100.00")
        assert stage.item_of(stage.is_paid()).amount_minor == usd("100.00")
        assert statements.standing(performer=stage.robin).to_deduct_minor == 0

    def test_given_up_after_a_run_that_was_cancelled_gives_its_part_back(self, stage: Stage) -> None:
        line = stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("100.00")
        self._is_cancelled(stage, stage.freezes(stage.a_draft()))
        gives_up(stage, line)
        assert stage.item_of(stage.is_paid()).amount_minor == usd("100.00")

    def test_what_is_given_up_between_the_look_and_the_cut_is_not_taken(self, stage: Stage) -> None:
        line = stage.an_agreed_deduction("40.00")
        accrual.accrue(at=stage.world.now)
        gives_up(stage, line)
        deductions.take({stage.robin.pk: [deductions.Part(line, usd("10.00"))]}, at=stage.world.now)
        assert not line.parts.exists()

    def _is_cancelled(self, stage: Stage, run: PayRun) -> None:
        operations.cancel(run=run, reason="A line was wrong.", by=stage.world.approver, at=stage.world.now)


def gives_up(stage: Stage, line: PayLine) -> None:
    deciding.waive(line=line, answer="It was ours.", by=stage.world.freezer, at=stage.world.now)


class TestOffCycle:
    def test_the_preview_is_what_freezing_makes(self, stage: Stage) -> None:
        stage.an_agreed_deduction("40.00")
        stage.an_approved_bonus("100.00")
        draft = stage.a_draft()
        shown = off_cycle.previewed(draft, at=stage.world.now)
        figures = tieout.figures(draft, at=stage.world.now)
        run = stage.freezes(draft)
        frozen = PayItem.objects.filter(run=run)
        facts = ("performer_id", "net_minor", "recovered_minor", "amount_minor", "lines", "natural_key")
        assert [[getattr(item, fact) for fact in facts] for item in shown] == [
            [getattr(item, fact) for fact in facts] for item in frozen
        ]
        assert figures == tieout.figures(run, at=stage.world.now)
        assert figures.agrees

    def test_pays_once_and_the_week_the_rest(self, stage: Stage) -> None:
        stage.world.earns(stage.robin, "10.00")
        stage.is_paid()
        stage.world.earns(stage.robin, "5.00")
        stage.world.pays()
        assert sent_amounts(stage.world.transfers_to(stage.robin)) == [usd("10.00"), usd("5.00")]

    def test_nobody_stands_in_two_drafts_and_others_may(self, stage: Stage) -> None:
        sam = stage.world.performer("Sam")
        stage.world.earns(stage.robin, "10.00")
        stage.world.earns(sam, "10.00")
        first = stage.a_draft()
        with pytest.raises(off_cycle.AlreadyInADraft):
            stage.a_draft(stage.robin, sam)
        other = stage.a_draft(sam)
        stage.freezes(first)
        stage.world.earns(stage.robin, "1.00")
        assert stage.freezes(stage.a_draft(stage.robin)).total_minor == usd("1.00")
        assert stage.freezes(other).total_minor == usd("10.00")

    def test_takes_somebody_whom_something_is_owed(self, stage: Stage) -> None:
        with pytest.raises(operations.NothingToPay):
            stage.a_draft()
        stage.world.earns(stage.robin, "10.00")
        stage.freezes(stage.a_draft())
        with pytest.raises(operations.NothingToPay):
            stage.a_draft()

    def test_whom_it_pays_neither_freezes_nor_approves_it(self, stage: Stage) -> None:
        stage.world.earns(stage.robin, "10.00")
        both = self._also_in_finance(stage)
        draft = stage.a_draft()
        with pytest.raises(operations.OwnPay):
            operations.freeze(run=draft, by=both, at=stage.world.now)
        run = stage.freezes(draft)
        with pytest.raises(operations.OwnPay):
            stage.world.approves(run, by=both)
        assert stage.world.approves(run).state == "approved"

    def _also_in_finance(self, stage: Stage) -> Actor:
        stories.becomes_staff(stage.robin.user, Staff.FINANCE)
        return stories.acting(stage.robin)


class TestExplained:
    def test_a_statement_names_each_and_a_year_counts_it_for_tax(self, stage: Stage) -> None:
        stage.world.earns(stage.robin, "100.00")
        stage.an_approved_bonus("50.00")
        deciding.approve(line=stage.expense("12.00"), by=stage.olive, at=stage.world.now)
        stage.an_agreed_deduction("8.00")
        run = stage.is_paid()
        _, earned = lay_out(explain(thing=stage.item_of(run).public_id, actor=stage.me))
        titles = " ".join(one.title for one in earned)
        for words in (
            "Bonus, “",
            "A great scene.",
            "Expense, “",
            "The train.",
            "Deduction by agreement, “",
            "8.00 USD",
        ):
            assert words in titles
        assert sum(one.first.amount_minor or 0 for one in earned) == usd("154.00")
        year = stage.world.now.year
        assert statements.by_tax(performer=stage.robin, year=year) == [
            (Tax.COMPENSATION, usd("150.00")),
            (Tax.REIMBURSED, usd("12.00")),
            (Tax.DEDUCTED, -usd("8.00")),
        ]
        assert statements.by_tax(performer=stage.robin, year=year + 1) == []

    def test_a_line_is_explained_to_whom_it_concerns(self, stage: Stage) -> None:
        line = stage.an_approved_bonus()
        assert "A great scene." in explain(thing=line.public_id, actor=stage.me)[0].sentence


class TestCarried:
    def test_what_a_run_leaves_stands_there_until_it_is_taken(self, stage: Stage, settings) -> None:  # type: ignore[no-untyped-def]
        sam = stage.world.performer("Sam", onboarded=False)
        ada = stage.world.performer("Ada")
        (line,) = stage.world.earns(stage.robin, "10.00")
        stage.is_paid()
        settings.LEAST_PAYOUT_MINOR = {"usd": usd("2.00")}
        stage.world.corrects(line, "4.00", monday=stories.MONDAY)
        stage.world.earns(sam, "5.00")
        stage.world.earns(ada, "1.00")
        run = stage.world.pays()
        stage.world.now += timedelta(hours=1)
        stage.world.earns(ada, "3.00")
        accrual.accrue(at=stage.world.now)
        left = {row.what: (row.performers, row.amount.minor) for row in carrying.carried(run)}
        assert left == {
            Carried.OVERPAID: (1, usd("4.00")),
            Carried.HELD: (1, usd("5.00")),
            Carried.IN_NO_RUN: (1, usd("4.00")),
        }
