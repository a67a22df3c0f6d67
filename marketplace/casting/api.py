from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.audit.operations import MOVE_REFUSALS
from accounts.performers.queries import get_own
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import LineField, Strict, TextField, TypedId, WholeNumberField
from marketplace.casting import answering, operations, places, queries
from marketplace.casting.models import (
    LONGEST_ANSWER,
    LONGEST_MESSAGE,
    LONGEST_NOTE,
    LONGEST_REASON_NOTE,
    Application,
)
from marketplace.casting.states import OF_A_COMPANY, ApplicationState, Reason
from marketplace.gigs import queries as gigs

READ, WRITE = "casting:read", "casting:write"


class AnswerIn(Strict):
    position = WholeNumberField(min_value=1)
    text = TextField(max_length=LONGEST_ANSWER)


class ApplyIn(Strict):
    note = TextField(max_length=LONGEST_NOTE, required=False, allow_blank=True, default="")
    answers = AnswerIn(many=True, required=False, default=list)


class DeclineIn(Strict):
    reason = serializers.ChoiceField(choices=OF_A_COMPANY)
    note = LineField(max_length=LONGEST_REASON_NOTE, required=False, allow_blank=True, default="")


class OfferIn(Strict):
    applications = serializers.ListField(
        child=TypedId(prefix="app"), min_length=1, max_length=operations.MOST_OFFERED
    )
    message = TextField(max_length=LONGEST_MESSAGE, required=False, allow_blank=True, default="")


class AnswerOut(Strict):
    position = serializers.IntegerField(source="question.position")
    question = serializers.CharField(source="question.text")
    text = serializers.CharField()


class ApplicationOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    applicant = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=ApplicationState.choices)
    note = serializers.CharField()
    answers = AnswerOut(many=True)
    submitted_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    audition_due_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.ChoiceField(choices=["", *Reason.values])
    reason_note = serializers.CharField()
    offer_expires_at = serializers.DateTimeField(allow_null=True)

    def get_applicant(self, application: Application) -> str:
        return queries.shown_name(application)


class OffersOut(Strict):
    applications = ApplicationOut(many=True)


class GigApplications(Endpoint):
    """Apply for a gig; or, for its company, read who applied."""

    allow = (Audience.PERFORMER, Audience.COMPANY)
    scopes = {"GET": READ}

    @described("gig_applications_list", "List who applied for a gig.", responses=ApplicationOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = gigs.get_own_gig(self.actor, gig_id)
        rows = Application.objects.visible_to(self.actor).filter(gig=gig)
        rows = rows.select_related("gig", "performer").prefetch_related("answers__question")
        return self.listed(ApplicationOut, rows, by=("-id",))

    @described(
        "applications_create",
        "Apply for a gig.",
        refuses=(NotApproved, Suspended, operations.GigNotOpen, operations.AlreadyApplied),
        request=ApplyIn,
        responses={201: ApplicationOut},
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig, sent, performer = gigs.get_gig(self.actor, gig_id), self.read(ApplyIn), get_own(self.actor)
        answers = {answer["position"]: answer["text"] for answer in sent["answers"]}

        def work() -> Application:
            made = operations.apply(
                gig=gig,
                performer=performer,
                note=sent["note"],
                answers=answers,
                by=self.actor,
                at=clock.now(),
            )
            return queries.get_application(self.actor, made.public_id)

        return self.created(ApplicationOut, work)


class Applications(Endpoint):
    """One's own applications."""

    allow = (Audience.PERFORMER,)

    @described("applications_list", "List your applications.", responses=ApplicationOut(many=True))
    def get(self, request: Request) -> Response:
        rows = queries.applications_of(self.actor).select_related("gig", "performer")
        return self.listed(ApplicationOut, rows.prefetch_related("answers__question"), by=("-id",))


class ApplicationDetail(Endpoint):
    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": READ}

    @described("applications_get", "Read an application.", responses=ApplicationOut)
    def get(self, request: Request, application_id: str) -> Response:
        return Response(ApplicationOut(queries.get_application(self.actor, application_id)).data)


class _Act(Endpoint):
    """One act on one application."""

    def act(self, application_id: str, operation: Any, **sent: Any) -> Response:
        application = queries.get_application(self.actor, application_id)
        return self.done(
            ApplicationOut, lambda: operation(application=application, **sent, by=self.actor, at=clock.now())
        )


class ApplicationWithdraw(_Act):
    allow = (Audience.PERFORMER,)

    @described(
        "applications_withdraw",
        "Take your application back.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=ApplicationOut,
    )
    def post(self, request: Request, application_id: str) -> Response:
        return self.act(application_id, operations.withdraw)


class ApplicationShortlist(_Act):
    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "applications_shortlist",
        "Put an applicant on the shortlist.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=ApplicationOut,
    )
    def post(self, request: Request, application_id: str) -> Response:
        return self.act(application_id, operations.shortlist)


class ApplicationDecline(_Act):
    """Not this time, with a reason from the closed list."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "applications_decline",
        "Decline an applicant, with a reason.",
        refuses=(places.PlaceIsKept, *MOVE_REFUSALS),
        request=DeclineIn,
        responses=ApplicationOut,
    )
    def post(self, request: Request, application_id: str) -> Response:
        return self.act(application_id, operations.decline, **self.read(DeclineIn))


class AnsweredOut(Strict):
    answered = serializers.IntegerField(help_text="How many had waited, and are told now.")


class GigAnswerAll(Endpoint):
    """Everyone who waits for your answer has it, with one reason; a gig completes only then."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "gigs_answer_all",
        "Decline everyone who waits, with a reason.",
        refuses=(answering.GigTakesApplications, places.PlaceIsKept, *MOVE_REFUSALS),
        request=DeclineIn,
        responses=AnsweredOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig, sent = gigs.get_own_gig(self.actor, gig_id), self.read(DeclineIn)

        def work() -> dict[str, int]:
            answered = answering.answer_waiting(gig=gig, **sent, by=self.actor, at=clock.now())
            return {"answered": answered}

        return self.done(AnsweredOut, work)


class Offers(Endpoint):
    """Offer a gig to several at once, all or none."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "offers_create",
        "Offer a gig to several applicants, all or none.",
        refuses=(
            NotApproved,
            Suspended,
            operations.NoOpenings,
            places.PlaceIsKept,
            operations.GigNotOpen,
            operations.AlreadyApplied,
            *MOVE_REFUSALS,
            NotFound,
        ),
        request=OfferIn,
        responses={201: OffersOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(OfferIn)
        chosen = [
            queries.get_application(self.actor, public_id)
            for public_id in dict.fromkeys(sent["applications"])
        ]

        def work() -> dict[str, Any]:
            offered = operations.offer(
                applications=chosen, message=sent["message"], by=self.actor, at=clock.now()
            )
            return {"applications": offered}

        return self.created(OffersOut, work)


class OfferTakeBack(_Act):
    """Before it is accepted; the applicant is on the shortlist again, and told."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "offers_take_back",
        "Take an offer back.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=ApplicationOut,
    )
    def post(self, request: Request, application_id: str) -> Response:
        return self.act(application_id, operations.take_offer_back)


class OfferDecline(_Act):
    """Say no to an offer. It never counts against you."""

    allow = (Audience.PERFORMER,)

    @described(
        "offers_decline",
        "Say no to an offer.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=ApplicationOut,
    )
    def post(self, request: Request, application_id: str) -> Response:
        return self.act(application_id, operations.decline_offer)


urlpatterns = [
    path("gigs/<str:gig_id>/applications", GigApplications.as_view(), name="api_gig_applications"),
    path("gigs/<str:gig_id>/applications/answer-all", GigAnswerAll.as_view(), name="api_gig_answer_all"),
    path("applications", Applications.as_view(), name="api_applications"),
    path("applications/<str:application_id>", ApplicationDetail.as_view(), name="api_application"),
    path(
        "applications/<str:application_id>/withdraw",
        ApplicationWithdraw.as_view(),
        name="api_application_withdraw",
    ),
    path(
        "applications/<str:application_id>/shortlist",
        ApplicationShortlist.as_view(),
        name="api_application_shortlist",
    ),
    path(
        "applications/<str:application_id>/decline",
        ApplicationDecline.as_view(),
        name="api_application_decline",
    ),
    path("applications/<str:application_id>/decline-offer", OfferDecline.as_view(), name="api_offer_decline"),
    path(
        "applications/<str:application_id>/take-offer-back",
        OfferTakeBack.as_view(),
        name="api_offer_take_back",
    ),
    path("offers", Offers.as_view(), name="api_offers"),
]
