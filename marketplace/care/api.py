"""The private line over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import Strict, TextField
from kit.rows import by_public_id
from marketplace.care import operations
from marketplace.care.models import LONGEST_WORD, Report
from marketplace.care.states import ReportState
from marketplace.sessions.api import ONE, SessionEndpoint


class WordIn(Strict):
    text = TextField(max_length=LONGEST_WORD)


class ReportAnswerIn(WordIn):
    closes = serializers.BooleanField(default=False)


class WordOut(Strict):
    said_at = serializers.DateTimeField()
    of_house = serializers.BooleanField()
    text = serializers.CharField()


class ReportOut(Strict):
    id = serializers.CharField(source="public_id")
    session = serializers.CharField(source="session.public_id")
    state = serializers.ChoiceField(choices=ReportState.choices)
    opened_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    words = WordOut(many=True)


class SessionReport(SessionEndpoint):
    """A performer tells talent operations about a session. Nobody of the company reads it, and it is no rating mark."""

    pace = "room"
    allow = (Audience.PERFORMER,)

    @described(
        "reports_write", "Tell talent operations about a session.", request=WordIn, responses={201: ReportOut}
    )
    def post(self, request: Request, session_id: str) -> Response:
        text, session = self.read(WordIn)["text"], self.session(session_id)
        return self.created(
            ReportOut, lambda: operations.write(session=session, text=text, by=self.actor, at=clock.now())
        )


class Reports(Endpoint):
    """One's own; all for talent operations."""

    allow = (Audience.PERFORMER, Audience.TALENT)

    @described("reports_list", "List the reports.", responses=ReportOut(many=True))
    def get(self, request: Request) -> Response:
        rows = Report.objects.visible_to(self.actor).select_related("session").prefetch_related("words")
        return self.listed(ReportOut, rows, by=("-id",))


class ReportAnswer(Endpoint):
    allow = (Audience.TALENT,)

    @described(
        "reports_answer",
        "Answer a report.",
        refuses=MOVE_REFUSALS,
        request=ReportAnswerIn,
        responses=ReportOut,
    )
    def post(self, request: Request, report_id: str) -> Response:
        sent, report = (
            self.read(ReportAnswerIn),
            by_public_id(Report.objects.visible_to(self.actor), report_id),
        )
        return self.done(
            ReportOut, lambda: operations.answer(report=report, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path(f"{ONE}/report", SessionReport.as_view(), name="api_session_report"),
    path("reports", Reports.as_view(), name="api_reports"),
    path("reports/<str:report_id>/answer", ReportAnswer.as_view(), name="api_report_answer"),
]
