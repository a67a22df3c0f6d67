from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access_log.middleware import leave_out
from accounts.access_log.queries import opened
from accounts.performers.models import Performer
from accounts.performers.queries import get_own
from kit import clock
from kit.http.pagination import page
from kit.instants import day
from marketplace.timekeeping.models import PayWeek
from marketplace.timekeeping.weeks import payroll_day
from payments.connect import queries as accounts
from payments.paylines.kinds import Kind
from payments.paylines.queries import lines
from payments.paylines.states import PayLineState
from payments.payouts.models import BankPayout
from payments.payroll import holds
from payments.statements import queries
from payments.statements.explain import explain
from payments.statements.sheet import lay_out

# Looks of the house's that a performer is shown beside their statement, the newest.
OPENED = 20


@require_GET
@allow(Audience.PERFORMER)
def my_pay(request: HttpRequest) -> HttpResponse:
    """Where one's money stands, and each week that was paid."""
    performer = get_own(actor_of(request))
    items = queries.items_of(actor_of(request)).filter(performer=performer)
    found = page(items, by=("-id",), cursor=request.GET.get("cursor", ""), limit=20)
    context = {
        "standing": queries.standing(performer=performer),
        "parts": _parts(performer),
        "rows": [(item, holds.why_of(item) if item.hold_code else None) for item in found.rows],
        "next": found.next_cursor,
        "to_agree": lines(actor_of(request)).filter(state=PayLineState.PROPOSED, kind=Kind.DEDUCTION).count(),
        "answered_in": settings.RETURNED_ANSWER,
        "account": accounts.current(performer.pk),
        "left": [account for account in accounts.ended(performer.pk) if account.left],
    }
    return render(request, "payments/my_pay.html", context)


@require_GET
@allow(Audience.PERFORMER, Audience.FINANCE)
def statement(request: HttpRequest, item_id: str) -> HttpResponse:
    """One week's pay, down to the seconds; fit to be printed."""
    actor = actor_of(request)
    item = queries.get_item(actor=actor, public_id=item_id)
    mine = item.performer_id == actor.performer_id
    if mine:
        leave_out(request)
    why = holds.why_of(item) if item.hold_code else None
    year = payroll_day(item.sent_at or clock.now()).year
    above, earned = lay_out(explain(thing=item.public_id, actor=actor))
    context = {
        "item": item,
        "above": above,
        "earned": earned,
        "why": why,
        "overpaid_minor": max(-item.net_minor, 0),
        "kept_minor": -item.recovered_minor,
        "year": year,
        "opened": opened(item.public_id, most=OPENED) if mine else None,
        "by_tax": queries.by_tax(performer=item.performer, year=year, currency=item.currency),
    }
    return render(request, "payments/statement.html", context)


@require_GET
@allow(Audience.PERFORMER)
def week_money_fragment(request: HttpRequest) -> HttpResponse:
    """One's money as one bar, for the page of today."""
    return render(
        request, "payments/fragments/week_money.html", {"parts": _parts(get_own(actor_of(request)))}
    )


def _parts(performer: Performer) -> list[dict[str, object]]:
    """The bar's stages, from what is under review to what is in the bank, with the dates that are known."""
    stands = queries.standing(performer=performer)
    payday = PayWeek.objects.filter(pay_on__gt=clock.now().date()).order_by("pay_on").first()
    arriving = BankPayout.objects.filter(account__performer=performer).exclude(status__in=["paid", "failed"])
    arrival = arriving.aggregate(last=Max("arrives_on"))["last"]
    stages = [
        ("Under review", queries.under_review_minor(performer=performer), "review", None),
        (
            "Earned, next payday",
            stands.owed_minor - stands.held_minor,
            "earned",
            payday.pay_on if payday else None,
        ),
        ("Held", stands.held_minor, "held", None),
        ("On its way", stands.on_its_way_minor, "way", arrival),
        ("In the bank", stands.in_the_bank_minor, "bank", None),
    ]
    return [
        {
            "label": label,
            "minor": minor,
            "tone": tone,
            "when": day(when) if when else "",
        }
        for label, minor, tone, when in stages
        if minor > 0
    ]


urlpatterns = [
    path("pay/", my_pay, name="my_pay"),
    path("pay/fragments/week-money/", week_money_fragment, name="week_money_fragment"),
    path("pay/statements/<str:item_id>/", statement, name="statement"),
]
