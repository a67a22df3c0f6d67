import base64
from collections.abc import Callable
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import CompanyOwes, NotApproved, Suspended
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.queries import get_company
from kit import clock
from kit.http.serializers import DayField, MoneyField, MoneyIn, MoneyOf, Strict, TextField, TypedId
from kit.text import LONGEST_REASON
from marketplace.presence.guarantees import Guarantee
from payments.paylines import answering, deciding, promising, proposing, queries, receipts
from payments.paylines.kinds import RULES, Kind
from payments.paylines.models import PayLine, Receipt

THEIRS = (Audience.PERFORMER, Audience.COMPANY, Audience.FINANCE, Audience.TALENT)
ANSWERING = (
    answering.OwnLine,
    answering.OwnCompany,
    answering.SameMaker,
    answering.NotContested,
    *MOVE_REFUSALS,
)
PROPOSING = (proposing.NotSigned, promising.PerformerLeft)
OF_A_COMPANY = (NotApproved, Suspended, CompanyOwes)


class BreachOut(Strict):
    guarantee = serializers.ChoiceField(choices=[each.value for each in Guarantee])
    on_date = serializers.DateField()
    measured_s = serializers.IntegerField()
    limit_s = serializers.IntegerField()
    broken_at = serializers.DateTimeField()
    time_line = serializers.CharField(source="time_line.public_id")


class PayLineOut(serializers.ModelSerializer[PayLine]):
    id = serializers.CharField(source="public_id")
    engagement = serializers.CharField(source="engagement.public_id")
    performer = serializers.CharField(source="engagement.performer.public_id")
    company = serializers.CharField(source="engagement.company.public_id")
    amount = MoneyOf("amount_minor", help_text="Below zero, deducted.")
    fee = MoneyOf("fee_minor", help_text="What the company pays the platform on top.")
    taken = serializers.SerializerMethodField(help_text="Of a deduction, what was taken so far.")
    tax = serializers.SerializerMethodField(help_text="As what a year's statement counts it.")
    has_receipt = serializers.SerializerMethodField()
    corrects = serializers.CharField(
        source="corrects.public_id",
        default=None,
        allow_null=True,
        help_text="The line of a breach that turned out otherwise, whose difference this is.",
    )
    breach = serializers.SerializerMethodField(
        help_text="What was broken, by which time line; null of any other line, and of a difference."
    )

    class Meta:
        model = PayLine
        fields = [
            "id",
            "kind",
            "state",
            "engagement",
            "performer",
            "company",
            "amount",
            "fee",
            "taken",
            "tax",
            "reason",
            "spent_on",
            "has_receipt",
            "corrects",
            "breach",
            "made_at",
            "due_at",
            "contest",
            "decided_at",
            "answer",
        ]

    @extend_schema_field(MoneyField)
    def get_taken(self, line: PayLine) -> dict[str, Any]:
        return {"amount_minor": getattr(line, "taken_minor", 0), "currency": line.currency}

    def get_tax(self, line: PayLine) -> str:
        return RULES[Kind(line.kind)].tax.value

    @extend_schema_field(BreachOut(allow_null=True))
    def get_breach(self, line: PayLine) -> dict[str, Any] | None:
        found = getattr(line, "breach", None)
        return dict(BreachOut(found).data) if found is not None else None

    def get_has_receipt(self, line: PayLine) -> bool:
        return line.receipt_id is not None


class PayLineIn(Strict):
    engagement = TypedId(prefix="eng")
    amount = MoneyIn(most_minor=proposing.MOST_MINOR)
    reason = TextField(max_length=LONGEST_REASON)


class ExpenseIn(PayLineIn):
    spent_on = DayField(help_text="The day on the receipt.")
    receipt = TextField(
        max_length=receipts.MOST_LETTERS, help_text="A PDF, JPEG or PNG of at most 10 MB, in base 64."
    )


class PayLineAnswerIn(Strict):
    answer = TextField(max_length=LONGEST_REASON, help_text="Why; they read it.")


class ReceiptOut(serializers.ModelSerializer[Receipt]):
    id = serializers.CharField(source="public_id")
    content = serializers.SerializerMethodField(help_text="In base 64.")

    class Meta:
        model = Receipt
        fields = ["id", "form", "size", "sha256", "content"]

    def get_content(self, receipt: Receipt) -> str:
        return base64.b64encode(bytes(receipt.content)).decode()


class PayLines(Endpoint):
    """Bonuses, expenses, breaches and deductions: one's own, one's company's, or all for the house."""

    allow = THEIRS
    scopes = {"GET": "billing:read"}

    @described("pay_lines_list", "List pay beside time, the newest first.", responses=PayLineOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(PayLineOut, queries.lines(self.actor), by=("-id",))


class PayLineDetail(Endpoint):
    allow = THEIRS
    scopes = {"GET": "billing:read"}

    @described("pay_lines_get", "Read a pay line.", responses=PayLineOut)
    def get(self, request: Request, pay_line_id: str) -> Response:
        return Response(PayLineOut(queries.get(self.actor, pay_line_id)).data)


class PayLineReceipt(Endpoint):
    allow = THEIRS

    @described("pay_lines_receipt", "Read an expense's receipt.", responses=ReceiptOut)
    def get(self, request: Request, pay_line_id: str) -> Response:
        return Response(ReceiptOut(queries.get_receipt(self.actor, pay_line_id)).data)


class Bonuses(Endpoint):
    """A company's; a second person approves it."""

    allow = (Audience.COMPANY,)

    @described(
        "bonuses_propose",
        "Propose a bonus for a performer.",
        refuses=(*PROPOSING, answering.OwnLine, *OF_A_COMPANY),
        request=PayLineIn,
        responses={201: PayLineOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(PayLineIn)
        theirs = queries.engagements(self.actor, company=company)
        sent["engagement"] = queries.named(theirs, sent["engagement"])
        return self.created(
            PayLineOut, lambda: proposing.propose_bonus(**sent, by=self.actor, at=clock.now())
        )


class Expenses(Endpoint):
    """A performer's; the company answers."""

    allow = (Audience.PERFORMER,)

    @described(
        "expenses_ask",
        "Ask for what you spent, with its receipt.",
        refuses=(*PROPOSING, proposing.ReceiptUsed),
        request=ExpenseIn,
        responses={201: PayLineOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(ExpenseIn)
        mine = queries.engagements(self.actor).filter(performer_id=self.actor.performer_id)
        sent["engagement"] = queries.named(mine, sent["engagement"])
        sent["receipt"] = receipts.decoded(sent["receipt"])
        return self.created(PayLineOut, lambda: proposing.ask_expense(**sent, by=self.actor, at=clock.now()))


class HouseLine(Endpoint):
    """A line that the house makes, on any engagement."""

    def make(self, act: Callable[..., PayLine]) -> Response:
        sent = self.read(PayLineIn)
        sent["engagement"] = queries.named(queries.engagements(self.actor), sent["engagement"])
        return self.created(PayLineOut, lambda: act(**sent, by=self.actor, at=clock.now()))


class Breaches(HouseLine):
    """Talent operations'; the company may contest."""

    allow = (Audience.TALENT,)

    @described(
        "breaches_say",
        "Say that a guarantee was broken, and what it costs.",
        refuses=(*PROPOSING, answering.OwnLine),
        request=PayLineIn,
        responses={201: PayLineOut},
    )
    def post(self, request: Request) -> Response:
        return self.make(proposing.say_breach)


class Deductions(HouseLine):
    """Finance's; the performer agrees or declines."""

    allow = (Audience.FINANCE,)

    @described(
        "deductions_propose",
        "Ask a performer to agree to a deduction.",
        refuses=(*PROPOSING, answering.OwnLine),
        request=PayLineIn,
        responses={201: PayLineOut},
    )
    def post(self, request: Request) -> Response:
        return self.make(proposing.propose_deduction)


class PayLineApprove(Endpoint):
    """As its second person; a performer who agrees to a deduction has just proved who they are."""

    allow = THEIRS

    @described(
        "pay_lines_approve",
        "Approve a pay line, or agree to a deduction.",
        refuses=(*ANSWERING, *OF_A_COMPANY, promising.BonusNotFunded, StaleProof),
        request=None,
        responses=PayLineOut,
    )
    def post(self, request: Request, pay_line_id: str) -> Response:
        line = queries.get(self.actor, pay_line_id)
        return self.done(PayLineOut, lambda: deciding.approve(line=line, by=self.actor, at=clock.now()))


class PayLineAnswer(Endpoint):
    """What somebody says of a line, with a reason."""

    def answer(self, pay_line_id: str, act: Callable[..., PayLine]) -> Response:
        line, sent = queries.get(self.actor, pay_line_id), self.read(PayLineAnswerIn)
        return self.done(PayLineOut, lambda: act(line=line, **sent, by=self.actor, at=clock.now()))


class PayLineDecline(PayLineAnswer):
    """By whoever may approve it, with a reason."""

    allow = THEIRS

    @described(
        "pay_lines_decline",
        "Decline a pay line.",
        refuses=ANSWERING,
        request=PayLineAnswerIn,
        responses=PayLineOut,
    )
    def post(self, request: Request, pay_line_id: str) -> Response:
        return self.answer(pay_line_id, deciding.decline)


class PayLineContest(PayLineAnswer):
    """The company says that no guarantee was broken."""

    allow = (Audience.COMPANY,)

    @described(
        "pay_lines_contest",
        "Contest a breach.",
        refuses=(deciding.ContestIsOver, *MOVE_REFUSALS),
        request=PayLineAnswerIn,
        responses=PayLineOut,
    )
    def post(self, request: Request, pay_line_id: str) -> Response:
        return self.answer(pay_line_id, deciding.contest)


class PayLineWithdraw(PayLineAnswer):
    """By its maker's side, with a reason."""

    allow = THEIRS

    @described(
        "pay_lines_withdraw",
        "Take a pay line back.",
        refuses=(answering.OwnLine, answering.OwnCompany, *MOVE_REFUSALS),
        request=PayLineAnswerIn,
        responses=PayLineOut,
    )
    def post(self, request: Request, pay_line_id: str) -> Response:
        return self.answer(pay_line_id, deciding.withdraw)


class PayLineWaive(PayLineAnswer):
    """Of a deduction that was agreed, what is not taken yet is given up."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_lines_waive",
        "Give up the rest of a deduction.",
        refuses=(answering.OwnLine, answering.OwnCompany, *MOVE_REFUSALS),
        request=PayLineAnswerIn,
        responses=PayLineOut,
    )
    def post(self, request: Request, pay_line_id: str) -> Response:
        return self.answer(pay_line_id, deciding.waive)


urlpatterns = [
    path("pay-lines", PayLines.as_view(), name="api_pay_lines"),
    path("companies/<str:company_id>/bonuses", Bonuses.as_view(), name="api_bonuses"),
    path("me/expenses", Expenses.as_view(), name="api_expenses"),
    path("breaches", Breaches.as_view(), name="api_breaches"),
    path("deductions", Deductions.as_view(), name="api_deductions"),
    path("pay-lines/<str:pay_line_id>", PayLineDetail.as_view(), name="api_pay_line"),
    path("pay-lines/<str:pay_line_id>/receipt", PayLineReceipt.as_view(), name="api_pay_line_receipt"),
    path("pay-lines/<str:pay_line_id>/approve", PayLineApprove.as_view(), name="api_pay_line_approve"),
    path("pay-lines/<str:pay_line_id>/decline", PayLineDecline.as_view(), name="api_pay_line_decline"),
    path("pay-lines/<str:pay_line_id>/contest", PayLineContest.as_view(), name="api_pay_line_contest"),
    path("pay-lines/<str:pay_line_id>/withdraw", PayLineWithdraw.as_view(), name="api_pay_line_withdraw"),
    path("pay-lines/<str:pay_line_id>/waive", PayLineWaive.as_view(), name="api_pay_line_waive"),
]
