"""What the week came to, from three sides that must agree: the sandbox's own books, the ledger, and the statements."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum

from accounts.access.actors import Actor
from accounts.performers.models import Performer
from callboard.demo.plan import Plan
from callboard.demo.stripe_hands import Hands
from kit import clock
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import Dispute, TimeLine
from payments.control import audit
from payments.inbox.reasons import reason
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.payroll.models import Earning, PayItem, PayRun
from payments.payroll.states import ItemState
from payments.reconciliation import comparing
from payments.statements import queries as statements
from payments.statements.explain import Step, explain

PAID = (ItemState.SENT, ItemState.SETTLED)


@dataclass(frozen=True)
class Report:
    """The figures, the agreement of the three sides, and one explanation."""

    facts: dict[str, Any]
    agreements: dict[str, bool]
    explained: list[Step]

    @property
    def ok(self) -> bool:
        return all(self.agreements.values())


def make_report(run: PayRun, plan: Plan, hands: Hands, *, seconds: float) -> Report:
    """Read all three sides and compare them to the cent."""
    items = PayItem.objects.filter(run=run).select_related("performer")
    paid = [item for item in items if item.state in PAID]
    lines = TimeLine.objects.filter(timesheet__week=run.week)
    totals = lines.aggregate(worked=Sum("worked_s"), payable=Sum("payable_s"))
    fees = int(
        Earning.objects.filter(line__timesheet__week=run.week).aggregate(total=Sum("fee_minor"))["total"] or 0
    )
    books = hands.books()
    transfers = [
        transfer
        for transfer in books["transfers"]
        if transfer["metadata"].get("week") == run.week.starts_on.isoformat()
    ]
    paid_minor = sum(item.amount_minor for item in paid)
    facts = {
        "week": str(run.week.starts_on),
        "run": run.public_id,
        "sessions": Session.objects.filter(
            call_at__gte=run.week.starts_at, call_at__lt=run.week.ends_at
        ).count(),
        "lines": lines.count(),
        "worked_s": totals["worked"] or 0,
        "payable_s": totals["payable"] or 0,
        "evidence": dict(lines.order_by().values_list("grade").annotate(n=Count("id"))),
        "earned_minor": int(Earning.objects.aggregate(total=Sum("amount_minor"))["total"] or 0),
        "performers_paid": len(paid),
        "paid_minor": paid_minor,
        "fees_minor": fees,
        "held": [_held(item) for item in items if item.state == ItemState.HELD],
        "disputed": Dispute.objects.filter(line__timesheet__week=run.week, resolved_at=None).count(),
        "transfers": len(transfers),
        "in_the_bank": sum(item.state == ItemState.SETTLED for item in paid),
        "audit_ok": all(result.ok for result in audit.run(at=clock.now())),
        "seconds": round(seconds, 1),
    }
    agreements = {
        "sandbox_books_are_whole": bool(books["ok"]),
        "one_transfer_each": len(transfers)
        == len(paid)
        == len({transfer["destination"] for transfer in transfers}),
        "sandbox_equals_items": sum(transfer["amount"] for transfer in transfers) == paid_minor,
        "ledger_equals_statements": _statements_agree(plan),
        "ledger_equals_stripe": _compared(run.currency),
        "audit_ok": facts["audit_ok"],
        "nobody_is_forgotten": facts["earned_minor"]
        == run.total_minor
        == sum(item.amount_minor for item in items),
    }
    explained = explain(thing=paid[0].transfer_id, actor=Actor.of_system("demo")) if paid else []
    return Report(facts=facts, agreements=agreements, explained=explained)


def _compared(currency: str) -> bool:
    made = comparing.compare_all(at=clock.now())
    return all(report.ok for report in made if report.currency == currency)


def _held(item: PayItem) -> dict[str, Any]:
    why = reason(item.hold_code, item.hold_detail)
    return {
        "performer": item.performer.stage_name,
        "amount_minor": item.amount_minor,
        "code": item.hold_code,
        "means": why.means,
        "fix": why.fix,
    }


def _statements_agree(plan: Plan) -> bool:
    """For every performer: what was earned is what is owed, on its way or in the bank, and the books say the same."""
    emails = [planned.email for planned in plan.performers]
    for performer in Performer.objects.filter(user__email__in=emails):
        stands = statements.standing(performer=performer)
        owed = ledger.owned_minor(Kind.PERFORMER_PAYABLE, owner=performer.public_id, currency="usd")
        told = stands.owed_minor + stands.on_its_way_minor + stands.in_the_bank_minor
        if told != statements.earned_minor(performer=performer) or owed != stands.owed_minor:
            return False
    return True
