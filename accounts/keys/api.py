"""A company's API keys."""

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

import accounts.keys.schemes  # noqa: F401 -- registers itself with the OpenAPI document
from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.companies.queries import get_company
from accounts.keys import operations, queries
from accounts.keys.models import LONGEST_KEY_NAME, ApiKey
from kit import clock
from kit.http.serializers import LineField, Strict, WholeNumberField


class KeyIn(Strict):
    name = LineField(max_length=LONGEST_KEY_NAME)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(operations.SCOPES.items())),
        min_length=1,
        max_length=len(operations.SCOPES),
    )
    days = WholeNumberField(min_value=1, max_value=operations.LONGEST_DAYS, default=90)


class KeyOut(serializers.ModelSerializer[ApiKey]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = ApiKey
        fields = [
            "id",
            "name",
            "hint",
            "scopes",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
        ]


class NewKeyOut(Strict):
    """The secret is in this answer and nowhere else."""

    key = KeyOut()
    secret = serializers.CharField()


class Keys(Endpoint):
    allow = (Audience.COMPANY,)

    @described("api_keys_list", "List a company's API keys.", responses=KeyOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return self.listed(KeyOut, queries.keys(self.actor, company), by=("-id",))

    @described(
        "api_keys_create",
        "Make an API key; its secret is in this answer only.",
        refuses=(StaleProof,),
        not_once="A kept answer would hold the secret in clear.",
        request=KeyIn,
        responses={201: NewKeyOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(KeyIn)
        key, secret = operations.create(company=company, **sent, by=self.actor, at=clock.now())
        made: dict[str, Any] = {"key": key, "secret": secret}
        return Response(NewKeyOut(made).data, status=201)


class OneKey(Endpoint):
    allow = (Audience.COMPANY,)

    @described("api_keys_revoke", "Revoke an API key at once.", responses={204: None})
    def delete(self, request: Request, company_id: str, key_id: str) -> Response:
        company = get_company(self.actor, company_id)
        operations.revoke(key=queries.get_key(self.actor, company, key_id), by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [
    path("companies/<str:company_id>/api-keys", Keys.as_view(), name="api_keys"),
    path("companies/<str:company_id>/api-keys/<str:key_id>", OneKey.as_view(), name="api_key"),
]
