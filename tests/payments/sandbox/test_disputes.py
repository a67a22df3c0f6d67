"""Disputes: of all or a part of a payment, won and lost, and inquiries, which take nothing."""

import pytest
import stripe

from tests.payments.sandbox.conftest import Stage

CHARGEBACK, INQUIRY = "pm_card_createDispute", "pm_card_createDisputeInquiry"


def paid(stage: Stage, method: str = "pm_card_bypassPending", amount: int = 10_000) -> stripe.PaymentIntent:
    return stage.client.v1.payment_intents.create(
        {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True}
    )


def disputed(stage: Stage, method: str = CHARGEBACK) -> stripe.Dispute:
    return stage.client.v1.disputes.list({"payment_intent": paid(stage, method).id}).data[0]


def look(stage: Stage, dispute: str) -> stripe.Dispute:
    return stage.client.v1.disputes.retrieve(dispute)


def answer(stage: Stage, dispute: str, text: str) -> stripe.Dispute:
    return stage.client.v1.disputes.update(dispute, {"evidence": {"uncategorized_text": text}})


def moved(dispute: stripe.Dispute) -> list[tuple[str, str, int, int, int]]:
    """The balance transactions of a dispute: type, reporting category, amount, fee and net."""
    return [
        (entry.type, entry.reporting_category, entry.amount, entry.fee, entry.net)
        for entry in dispute.balance_transactions
    ]


def told(stage: Stage) -> list[str]:
    found = stage.client.v1.events.list({"limit": 100}).data
    return [event.type for event in reversed(found) if event.type.startswith("charge.dispute.")]


class TestChargebacks:
    def test_takes_money_and_a_fee(self, stage: Stage) -> None:
        dispute = disputed(stage)
        assert (dispute.status, dispute.amount) == ("needs_response", 10_000)
        assert moved(dispute) == [("adjustment", "dispute", -10_000, 1_500, -11_500)]
        assert told(stage) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]

    @pytest.mark.parametrize(
        ("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
    )
    def test_evidence_decides(self, stage: Stage, evidence: str, status: str) -> None:
        dispute = disputed(stage)
        assert answer(stage, dispute.id, evidence).status == "under_review"
        stage.later(days=1.1)
        assert look(stage, dispute.id).status == status

    def test_won_gives_the_amount_back_and_keeps_the_fee(self, stage: Stage) -> None:
        dispute, before = disputed(stage), stage.available()
        stage.control(f"disputes/{dispute.id}/win")
        won = look(stage, dispute.id)
        assert moved(won)[1:] == [("adjustment", "dispute_reversal", 10_000, 0, 10_000)]
        assert stage.available() == before + 10_000
        assert told(stage)[2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]

    def test_won_with_the_fee_where_the_options_say_so(self, stage: Stage) -> None:
        stage.sandbox.world.options.dispute_fee_returned = True
        dispute = disputed(stage)
        stage.control(f"disputes/{dispute.id}/win")
        assert moved(look(stage, dispute.id))[1:] == [
            ("adjustment", "dispute_reversal", 10_000, -1_500, 11_500)
        ]

    def test_lost_gives_nothing_back(self, stage: Stage) -> None:
        dispute = disputed(stage)
        stage.control(f"disputes/{dispute.id}/lose")
        assert len(look(stage, dispute.id).balance_transactions) == 1
        assert told(stage)[2:] == ["charge.dispute.closed"]

    def test_silence_loses(self, stage: Stage) -> None:
        dispute = disputed(stage)
        stage.later(days=10)
        assert look(stage, dispute.id).status == "lost"

    def test_can_be_accepted(self, stage: Stage) -> None:
        dispute = disputed(stage)
        assert stage.client.v1.disputes.close(dispute.id).status == "lost"
        with pytest.raises(stripe.InvalidRequestError):
            answer(stage, dispute.id, "winning_evidence")


class TestOnDemand:
    def test_of_the_whole_payment(self, stage: Stage) -> None:
        charge = str(paid(stage).latest_charge)
        stage.control(f"charges/{charge}/dispute", {"reason": "fraudulent"})
        assert stage.client.v1.charges.retrieve(charge).disputed is True
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.client.v1.refunds.create({"charge": charge})
        assert caught.value.code == "charge_disputed"

    def test_of_a_part(self, stage: Stage) -> None:
        stage.fund()
        charge, before = str(paid(stage).latest_charge), stage.available()
        made = stage.control(f"charges/{charge}/dispute", {"amount": 4_000, "reason": "product_not_received"})
        dispute = look(stage, made["id"])
        assert (dispute.amount, dispute.reason) == (4_000, "product_not_received")
        assert moved(dispute) == [("adjustment", "dispute", -4_000, 1_500, -5_500)]
        assert stage.available() == before - 5_500
        stage.control(f"disputes/{dispute.id}/win")
        assert stage.available() == before - 1_500
        assert stage.client.v1.refunds.create({"charge": charge}).amount == 10_000

    @pytest.mark.parametrize("amount", [0, -1, 10_001])
    def test_of_more_or_less_than_there_is(self, stage: Stage, amount: int) -> None:
        charge = str(paid(stage).latest_charge)
        stage.control(f"charges/{charge}/dispute", {"amount": amount}, status=400)
        stage.control(f"charges/{charge}/dispute", {"amount": 10_000})

    def test_once(self, stage: Stage) -> None:
        charge = str(paid(stage).latest_charge)
        stage.control(f"charges/{charge}/dispute", {"amount": 4_000})
        stage.control(f"charges/{charge}/dispute", {"amount": 4_000}, status=400)

    def test_ends_once_and_as_its_kind_does(self, stage: Stage) -> None:
        chargeback, inquiry = disputed(stage).id, disputed(stage, INQUIRY).id
        for path in (
            f"{chargeback}/close",
            f"{chargeback}/escalate",
            f"{chargeback}/forget",
            f"{inquiry}/win",
            f"{inquiry}/lose",
        ):
            stage.control(f"disputes/{path}", status=400)
        stage.control(f"disputes/{chargeback}/lose")
        stage.control(f"disputes/{chargeback}/win", status=400)
        stage.control(f"disputes/{inquiry}/close")
        stage.control(f"disputes/{inquiry}/escalate", status=400)
        stage.control("disputes/du_nothing/win", status=404)


class TestInquiries:
    def test_takes_nothing(self, stage: Stage) -> None:
        intent, before = paid(stage), stage.available()
        made = stage.control(f"charges/{intent.latest_charge}/dispute", {"inquiry": True})
        dispute = look(stage, made["id"])
        assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
        assert (moved(dispute), stage.available()) == ([], before)
        assert dispute.payment_method_details is not None
        assert dispute.payment_method_details.card is not None
        assert dispute.payment_method_details.card.case_type == "inquiry"
        assert told(stage) == ["charge.dispute.created"]

    @pytest.mark.parametrize("evidence", ["winning_evidence", "losing_evidence", "Ann was on stage."])
    def test_is_closed_by_an_answer(self, stage: Stage, evidence: str) -> None:
        dispute = disputed(stage, INQUIRY)
        assert answer(stage, dispute.id, evidence).status == "warning_under_review"
        stage.later(days=1.1)
        closed = look(stage, dispute.id)
        assert (closed.status, moved(closed)) == ("warning_closed", [])
        assert told(stage)[-1] == "charge.dispute.closed"

    def test_is_escalated_by_evidence_and_then_lost_by_silence(self, stage: Stage) -> None:
        dispute = disputed(stage, INQUIRY)
        answer(stage, dispute.id, "escalate_inquiry_evidence")
        stage.later(days=1.1)
        escalated = look(stage, dispute.id)
        assert (escalated.status, escalated.is_charge_refundable) == ("needs_response", False)
        assert moved(escalated) == [("adjustment", "dispute", -10_000, 1_500, -11_500)]
        assert told(stage)[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]
        stage.later(days=10)
        assert look(stage, dispute.id).status == "lost"

    def test_is_escalated_by_a_control_and_then_won(self, stage: Stage) -> None:
        dispute = disputed(stage, INQUIRY)
        stage.control(f"disputes/{dispute.id}/escalate")
        assert answer(stage, dispute.id, "winning_evidence").status == "under_review"
        stage.later(days=1.1)
        assert sum(net for *_, net in moved(look(stage, dispute.id))) == -1_500

    def test_is_over_when_nobody_escalates_it(self, stage: Stage) -> None:
        dispute = disputed(stage, INQUIRY)
        stage.later(days=119)
        assert look(stage, dispute.id).status == "warning_needs_response"
        stage.later(days=2)
        assert look(stage, dispute.id).status == "warning_closed"

    def test_a_full_refund_resolves_it_and_a_part_does_not(self, stage: Stage) -> None:
        stage.fund(50_000)
        dispute = disputed(stage, INQUIRY)
        stage.client.v1.refunds.create({"charge": str(dispute.charge), "amount": 4_000})
        assert look(stage, dispute.id).status == "warning_needs_response"
        stage.client.v1.refunds.create({"charge": str(dispute.charge)})
        assert look(stage, dispute.id).status == "warning_closed"

    def test_a_closed_one_may_be_followed_by_a_chargeback(self, stage: Stage) -> None:
        dispute = disputed(stage, INQUIRY)
        stage.control(f"charges/{dispute.charge}/dispute", status=400)
        stage.control(f"disputes/{dispute.id}/close")
        stage.control(f"charges/{dispute.charge}/dispute")

    def test_is_about_cards(self, stage: Stage) -> None:
        intent = paid(stage, "pm_usBankAccount_success")
        stage.later(days=5)
        stage.control(f"charges/{intent.latest_charge}/dispute", {"inquiry": True}, status=400)
        stage.control(f"charges/{intent.latest_charge}/dispute")
