"""What the fairness page says: each measure with its meaning in plain words, and the rows that it is reckoned from.

A statement gives a row for each thing that happened in [since, until): `part`, `currency`, `amount` (one, seconds or minor
units; of a length its seconds), `of` (the whole of a share), `person` (who it is about: a performer's key, a company's below
zero) and `company` (whose doing it may be; null where it is nobody's). Each is dated by the moment at which it was over, so
that nothing is added to a month that has been closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# So many keys of a small figure are kept; a house may ask for no more behind a figure.
MOST_NAMED = 20


class Unit(StrEnum):
    LENGTH = "length"  # seconds; shown by its median and ninth decile
    SHARE = "share"
    COUNT = "count"
    SECONDS = "s"
    MONEY = "minor"


@dataclass(frozen=True)
class Measure:
    """`parts`: by name, what each is called; a measure of one part has it under the empty name."""

    name: str
    title: str
    said: str
    unit: Unit
    facts: str
    parts: Mapping[str, str] = field(default_factory=lambda: {"": ""})


# Answered once: a no that an appeal took back was the answer, whatever came after it.
_ANSWERS = """
    SELECT '' AS part, '' AS currency, extract(epoch FROM answer.at - app.submitted_at)::bigint AS amount, NULL::bigint AS of,
      app.performer_id AS person, gig.company_id AS company
    FROM marketplace_application AS app JOIN marketplace_gig AS gig ON gig.id = app.gig_id
      LEFT JOIN (
        SELECT application_id, min(was_decided_at) AS at FROM marketplace_keptplace GROUP BY application_id
      ) AS taken_back ON taken_back.application_id = app.id
      CROSS JOIN LATERAL (SELECT least(taken_back.at, coalesce(app.offered_at, app.decided_at)) AS at) AS answer
    WHERE answer.at >= %(since)s AND answer.at < %(until)s AND app.submitted_at IS NOT NULL
      AND (app.offered_at IS NOT NULL OR app.state = 'not_selected' OR taken_back.at IS NOT NULL)
"""
_APPROVALS = """
    SELECT '' AS part, '' AS currency,
      extract(epoch FROM line.approved_at - coalesce(session.wrapped_at, session.scheduled_end_at))::bigint AS amount,
      NULL::bigint AS of, sheet.performer_id AS person, sheet.company_id AS company
    FROM marketplace_timeline AS line JOIN marketplace_timesheet AS sheet ON sheet.id = line.timesheet_id
      JOIN marketplace_seat AS seat ON seat.id = line.seat_id JOIN marketplace_session AS session ON session.id = seat.session_id
    WHERE line.approved_at >= %(since)s AND line.approved_at < %(until)s AND line.kind = 'session' AND line.worked_s > 0
"""
_ARRIVALS = """
    SELECT '' AS part, '' AS currency,
      (payout.arrives_on - (coalesce(session.wrapped_at, session.scheduled_end_at) AT TIME ZONE %(zone)s)::date)::bigint * 86400
        AS amount,
      NULL::bigint AS of, earning.performer_id AS person, earning.company_id AS company
    FROM payments_bankpayout AS payout
      JOIN payments_bankpayout_transfers AS carried ON carried.bankpayout_id = payout.id
      JOIN payments_transfer AS transfer ON transfer.id = carried.transfer_id
      JOIN payments_payitem AS item ON item.id = transfer.item_id
      JOIN payments_earning AS earning
        ON earning.performer_id = item.performer_id AND earning.currency = item.currency AND item.earnings @> earning.id
       AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings)
      JOIN marketplace_timeline AS line ON line.id = earning.line_id
      JOIN marketplace_seat AS seat ON seat.id = line.seat_id JOIN marketplace_session AS session ON session.id = seat.session_id
    WHERE payout.status = 'paid' AND payout.arrives_on >= %(first)s AND payout.arrives_on < %(after)s
      AND line.kind = 'session' AND line.worked_s > 0
"""
# A run counts once, whoever is in it; those who are in it stand behind it.
_RUNS = """
    SELECT '' AS part, '' AS currency,
      CASE WHEN first AND run.paid_at IS NOT NULL AND (run.paid_at AT TIME ZONE %(zone)s)::date <= week.pay_on
        THEN 1 ELSE 0 END::bigint AS amount,
      CASE WHEN first THEN 1 ELSE 0 END::bigint AS of, item.performer_id AS person, NULL::bigint AS company
    FROM payments_payrun AS run JOIN marketplace_payweek AS week ON week.id = run.week_id
      JOIN (
        SELECT run_id, performer_id, row_number() OVER (PARTITION BY run_id ORDER BY id) = 1 AS first FROM payments_payitem
        WHERE run_id IN (
          SELECT of_it.id FROM payments_payrun AS of_it JOIN marketplace_payweek AS its ON its.id = of_it.week_id
          WHERE its.pay_on >= %(first)s AND its.pay_on < %(after)s)
      ) AS item ON item.run_id = run.id
    WHERE week.pay_on >= %(first)s AND week.pay_on < %(after)s AND run.off_cycle IS NULL AND run.state <> 'cancelled'
"""
_TIME = """
    SELECT stretch ->> 'code' AS part, '' AS currency,
      (stretch ->> 'end')::bigint - (stretch ->> 'start')::bigint AS amount, NULL::bigint AS of,
      sheet.performer_id AS person, sheet.company_id AS company
    FROM marketplace_timeline AS line JOIN marketplace_timesheet AS sheet ON sheet.id = line.timesheet_id
      CROSS JOIN LATERAL jsonb_array_elements(line.stretches) AS stretch
    WHERE line.approved_at >= %(since)s AND line.approved_at < %(until)s AND line.kind = 'session'
      AND stretch ->> 'code' <> 'absent'
    UNION ALL
    SELECT 'topped_up', '', line.payable_s - line.worked_s, NULL, sheet.performer_id, sheet.company_id
    FROM marketplace_timeline AS line JOIN marketplace_timesheet AS sheet ON sheet.id = line.timesheet_id
    WHERE line.approved_at >= %(since)s AND line.approved_at < %(until)s AND line.kind = 'session'
      AND line.payable_s > line.worked_s
    UNION ALL
    SELECT 'refused', '', line.worked_s, NULL, sheet.performer_id, sheet.company_id
    FROM marketplace_timeline AS line JOIN marketplace_timesheet AS sheet ON sheet.id = line.timesheet_id
      JOIN (
        SELECT line_id, max(resolved_at) AS at FROM marketplace_dispute WHERE resolved_at >= %(since)s GROUP BY line_id
      ) AS answer ON answer.line_id = line.id AND answer.at < %(until)s
    WHERE line.state = 'rejected' AND line.worked_s > 0
"""
# What came of it stands with the answer, in the audit trail: how many seconds were found right, and by whom.
_DISPUTES = """
    SELECT dispute.raised_by || '_' || CASE
        WHEN (said.facts ->> 'adjusted_s')::bigint = dispute.claimed_s THEN 'as_claimed'
        WHEN said.facts ->> 'adjusted_s' IS NOT NULL THEN 'otherwise'
        WHEN said.actor = (
          SELECT raised.actor FROM accounts_auditevent AS raised
          WHERE raised.thing = said.thing AND raised.verb = 'dispute.raised' ORDER BY raised.id LIMIT 1
        ) THEN 'taken_back'
        ELSE 'as_recorded' END AS part,
      '' AS currency, 1::bigint AS amount, NULL::bigint AS of, sheet.performer_id AS person, sheet.company_id AS company
    FROM marketplace_dispute AS dispute JOIN marketplace_timeline AS line ON line.id = dispute.line_id
      JOIN marketplace_timesheet AS sheet ON sheet.id = line.timesheet_id
      CROSS JOIN LATERAL (
        SELECT event.thing, event.actor, event.facts FROM accounts_auditevent AS event
        WHERE event.thing = callboard_typed_id('dsp', dispute.public_id) AND event.verb = 'dispute.resolved'
        ORDER BY event.id DESC LIMIT 1
      ) AS said
    WHERE dispute.resolved_at >= %(since)s AND dispute.resolved_at < %(until)s
"""
_CORRECTED = """
    SELECT CASE WHEN line.amount_minor > 0 THEN 'up' ELSE 'down' END AS part, {currency} AS currency, {amount} AS amount,
      NULL::bigint AS of, sheet.performer_id AS person, sheet.company_id AS company
    FROM marketplace_timeline AS line JOIN marketplace_timesheet AS sheet ON sheet.id = line.timesheet_id
    WHERE line.approved_at >= %(since)s AND line.approved_at < %(until)s AND line.kind = 'correction' AND line.amount_minor <> 0
"""
_APPEALS = """
    SELECT appeal.state AS part, '' AS currency, 1::bigint AS amount, NULL::bigint AS of,
      coalesce(appeal.performer_id, -appeal.company_id) AS person, NULL::bigint AS company
    FROM accounts_appeal AS appeal WHERE appeal.ended_at >= %(since)s AND appeal.ended_at < %(until)s
"""
_SUSPENSIONS = """
    SELECT 'imposed' AS part, '' AS currency, 1::bigint AS amount, NULL::bigint AS of,
      coalesce(performer_id, -company_id) AS person, NULL::bigint AS company
    FROM accounts_suspension WHERE suspended_at >= %(since)s AND suspended_at < %(until)s
    UNION ALL
    SELECT CASE WHEN EXISTS (
        SELECT FROM accounts_appeal AS appeal
        WHERE appeal.subject = callboard_typed_id('sus', suspension.public_id) AND appeal.state = 'reversed'
      ) THEN 'reversed' ELSE 'lifted' END, '', 1, NULL, coalesce(performer_id, -company_id), NULL
    FROM accounts_suspension AS suspension WHERE lifted_at >= %(since)s AND lifted_at < %(until)s
"""

_CAME_OF_IT = {
    "as_claimed": "decided as claimed",
    "otherwise": "decided with another figure",
    "as_recorded": "left as recorded",
    "taken_back": "taken back",
}
_UP_DOWN = {"up": "For performers: more pay", "down": "Against performers: less pay"}

MEASURES = (
    Measure(
        "answer",
        "Days to an answer",
        "From the moment an application is sent until it is answered: an offer, or a no with its reason, given by the company "
        "or, where it is silent, by the house. What is taken back before counts nowhere.",
        Unit.LENGTH,
        _ANSWERS,
    ),
    Measure(
        "approval",
        "Days from work to approval",
        "From the end of a session until its time is approved, by the company or by its silence. Only sessions in which "
        "somebody worked.",
        Unit.LENGTH,
        _APPROVALS,
    ),
    Measure(
        "bank",
        "Days from work to the bank",
        "From the day of a session until the day on which its pay arrives in the performer's bank, in whole days. A payout that "
        "fails counts on the day on which the next one arrives.",
        Unit.LENGTH,
        _ARRIVALS,
    ),
    Measure(
        "runs",
        "Pay runs on their day",
        "Of the weekly pay runs that were due, those that had gone out to everyone who could be paid by the end of their day.",
        Unit.SHARE,
        _RUNS,
    ),
    Measure(
        "time",
        "Time in the room, and what is paid",
        "Being there and being paid are not the same. The time of each approved line, as it was recorded, by what it was; no "
        "second counts twice. What was corrected later stands below, by itself.",
        Unit.SECONDS,
        _TIME,
        {
            "present": "Paid: in the room",
            "gap_filled": "Paid: a connection dropped for a moment",
            "rest": "Paid: rest",
            "waited": "Paid: waiting for a company that did not come",
            "hold_company": "Paid: waiting, held by the company",
            "hold_platform": "Paid: waiting, held by a fault of ours",
            "topped_up": "Paid beyond what was worked: minimum call, called off late",
            "before_call": "Unpaid: waiting in the room before the call",
            "after_window": "Unpaid: in the room after the session",
            "meal": "Unpaid: meals",
            "refused": "Unpaid: worked as recorded, refused in a dispute",
        },
    ),
    Measure(
        "disputes",
        "Disputes about time, by who raised them and what came of it",
        "A dispute is about one line, and counts once it is answered: by agreement, by silence, which decides for the performer, "
        "or by talent operations.",
        Unit.COUNT,
        _DISPUTES,
        {
            f"{side}_{name}": f"By {whom}: {said}"
            for side, whom in (("performer", "performers"), ("company", "companies"))
            for name, said in _CAME_OF_IT.items()
        },
    ),
    Measure(
        "corrections",
        "Corrections of time that was approved or decided",
        "Nothing is edited after its approval: what was too little or too much is a line of its own.",
        Unit.COUNT,
        _CORRECTED.format(currency="''", amount="1::bigint"),
        _UP_DOWN,
    ),
    Measure(
        "corrected",
        "What corrections came to",
        "The pay of the corrections above, each currency by itself.",
        Unit.MONEY,
        _CORRECTED.format(currency="line.currency", amount="abs(line.amount_minor)"),
        _UP_DOWN,
    ),
    Measure(
        "appeals",
        "Appeals, by what came of them",
        "Against a suspension, a no to whoever wants to work here, or a company's no to an application. Another person than who "
        "decided answers, in writing.",
        Unit.COUNT,
        _APPEALS,
        {
            "reversed": "The decision is taken back",
            "remedied": "Put right in another way",
            "upheld": "The decision stays",
            "withdrawn": "Taken back by who appealed",
        },
    ),
    Measure(
        "suspensions",
        "Suspensions, by what came of them",
        "Of performers and companies together: imposed in that month, and ended in that month.",
        Unit.COUNT,
        _SUSPENSIONS,
        {
            "imposed": "Imposed",
            "lifted": "Lifted",
            "reversed": "Taken back on appeal",
        },
    ),
)
BY_NAME = {each.name: each for each in MEASURES}
