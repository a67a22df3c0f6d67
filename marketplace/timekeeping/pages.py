"""A performer's week, and a line of it, from both sides: confirmed, disputed, answered, decided."""

from datetime import date, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.http.pagination import page
from kit.instants import time_of_day, zone_label
from kit.ranges import epoch_s
from marketplace.presence.explain import explain_line
from marketplace.presence.lines import Stretch
from marketplace.presence.policy import TimePolicy
from marketplace.timekeeping import holds, operations, queries
from marketplace.timekeeping.disputes import COMPANY, DISPUTABLE, PERFORMER, adjudicates, in_time, reasons_for
from marketplace.timekeeping.forms import Answer, AnswerForm, DecisionForm, DisputeForm
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine
from marketplace.timekeeping.states import TimesheetState
from marketplace.timekeeping.weeks import week_of

BOTH = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
WEEK = timedelta(days=7)


@allow(Audience.PERFORMER)
def my_week(request: HttpRequest, starts_on: str = "") -> HttpResponse:
    """One's own week: the one named, else the one that waits for an answer, else the running one."""
    actor = actor_of(request)
    monday = queries.monday(starts_on) if starts_on else _waiting_week(actor)
    week = PayWeek.objects.filter(starts_on=monday).first()
    sheets = queries.performer_week(actor, week) if week else []
    to_confirm = [sheet for sheet in sheets if sheet.state == TimesheetState.PERFORMER_REVIEW]
    context = {
        "week": week,
        "due_at": min((sheet.performer_due_at for sheet in to_confirm), default=None),
        "company_due_at": max((sheet.company_due_at for sheet in sheets), default=None),
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": monday - WEEK,
        "after": monday + WEEK if monday < week_of(clock.now()).starts_on else None,
        "sheets": [(sheet, [_drawn(line, actor) for line in sheet.lines.all()]) for sheet in sheets],
        "to_confirm": to_confirm,
    }
    return render(request, "marketplace/my_week.html", context)


@allow(Audience.PERFORMER)
@require_POST
def confirm_week(request: HttpRequest, starts_on: str) -> HttpResponse:
    """Confirm the week for every company one worked for."""
    actor, now = actor_of(request), clock.now()
    week = queries.get_week(queries.monday(starts_on))
    for sheet in queries.performer_week(actor, week):
        if sheet.state == TimesheetState.PERFORMER_REVIEW:
            operations.submit_timesheet(timesheet=sheet, by=actor, at=now)
    messages.success(request, "Confirmed. The company looks at it next.")
    return redirect("my_week_of", starts_on=starts_on)


@allow(*BOTH)
def line_detail(request: HttpRequest, line_id: str) -> HttpResponse:
    """One line from seconds to money, in sentences; a dispute about it and its answer."""
    actor = actor_of(request)
    line = queries.get_line(actor, line_id)
    form = DisputeForm(request.POST or None, reasons=reasons_for(line, _side(line, actor)))
    if request.method == "POST" and form.is_valid():
        operations.dispute_line(
            line=line,
            reason=Dispute.Reason(form.cleaned_data["reason"]),
            text=form.cleaned_data["text"],
            claimed_s=form.claimed_s,
            by=actor,
            at=clock.now(),
        )
        done = "Asked for; the other side answers." if line.approved_at else "Disputed."
        messages.success(request, f"{done} The rest of the week goes on and is paid on time.")
        return redirect("line_detail", line_id=line_id)
    return _line_page(request, line, form=form)


@allow(Audience.COMPANY, Audience.TALENT)
@require_POST
def hold(request: HttpRequest, line_id: str) -> HttpResponse:
    """A machine failed, and the hold that is proposed for it is paid."""
    actor = actor_of(request)
    line = queries.get_line(actor, line_id)
    proposed = {str(each.span.start): each.span.started_at for each in line.proposed_holds}
    chosen = proposed.get(request.POST.get("started_s", ""))
    holds.accept_hold(line=line, started_at=chosen, by=actor, at=clock.now())
    messages.success(request, "Added as a paid hold. The performer is told.")
    return redirect("line_detail", line_id=line_id)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def answer(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Agree to what is claimed or disagree, as the side that was asked; take the dispute back, as the one that did."""
    actor, form, at = actor_of(request), AnswerForm(request.POST), clock.now()
    dispute = queries.get_dispute(actor, dispute_id)
    if not form.is_valid():
        return _line_page(request, queries.get_line(actor, dispute.line.public_id), answer=form)
    text, line_id = form.cleaned_data["text"], dispute.line.public_id
    match form.cleaned_data["answer"]:
        case Answer.DISAGREE:
            operations.disagree(dispute=dispute, text=text, by=actor, at=at)
            messages.success(request, "Said. Talent operations decide, and you are told.")
        case Answer.AGREE:
            operations.resolve_dispute(
                dispute=dispute, resolution=text, adjusted_s=dispute.claimed_s, by=actor, at=at
            )
            messages.success(request, "Agreed. Both sides are told.")
        case Answer.TAKE_BACK:
            operations.resolve_dispute(dispute=dispute, resolution=text, adjusted_s=None, by=actor, at=at)
            messages.success(request, "Taken back. Both sides are told.")
    return redirect("line_detail", line_id=line_id)


@allow(Audience.TALENT)
def disputes(request: HttpRequest) -> HttpResponse:
    """What waits for talent operations, the earliest deadline first."""
    rows, at = queries.for_talent(actor_of(request)), clock.now()
    found = page(rows, by=queries.BY_DECISION, cursor=request.GET.get("cursor", ""))
    return render(request, "marketplace/disputes.html", {"found": found, "now": at})


@allow(Audience.TALENT)
@require_POST
def decide(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Settle a dispute that the two sides did not settle between them."""
    actor = actor_of(request)
    dispute = queries.get_dispute(actor, dispute_id)
    form = DecisionForm(request.POST, dispute=dispute)
    if not form.is_valid():
        return _line_page(request, queries.get_line(actor, dispute.line.public_id), decision=form)
    operations.resolve_dispute(
        dispute=dispute,
        resolution=form.cleaned_data["text"],
        adjusted_s=form.adjusted_s,
        by=actor,
        at=clock.now(),
    )
    messages.success(request, "Decided. Both sides are told.")
    return redirect("disputes")


def _line_page(request: HttpRequest, line: TimeLine, **forms: Form) -> HttpResponse:
    """The line with its dispute. `form`, `answer`, `decision`: what was sent and needs another look."""
    actor = actor_of(request)
    drawn = _drawn(line, actor)
    dispute = drawn["dispute"]
    context = {
        "form": DisputeForm(reasons=reasons_for(line, _side(line, actor))),
        "answer": AnswerForm(),
        "decision": DecisionForm(dispute=dispute) if dispute and adjudicates(line, actor) else None,
        "side": _side(line, actor),
        "disputable": line.state in DISPUTABLE and drawn["in_time"],
        "may_accept": holds.may_accept(line, actor),
        "back": _back(line, actor),
    }
    wrong = any(form.errors for form in forms.values())
    return render(
        request, "marketplace/line_detail.html", drawn | context | forms, status=422 if wrong else 200
    )


def _drawn(line: TimeLine, actor: Actor) -> dict[str, Any]:
    """A line with what its picture and its sentences need."""
    session = line.seat.session if line.seat else None
    stretches = line.stretches
    start = epoch_s(session.call_at) if session else (stretches[0]["start"] if stretches else 0)
    end = epoch_s(session.scheduled_end_at) if session else (stretches[-1]["end"] if stretches else 0)
    zone = ZoneInfo(actor.zone)
    sentences: list[str] = []
    if session is not None:
        policy = TimePolicy.from_json(session.policy)
        told = [Stretch.from_json(stretch) for stretch in stretches]
        sentences = [explain_line(line=stretch, policy=policy, zone=zone) for stretch in told]
    dispute = next((each for each in line.disputes.all() if each.resolved_at is None), None)
    return {
        "line": line,
        "session": session,
        "disputed": _disputed(line, dispute) if dispute else "",
        "start": start,
        "end": end,
        "sentences": sentences,
        "why": queries.LABELS.get(line.exception or line.remark, ""),  # type: ignore[attr-defined] # annotated
        "dispute": dispute,
        "in_time": in_time(line, at=clock.now()),
        "readings": _to_the_second(line, zone),
        "to_answer": dispute is not None
        and dispute.disagreed_at is None
        and (dispute.decision_due_at is not None or clock.now() < dispute.answer_due_at)
        and _side(line, actor) not in ("", dispute.raised_by),
    }


def _to_the_second(line: TimeLine, zone: tzinfo) -> tuple[str, str] | None:
    """Both readings of a leaving in words: the provider's, and ours."""
    if line.readings is None:
        return None
    said, seen = (
        f"{time_of_day(at, zone, seconds=True)} {zone_label(at, zone)}"
        for at in (line.readings.said_at, line.readings.seen_at)
    )
    return said, seen


def _disputed(line: TimeLine, dispute: Dispute) -> str:
    """Who disputes it, and what they claim, in a few words."""
    who = line.timesheet.performer.stage_name if dispute.raised_by == PERFORMER else "The company"
    if dispute.claimed_s is None:
        return f"{who} disputes it"
    return f"{who} disputes it and claims {timedelta(seconds=dispute.claimed_s)}"


def _side(line: TimeLine, actor: Actor) -> str:
    if actor.performer_id == line.timesheet.performer_id:
        return PERFORMER
    return COMPANY if line.timesheet.company_id in actor.company_ids else ""


def _back(line: TimeLine, actor: Actor) -> str:
    monday = f"{line.timesheet.week.starts_on:%Y-%m-%d}"
    if _side(line, actor) == PERFORMER:
        return reverse("my_week_of", args=[monday])
    if adjudicates(line, actor):
        return reverse("disputes")
    return reverse("company_week_of", args=[line.timesheet.company.public_id, monday])


def _waiting_week(actor: Actor) -> date:
    mine = queries.sheets_of(actor).filter(
        performer_id=actor.performer_id, state=TimesheetState.PERFORMER_REVIEW
    )
    found = mine.order_by("week__starts_on").values_list("week__starts_on", flat=True).first()
    return found or week_of(clock.now()).starts_on


urlpatterns = [
    path("week/", my_week, name="my_week"),
    path("week/line/<str:line_id>/", line_detail, name="line_detail"),
    path("week/line/<str:line_id>/hold/", hold, name="line_hold"),
    path("week/disputes/", disputes, name="disputes"),
    path("week/dispute/<str:dispute_id>/answer/", answer, name="dispute_answer"),
    path("week/dispute/<str:dispute_id>/decide/", decide, name="dispute_decide"),
    path("week/<str:starts_on>/", my_week, name="my_week_of"),
    path("week/<str:starts_on>/confirm/", confirm_week, name="my_week_confirm"),
]
