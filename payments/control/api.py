from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
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

    @extend_schema(operation_id="invariants_list", responses=InvariantOut(many=True))
    def get(self, request: Request) -> Response:
        rows = InvariantOut(audit.run(at=clock.now()), many=True).data
        return Response({"data": rows, "next_cursor": None})


urlpatterns = [path("audit/invariants", Invariants.as_view(), name="api_invariants")]
