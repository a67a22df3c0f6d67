"""Deliveries over the API: asked for, described, taken file by file with ranges; and what was recalled, confirmed deleted."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import LineField, Strict, TextField
from marketplace.deliveries import operations, passing_on, queries
from marketplace.deliveries.building import folder_of
from marketplace.deliveries.models import LONGEST_STATEMENT, DeliveredFile, Licence
from marketplace.deliveries.states import DeliveryState, LicenceState, OrderState
from marketplace.gigs.models import PURPOSES
from marketplace.gigs.queries import get_own_gig
from marketplace.media import ranges

TAKING = (NotApproved, Suspended, operations.NotGivenOut)
LONGEST_ID = 40
READ, WRITE = "deliveries:read", "deliveries:write"
A_FILE = "application/octet-stream"


class DeliveryIn(Strict):
    purposes = serializers.ListField(child=serializers.ChoiceField(choices=list(PURPOSES)), min_length=1)


class DeliveredFileOut(Strict):
    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    address = serializers.SerializerMethodField()

    @extend_schema_field(serializers.CharField())
    def get_address(self, file: DeliveredFile) -> str:
        return reverse("api_delivery_file", args=[self.context["delivery_id"], file.name])


class DeliveryOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    version = serializers.IntegerField()
    purposes = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    recordings = serializers.IntegerField()
    asked_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)
    recalled_at = serializers.DateTimeField(allow_null=True)


class DeliveryDetailOut(DeliveryOut):
    files = serializers.SerializerMethodField()

    @extend_schema_field(DeliveredFileOut(many=True))
    def get_files(self, delivery: Any) -> Any:
        rows = delivery.files.order_by("name") if delivery.state == DeliveryState.READY else []
        return DeliveredFileOut(rows, many=True, context={"delivery_id": delivery.public_id}).data


class GigDeliveries(Endpoint):
    """A gig's recordings as data sets, the newest first."""

    allow = (Audience.COMPANY,)
    scopes = {"GET": READ, "POST": WRITE}

    @described("gig_deliveries_list", "List the deliveries of a gig.", responses=DeliveryOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = get_own_gig(self.actor, gig_id)
        return self.listed(DeliveryOut, queries.deliveries_for(self.actor).filter(gig=gig), by=("-id",))

    @described(
        "gig_deliveries_create",
        "Have a gig's recordings put together.",
        refuses=(NotApproved, Suspended, operations.NothingToDeliver, operations.BeingPutTogether),
        request=DeliveryIn,
        responses={201: DeliveryDetailOut},
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig, sent = get_own_gig(self.actor, gig_id), self.read(DeliveryIn)

        def work() -> Any:
            made = operations.ask(gig=gig, purposes=sent["purposes"], by=self.actor, at=clock.now())
            return queries.get_delivery(self.actor, made.public_id)

        return self.created(DeliveryDetailOut, work)


class DeliveryDetail(Endpoint):
    allow = (Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": READ}

    @described("deliveries_get", "Read a delivery and its files.", responses=DeliveryDetailOut)
    def get(self, request: Request, delivery_id: str) -> Response:
        return Response(DeliveryDetailOut(queries.get_delivery(self.actor, delivery_id)).data)


class DeliveryFile(Endpoint):
    """The bytes of one file; in parts, as `Range` asks, so that a download goes on where it stopped."""

    allow = (Audience.COMPANY,)
    scopes = {"GET": READ}

    @described(
        "deliveries_file",
        "Take a file of a delivery.",
        refuses=(NotApproved, Suspended, operations.NotGivenOut, ranges.AskInParts),
        responses={(200, A_FILE): OpenApiTypes.BINARY, (206, A_FILE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, delivery_id: str, file_name: str) -> HttpResponse:
        delivery = queries.get_delivery(self.actor, delivery_id)
        file = operations.to_take(delivery=delivery, name=file_name, by=self.actor, at=clock.now())
        return ranges.answer(request._request, folder_of(delivery) / file.name, mime=A_FILE)


class LicenceOut(Strict):
    id = serializers.CharField(source="public_id")
    delivery = serializers.CharField(source="delivery.public_id")
    company = serializers.CharField(source="company.public_id")
    purposes = serializers.ListField(child=serializers.CharField(), source="delivery.purposes")
    state = serializers.ChoiceField(choices=LicenceState.choices)
    offered_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class LicenceIn(Strict):
    company = LineField(max_length=LONGEST_ID)


class DeliveryLicences(Endpoint):
    """To whom a delivery was passed on."""

    allow = (Audience.COMPANY,)
    scopes = {"GET": READ}

    @described(
        "delivery_licences_list", "List to whom a delivery was passed on.", responses=LicenceOut(many=True)
    )
    def get(self, request: Request, delivery_id: str) -> Response:
        delivery = queries.get_delivery(self.actor, delivery_id)
        return self.listed(
            LicenceOut, queries.licences_for(self.actor).filter(delivery=delivery), by=("-id",)
        )

    @described(
        "delivery_licences_create",
        "Pass a delivery on to another company.",
        refuses=(*TAKING, passing_on.NotToBePassedOn, passing_on.AlreadyPassedOn),
        request=LicenceIn,
        responses={201: LicenceOut},
    )
    def post(self, request: Request, delivery_id: str) -> Response:
        delivery, sent = queries.get_delivery(self.actor, delivery_id), self.read(LicenceIn)
        return self.created(
            LicenceOut,
            lambda: passing_on.offer(delivery=delivery, to=sent["company"], by=self.actor, at=clock.now()),
        )


class Licences(Endpoint):
    """What was passed on, by and to one's companies."""

    allow = (Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": READ}

    @described("licences_list", "List what was passed on.", responses=LicenceOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(LicenceOut, queries.licences_for(self.actor), by=("-id",))


class LicenceMove(Endpoint):
    """Accepted or declined by whom it was offered to, taken back by who offered it."""

    allow = (Audience.COMPANY,)
    does: ClassVar[Callable[..., Licence]]

    def moved(self, licence_id: str) -> Response:
        licence, does = queries.get_licence(self.actor, licence_id), type(self).does
        return self.done(LicenceOut, lambda: does(licence=licence, by=self.actor, at=clock.now()))


class LicenceAccept(LicenceMove):
    does = staticmethod(passing_on.accept)

    @described(
        "licences_accept",
        "Accept what is passed on to you.",
        refuses=(*TAKING, passing_on.NotToBePassedOn, *MOVE_REFUSALS),
        request=None,
        responses=LicenceOut,
    )
    def post(self, request: Request, licence_id: str) -> Response:
        return self.moved(licence_id)


class LicenceDecline(LicenceMove):
    does = staticmethod(passing_on.decline)

    @described(
        "licences_decline",
        "Decline what is passed on to you.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=LicenceOut,
    )
    def post(self, request: Request, licence_id: str) -> Response:
        return self.moved(licence_id)


class LicenceWithdraw(LicenceMove):
    does = staticmethod(passing_on.withdraw)

    @described(
        "licences_withdraw",
        "Take back an offer of yours.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=LicenceOut,
    )
    def post(self, request: Request, licence_id: str) -> Response:
        return self.moved(licence_id)


class DeletionOrderOut(Strict):
    id = serializers.CharField(source="public_id")
    delivery = serializers.CharField(source="delivery.public_id")
    gig = serializers.CharField(source="delivery.gig.public_id")
    company = serializers.CharField(source="company.public_id")
    performer = serializers.CharField(source="performer.public_id")
    grant = serializers.CharField(source="grant.public_id")
    purpose = serializers.CharField(source="grant.purpose")
    state = serializers.ChoiceField(choices=OrderState.choices)
    ordered_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    statement = serializers.CharField()


class DeletionOrders(Endpoint):
    """What a company has to delete, or what is to be deleted of one's own work."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": READ}

    @described("deletion_orders_list", "List deletion orders.", responses=DeletionOrderOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(DeletionOrderOut, queries.orders_for(self.actor), by=("-id",))


class AcknowledgeIn(Strict):
    statement = TextField(max_length=LONGEST_STATEMENT)


class DeletionOrderAcknowledge(Endpoint):
    """A person of the company confirms that each copy is deleted."""

    allow = (Audience.COMPANY,)

    @described(
        "deletion_orders_acknowledge",
        "Confirm that each copy is deleted.",
        refuses=MOVE_REFUSALS,
        request=AcknowledgeIn,
        responses=DeletionOrderOut,
    )
    def post(self, request: Request, order_id: str) -> Response:
        order, sent = queries.get_order(self.actor, order_id), self.read(AcknowledgeIn)
        return self.done(
            DeletionOrderOut,
            lambda: operations.acknowledge(order=order, **sent, by=self.actor, at=clock.now()),
        )


urlpatterns = [
    path("gigs/<str:gig_id>/deliveries", GigDeliveries.as_view(), name="api_gig_deliveries"),
    path("deliveries/<str:delivery_id>", DeliveryDetail.as_view(), name="api_delivery"),
    path(
        "deliveries/<str:delivery_id>/files/<str:file_name>", DeliveryFile.as_view(), name="api_delivery_file"
    ),
    path("deliveries/<str:delivery_id>/licences", DeliveryLicences.as_view(), name="api_delivery_licences"),
    path("licences", Licences.as_view(), name="api_licences"),
    path("licences/<str:licence_id>/accept", LicenceAccept.as_view(), name="api_licence_accept"),
    path("licences/<str:licence_id>/decline", LicenceDecline.as_view(), name="api_licence_decline"),
    path("licences/<str:licence_id>/withdraw", LicenceWithdraw.as_view(), name="api_licence_withdraw"),
    path("deletion-orders", DeletionOrders.as_view(), name="api_deletion_orders"),
    path(
        "deletion-orders/<str:order_id>/acknowledge",
        DeletionOrderAcknowledge.as_view(),
        name="api_deletion_order_acknowledge",
    ),
]
