"""Terms over the API: a company reads its own, finance agrees, lowers and ends."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.interests import OwnCompany
from accounts.companies.queries import get_company
from kit import clock
from kit.http.serializers import DayField, MoneyField, MoneyIn, MoneyOf, Strict, TextField, TypedId
from kit.text import LONGEST_REASON
from payments.terms import operations, queries
from payments.terms.models import FEWEST_DAYS, MOST_DAYS, MOST_MINOR, NetTerms


class NetTermsOut(serializers.ModelSerializer[NetTerms]):
    id = serializers.CharField(source="public_id")
    company = serializers.CharField(source="company.public_id", help_text="With whom they are agreed.")
    limit = MoneyOf(
        "limit_minor", help_text="What may be drawn at most; lowered since, it is less than was agreed."
    )
    agreed = MoneyOf("agreed_minor", help_text="The limit that two people agreed to.")
    reason = serializers.CharField(help_text="Why they were proposed.")
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)
    ended_at = serializers.DateTimeField(help_text="When they ended; null while they stand.", allow_null=True)
    answer = serializers.CharField(help_text="Why they were declined, or ended; empty while they stand.")

    class Meta:
        model = NetTerms
        fields = [
            "id", "company", "state", "limit", "agreed", "pay_days", "starts_on", "reason", "proposed_by", "proposed_at",
            "decided_by", "decided_at", "ended_at", "answer",
        ]  # fmt: skip


class NetTermsInForceOut(serializers.ModelSerializer[NetTerms]):
    """As the company reads them: who in the house proposed them, and why, is the house's."""

    id = serializers.CharField(source="public_id")
    limit = MoneyOf("limit_minor", help_text="What may be drawn at most.")

    class Meta:
        model = NetTerms
        fields = ["id", "limit", "pay_days", "starts_on"]


class DueOut(Strict):
    on = serializers.DateField(help_text="The last day on which it is paid in time.")
    amount = MoneyField(help_text="What is still to be paid by then.")
    days_late = serializers.IntegerField(help_text="0 up to that day.")


class TermsNowOut(Strict):
    terms = NetTermsInForceOut(allow_null=True, help_text="Those in force; null where there are none.")
    drawn = MoneyField(help_text="Set aside beyond the wallet, and not paid yet.")
    left = MoneyField(help_text="What may be drawn now: nothing while anything is overdue.")
    overdue = MoneyField(help_text="What should have been paid before today.")
    due = DueOut(many=True, help_text="What is still to be paid, by the day on which it is due.")


class NetTermsIn(Strict):
    company = TypedId(prefix="cmp", help_text="With whom they are agreed.")
    limit = MoneyIn(most_minor=MOST_MINOR, help_text="What may be drawn at most.")
    pay_days = serializers.IntegerField(
        min_value=FEWEST_DAYS, max_value=MOST_DAYS, help_text="From the end of the week in which it is drawn."
    )
    starts_on = DayField(
        required=False, help_text="The first day on which anything is drawn; today where none is named."
    )
    reason = TextField(max_length=LONGEST_REASON, help_text="The second person reads it.")


class NetTermsLowerIn(Strict):
    limit = MoneyIn(least_minor=0, most_minor=MOST_MINOR, help_text="Less than it is.")
    reason = TextField(max_length=LONGEST_REASON, help_text="The company reads it.")


class NetTermsEndIn(Strict):
    reason = TextField(max_length=LONGEST_REASON, help_text="The company reads it.")


class NetTermsDeclineIn(Strict):
    answer = TextField(max_length=LONGEST_REASON, help_text="Why.")


class CompanyNetTerms(Endpoint):
    """What a company may set aside beyond its wallet, and what it has to pay by when."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described(
        "company_net_terms_get",
        "Read a company's terms: the limit, what is drawn, what is due when.",
        responses=TermsNowOut,
    )
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return Response(TermsNowOut(queries.now(company, currency="usd", at=clock.now())).data)


class AllNetTerms(Endpoint):
    """Every agreement about terms, proposed, in force or over."""

    allow = (Audience.FINANCE,)

    @described(
        "net_terms_list", "List terms with companies, the newest first.", responses=NetTermsOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.listed(NetTermsOut, queries.all_of(self.actor), by=("-id",))

    @described(
        "net_terms_propose",
        "Propose terms with a company; a second person approves them.",
        refuses=(OwnCompany, operations.TermsWait, NotApproved, Suspended),
        request=NetTermsIn,
        responses={201: NetTermsOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(NetTermsIn)
        company = get_company(self.actor, sent.pop("company"))
        return self.created(
            NetTermsOut, lambda: operations.propose(company=company, **sent, by=self.actor, at=clock.now())
        )


class NetTermsApprove(Endpoint):
    """A second person, having just proved who they are."""

    allow = (Audience.FINANCE,)

    @described(
        "net_terms_approve",
        "Put proposed terms in force, as a second person.",
        refuses=(
            OwnCompany,
            operations.SameTermsProposer,
            StaleProof,
            operations.TermsInForce,
            NotApproved,
            Suspended,
            *MOVE_REFUSALS,
        ),
        request=None,
        responses=NetTermsOut,
    )
    def post(self, request: Request, terms_id: str) -> Response:
        terms = queries.get(self.actor, terms_id)
        return self.done(NetTermsOut, lambda: operations.approve(terms=terms, by=self.actor, at=clock.now()))


class NetTermsMove(Endpoint):
    """What one person in finance does about terms, with a reason."""

    allow = (Audience.FINANCE,)
    body: type[Strict] = NetTermsEndIn

    def move(self, terms: NetTerms, sent: dict[str, Any]) -> NetTerms:
        raise NotImplementedError

    def answered(self, terms_id: str) -> Response:
        terms, sent = queries.get(self.actor, terms_id), self.read(self.body)
        return self.done(NetTermsOut, lambda: self.move(terms, sent))


class NetTermsDecline(NetTermsMove):
    """Take one's own proposal back, or decline another's."""

    body = NetTermsDeclineIn

    def move(self, terms: NetTerms, sent: dict[str, Any]) -> NetTerms:
        return operations.decline(terms=terms, **sent, by=self.actor, at=clock.now())

    @described(
        "net_terms_decline",
        "Decline proposed terms, or take one's own back.",
        refuses=MOVE_REFUSALS,
        request=NetTermsDeclineIn,
        responses=NetTermsOut,
    )
    def post(self, request: Request, terms_id: str) -> Response:
        return self.answered(terms_id)


class NetTermsLower(NetTermsMove):
    """What was drawn beyond the new limit stands until it is paid."""

    body = NetTermsLowerIn

    def move(self, terms: NetTerms, sent: dict[str, Any]) -> NetTerms:
        return operations.lower(terms=terms, **sent, by=self.actor, at=clock.now())

    @described(
        "net_terms_lower",
        "Lower the limit of terms in force.",
        refuses=(operations.NotLower, *MOVE_REFUSALS),
        request=NetTermsLowerIn,
        responses=NetTermsOut,
    )
    def post(self, request: Request, terms_id: str) -> Response:
        return self.answered(terms_id)


class NetTermsEnd(NetTermsMove):
    """Nothing more is drawn; what was drawn stands until it is paid."""

    def move(self, terms: NetTerms, sent: dict[str, Any]) -> NetTerms:
        return operations.end(terms=terms, **sent, by=self.actor, at=clock.now())

    @described(
        "net_terms_end",
        "End terms in force.",
        refuses=MOVE_REFUSALS,
        request=NetTermsEndIn,
        responses=NetTermsOut,
    )
    def post(self, request: Request, terms_id: str) -> Response:
        return self.answered(terms_id)


urlpatterns = [
    path("companies/<str:company_id>/net-terms", CompanyNetTerms.as_view(), name="api_company_net_terms"),
    path("net-terms", AllNetTerms.as_view(), name="api_net_terms"),
    path("net-terms/<str:terms_id>/approve", NetTermsApprove.as_view(), name="api_net_terms_approve"),
    path("net-terms/<str:terms_id>/decline", NetTermsDecline.as_view(), name="api_net_terms_decline"),
    path("net-terms/<str:terms_id>/lower", NetTermsLower.as_view(), name="api_net_terms_lower"),
    path("net-terms/<str:terms_id>/end", NetTermsEnd.as_view(), name="api_net_terms_end"),
]
