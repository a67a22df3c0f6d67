from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.companies.queries import get_company
from kit import clock
from kit.http.serializers import DayField, MoneyField, Strict
from payments.invoicing import account


class AccountQuery(Strict):
    first = DayField(required=False, help_text="The first day; without one, the month of the last.")
    last = DayField(required=False, help_text="The last day, included; without one, today.")


class StatementLineOut(Strict):
    at = serializers.DateTimeField(help_text="When it happened.")
    what = serializers.CharField(help_text="What it was, in words.")
    document = serializers.CharField(
        source="document.number",
        default=None,
        allow_null=True,
        help_text="The invoice or receipt that names it.",
    )
    amount = MoneyField(
        allow_null=True,
        help_text="Above zero it owes more, below less; null for an invoice, which changes nothing.",
    )
    balance = MoneyField(help_text="What it owes after it.")


class StatementOfAccountOut(Strict):
    first = serializers.DateField(source="days.first", help_text="The first day.")
    last = serializers.DateField(source="days.last", help_text="The last day, included.")
    opening = MoneyField(help_text="What it owed when the first day began.")
    lines = StatementLineOut(many=True, help_text="Each thing that changed it, in order.")
    closing = MoneyField(help_text="What it owed when the last day was over.")


class CompanyAccount(Endpoint):
    """What a company owes, drawn on terms or charged beyond its money, and how it came to be."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described(
        "company_account_get",
        "Read a company's statement of account over some days, at most a year.",
        parameters=[AccountQuery],
        responses=StatementOfAccountOut,
    )
    def get(self, request: Request, company_id: str) -> Response:
        company, asked = get_company(self.actor, company_id), self.query(AccountQuery)
        days = account.days(asked.get("first"), asked.get("last"), at=clock.now())
        return Response(StatementOfAccountOut(account.statement(self.actor, company, days)).data)


urlpatterns = [
    path("companies/<str:company_id>/account", CompanyAccount.as_view(), name="api_company_account"),
]
