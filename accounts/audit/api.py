from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.models import AuditEvent
from accounts.audit.queries import in_todays_words, trail
from kit.errors import Invalid, NotFound


class AuditEventOut(serializers.ModelSerializer[AuditEvent]):
    class Meta:
        model = AuditEvent
        fields = ["at", "actor", "verb", "thing", "from_state", "to_state", "reason", "facts"]

    def to_representation(self, instance: AuditEvent) -> dict[str, Any]:
        return in_todays_words(super().to_representation(instance))


A_NAME = {"type": "string", "minLength": 1}


class Audit(Endpoint):
    """What happened to one thing, step by step, for those who may see it."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "audit_list",
        "List what happened to one thing, step by step.",
        refuses=(NotFound,),
        parameters=[OpenApiParameter("thing", A_NAME, required=True, description="A public id.")],
        responses=AuditEventOut(many=True),
    )
    def get(self, request: Request) -> Response:
        thing = request.query_params.get("thing", "")
        if not thing:
            raise Invalid.field("thing", "Name the thing by its id, as in ?thing=gig_….", code="required")
        return self.listed(AuditEventOut, trail(self.actor, thing), by=("-id",))


urlpatterns = [path("audit", Audit.as_view(), name="api_audit")]
