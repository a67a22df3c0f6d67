"""Ending an engagement with what is booked under it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from marketplace.endings import operations, prices
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


@allow(Audience.COMPANY)
@require_safe
def engagement_price_fragment(request: HttpRequest, engagement_id: str) -> HttpResponse:
    """For the engagement's page: what ending it costs the company now."""
    engagement = get_engagement(actor_of(request), engagement_id)
    price = prices.of_engagement(engagement, at=clock.now())
    return render(request, "marketplace/price.html", {"price": price})


ONE = "engagements/<str:engagement_id>/leave/"
urlpatterns = [
    path(ONE, engagement_leave, name="engagement_leave"),
    path(f"{ONE}price/", engagement_price_fragment, name="engagement_price_fragment"),
]
