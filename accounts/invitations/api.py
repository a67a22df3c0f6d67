from collections.abc import Callable
from typing import ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.roles import Role, Staff
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.queries import get_company
from accounts.identity.names import LONGEST_EMAIL
from accounts.invitations import operations
from accounts.invitations.models import Invitation
from accounts.invitations.queries import get_invitation
from kit import clock
from kit.http.serializers import Strict


class MemberInviteIn(Strict):
    email = serializers.EmailField(max_length=LONGEST_EMAIL)
    role = serializers.ChoiceField(choices=Role.choices)


class StaffInviteIn(Strict):
    email = serializers.EmailField(max_length=LONGEST_EMAIL)
    role = serializers.ChoiceField(choices=Staff.choices)


class InvitationOut(serializers.ModelSerializer[Invitation]):
    """`company` is empty where it is to work for the house."""

    id = serializers.CharField(source="public_id")
    company = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = ["id", "email", "company", "role", "state", "invited_at", "expires_at", "ended_at"]

    def get_company(self, invitation: Invitation) -> str:
        return invitation.company.public_id if invitation.company else ""


class Invitations(Endpoint):
    """Those to you, and those of the companies that you own; an administrator's those of the house too."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "invitations_list",
        "List the invitations to you, and those that you sent.",
        responses=InvitationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = Invitation.objects.visible_to(self.actor).select_related("company")
        return self.listed(InvitationOut, rows, by=("-id",))


class MemberInvitations(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "members_invite",
        "Ask someone to act for a company, by mail.",
        refuses=(StaleProof, operations.AlreadyThere, operations.InvitedTooOften),
        request=MemberInviteIn,
        responses={201: InvitationOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(MemberInviteIn)
        return self.created(
            InvitationOut,
            lambda: operations.invite(**sent, company=company, by=self.actor, at=clock.now()),
        )


class StaffInvitations(Endpoint):
    allow = (Audience.ADMIN,)

    @described(
        "staff_invite",
        "Ask someone to work for the house, by mail.",
        refuses=(StaleProof, operations.AlreadyThere),
        request=StaffInviteIn,
        responses={201: InvitationOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(StaffInviteIn)
        return self.created(
            InvitationOut, lambda: operations.invite(**sent, company=None, by=self.actor, at=clock.now())
        )


class InvitationMove(Endpoint):
    """How an invitation ends; each way is a route of its own."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.SIGNED_IN,)

    def move(self, invitation_id: str, end: Callable[..., Invitation]) -> Response:
        found = get_invitation(self.actor, invitation_id)
        return self.done(InvitationOut, lambda: end(invitation=found, by=self.actor, at=clock.now()))


class InvitationAccept(InvitationMove):
    @described(
        "invitations_accept",
        "Say yes to an invitation.",
        refuses=(operations.InvitationOver,),
        request=None,
        responses=InvitationOut,
    )
    def post(self, request: Request, invitation_id: str) -> Response:
        return self.move(invitation_id, operations.accept)


class InvitationDecline(InvitationMove):
    @described(
        "invitations_decline",
        "Say no to an invitation.",
        refuses=(operations.InvitationOver,),
        request=None,
        responses=InvitationOut,
    )
    def post(self, request: Request, invitation_id: str) -> Response:
        return self.move(invitation_id, operations.decline)


class InvitationWithdraw(InvitationMove):
    allow = (Audience.COMPANY, Audience.ADMIN)

    @described(
        "invitations_withdraw",
        "Take an invitation back before it is answered.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=InvitationOut,
    )
    def post(self, request: Request, invitation_id: str) -> Response:
        return self.move(invitation_id, operations.withdraw)


urlpatterns = [
    path("invitations", Invitations.as_view(), name="api_invitations"),
    path("invitations/<str:invitation_id>/accept", InvitationAccept.as_view(), name="api_invitation_accept"),
    path(
        "invitations/<str:invitation_id>/decline", InvitationDecline.as_view(), name="api_invitation_decline"
    ),
    path(
        "invitations/<str:invitation_id>/withdraw",
        InvitationWithdraw.as_view(),
        name="api_invitation_withdraw",
    ),
    path(
        "companies/<str:company_id>/invitations", MemberInvitations.as_view(), name="api_member_invitations"
    ),
    path("staff/invitations", StaffInvitations.as_view(), name="api_staff_invitations"),
]
