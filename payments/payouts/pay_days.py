"""Pay days by law: finance hears of work whose last day comes near before it is missed, line by line."""

from datetime import datetime, timedelta

from kit.instants import day
from marketplace.timekeeping import pay_deadlines
from marketplace.timekeeping.models import TimeLine
from payments.inbox import findings
from payments.inbox.models import Finding
from payments.payroll.models import Earning, PayItem
from payments.payroll.states import ItemState

WARNS_BEFORE = timedelta(days=7)
CODE = "pay_day_by_law"


def watch(*, at: datetime) -> None:
    """Tell of each line once, and end what was paid since."""
    near = {}
    for line, last in pay_deadlines.coming(at=at, within=WARNS_BEFORE):
        if _is_paid(line):
            continue
        near[line.public_id] = line
        sheet = line.timesheet
        laws = ", ".join(law["name"] for law in line.seat.terms.laws) if line.seat else ""
        said = f"{sheet.performer.stage_name} for {sheet.company.name} must be paid by {day(last, with_year=True)}"
        detail = f"{said}: {laws}." if laws else f"{said}, as the terms say."
        findings.report(code=CODE, thing=line.public_id, detail=detail, at=at)
    over = Finding.objects.filter(code=CODE, resolved_at=None).exclude(thing__in=near)
    for thing in over.values_list("thing", flat=True):
        findings.end(code=CODE, thing=thing, resolution="It was paid.", at=at)


def _is_paid(line: TimeLine) -> bool:
    """Whether money went out for it: its earning lies in an item that was sent."""
    earned = Earning.objects.filter(line=line).values_list("id", flat=True).first()
    if earned is None:
        return False
    sent = PayItem.objects.filter(
        performer_id=line.timesheet.performer_id, state__in=[ItemState.SENT, ItemState.SETTLED]
    ).exclude(earnings=None)
    return any(
        start <= earned < end
        for spans in sent.values_list("earnings", flat=True)
        for start, end in spans or ()
    )
