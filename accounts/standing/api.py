"""Vetting: asking for it, and talent operations' answer against the checklist."""

from collections.abc import Callable
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.appeals.operations import AlreadyAppealed
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.countries import COUNTRIES
from accounts.companies.queries import get_company
from accounts.identity.fields import NameField
from accounts.identity.names import LONGEST_REGISTRATION, LONGEST_WEBSITE
from accounts.performers.queries import get_own
from accounts.standing import checklist, vetting
from accounts.standing.models import LONGEST_TICK, LONGEST_WORDS, Vetting
from accounts.standing.queries import get_vetting, vettings_of
from accounts.standing.reasons import Declined
from kit import clock
from kit.http.serializers import LineField, Strict, TextField

REFUSES_TO_ASK = (vetting.NotReadyToBeVetted, AlreadyAppealed, *MOVE_REFUSALS)


class CompanyVettingIn(Strict):
    legal_name = NameField()
    registration_number = LineField(max_length=LONGEST_REGISTRATION)
    country = serializers.ChoiceField(choices=list(COUNTRIES.items()))
    website = serializers.URLField(max_length=LONGEST_WEBSITE)


class TickIn(Strict):
    item = serializers.ChoiceField(choices=checklist.Item.choices)
    note = TextField(max_length=LONGEST_TICK, help_text="What was seen.")


class VettingDeclineIn(Strict):
    reason = serializers.ChoiceField(choices=Declined.choices)
    words = TextField(max_length=LONGEST_WORDS)


class CheckOut(Strict):
    item = serializers.CharField()
    label = serializers.CharField(source="item.label")  # type: ignore[assignment] # a field of that name
    met = serializers.BooleanField()
    words = serializers.CharField(help_text="What was found, or what a person wrote down.")
    by = serializers.CharField(help_text="Who ticked it; empty where the house found it.")
    at = serializers.DateTimeField(allow_null=True)


class VettingOut(serializers.ModelSerializer[Vetting]):
    id = serializers.CharField(source="public_id")
    subject = serializers.CharField(
        source="subject.public_id", help_text="The performer or company to be vetted."
    )

    class Meta:
        model = Vetting
        fields = [
            "id",
            "subject",
            "asked_at",
            "answer_due_at",
            "taken_up_at",
            "decided_at",
            "outcome",
            "reason",
            "words",
        ]


class VettingDetailOut(VettingOut):
    checklist = serializers.SerializerMethodField()

    class Meta(VettingOut.Meta):
        fields = [*VettingOut.Meta.fields, "checklist"]

    @extend_schema_field(CheckOut(many=True))
    def get_checklist(self, found: Vetting) -> list[dict[str, Any]]:
        return CheckOut(checklist.of(found), many=True).data  # type: ignore[return-value] # DRF's own list


class MyVettings(Endpoint):
    """Each time that you asked to be vetted, with the answer."""

    allow = (Audience.PERFORMER,)
    pagination_class = WholeList

    @described(
        "my_vettings_list",
        "List each time that you asked to be vetted.",
        responses=VettingOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.whole(VettingOut, vettings_of(get_own(self.actor)))

    @described(
        "my_vettings_create",
        "Ask to be vetted as a performer.",
        refuses=REFUSES_TO_ASK,
        request=None,
        responses={201: VettingOut},
    )
    def post(self, request: Request) -> Response:
        performer = get_own(self.actor)
        return self.created(
            VettingOut,
            lambda: vetting.ask_as_performer(performer=performer, by=self.actor, at=clock.now()),
        )


class CompanyVettings(Endpoint):
    """Each time that the company asked to be vetted, with the answer."""

    allow = (Audience.COMPANY,)
    pagination_class = WholeList

    @described(
        "company_vettings_list",
        "List each time that a company asked to be vetted.",
        responses=VettingOut(many=True),
    )
    def get(self, request: Request, company_id: str) -> Response:
        return self.whole(VettingOut, vettings_of(get_company(self.actor, company_id)))

    @described(
        "company_vettings_create",
        "Ask for a company to be vetted.",
        refuses=REFUSES_TO_ASK,
        request=CompanyVettingIn,
        responses={201: VettingOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(CompanyVettingIn)
        return self.created(
            VettingOut,
            lambda: vetting.ask_as_company(company=company, **sent, by=self.actor, at=clock.now()),
        )


class VettingDetail(Endpoint):
    """A vetting with its checklist as it stands."""

    allow = (Audience.TALENT,)

    @described("vettings_get", "Read a vetting and its checklist.", responses=VettingDetailOut)
    def get(self, request: Request, vetting_id: str) -> Response:
        return Response(VettingDetailOut(get_vetting(self.actor, vetting_id)).data)


class _Move(Endpoint):
    allow = (Audience.TALENT,)

    def move(self, vetting_id: str, act: Callable[..., Vetting], **sent: Any) -> Response:
        found = get_vetting(self.actor, vetting_id)
        return self.done(VettingDetailOut, lambda: act(vetting=found, **sent, by=self.actor, at=clock.now()))


class VettingTakeUp(_Move):
    @described(
        "vettings_take_up",
        "Look at who asks to be vetted.",
        refuses=(vetting.OwnStanding, *MOVE_REFUSALS),
        request=None,
        responses=VettingDetailOut,
    )
    def post(self, request: Request, vetting_id: str) -> Response:
        return self.move(vetting_id, vetting.take_up)


class VettingTick(_Move):
    """Write down what you saw, for an item that the house cannot know by itself."""

    @described(
        "vettings_tick",
        "Tick an item of the checklist.",
        refuses=(vetting.OwnStanding, vetting.KnownByTheHouse),
        request=TickIn,
        responses=VettingDetailOut,
    )
    def post(self, request: Request, vetting_id: str) -> Response:
        return self.move(vetting_id, vetting.tick, **self.read(TickIn))


class VettingApprove(_Move):
    @described(
        "vettings_approve",
        "Approve who was vetted, once the checklist is met.",
        refuses=(vetting.OwnStanding, vetting.ChecklistOpen, *MOVE_REFUSALS),
        request=None,
        responses=VettingDetailOut,
    )
    def post(self, request: Request, vetting_id: str) -> Response:
        return self.move(vetting_id, vetting.approve)


class VettingDecline(_Move):
    @described(
        "vettings_decline",
        "Decline who was vetted, with a reason.",
        refuses=(vetting.OwnStanding, *MOVE_REFUSALS),
        request=VettingDeclineIn,
        responses=VettingDetailOut,
    )
    def post(self, request: Request, vetting_id: str) -> Response:
        return self.move(vetting_id, vetting.decline, **self.read(VettingDeclineIn))


ONE = "vettings/<str:vetting_id>"
urlpatterns = [
    path("me/vettings", MyVettings.as_view(), name="api_my_vettings"),
    path("companies/<str:company_id>/vettings", CompanyVettings.as_view(), name="api_company_vettings"),
    path(ONE, VettingDetail.as_view(), name="api_vetting"),
    path(f"{ONE}/take-up", VettingTakeUp.as_view(), name="api_vetting_take_up"),
    path(f"{ONE}/ticks", VettingTick.as_view(), name="api_vetting_tick"),
    path(f"{ONE}/approve", VettingApprove.as_view(), name="api_vetting_approve"),
    path(f"{ONE}/decline", VettingDecline.as_view(), name="api_vetting_decline"),
]
