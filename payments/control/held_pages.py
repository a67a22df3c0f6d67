from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import NotFound
from payments.connect import sharing
from payments.control import held, waiting
from payments.gateway import dashboard
from payments.inbox import halts
from payments.payouts import ended_accounts, reminders
from payments.payouts.models import BankPayout
from payments.payroll import holds, queries

LONGEST_SEARCH = 120


@require_GET
@allow(Audience.FINANCE)
def payday_held(request: HttpRequest) -> HttpResponse:
    """What is held: why, what mends it, who was told, and the one thing to press; all of one reason with `?code=`.

    With `?owner=`, `?reason=`, `?q=` or `?all=1`: all money that waits as one list, the longest first.
    """
    actor, at, code = actor_of(request), clock.now(), request.GET.get("code", "")
    if any(request.GET.get(name) for name in ("owner", "reason", "q", "all")):
        return _as_one_list(request)
    context: dict[str, object]
    if code:
        found = held.one_group(actor, code=code, cursor=request.GET.get("cursor", ""), at=at)
        context = {"groups": [found] if found else [], "only": code}
    else:
        context = {
            **_turns(waiting.Asked(), waiting.by_owner(actor, at=at), grouped=True),
            "groups": held.groups(actor, at=at),
            "bank": held.sent_back(at=at),
            "ended": ended_accounts.listed(),
            "shared": sharing.open_ones()[: held.PAGE],
            "me": actor.user_id,
            "payments": held.failed_payments(at=at),
            "recent": held.RECENT,
        }
    beside = {"money_in": dashboard.money_in(), "halts": halts.standing(), "vetters": held.vetters()}
    return render(request, "payments/held.html", context | beside)


def _as_one_list(request: HttpRequest) -> HttpResponse:
    actor, at, said = actor_of(request), clock.now(), request.GET
    text = said.get("q", "").strip()[:LONGEST_SEARCH]
    asked = waiting.Asked(owner=said.get("owner", ""), reason=said.get("reason", ""), text=text)
    found = waiting.listed(actor, asked, at=at, cursor=said.get("cursor", ""), limit=held.PAGE)
    owners, reasons = waiting.by_owner(actor, at=at), waiting.by_reason(actor, at=at)
    context = {
        **_turns(asked, owners, grouped=False),
        "waits": found.rows,
        "next": found.next_cursor,
        "reasons": [("", "Every reason"), *((each.key, f"{each.label} ({each.count})") for each in reasons)],
    }
    return render(request, "payments/held_list.html", context)


def _turns(asked: waiting.Asked, owners: list[waiting.Counted], *, grouped: bool) -> dict[str, object]:
    """Whose turn it is, as links with counts."""
    return {
        "asked": asked,
        "owners": owners,
        "grouped": grouped,
        "everything": not grouped and not asked.owner,
        "total": sum(each.count for each in owners),
    }


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
def held_retry_all(request: HttpRequest) -> HttpResponse:
    """Let everything go out again that is held for one reason."""
    code = request.POST.get("code", "")
    released = holds.release_all(code=code, by=actor_of(request), at=clock.now())
    messages.success(
        request,
        f"{released} go out again now, within the next sweep." if released else "Nothing waits for that.",
    )
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def held_remind_all(request: HttpRequest) -> HttpResponse:
    """Write once more to everyone who is held for one reason."""
    actor, at = actor_of(request), clock.now()
    items = held.to_remind(actor, code=request.POST.get("code", ""), at=at)
    written = reminders.remind_all(items=items, by=actor, at=at)
    said = f"They were written to, {written} in all." if written else "They were written to today already."
    messages.success(request, said)
    return redirect("payday_held")


@require_POST
@allow(Audience.FINANCE)
def held_remind_bank(request: HttpRequest, payout_id: str) -> HttpResponse:
    """Write once more to the performer whose bank sent money back."""
    payout = BankPayout.objects.filter(stripe_id=payout_id, status="failed").first()
    if payout is None:
        raise NotFound
    sent = reminders.remind_of_bank(payout=payout, by=actor_of(request), at=clock.now())
    messages.success(request, "They were written to." if sent else "They were written to today already.")
    return redirect("payday_held")


urlpatterns = [
    path("pay/held/", payday_held, name="payday_held"),
    path("pay/held/retry/", held_retry_all, name="held_retry_all"),
    path("pay/held/remind/", held_remind_all, name="held_remind_all"),
    path("pay/held/bank/<str:payout_id>/remind/", held_remind_bank, name="held_remind_bank"),
    path("pay/held/<str:item_id>/retry/", held_retry, name="held_retry"),
    path("pay/held/<str:item_id>/remind/", held_remind, name="held_remind"),
]
