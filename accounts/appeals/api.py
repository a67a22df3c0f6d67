"""Appeals: filed by whom a decision is about, answered by another person than who took it."""

from collections.abc import Callable

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.appeals import operations
from accounts.appeals.models import LONGEST_SAID, Appeal
from accounts.appeals.operations import ANSWERING, CONCERNED
from accounts.appeals.queries import get_appeal
from accounts.appeals.states import AppealState
from accounts.appeals.subjects import refusals
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import LineField, Strict, TextField


class AppealIn(Strict):
    subject = LineField(max_length=60, help_text="The public id of the decision.")
    text = TextField(max_length=LONGEST_SAID)


class AppealAnswerIn(Strict):
    outcome = serializers.ChoiceField(
        choices=[(state, AppealState(state).label) for state in operations.ANSWERS]
    )
    text = TextField(max_length=LONGEST_SAID)


class AppealOut(serializers.ModelSerializer[Appeal]):
    id = serializers.CharField(source="public_id")
    by = serializers.CharField(source="by.public_id", help_text="The performer or company that appealed.")
    filed_at = serializers.DateTimeField(
        help_text="Since when it counts: for one that was taken back and filed again, since the first."
    )

    class Meta:
        model = Appeal
        fields = [
            "id",
            "subject",
            "by",
            "state",
            "text",
            "filed_at",
            "answer_due_at",
            "answer",
            "ended_at",
        ]


class Appeals(Endpoint):
    """Your appeals; all of them for those who answer."""

    allow = (*CONCERNED, *ANSWERING)

    @described("appeals_list", "List the appeals that you may see.", responses=AppealOut(many=True))
    def get(self, request: Request) -> Response:
        rows = Appeal.objects.visible_to(self.actor).select_related("performer", "company")
        return self.listed(AppealOut, rows, by=("-id",))

    @described(
        "appeals_create",
        "Appeal a decision of the house.",
        refuses=(operations.AlreadyAppealed, operations.TakenBack, operations.DecisionIsOver, NotFound),
        request=AppealIn,
        responses={201: AppealOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(AppealIn)
        return self.created(AppealOut, lambda: operations.file(**sent, by=self.actor, at=clock.now()))


class AppealDetail(Endpoint):
    allow = (*CONCERNED, *ANSWERING)

    @described("appeals_get", "Read an appeal.", responses=AppealOut)
    def get(self, request: Request, appeal_id: str) -> Response:
        return Response(AppealOut(get_appeal(self.actor, appeal_id)).data)


class _Move(Endpoint):
    def move(self, appeal_id: str, act: Callable[..., Appeal], **sent: str) -> Response:
        found = get_appeal(self.actor, appeal_id)
        return self.done(AppealOut, lambda: act(appeal=found, **sent, by=self.actor, at=clock.now()))


class AppealTakeUp(_Move):
    allow = ANSWERING

    @described(
        "appeals_take_up",
        "Look at an appeal, as another person than who decided.",
        refuses=(operations.SamePersonReviews, *MOVE_REFUSALS),
        request=None,
        responses=AppealOut,
    )
    def post(self, request: Request, appeal_id: str) -> Response:
        return self.move(appeal_id, operations.take_up)


class AppealAnswer(_Move):
    allow = ANSWERING

    @described(
        "appeals_answer",
        "Answer an appeal in writing.",
        refuses=(operations.SamePersonReviews, *MOVE_REFUSALS, *refusals()),
        request=AppealAnswerIn,
        responses=AppealOut,
    )
    def post(self, request: Request, appeal_id: str) -> Response:
        sent = self.read(AppealAnswerIn)
        return self.move(appeal_id, operations.ANSWERS[sent["outcome"]], text=sent["text"])


class AppealWithdraw(_Move):
    """Take your appeal back before it is answered; with a fresh proof where it cannot be filed again."""

    allow = CONCERNED

    @described(
        "appeals_withdraw",
        "Take your appeal back.",
        refuses=(StaleProof, *MOVE_REFUSALS),
        request=None,
        responses=AppealOut,
    )
    def post(self, request: Request, appeal_id: str) -> Response:
        return self.move(appeal_id, operations.withdraw)


urlpatterns = [
    path("appeals", Appeals.as_view(), name="api_appeals"),
    path("appeals/<str:appeal_id>", AppealDetail.as_view(), name="api_appeal"),
    path("appeals/<str:appeal_id>/take-up", AppealTakeUp.as_view(), name="api_appeal_take_up"),
    path("appeals/<str:appeal_id>/answer", AppealAnswer.as_view(), name="api_appeal_answer"),
    path("appeals/<str:appeal_id>/withdraw", AppealWithdraw.as_view(), name="api_appeal_withdraw"),
]
