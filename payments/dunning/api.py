from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.companies.queries import get_company
from kit import clock
from kit.currencies import UnknownCurrency, check_supported
from kit.http.serializers import CurrencyField, MoneyField, Strict, TextField
from kit.text import LONGEST_REASON
from payments.dunning import queries, reminders


class AgeingQuery(Strict):
    currency = CurrencyField(required=False)


class AgedOut(Strict):
    company = serializers.CharField(source="now.company.public_id", help_text="Who has to pay.")
    limit = MoneyField(
        source="now.limit", help_text="What may be drawn at most; 0 where no terms are in force."
    )
    bands = serializers.ListField(
        child=MoneyField(),
        help_text="What is drawn, by how many days it is late: none yet, 1 to 30, 31 to 60, 61 to 90, more.",
    )
    drawn = MoneyField(source="now.drawn", help_text="All of it.")
    overdue = MoneyField(source="now.overdue", help_text="Of it, what should have been paid before today.")
    owed = MoneyField(help_text="What is owed beside it, since no money was there.")
    exposure = MoneyField(help_text="What would be lost if nothing more came.")
    coming = MoneyField(help_text="What is on its way in; it lowers the exposure once it has landed.")


class AgeingOut(Strict):
    rows = AgedOut(many=True, help_text="A company each, the most overdue first.")
    exposure = MoneyField(help_text="Of all of them.")


class WriteIn(Strict):
    words = TextField(max_length=LONGEST_REASON, help_text="What you want them to do.")


class WrittenOut(Strict):
    company = serializers.CharField(help_text="Who was written to.")


class Ageing(Endpoint):
    """Who has to pay what by when."""

    allow = (Audience.FINANCE,)

    @described(
        "net_terms_ageing",
        "Read what companies have drawn by how late it is.",
        refuses=(UnknownCurrency,),
        parameters=[AgeingQuery],
        responses=AgeingOut,
    )
    def get(self, request: Request) -> Response:
        currency = self.query(AgeingQuery).get("currency", "usd")
        check_supported(currency)
        return Response(AgeingOut(queries.table(self.actor, currency=currency, at=clock.now())).data)


class NetTermsWrite(Endpoint):
    """To those who pay in for the company, by notice and mail, once a day."""

    allow = (Audience.FINANCE,)

    @described(
        "net_terms_write",
        "Write to a company about what it drew.",
        refuses=(reminders.NothingDrawn, reminders.WrittenToday),
        request=WriteIn,
        responses=WrittenOut,
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(WriteIn)

        def work() -> dict[str, Any]:
            reminders.write(company=company, **sent, by=self.actor, at=clock.now())
            return {"company": company.public_id}

        return self.done(WrittenOut, work)


urlpatterns = [
    path("net-terms/ageing", Ageing.as_view(), name="api_net_terms_ageing"),
    path("companies/<str:company_id>/net-terms/write", NetTermsWrite.as_view(), name="api_net_terms_write"),
]
