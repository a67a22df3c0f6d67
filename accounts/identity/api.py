from typing import cast

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.identity import operations
from accounts.identity.models import User
from accounts.identity.names import LONGEST_NAME
from accounts.identity.zones import validate_zone
from kit import clock
from kit.http.serializers import LineField, Strict


class AccountIn(Strict):
    name = LineField(max_length=LONGEST_NAME, required=False)
    time_zone = LineField(max_length=64, required=False, validators=[validate_zone])


class CompanyRoleOut(Strict):
    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()


class AccountOut(Strict):
    id = serializers.CharField(source="user.public_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    time_zone = serializers.CharField(source="user.time_zone")
    performer = serializers.CharField(source="performer.public_id", default=None, allow_null=True)
    companies = serializers.SerializerMethodField()
    staff = serializers.SerializerMethodField()

    @extend_schema_field(CompanyRoleOut(many=True))
    def get_companies(self, actor: Actor) -> list[dict[str, str]]:
        return [
            {"id": str(company.public_id), "name": company.name, "role": actor.roles[company.pk]}
            for company in actor.companies
        ]

    def get_staff(self, actor: Actor) -> list[str]:
        return sorted(actor.staff_roles)


class Me(Endpoint):
    """Who you are here, and what as."""

    allow = (Audience.SIGNED_IN,)

    @extend_schema(operation_id="me_get", responses=AccountOut)
    def get(self, request: Request) -> Response:
        return Response(AccountOut(self.actor).data)

    @extend_schema(operation_id="me_update", request=AccountIn, responses=AccountOut)
    def patch(self, request: Request) -> Response:
        sent, user = self.read(AccountIn), cast(User, self.actor.user)
        wanted = {"name": user.name, "time_zone": user.time_zone} | sent

        def change() -> Actor:
            operations.update_account(user=user, **wanted, by=self.actor, at=clock.now())
            return self.actor

        return self.done(AccountOut, change)


urlpatterns = [path("me", Me.as_view(), name="api_me")]
