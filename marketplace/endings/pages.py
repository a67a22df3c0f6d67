"""Ending an engagement with what is booked under it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from marketplace.endings import operations
from marketplace.engagements.forms import LeaveForm
from marketplace.engagements.pages import engagement_page
from marketplace.engagements.queries import get_engagement


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def engagement_leave(request: HttpRequest, engagement_id: str) -> HttpResponse:
    actor = actor_of(request)
    engagement, form = get_engagement(actor, engagement_id), LeaveForm(request.POST)
    if not form.is_valid():
        return engagement_page(request, engagement, leave_form=form)
    operations.end_engagement(engagement=engagement, **form.cleaned_data, by=actor, at=clock.now())
    messages.success(request, "Ended. Work done is paid; what was booked is called off.")
    return redirect("engagement_detail", engagement_id=engagement_id)


urlpatterns = [path("engagements/<str:engagement_id>/leave/", engagement_leave, name="engagement_leave")]
