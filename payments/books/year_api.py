"""The tax figures of a year over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit.errors import NotFound
from kit.http.serializers import MoneyOf, Strict
from payments.books import years
from payments.books.years import Form
from payments.statements.api import YEAR


class PayeeYearOut(Strict):
    performer = serializers.CharField(source="performer_id")
    name = serializers.CharField(help_text="What the performer is called.")
    compensation = MoneyOf("compensation_minor", help_text="Box 1a of 1099-NEC.")
    royalties = MoneyOf("royalties_minor", help_text="Box 2 of 1099-MISC.")
    reimbursed = MoneyOf("reimbursed_minor", help_text="Paid back against receipts; on no form.")
    deducted = MoneyOf("deducted_minor", help_text="Deducted by agreement; lowers no box.")
    returned = MoneyOf("returned_minor", help_text="Came back and is not decided.")
    forms = serializers.ListField(
        child=serializers.ChoiceField(choices=[(form.value, form.value) for form in Form]),
        help_text="Which forms are filed for it.",
    )


class PayeesOfYear(Endpoint):
    """What each performer was paid in a year, as the tax office's forms count it."""

    allow = (Audience.FINANCE,)

    @described("payee_years_list", "List what each was paid in a year.", responses=PayeeYearOut(many=True))
    def get(self, request: Request, year: str) -> Response:
        number = int(year) if YEAR.fullmatch(year) else 0
        if not number:
            raise NotFound
        return self.listed(
            PayeeYearOut,
            years.payees(self.actor, year=number),
            by=("id",),
            show=lambda found: years.figures(found, year=number),
        )


urlpatterns = [path("books/years/<str:year>", PayeesOfYear.as_view(), name="api_payee_years")]
