from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.onboarding import operations, queries
from accounts.performers.models import Performer
from accounts.performers.queries import get_own
from kit import clock
from kit.http.serializers import Strict


class OnboardingStepOut(Strict):
    step = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field of that name, not the field's own label
    why = serializers.CharField()
    done = serializers.BooleanField()


class ChecklistOut(Strict):
    steps = OnboardingStepOut(many=True)
    bookable = serializers.BooleanField()
    payable = serializers.BooleanField()


def _checklist(performer: Performer) -> dict[str, Any]:
    steps = queries.checklist(performer)
    return {
        "steps": steps,
        "bookable": not queries.still_open(steps, of=queries.TO_BE_BOOKED),
        "payable": not queries.still_open(steps, of=queries.TO_BE_PAID),
    }


class _Step(Endpoint):
    allow = (Audience.PERFORMER,)

    def take(self, act: Callable[[Performer, datetime], None]) -> Response:
        performer = get_own(self.actor)

        def take() -> dict[str, Any]:
            act(performer, clock.now())
            return _checklist(performer)

        return self.done(ChecklistOut, take)


class Checklist(_Step):
    """What stands between you and being booked, and being paid."""

    @described("onboarding_get", "Read what stands between you, bookings and pay.", responses=ChecklistOut)
    def get(self, request: Request) -> Response:
        return Response(ChecklistOut(_checklist(get_own(self.actor))).data)


class TermsIn(Strict):
    version = serializers.ChoiceField(choices=[queries.TERMS_VERSION])


class Terms(_Step):
    """Accept the performers' terms; `version` is the one you read."""

    @described(
        "onboarding_accept_terms",
        "Accept the performers' terms that you read.",
        request=TermsIn,
        responses=ChecklistOut,
    )
    def post(self, request: Request) -> Response:
        self.read(TermsIn)
        return self.take(
            lambda performer, at: operations.accept_terms(performer=performer, by=self.actor, at=at)
        )


urlpatterns = [
    path("me/onboarding", Checklist.as_view(), name="api_onboarding"),
    path("me/onboarding/terms", Terms.as_view(), name="api_onboarding_terms"),
]
