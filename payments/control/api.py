from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from kit import clock
from kit.http.serializers import Strict
from payments.control import audit


class InvariantOut(Strict):
    code = serializers.CharField()
    claim = serializers.CharField()
    violations = serializers.IntegerField()
    examples = serializers.ListField(child=serializers.CharField())


class Invariants(Endpoint):
    """The audit, run now."""

    allow = (Audience.FINANCE,)
    pagination_class = WholeList

    @described(
        "invariants_list", "Run the audit of time, books and pay now.", responses=InvariantOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.whole(InvariantOut, audit.run(at=clock.now()))


urlpatterns = [path("audit/invariants", Invariants.as_view(), name="api_invariants")]
