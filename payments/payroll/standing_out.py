"""Who of a run should be looked at before it is signed, and why: found once, when it is frozen, in one statement.

Nothing here holds pay back. It orders what two people read, and each reason says what to compare.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import Func

from accounts.access.actors import Actor
from kit.instants import length_in_words
from kit.rows import with_text
from payments.payroll.models import PayItem, PayRun
from payments.payroll.reasons import Reason

WEEKS, SHOWN = 8, 20
FAR_MINOR, FAR_S = 100_00, 4 * 3600
TWICE_WITHIN = timedelta(days=28)
MEANS = {
    Reason.BANK_CHANGE: "Another bank account or another account at Stripe since their last pay was frozen.",
    Reason.DUPLICATE: "Beside the hours, two lines of one kind and amount for the same engagement within "
    f"{length_in_words(TWICE_WITHIN)}.",
    Reason.FIRST_PAY: "No week was sent to them before: there is nothing to compare it with.",
    Reason.UNUSUAL_AMOUNT: "More than twice, or less than half, of the median of their last eight weeks, by over 100.00.",
    Reason.UNUSUAL_HOURS: "More than the weekly cap, or more than twice the median of their last eight weeks and over 4 h more.",
    Reason.BELOW_ZERO: "Their lines add up to less than nothing: it is sent nothing, and they owe the rest.",
    Reason.RECOVERED: "A part is kept for what was overpaid.",
    Reason.DISPUTE: "A line in it was disputed.",
    Reason.CORRECTION: "A line in it corrects an earlier one.",
    Reason.LAW: "A law or their terms ask for it by the day on which this run pays, or earlier.",
}

_MARK = """
    WITH item AS (
      SELECT id, performer_id, currency, earnings, net_minor, recovered_minor FROM payments_payitem
      WHERE run_id = %(run)s AND pays_again_id IS NULL
    ), line AS (
      SELECT item.id AS item_id, earning.line_id, earning.pay_line_id
      FROM item JOIN payments_earning earning
        ON earning.performer_id = item.performer_id AND earning.currency = item.currency
       AND item.earnings @> earning.id AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
    ), told AS (
      SELECT line.item_id, coalesce(sum(time.payable_s), 0) AS payable_s,
             coalesce(bool_or(time.corrects_id IS NOT NULL OR pay.corrects_id IS NOT NULL), false) AS corrects,
             coalesce(bool_or(dispute.id IS NOT NULL), false) AS disputed,
             coalesce(bool_or(time.amount_minor > 0 AND (session.call_at AT TIME ZONE %(zone)s)::date + terms.pay_days
                              <= %(pay_on)s::date), false) AS by_law,
             coalesce(bool_or(twin.id IS NOT NULL), false) AS doubled
      FROM line
      LEFT JOIN marketplace_timeline time ON time.id = line.line_id
      LEFT JOIN marketplace_seat seat ON seat.id = time.seat_id
      LEFT JOIN marketplace_session session ON session.id = seat.session_id
      LEFT JOIN marketplace_terms terms ON terms.id = seat.terms_id
      LEFT JOIN LATERAL (
        SELECT id FROM marketplace_dispute WHERE line_id IN (time.id, time.corrects_id) LIMIT 1
      ) dispute ON true
      LEFT JOIN payments_payline pay ON pay.id = line.pay_line_id
      LEFT JOIN LATERAL (
        SELECT other.id FROM payments_payline other
        WHERE other.engagement_id = pay.engagement_id AND other.kind = pay.kind AND other.amount_minor = pay.amount_minor
          AND other.id <> pay.id AND other.part_of_id IS NULL AND pay.part_of_id IS NULL AND other.state = 'approved'
          AND other.decided_at > pay.decided_at - %(twice_within)s::interval
          AND other.decided_at < pay.decided_at + %(twice_within)s::interval
        LIMIT 1
      ) twin ON true
      GROUP BY line.item_id
    ), past AS (
      SELECT item.id AS item_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY before.net_minor) AS usual_minor,
             percentile_disc(0.5) WITHIN GROUP (ORDER BY before.payable_s) AS usual_s
      FROM item LEFT JOIN LATERAL (
        SELECT earlier.net_minor, earlier.payable_s FROM payments_payitem earlier
        JOIN payments_payrun run ON run.id = earlier.run_id AND run.off_cycle IS NULL
        WHERE earlier.performer_id = item.performer_id AND earlier.currency = item.currency AND earlier.id < item.id
          AND earlier.state IN ('sent', 'settled') AND earlier.pays_again_id IS NULL
        ORDER BY earlier.id DESC LIMIT %(weeks)s
      ) before ON true
      GROUP BY item.id
    ), signed AS (
      -- Whoever signed for their last pay saw their bank as it was when that was frozen.
      SELECT item.id AS item_id, last.frozen_at FROM item LEFT JOIN LATERAL (
        SELECT run.frozen_at FROM payments_payitem earlier JOIN payments_payrun run ON run.id = earlier.run_id
        WHERE earlier.performer_id = item.performer_id AND earlier.id < item.id AND earlier.state <> 'cancelled'
        ORDER BY earlier.id DESC LIMIT 1
      ) last ON true
    ), marked AS (
      SELECT item.id, told.payable_s, past.usual_minor, past.usual_s, array_remove(ARRAY[
        CASE WHEN account.bank_changed_at > signed.frozen_at OR account.created_at > signed.frozen_at
          THEN 'bank_change' END,
        CASE WHEN told.doubled THEN 'duplicate' END,
        CASE WHEN past.usual_minor IS NULL THEN 'first_pay' END,
        CASE WHEN abs(item.net_minor - past.usual_minor) > %(far_minor)s
              AND (item.net_minor > 2 * past.usual_minor OR 2 * item.net_minor < past.usual_minor)
          THEN 'unusual_amount' END,
        CASE WHEN told.payable_s > %(cap_s)s
               OR told.payable_s > 2 * past.usual_s AND told.payable_s - past.usual_s > %(far_s)s
          THEN 'unusual_hours' END,
        CASE WHEN item.net_minor < 0 THEN 'below_zero' END,
        CASE WHEN item.recovered_minor > 0 THEN 'recovered' END,
        CASE WHEN told.disputed THEN 'dispute' END,
        CASE WHEN told.corrects THEN 'correction' END,
        CASE WHEN told.by_law THEN 'law' END
      ]::text[], NULL) AS reasons
      FROM item JOIN told ON told.item_id = item.id JOIN past ON past.item_id = item.id
      JOIN signed ON signed.item_id = item.id
      LEFT JOIN payments_payeeaccount account ON account.performer_id = item.performer_id AND account.ended_at IS NULL
    )
    UPDATE payments_payitem SET payable_s = marked.payable_s, usual_minor = marked.usual_minor, usual_s = marked.usual_s,
      stands_out = marked.reasons, reasons_count = cardinality(marked.reasons)
    FROM marked WHERE payments_payitem.id = marked.id
"""


@dataclass(frozen=True)
class Counted:
    """A reason, and how many of a run's payees it makes stand out."""

    reason: Reason
    payees: int


def mark(run: PayRun) -> None:
    """Say of each item of a run why it stands out, and what its performer usually gets. In the freezing transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK,
            {
                "run": run.pk,
                "zone": settings.PAYROLL_TIME_ZONE,
                "pay_on": run.week.pay_on,
                "twice_within": f"{TWICE_WITHIN.days} days",
                "weeks": WEEKS,
                "far_minor": FAR_MINOR,
                "far_s": FAR_S,
                "cap_s": int(settings.WEEKLY_CAP.total_seconds()),
            },
        )


def payees(run: PayRun, actor: Actor, *, reason: str = "", text: str = "") -> QuerySet[PayItem]:
    """Whom a run pays, of one reason, or with `text` in their name. What is sent anew of it is shown beside the rest."""
    rows = PayItem.objects.visible_to(actor).filter(run=run).select_related("performer")
    if reason in Reason.values:
        rows = rows.filter(stands_out__contains=[reason])
    return with_text(rows, text, "performer__stage_name")


def changed_since(run: PayRun) -> list[str]:
    """Whose bank, or account at Stripe, is another since the run was frozen: by name, those who are paid most first."""
    account = "performer__payee_accounts__"
    later = Q(**{f"{account}bank_changed_at__gt": run.frozen_at}) | Q(
        **{f"{account}created_at__gt": run.frozen_at}
    )
    rows = PayItem.objects.filter(later, run=run, **{f"{account}ended_at__isnull": True})
    named = rows.order_by("-amount_minor", "id").values_list("performer__stage_name", flat=True)
    return list(named[:SHOWN])


def counts(run: PayRun) -> list[Counted]:
    """How many stand out for each reason that there is, the gravest reason first."""
    rows = PayItem.objects.filter(run=run, reasons_count__gt=0).order_by()
    by_reason = dict(
        rows.annotate(reason=Func("stands_out", function="unnest"))
        .values_list("reason")
        .annotate(payees=Count("id"))
    )
    return [Counted(reason, by_reason[reason]) for reason in Reason if reason in by_reason]
