from typing import ClassVar

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from marketplace.casting.answering import ApplicationsUnanswered
from marketplace.endings import operations, prices
from marketplace.engagements.api import EngagementAct, EngagementOut, EngagementReasonIn
from marketplace.engagements.queries import get_engagement
from marketplace.gigs.api import GigMove
from marketplace.gigs.operations import WorkBooked
from marketplace.gigs.queries import get_own_gig
from marketplace.gigs.serializers import GigCancelIn, GigOut
from marketplace.sessions.api import PriceOut


class GigComplete(GigMove):
    """All work is done: the engagements end. Refused while an applicant waits for your answer."""

    @described(
        "gigs_complete",
        "Complete a gig.",
        refuses=(WorkBooked, ApplicationsUnanswered, *MOVE_REFUSALS),
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.complete_gig)


class GigCancel(GigMove):
    """Call a gig off, with a reason and with all that hangs on it: sessions are paid by the notice."""

    @described(
        "gigs_cancel",
        "Cancel a gig with its sessions, engagements and applications.",
        refuses=(WorkBooked, *MOVE_REFUSALS),
        request=GigCancelIn,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.cancel_gig, **self.read(GigCancelIn))


class GigCancelPrice(Endpoint):
    """What it costs to call the gig off now with all that is booked, fee included, and until when it stays so."""

    allow = (Audience.COMPANY,)
    scopes: ClassVar[dict[str, str]] = {"GET": "gigs:read"}

    @described("gigs_cancel_price", "Read what calling a gig off costs now.", responses=PriceOut)
    def get(self, request: Request, gig_id: str) -> Response:
        return Response(PriceOut(prices.of_gig(get_own_gig(self.actor, gig_id), at=clock.now())).data)


class EngagementEndPrice(Endpoint):
    """What it costs the company to end the engagement now: its performer's booked seats, by the notice."""

    allow = (Audience.COMPANY,)
    scopes: ClassVar[dict[str, str]] = {"GET": "casting:read"}

    @described("engagements_end_price", "Read what ending an engagement costs now.", responses=PriceOut)
    def get(self, request: Request, engagement_id: str) -> Response:
        engagement = get_engagement(self.actor, engagement_id)
        return Response(PriceOut(prices.of_engagement(engagement, at=clock.now())).data)


class EngagementTerminate(EngagementAct):
    """End it with a reason, from either side, with what is booked. What was worked is paid."""

    @described(
        "engagements_terminate",
        "End an engagement with its bookings, with a reason.",
        refuses=MOVE_REFUSALS,
        request=EngagementReasonIn,
        responses=EngagementOut,
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        return self.act(engagement_id, operations.end_engagement, **self.read(EngagementReasonIn))


GIG, ENGAGEMENT = "gigs/<str:gig_id>", "engagements/<str:engagement_id>"
urlpatterns = [
    path(f"{GIG}/cancel", GigCancel.as_view(), name="api_gig_cancel"),
    path(f"{GIG}/cancel-price", GigCancelPrice.as_view(), name="api_gig_cancel_price"),
    path(f"{ENGAGEMENT}/end-price", EngagementEndPrice.as_view(), name="api_engagement_end_price"),
    path(f"{GIG}/complete", GigComplete.as_view(), name="api_gig_complete"),
    path(f"{ENGAGEMENT}/terminate", EngagementTerminate.as_view(), name="api_engagement_terminate"),
]
