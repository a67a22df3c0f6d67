from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.identity import operations
from accounts.identity.fields import NameField, ZoneField
from accounts.identity.models import User
from accounts.identity.queries import get_person, second_factors
from accounts.security.queries import must_have_second_factor
from kit import clock
from kit.http.serializers import Strict


class AccountIn(Strict):
    name = NameField(required=False)
    time_zone = ZoneField(required=False)


class CompanyRoleOut(Strict):
    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()


class AccountOut(serializers.ModelSerializer[User]):
    id = serializers.CharField(source="public_id")
    performer = serializers.CharField(source="performer.public_id", default=None, allow_null=True)
    companies = serializers.SerializerMethodField()
    staff: Any = serializers.SlugRelatedField(
        source="staff_roles",
        slug_field="role",
        many=True,
        read_only=True,
        help_text="talent, finance, or none.",
    )

    second_factor = serializers.SerializerMethodField(
        help_text="`set_up`; `required`: your roles wait for one, set it up; `none`: you need none."
    )

    class Meta:
        model = User
        fields = ["id", "email", "name", "time_zone", "performer", "companies", "staff", "second_factor"]

    @extend_schema_field(serializers.ChoiceField(choices=["set_up", "required", "none"]))
    def get_second_factor(self, user: User) -> str:
        if second_factors(user).exists():
            return "set_up"
        return "required" if must_have_second_factor(user) else "none"

    @extend_schema_field(CompanyRoleOut(many=True))
    def get_companies(self, user: User) -> list[dict[str, str]]:
        rows = user.memberships.select_related("company").order_by("company__name")
        return [{"id": str(row.company), "name": row.company.name, "role": row.role} for row in rows]


class Me(Endpoint):
    """Who you are here, and what as."""

    allow = (Audience.SIGNED_IN,)

    @described("me_get", "Read who you are, and what as.", responses=AccountOut)
    def get(self, request: Request) -> Response:
        return Response(AccountOut(get_person(self.actor)).data)

    @described("me_update", "Change your name or time zone.", request=AccountIn, responses=AccountOut)
    def patch(self, request: Request) -> Response:
        sent, user = self.read(AccountIn), get_person(self.actor)
        wanted = {"name": user.name, "time_zone": user.time_zone} | sent

        return self.done(
            AccountOut,
            lambda: operations.update_account(user=user, **wanted, by=self.actor, at=clock.now()),
        )


urlpatterns = [path("me", Me.as_view(), name="api_me")]
