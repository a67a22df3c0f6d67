"""The fairness page's figures, for programs: no key is asked for."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit.http.serializers import Strict
from payments.fairness import queries
from payments.fairness.figures import TooFew
from payments.fairness.measures import MEASURES, Unit


class FairCellOut(Strict):
    value = serializers.IntegerField(
        allow_null=True, help_text="In the figure's unit; null where there is none, and where it is masked."
    )
    masked = serializers.ChoiceField(
        choices=[(each, each.value) for each in TooFew],
        help_text="Of whom too few stand behind it, so that it is not shown; else empty.",
    )


class FairRowOut(Strict):
    name = serializers.CharField(help_text="Of a length `median`, `p90` or `count`; else the part.")
    label = serializers.CharField(  # type: ignore[assignment] # DRF takes the field out of the class
        help_text="The same in words; empty where the measure has one part."
    )
    currency = serializers.CharField(help_text="Of an amount; else empty.")
    unit = serializers.ChoiceField(
        choices=[("s", "Seconds"), ("bps", "Basis points"), ("count", "How many"), ("minor", "Minor units")],
        help_text="What its values are counted in.",
    )
    all_time = FairCellOut(help_text="Over all months since `since`.")
    months = FairCellOut(many=True, help_text="One for each of the report's `months`, in their order.")


class FairMeasureOut(Strict):
    name = serializers.ChoiceField(choices=[(each.name, each.title) for each in MEASURES])
    title = serializers.CharField()
    definition = serializers.CharField(help_text="What is counted, and from when to when.")
    rows = FairRowOut(many=True, help_text="Its figures, each by month.")


class FairnessOut(Strict):
    as_of = serializers.DateTimeField(
        allow_null=True,
        help_text="When it was reckoned last; null until a week after the first month is over.",
    )
    since = serializers.DateField(allow_null=True, help_text="The first of the first month.")
    months = serializers.ListField(child=serializers.DateField(), help_text="The first of each month shown.")
    fewest_people = serializers.IntegerField(
        help_text="So many people stand behind a figure, or it is masked."
    )
    fewest_companies = serializers.IntegerField(help_text="So many companies likewise.")
    measures = FairMeasureOut(many=True, help_text="What is counted, in the order of the page.")


UNITS = {Unit.LENGTH: "s", Unit.SECONDS: "s", Unit.SHARE: "bps", Unit.COUNT: "count", Unit.MONEY: "minor"}


class Fairness(Endpoint):
    """What working through this house was like, in the books' own figures."""

    allow = (Audience.ANYONE,)
    scopes = {"GET": "gigs:read"}

    @described("fairness_get", "Read the house's fairness in figures.", responses=FairnessOut)
    def get(self, request: Request) -> Response:
        report = queries.report()
        told = {
            "as_of": report.as_of,
            "since": report.since,
            "months": report.months,
            "fewest_people": report.fewest.people,
            "fewest_companies": report.fewest.companies,
            "measures": [
                {
                    "name": each.measure.name,
                    "title": each.measure.title,
                    "definition": each.measure.said,
                    "rows": [
                        {
                            "name": row.name,
                            "label": row.label,
                            "currency": row.currency,
                            "unit": UNITS[row.unit],
                            "all_time": row.all_time,
                            "months": row.months,
                        }
                        for row in each.figures
                    ],
                }
                for each in report.measures
            ],
        }
        return Response(FairnessOut(told).data)


urlpatterns = [path("fairness", Fairness.as_view(), name="api_fairness")]
