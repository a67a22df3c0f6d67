"""The private line: one page, on which whoever wrote and talent operations read what was said."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.rows import by_public_id
from marketplace.care import operations
from marketplace.care.models import Report
from marketplace.sessions import queries
from marketplace.sessions.models import Session


@allow(Audience.PERFORMER)
@paced("room")
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest, session_id: str) -> HttpResponse:
    """Of a session that one plays in: what was said so far, and a word more."""
    actor = actor_of(request)
    session = queries.get_session(actor, session_id)
    report = Report.objects.visible_to(actor).filter(session=session).first()
    if request.method == "GET":
        return _page(request, report, session)
    operations.write(session=session, text=request.POST.get("text", ""), by=actor, at=clock.now())
    messages.success(request, "Talent operations read it, and nobody else. They answer within a day.")
    return redirect("session_report", session_id=session_id)


@allow(Audience.PERFORMER, Audience.TALENT)
def show(request: HttpRequest, report_id: str) -> HttpResponse:
    actor = actor_of(request)
    rows = Report.objects.visible_to(actor).select_related("session__gig", "performer")
    report = by_public_id(rows, report_id)
    if actor.is_performer and report.performer_id == actor.performer_id:
        return redirect("session_report", session_id=report.session.public_id)
    return _page(request, report, report.session)


@allow(Audience.TALENT)
@require_POST
def answer(request: HttpRequest, report_id: str) -> HttpResponse:
    actor = actor_of(request)
    report = by_public_id(Report.objects.visible_to(actor), report_id)
    closes = request.POST.get("do") == "close"
    operations.answer(
        report=report, text=request.POST.get("text", ""), closes=closes, by=actor, at=clock.now()
    )
    messages.success(request, "Answered. They are told.")
    return redirect("report", report_id=report_id)


def _page(request: HttpRequest, report: Report | None, session: Session) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "report": report,
        "session": session,
        "words": list(report.words.order_by("id")) if report else [],
        "answers": actor.is_talent and report is not None and report.performer_id != actor.performer_id,
    }
    return render(request, "marketplace/report.html", context)


urlpatterns = [
    path("sessions/<str:session_id>/report/", line, name="session_report"),
    path("desk/reports/<str:report_id>/", show, name="report"),
    path("desk/reports/<str:report_id>/answer/", answer, name="report_answer"),
]
