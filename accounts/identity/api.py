from typing import ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.roles import Staff
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.identity import operations, queries
from accounts.identity.models import User
from kit import clock
from kit.http.serializers import Strict, TextField
from kit.text import LONGEST_REASON


class StaffRoleIn(Strict):
    role = serializers.ChoiceField(choices=Staff.choices)


class StaffReasonIn(Strict):
    reason = TextField(max_length=LONGEST_REASON)


class StaffMemberOut(serializers.ModelSerializer[User]):
    id = serializers.CharField(source="public_id")
    staff_roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "name", "staff_roles", "is_active"]

    def get_staff_roles(self, user: User) -> list[str]:
        return sorted(each.role for each in user.staff_roles.all())


class StaffList(Endpoint):
    allow = (Audience.ADMIN,)

    @described("staff_list", "List who works for the house.", responses=StaffMemberOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(StaffMemberOut, queries.staff(), by=("id",))


class StaffChange(Endpoint):
    """How somebody's work for the house, or their account, ends and begins again; each way is a route of its own."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.ADMIN,)


class StaffWithdraw(StaffChange):
    @described(
        "staff_withdraw",
        "Take a role in the house away.",
        refuses=(StaleProof, operations.LastAdministrator),
        request=StaffRoleIn,
        responses=StaffMemberOut,
    )
    def post(self, request: Request, user_id: str) -> Response:
        user, sent = queries.get_user(user_id), self.read(StaffRoleIn)
        return self.done(
            StaffMemberOut, lambda: operations.withdraw(user=user, **sent, by=self.actor, at=clock.now())
        )


class StaffDeactivate(StaffChange):
    @described(
        "staff_deactivate",
        "Close the door to a person, at once and everywhere.",
        refuses=(StaleProof, operations.YourOwn, operations.LastAdministrator),
        request=StaffReasonIn,
        responses=StaffMemberOut,
    )
    def post(self, request: Request, user_id: str) -> Response:
        user, sent = queries.get_user(user_id), self.read(StaffReasonIn)
        return self.done(
            StaffMemberOut, lambda: operations.deactivate(user=user, **sent, by=self.actor, at=clock.now())
        )


class StaffReactivate(StaffChange):
    @described(
        "staff_reactivate",
        "Open the door to a person again.",
        refuses=(StaleProof,),
        request=StaffReasonIn,
        responses=StaffMemberOut,
    )
    def post(self, request: Request, user_id: str) -> Response:
        user, sent = queries.get_user(user_id), self.read(StaffReasonIn)
        return self.done(
            StaffMemberOut, lambda: operations.reactivate(user=user, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("staff", StaffList.as_view(), name="api_staff"),
    path("staff/<str:user_id>/withdraw", StaffWithdraw.as_view(), name="api_staff_withdraw"),
    path("staff/<str:user_id>/deactivate", StaffDeactivate.as_view(), name="api_staff_deactivate"),
    path("staff/<str:user_id>/reactivate", StaffReactivate.as_view(), name="api_staff_reactivate"),
]
