"""The company's week: what needs a decision, and all the rest approved in one press."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from kit import clock
from kit.http.pagination import page
from kit.instants import day
from kit.ranges import epoch_s
from marketplace.sessions.models import Session
from marketplace.timekeeping import operations, queries
from marketplace.timekeeping.models import PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.states import LineState
from marketplace.timekeeping.weeks import week_of

WEEK = timedelta(days=7)
SHEETS, SHEETS_BY = 25, ("performer__stage_name", "id")


@dataclass(frozen=True)
class Row:
    """A line as a row of the table, with what its strip needs."""

    line: TimeLine
    session: Session | None
    start: int
    end: int
    why: str


@allow(Audience.COMPANY, Audience.STAFF)
def company_week(request: HttpRequest, company_id: str, starts_on: str = "") -> HttpResponse:
    """The week to approve, a performer each, their sessions folded; `?only=` shows the lines of one kind."""
    actor, at = actor_of(request), clock.now()
    company = get_company(actor, company_id)
    monday = queries.monday(starts_on) if starts_on else queries.week_to_approve(company, at=at)
    week = PayWeek.objects.filter(starts_on=monday).first()
    context: dict[str, Any] = {
        "company": company,
        "week": week,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": monday - WEEK,
        "after": monday + WEEK if monday < week_of(at).starts_on else None,
        "held_back": 0,
    }
    if week is not None:
        lines = queries.company_lines(actor, company, week)
        waiting, only = queries.waiting(lines), request.GET.get("only", "")
        sheets = queries.company_sheets(actor, company, week, only=only)
        found = page(sheets, by=SHEETS_BY, cursor=request.GET.get("cursor", ""), limit=SHEETS)
        context |= {
            "due_at": queries.company_due_at(company, week),
            "all": queries.totals(lines),
            "waiting": queries.totals(waiting),
            "plain": queries.totals(queries.plain(waiting)),
            "decided": queries.totals(lines.filter(state=LineState.APPROVED)),
            "exceptions": [_row(line) for line in queries.exceptions(actor, company, week)],
            "people": [_person(sheet) for sheet in found.rows],
            "next": found.next_cursor,
            "kinds": queries.kinds(lines),
            "only": only,
            "held_back": queries.not_submitted(company, week),
        }
    return render(request, "marketplace/company_week.html", context)


@allow(Audience.COMPANY)
@require_POST
def approve(request: HttpRequest, company_id: str, starts_on: str) -> HttpResponse:
    """Approve all that waits and nobody disputes, but the lines in `except_lines`."""
    actor = actor_of(request)
    company, week = get_company(actor, company_id), queries.get_week(queries.monday(starts_on))
    approved = operations.approve_week(
        company=company,
        week=week,
        except_lines=request.POST.getlist("except_lines"),
        by=actor,
        at=clock.now(),
    )
    plural = "" if approved == 1 else "s"
    messages.success(request, f"{approved} line{plural} approved. Pay goes out on {day(week.pay_on)}.")
    return redirect("company_week_of", company_id=company_id, starts_on=starts_on)


def _person(sheet: Timesheet) -> dict[str, Any]:
    """A performer's lines of the week and what they come to."""
    lines = list(sheet.lines.all())
    return {
        "sheet": sheet,
        "rows": [_row(line) for line in lines],
        "payable_s": sum(line.payable_s for line in lines),
        "amount_minor": sum(line.amount_minor for line in lines),
        "currency": lines[0].currency,
        "approved": sum(line.state == LineState.APPROVED for line in lines),
    }


def _row(line: TimeLine) -> Row:
    session, stretches = line.seat.session if line.seat else None, line.stretches
    first, last = (stretches[0]["start"], stretches[-1]["end"]) if stretches else (0, 0)
    return Row(
        line=line,
        session=session,
        start=epoch_s(session.call_at) if session else first,
        end=epoch_s(session.scheduled_end_at) if session else last,
        why=queries.LABELS.get(line.exception or line.remark, ""),  # type: ignore[attr-defined] # annotated
    )


OF_COMPANY = "company/<str:company_id>/week/"
urlpatterns = [
    path(OF_COMPANY, company_week, name="company_week"),
    path(f"{OF_COMPANY}<str:starts_on>/", company_week, name="company_week_of"),
    path(f"{OF_COMPANY}<str:starts_on>/approve/", approve, name="company_week_approve"),
]
