"""Weeks over the API: a performer confirms theirs, a company approves."""

from datetime import date

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.models import Company
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import DayField, ListQuery, MoneyField, Strict, TypedId
from marketplace.timekeeping import operations, queries
from marketplace.timekeeping.line_api import READ, LineOut, TimeEndpoint
from marketplace.timekeeping.models import PayWeek, Timesheet
from marketplace.timekeeping.states import TimesheetState


class TimesheetOut(Strict):
    id = serializers.CharField(source="public_id")
    week = serializers.DateField(source="week.starts_on")
    performer = serializers.CharField(source="performer.public_id")
    company = serializers.CharField(source="company.public_id")
    state = serializers.ChoiceField(choices=TimesheetState.choices)
    confirmed_by_performer = serializers.BooleanField()
    performer_due_at = serializers.DateTimeField()
    company_due_at = serializers.DateTimeField()
    pay_on = serializers.DateField(source="week.pay_on")
    submitted_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    lines = LineOut(many=True)


class TotalsOut(Strict):
    lines = serializers.IntegerField()
    payable_s = serializers.IntegerField()
    amount = MoneyField()
    cost = MoneyField()


class CompanyWeekOut(Strict):
    week = serializers.DateField(source="week.starts_on")
    company_due_at = serializers.DateTimeField()
    all = TotalsOut()
    waiting = TotalsOut()
    exceptions = LineOut(many=True)


class TimesheetQuery(ListQuery):
    week = DayField(required=False)
    state = serializers.ChoiceField(choices=TimesheetState.choices, required=False)


class ApproveWeekIn(Strict):
    except_lines = serializers.ListField(child=TypedId(prefix="lin"), required=False, max_length=500)


class ApprovedOut(Strict):
    approved_lines = serializers.IntegerField()


class Timesheets(TimeEndpoint):
    """The timesheets you may see: your own, or your company's once they are submitted."""

    scopes = READ

    @described(
        "timesheets_list",
        "List the timesheets that you may see.",
        parameters=[TimesheetQuery],
        responses=TimesheetOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(TimesheetQuery)
        rows = queries.sheets_of(self.actor)
        rows = rows.filter(week__starts_on=asked["week"]) if "week" in asked else rows
        rows = rows.filter(state=asked["state"]) if "state" in asked else rows
        return self.listed(TimesheetOut, rows, by=("-id",))


class OneTimesheet(TimeEndpoint):
    scopes = READ

    @described("timesheets_get", "Read a timesheet.", responses=TimesheetOut)
    def get(self, request: Request, sheet_id: str) -> Response:
        return Response(TimesheetOut(queries.get_sheet(self.actor, sheet_id)).data)


class SubmitTimesheet(TimeEndpoint):
    """The performer confirms their week."""

    allow = (Audience.PERFORMER,)

    @described(
        "timesheets_submit",
        "Confirm your week.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=TimesheetOut,
    )
    def post(self, request: Request, sheet_id: str) -> Response:
        def submit() -> Timesheet:
            sheet = queries.get_sheet(self.actor, sheet_id)
            operations.submit_timesheet(timesheet=sheet, by=self.actor, at=clock.now())
            return queries.get_sheet(self.actor, sheet_id)

        return self.done(TimesheetOut, submit)


class ApproveTimesheet(TimeEndpoint):
    """The company approves one performer's week."""

    allow = (Audience.COMPANY,)

    @described(
        "timesheets_approve",
        "Approve one performer's week.",
        refuses=(operations.OwnTime, *MOVE_REFUSALS),
        request=None,
        responses=TimesheetOut,
    )
    def post(self, request: Request, sheet_id: str) -> Response:
        def approve() -> Timesheet:
            sheet = queries.get_sheet(self.actor, sheet_id)
            operations.approve_timesheet(timesheet=sheet, by=self.actor, at=clock.now())
            return queries.get_sheet(self.actor, sheet_id)

        return self.done(TimesheetOut, approve)


class WeekEndpoint(TimeEndpoint):
    def of(self, company_id: str, starts_on: str) -> tuple[Company, PayWeek]:
        return get_company(self.actor, company_id), queries.get_week(day(starts_on))


class CompanyWeek(WeekEndpoint):
    """The company's week: what it comes to, what waits, the exceptions first."""

    allow = (Audience.COMPANY, Audience.STAFF)
    scopes = READ

    @described("company_weeks_get", "Read a company's week, exceptions first.", responses=CompanyWeekOut)
    def get(self, request: Request, company_id: str, starts_on: str) -> Response:
        company, week = self.of(company_id, starts_on)
        lines = queries.company_lines(self.actor, company, week)
        found = {
            "week": week,
            "company_due_at": queries.company_due_at(company, week),
            "all": queries.totals(lines),
            "waiting": queries.totals(queries.waiting(lines)),
            "exceptions": queries.exceptions(self.actor, company, week),
        }
        return Response(CompanyWeekOut(found).data)


class ApproveWeek(WeekEndpoint):
    """Approve every line that waits, but those left out."""

    allow = (Audience.COMPANY,)

    @described(
        "company_weeks_approve",
        "Approve a company's week, but for the lines left out.",
        request=ApproveWeekIn,
        responses=ApprovedOut,
    )
    def post(self, request: Request, company_id: str, starts_on: str) -> Response:
        asked = self.read(ApproveWeekIn)
        company, week = self.of(company_id, starts_on)

        def approve() -> dict[str, int]:
            approved = operations.approve_week(
                company=company,
                week=week,
                except_lines=asked.get("except_lines", []),
                by=self.actor,
                at=clock.now(),
            )
            return {"approved_lines": approved}

        return self.done(ApprovedOut, approve)


def day(text: str) -> date:
    """A date in an address. Raises NotFound (404) when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error


WEEK = "companies/<str:company_id>/weeks/<str:starts_on>"
urlpatterns = [
    path("timesheets", Timesheets.as_view(), name="api_timesheets"),
    path("timesheets/<str:sheet_id>", OneTimesheet.as_view(), name="api_timesheet"),
    path("timesheets/<str:sheet_id>/submit", SubmitTimesheet.as_view(), name="api_timesheet_submit"),
    path("timesheets/<str:sheet_id>/approve", ApproveTimesheet.as_view(), name="api_timesheet_approve"),
    path(WEEK, CompanyWeek.as_view(), name="api_company_week"),
    path(f"{WEEK}/approve", ApproveWeek.as_view(), name="api_company_week_approve"),
]
