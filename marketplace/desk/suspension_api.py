"""Suspensions: read by whom they are about, made, answered for and lifted by talent operations."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.audit.operations import MOVE_REFUSALS
from accounts.standing.models import LONGEST_EVIDENCE, LONGEST_WORDS, Suspension
from accounts.standing.queries import get_subject, get_suspension
from accounts.standing.reasons import Suspended
from accounts.standing.suspensions import AlreadyLifted, reinstate
from accounts.standing.vetting import OwnStanding
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import LineField, Strict, TextField, TypedId
from marketplace.desk import suspending
from marketplace.sessions.api import PriceOut
from marketplace.sessions.models import LONGEST_CANCEL_REASON
from marketplace.sessions.operations import TooLate
from marketplace.sessions.suspended import NothingToAnswer, awaiting, booked_with, borne_by


class SuspensionIn(Strict):
    subject = LineField(max_length=60, help_text="The id of the performer or company.")
    reason = serializers.ChoiceField(choices=Suspended.choices)
    words = TextField(max_length=LONGEST_WORDS)
    evidence = TextField(max_length=LONGEST_EVIDENCE, help_text="What it rests on; they read it.")


class SuspensionLiftIn(Strict):
    reason = TextField(max_length=LONGEST_WORDS)


class SessionsAnswerIn(Strict):
    answer = serializers.ChoiceField(choices=suspending.Answer.choices)
    reason = TextField(max_length=LONGEST_CANCEL_REASON)
    sessions = serializers.ListField(
        child=TypedId(prefix="ses"),
        required=False,
        max_length=200,
        help_text="Which of them; all where none is named.",
    )


class SuspensionOut(serializers.ModelSerializer[Suspension]):
    id = serializers.CharField(source="public_id")
    subject = serializers.CharField(source="subject.public_id", help_text="Who is suspended.")

    class Meta:
        model = Suspension
        fields = [
            "id",
            "subject",
            "reason",
            "words",
            "evidence",
            "suspended_at",
            "lifted_at",
            "lift_reason",
        ]


class BorneOut(Strict):
    company = serializers.CharField(source="company.public_id", help_text="Who bears it.")
    sessions = serializers.IntegerField()
    price = PriceOut()


class SuspensionDetailOut(SuspensionOut):
    open_sessions = serializers.SerializerMethodField(
        help_text="Booked sessions of which nobody has said whether they take place."
    )

    class Meta(SuspensionOut.Meta):
        fields = [*SuspensionOut.Meta.fields, "open_sessions"]

    def get_open_sessions(self, suspension: Suspension) -> list[str]:
        if suspension.lifted_at is not None:
            return []
        found = awaiting(suspension, at=clock.now()).order_by("call_at", "id")
        return list(found.values_list("public_id", flat=True))


class Suspensions(Endpoint):
    """Your suspensions; all of them for talent operations and administration."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT, Audience.ADMIN)

    @described(
        "suspensions_list", "List the suspensions that you may see.", responses=SuspensionOut(many=True)
    )
    def get(self, request: Request) -> Response:
        rows = Suspension.objects.visible_to(self.actor).select_related("performer", "company")
        return self.listed(SuspensionOut, rows, by=("-id",))

    @described(
        "suspensions_create",
        "Suspend a performer or a company.",
        refuses=(OwnStanding, *MOVE_REFUSALS, NotFound),
        request=SuspensionIn,
        responses={201: SuspensionDetailOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(SuspensionIn)
        subject = get_subject(self.actor, sent.pop("subject"))
        return self.created(
            SuspensionDetailOut,
            lambda: suspending.suspend(subject=subject, **sent, by=self.actor, at=clock.now()),
        )


class SuspensionPrice(Endpoint):
    """Before a suspension: what is booked with somebody, and what calling all of it off costs whom."""

    allow = (Audience.TALENT,)
    pagination_class = WholeList

    @described(
        "suspensions_price",
        "Read what calling off somebody's booked sessions costs now, by who bears it.",
        responses=BorneOut(many=True),
    )
    def get(self, request: Request, subject_id: str) -> Response:
        subject, now = get_subject(self.actor, subject_id), clock.now()
        return self.whole(BorneOut, borne_by(booked_with(subject, at=now), at=now))


class SuspensionDetail(Endpoint):
    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT, Audience.ADMIN)

    @described("suspensions_get", "Read a suspension.", responses=SuspensionDetailOut)
    def get(self, request: Request, suspension_id: str) -> Response:
        return Response(SuspensionDetailOut(get_suspension(self.actor, suspension_id)).data)


class SuspensionSessions(Endpoint):
    """Keep booked sessions, or call them off."""

    allow = (Audience.TALENT,)

    @described(
        "suspensions_answer_sessions",
        "Say whether booked sessions take place.",
        refuses=(OwnStanding, NothingToAnswer, TooLate),
        request=SessionsAnswerIn,
        responses=SuspensionDetailOut,
    )
    def post(self, request: Request, suspension_id: str) -> Response:
        sent, suspension = self.read(SessionsAnswerIn), get_suspension(self.actor, suspension_id)
        named = sent.pop("sessions", None)

        def answer() -> Suspension:
            now = clock.now()
            found = awaiting(suspension, at=now)
            chosen = list(found.filter(public_id__in=named) if named else found)
            if named and len(chosen) != len(set(named)):
                raise NothingToAnswer("One of these sessions asks for no answer.")
            return suspending.answer_for(
                suspension=suspension, sessions=chosen, **sent, by=self.actor, at=now
            )

        return self.done(SuspensionDetailOut, answer)


class SuspensionLift(Endpoint):
    allow = (Audience.TALENT,)

    @described(
        "suspensions_lift",
        "Lift a suspension, with a reason.",
        refuses=(OwnStanding, AlreadyLifted, *MOVE_REFUSALS),
        request=SuspensionLiftIn,
        responses=SuspensionDetailOut,
    )
    def post(self, request: Request, suspension_id: str) -> Response:
        sent, suspension = self.read(SuspensionLiftIn), get_suspension(self.actor, suspension_id)
        return self.done(
            SuspensionDetailOut,
            lambda: reinstate(suspension=suspension, **sent, by=self.actor, at=clock.now()),
        )


ONE = "suspensions/<str:suspension_id>"
urlpatterns = [
    path("suspensions", Suspensions.as_view(), name="api_suspensions"),
    path(
        "subjects/<str:subject_id>/suspension-price", SuspensionPrice.as_view(), name="api_suspension_price"
    ),
    path(ONE, SuspensionDetail.as_view(), name="api_suspension"),
    path(f"{ONE}/sessions", SuspensionSessions.as_view(), name="api_suspension_sessions"),
    path(f"{ONE}/lift", SuspensionLift.as_view(), name="api_suspension_lift"),
]
