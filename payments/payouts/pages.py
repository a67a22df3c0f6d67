from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import NotFound
from kit.http.pages import page
from payments.connect.models import BankPayout
from payments.payouts import halts, holds, reminders
from payments.payouts.models import Halt
from payments.payouts.reasons import bank_reason, reason
from payments.payroll import queries
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState


@require_GET
@allow(Audience.FINANCE)
def payday_held(request: HttpRequest) -> HttpResponse:
    """What is held: why, what mends it, who was told, and the one thing to press."""
    held = (
        PayItem.objects.visible_to(actor_of(request))
        .filter(state=ItemState.HELD)
        .exclude(run__state="cancelled")
    )
    held = held.select_related("run__week", "performer__user")
    found = page(held, by=("-held_at", "-id"), cursor=request.GET.get("cursor", ""), limit=25)
    failed = (
        BankPayout.objects.filter(status="failed").select_related("account__performer").order_by("-id")[:25]
    )
    told = reminders.told(found.rows)
    context = {
        "rows": [
            (item, reason(item.hold_code, item.hold_detail), told[item.public_id]) for item in found.rows
        ],
        "next": found.next_cursor,
        "bank": [(payout, bank_reason(payout.failure_code, payout.failure_message)) for payout in failed],
    }
    return render(request, "payments/held.html", context)


@require_POST
@allow(Audience.FINANCE)
def held_retry(request: HttpRequest, item_id: str) -> HttpResponse:
    """Let it go out again, under the next key where the last was refused."""
    actor = actor_of(request)
    holds.release(item=queries.get_item(actor, item_id), by=actor, at=clock.now())
    messages.success(request, "It goes out again now, within the next sweep.")
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def held_remind(request: HttpRequest, item_id: str) -> HttpResponse:
    """Write to the performer once more, at most once a day."""
    actor = actor_of(request)
    sent = reminders.remind(item=queries.get_item(actor, item_id), by=actor, at=clock.now())
    messages.success(request, "They were written to." if sent else "They were written to today already.")
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def halt_lift(request: HttpRequest, halt_id: str) -> HttpResponse:
    halt = Halt.objects.filter(public_id=halt_id).first()
    if halt is None:
        raise NotFound
    halts.lift(halt=halt, note=request.POST.get("note", ""), by=actor_of(request), at=clock.now())
    messages.success(request, "Lifted. Payouts go on with the next sweep.")
    return redirect("payday")


urlpatterns = [
    path("pay/held/", payday_held, name="payday_held"),
    path("pay/held/<str:item_id>/retry/", held_retry, name="held_retry"),
    path("pay/held/<str:item_id>/remind/", held_remind, name="held_remind"),
    path("pay/halts/<str:halt_id>/lift/", halt_lift, name="halt_lift"),
]
