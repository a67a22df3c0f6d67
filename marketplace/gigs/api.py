from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.queries import get_company
from accounts.standing.vetting import OwnStanding
from kit import clock
from kit.currencies import UnknownCurrency
from kit.errors import NotFound
from kit.transitions import IllegalMove
from marketplace.gigs import operations, promises, queries, reviewing
from marketplace.gigs.models import Gig
from marketplace.gigs.serializers import (
    BoardQuery,
    GigChange,
    GigDetailOut,
    GigIn,
    GigOut,
    GigSendBackIn,
)
from marketplace.presence.policy import MalformedPolicy

READ, WRITE = "gigs:read", "gigs:write"
REFUSES_TO_PUBLISH = (
    NotApproved,
    Suspended,
    operations.GigIsOver,
    operations.LongerThanADay,
    operations.NotFunded,
    *MOVE_REFUSALS,
)


def search_of(asked: Mapping[str, Any]) -> queries.Search:
    """What was asked of the board, by the names of `BoardFilters`."""
    return queries.Search(
        text=asked.get("q", ""),
        rate_min_minor=asked.get("rate_min"),
        skills=[asked["skill"]] if "skill" in asked else (),
        language=asked.get("language", ""),
        seats=asked.get("seats"),
        starts_before=asked.get("starts_before"),
        starts_within=asked.get("starts_within"),
        near_zone=asked.get("near_zone", ""),
        **{name: asked.get(name, False) for name in queries.NOT_ASKED},
    )


class Gigs(Endpoint):
    """The board, for everyone; posting, for companies."""

    allow = (Audience.ANYONE,)
    scopes = {"GET": READ, "POST": WRITE}

    @described(
        "gigs_list", "List the open gigs of the board.", parameters=[BoardQuery], responses=GigOut(many=True)
    )
    def get(self, request: Request) -> Response:
        asked = self.query(BoardQuery)
        search = replace(search_of(asked), order=asked.get("order", queries.NEWEST))
        return self.listed(GigOut, queries.board(search, at=clock.now()), by=queries.ORDER[search.order])

    @described(
        "gigs_create",
        "Post a gig, as a draft.",
        refuses=(UnknownCurrency, MalformedPolicy, NotFound),
        request=GigIn,
        responses={201: GigDetailOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(GigIn)
        company = get_company(self.actor, sent.pop("company"))
        questions, prompts = sent.pop("questions", []), sent.pop("prompts", [])
        fields: Any = sent

        def work() -> Gig:
            gig = operations.post_gig(
                company=company,
                fields=fields,
                questions=questions,
                prompts=prompts,
                by=self.actor,
                at=clock.now(),
            )
            return queries.get_gig(self.actor, gig.public_id)

        return self.created(GigDetailOut, work)


class CompanyGigs(Endpoint):
    """One company's gigs in every state."""

    allow = (Audience.COMPANY,)
    scopes = {"GET": READ}

    @described("company_gigs_list", "List a company's gigs in every state.", responses=GigOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return self.listed(
            GigOut, Gig.objects.filter(company=company).select_related("company__pace"), by=("-id",)
        )


class GigDetail(Endpoint):
    allow = (Audience.ANYONE,)
    scopes = {"GET": READ, "PATCH": WRITE}

    @described("gigs_get", "Read a gig.", responses=GigDetailOut)
    def get(self, request: Request, gig_id: str) -> Response:
        return Response(GigDetailOut(queries.get_gig(self.actor, gig_id)).data)

    @described(
        "gigs_update",
        "Change a gig.",
        refuses=(
            UnknownCurrency,
            operations.GigInReview,
            operations.RateFalls,
            promises.GigIsPromised,
            MalformedPolicy,
            IllegalMove,
        ),
        request=GigChange,
        responses=GigDetailOut,
    )
    def patch(self, request: Request, gig_id: str) -> Response:
        gig, fields = queries.get_own_gig(self.actor, gig_id), self.read(GigChange)
        changes: Any = fields
        operations.change_gig(gig=gig, fields=changes, by=self.actor, at=clock.now())
        return Response(GigDetailOut(queries.get_gig(self.actor, gig_id)).data)


class GigMove(Endpoint):
    """One step of a gig's life; each step is a route of its own."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    def step(self, gig_id: str, move: Callable[..., Gig], **sent: Any) -> Response:
        gig = queries.get_own_gig(self.actor, gig_id)
        return self.done(GigOut, lambda: move(gig=gig, **sent, by=self.actor, at=clock.now()))


class GigPublish(GigMove):
    @described(
        "gigs_publish",
        "Put a gig on the board; a company's first one is looked at before.",
        refuses=(operations.GigInReview, *REFUSES_TO_PUBLISH),
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.publish)


class GigTakeBack(GigMove):
    """Back to a draft, before talent operations have looked at it."""

    @described(
        "gigs_take_back",
        "Take a gig back from review.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, reviewing.take_back)


class GigReviewMove(Endpoint):
    """Talent operations' answer to a company's first gig."""

    allow = (Audience.TALENT,)

    def answer(self, gig_id: str, act: Callable[..., Gig], **sent: str) -> Response:
        gig = queries.get_gig(self.actor, gig_id)
        return self.done(GigOut, lambda: act(gig=gig, **sent, by=self.actor, at=clock.now()))


class GigApprove(GigReviewMove):
    @described(
        "gigs_approve",
        "Put a company's first gig on the board.",
        refuses=(OwnStanding, *REFUSES_TO_PUBLISH),
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.answer(gig_id, reviewing.approve)


class GigSendBack(GigReviewMove):
    @described(
        "gigs_send_back",
        "Send a company's first gig back, with a reason.",
        refuses=(OwnStanding, *MOVE_REFUSALS),
        request=GigSendBackIn,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.answer(gig_id, reviewing.send_back, **self.read(GigSendBackIn))


class GigPause(GigMove):
    @described(
        "gigs_pause",
        "Take a gig off the board for a while.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.pause)


class GigClose(GigMove):
    @described(
        "gigs_close",
        "Take no more applications; work goes on.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=GigOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        return self.step(gig_id, operations.close)


urlpatterns = [
    path("gigs", Gigs.as_view(), name="api_gigs"),
    path("gigs/<str:gig_id>", GigDetail.as_view(), name="api_gig"),
    path("companies/<str:company_id>/gigs", CompanyGigs.as_view(), name="api_company_gigs"),
    path("gigs/<str:gig_id>/publish", GigPublish.as_view(), name="api_gig_publish"),
    path("gigs/<str:gig_id>/take-back", GigTakeBack.as_view(), name="api_gig_take_back"),
    path("gigs/<str:gig_id>/approve", GigApprove.as_view(), name="api_gig_approve"),
    path("gigs/<str:gig_id>/send-back", GigSendBack.as_view(), name="api_gig_send_back"),
    path("gigs/<str:gig_id>/pause", GigPause.as_view(), name="api_gig_pause"),
    path("gigs/<str:gig_id>/close", GigClose.as_view(), name="api_gig_close"),
]
