"""Bonuses, expenses, breaches and deductions as pages: the company's, the performer's, the house's, and what each may do."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import NotFound
from kit.http.pagination import page
from payments.paylines import deciding, proposing, queries
from payments.paylines.forms import ExpenseForm, PayLineForm
from payments.paylines.models import PayLine
from payments.paylines.states import OPEN

PER_PAGE, WAITING = 25, 50
SAID = {
    "approve": "Approved. It is part of the next payday.",
    "decline": "Declined. They are told why.",
    "contest": "Contested. Talent operations look at it and answer.",
    "waive": "Given up. No more of it is deducted.",
    "withdraw": "Taken back. Nothing is paid or deducted.",
}


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def company_pay_lines(request: HttpRequest, company_id: str) -> HttpResponse:
    """What a company pays beside time, what waits for it, and a new bonus."""
    actor = actor_of(request)
    company = get_company(actor, company_id)
    theirs = queries.engagements(actor, company=company)
    form = PayLineForm(request.POST or None, engagements=theirs, offered=_searched(request, theirs))
    if request.method == "POST" and form.is_valid():
        proposing.propose_bonus(**form.cleaned_data, by=actor, at=clock.now())
        messages.success(request, "Proposed. A second person was told, and approves it.")
        return redirect("company_pay_lines", company_id=company_id)
    context = {
        "company": company,
        "form": form if actor.may(Act.APPROVE_TIME, company_id=company.pk) else None,
    }
    rows = queries.lines(actor).filter(engagement__company=company)
    return _shown(request, "payments/company_pay_lines.html", rows, context, form)


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def my_pay_lines(request: HttpRequest) -> HttpResponse:
    """What one is paid beside time, a deduction to agree to, and an expense to ask for."""
    actor = actor_of(request)
    mine = queries.engagements(actor).filter(performer_id=actor.performer_id)
    form = ExpenseForm(request.POST or None, request.FILES or None, engagements=mine)
    if request.method == "POST" and form.is_valid():
        sent = dict(form.cleaned_data)
        receipt = sent.pop("receipt").read()
        proposing.ask_expense(**sent, receipt=receipt, by=actor, at=clock.now())
        messages.success(request, "Asked for. The company was told, and answers.")
        return redirect("my_pay_lines")
    rows = queries.lines(actor).filter(engagement__performer_id=actor.performer_id)
    return _shown(request, "payments/my_pay_lines.html", rows, {"form": form}, form)


@allow(Audience.FINANCE, Audience.TALENT)
@require_GET
def house_pay_lines(request: HttpRequest) -> HttpResponse:
    """All of them, what waits for the house, and what finance and talent operations may begin."""
    return _house(request, deduction=None, breach=None)


@allow(Audience.FINANCE)
@require_POST
def house_deduction(request: HttpRequest) -> HttpResponse:
    """Ask a performer to agree to a deduction."""
    form = _house_form(request, "deduction", sent=True)
    if not form.is_valid():
        return _house(request, deduction=form, breach=None)
    proposing.propose_deduction(**form.cleaned_data, by=actor_of(request), at=clock.now())
    messages.success(request, "Proposed. The performer was told, and agrees or declines.")
    return redirect("house_pay_lines")


@allow(Audience.TALENT)
@require_POST
def house_breach(request: HttpRequest) -> HttpResponse:
    """Say that a guarantee was broken."""
    form = _house_form(request, "breach", sent=True)
    if not form.is_valid():
        return _house(request, deduction=None, breach=form)
    proposing.say_breach(**form.cleaned_data, by=actor_of(request), at=clock.now())
    messages.success(request, "Said. The company was told, and may contest it.")
    return redirect("house_pay_lines")


def _house(
    request: HttpRequest, *, deduction: PayLineForm | None, breach: PayLineForm | None
) -> HttpResponse:
    actor, bound = actor_of(request), deduction or breach
    context = {
        "deduction": (deduction or _house_form(request, "deduction")) if actor.is_finance else None,
        "breach": (breach or _house_form(request, "breach")) if actor.is_talent else None,
        "q": request.GET.get("q", "")[:120],
    }
    return _shown(request, "payments/house_pay_lines.html", queries.lines(actor), context, bound)


def _house_form(request: HttpRequest, prefix: str, *, sent: bool = False) -> PayLineForm:
    every = queries.engagements(actor_of(request))
    data = request.POST if sent else None
    return PayLineForm(data, prefix=prefix, engagements=every, offered=_searched(request, every))


def _searched(request: HttpRequest, rows: Any) -> Any:
    """The engagements that a search on the page names, to choose from; of none, all."""
    text = request.GET.get("q", "").strip()[:120]
    return (
        queries.engagements(actor_of(request), text=text).filter(pk__in=rows.values("pk")) if text else rows
    )


def _shown(
    request: HttpRequest, template: str, rows: Any, context: dict[str, Any], form: PayLineForm | None
) -> HttpResponse:
    """The page: what waits for the reader first, then all that is over, page by page."""
    actor, at = actor_of(request), clock.now()
    waiting = list(rows.filter(state__in=OPEN).order_by("made_at", "id")[:WAITING])
    over = page(
        rows.exclude(state__in=OPEN), by=("-id",), cursor=request.GET.get("cursor", ""), limit=PER_PAGE
    )
    shown = {
        "waiting": queries.rows_for(actor, waiting, at=at),
        "over": queries.rows_for(actor, over.rows, at=at),
        "next": over.next_cursor,
        **context,
    }
    return render(request, template, shown, status=422 if form is not None and form.errors else 200)


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.FINANCE, Audience.TALENT)
@require_POST
def pay_line_move(request: HttpRequest, pay_line_id: str, act: str) -> HttpResponse:
    """Approve, decline, contest, take back or give up a line; then back to where one came from."""
    actor, at, answer = actor_of(request), clock.now(), request.POST.get("answer", "")
    line = queries.get(actor, pay_line_id)
    acts: dict[str, Callable[[], PayLine]] = {
        "approve": lambda: deciding.approve(line=line, by=actor, at=at),
        "decline": lambda: deciding.decline(line=line, answer=answer, by=actor, at=at),
        "contest": lambda: deciding.contest(line=line, answer=answer, by=actor, at=at),
        "waive": lambda: deciding.waive(line=line, answer=answer, by=actor, at=at),
        "withdraw": lambda: deciding.withdraw(line=line, answer=answer, by=actor, at=at),
    }
    if act not in acts:
        raise NotFound
    acts[act]()
    messages.success(request, SAID[act])
    return _back(request, line)


def _back(request: HttpRequest, line: PayLine) -> HttpResponse:
    actor = actor_of(request)
    if actor.performer_id == line.engagement.performer_id:
        return redirect("my_pay_lines")
    if line.engagement.company_id in actor.company_ids:
        return redirect("company_pay_lines", company_id=line.engagement.company.public_id)
    return redirect("house_pay_lines")


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.FINANCE, Audience.TALENT)
@require_GET
def pay_line_receipt(request: HttpRequest, pay_line_id: str) -> HttpResponse:
    """The receipt, to be kept and not shown: nothing that somebody sent runs in the house's name."""
    receipt = queries.get_receipt(actor_of(request), pay_line_id)
    name = f"{receipt.public_id}.{receipt.get_form_display().lower()}"
    return HttpResponse(
        bytes(receipt.content),
        content_type=receipt.form,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


urlpatterns = [
    path("company/<str:company_id>/pay-lines/", company_pay_lines, name="company_pay_lines"),
    path("pay/lines/", my_pay_lines, name="my_pay_lines"),
    path("pay/lines/<str:pay_line_id>/receipt/", pay_line_receipt, name="pay_line_receipt"),
    path("pay/lines/<str:pay_line_id>/<str:act>/", pay_line_move, name="pay_line_move"),
    path("house/pay-lines/", house_pay_lines, name="house_pay_lines"),
    path("house/pay-lines/deduction/", house_deduction, name="house_deduction"),
    path("house/pay-lines/breach/", house_breach, name="house_breach"),
]
