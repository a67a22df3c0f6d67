"""The journals of each week over the API, and what our accounts are called elsewhere."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from kit import clock, instants
from kit.http.serializers import LineField, MoneyField, Strict
from kit.money import Money
from payments.books import journals, mapping
from payments.books.models import AccountName, SummedWeek


class JournalWeekOut(serializers.ModelSerializer[SummedWeek]):
    week = serializers.DateField(source="starts_on", help_text="Its Monday.")

    class Meta:
        model = SummedWeek
        fields = ["week", "made_at"]


class JournalLineOut(Strict):
    account = serializers.CharField(help_text="The kind of the accounts.")
    description = serializers.CharField(help_text="What happened, and on which kind of account.")
    amount = MoneyField(help_text="A debit above zero, a credit below.")


class JournalOut(Strict):
    number = serializers.CharField(help_text="It names the journal for good.")
    company = serializers.CharField(help_text="Whose it is by id; empty for the house.")
    name = serializers.CharField(help_text="Whose it is by name.")
    dated = serializers.DateField(help_text="The last day of the week.")
    lines = JournalLineOut(many=True, help_text="They add up to zero.")


class AccountNameOut(serializers.ModelSerializer[AccountName]):
    account = serializers.CharField(source="kind", help_text="Our kind of account.")

    class Meta:
        model = AccountName
        fields = ["account", "code", "name", "tax_rate", "role", "party"]


class AccountNameIn(Strict):
    code = LineField(
        required=False, allow_blank=True, max_length=20, help_text="As Xero has it, such as 200."
    )
    name = LineField(
        required=False,
        allow_blank=True,
        max_length=150,
        help_text="As QuickBooks has it, such as Parent:Sub.",
    )
    tax_rate = LineField(
        required=False, allow_blank=True, max_length=100, help_text="By its full name at Xero."
    )
    role = serializers.ChoiceField(choices=AccountName.Role.choices, required=False)
    party = LineField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Whom a line names where it is no company.",
    )


class Journals(Endpoint):
    """The weeks that have journals."""

    allow = (Audience.FINANCE,)

    @described(
        "journals_list",
        "List the weeks that have journals, the newest first.",
        responses=JournalWeekOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.listed(JournalWeekOut, journals.weeks(self.actor), by=("-starts_on",))


class JournalsOfWeek(Endpoint):
    """One balanced journal a company, and one of what is the house's alone."""

    allow = (Audience.FINANCE,)
    pagination_class = WholeList

    @described("journals_get", "Read the journals of a week.", responses=JournalOut(many=True))
    def get(self, request: Request, monday: str) -> Response:
        found = journals.of_week(journals.get_week(self.actor, instants.day_said(monday)))
        return self.whole(
            JournalOut,
            [
                {
                    "number": each.number,
                    "company": each.company_id,
                    "name": each.company,
                    "dated": each.dated,
                    "lines": [
                        {
                            "account": line.kind,
                            "description": line.description,
                            "amount": Money(line.amount_minor, each.currency),
                        }
                        for line in each.lines
                    ],
                }
                for each in found
            ],
        )


class AccountNames(Endpoint):
    """What each of our kinds of account is called in the products' charts."""

    allow = (Audience.FINANCE,)
    pagination_class = WholeList

    @described(
        "account_names_list",
        "List what our accounts are called elsewhere.",
        responses=AccountNameOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.whole(AccountNameOut, mapping.all_names(self.actor))


class AccountNameOfKind(Endpoint):
    allow = (Audience.FINANCE,)

    @described(
        "account_names_put",
        "Say what one of our accounts is called elsewhere.",
        request=AccountNameIn,
        responses=AccountNameOut,
    )
    def put(self, request: Request, kind: str) -> Response:
        sent = self.read(AccountNameIn)
        return self.done(
            AccountNameOut, lambda: mapping.rename(kind=kind, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("books/journals", Journals.as_view(), name="api_journals"),
    path("books/journals/<str:monday>", JournalsOfWeek.as_view(), name="api_journal"),
    path("books/names", AccountNames.as_view(), name="api_account_names"),
    path("books/names/<str:kind>", AccountNameOfKind.as_view(), name="api_account_name"),
]
