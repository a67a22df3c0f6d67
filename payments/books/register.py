"""The payroll register: of one run, payee by payee, how its pay came about and where it is; the totals are the run's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.access.actors import Actor
from kit.csv_files import Cell, write
from kit.errors import NotFound
from kit.money import Money
from marketplace.timekeeping.weeks import payroll_day
from payments.payroll import queries as payroll
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState

CHUNK = 2_000
# What adds up over payees.
SUMMED = (
    "lines",
    "payable_s",
    "gross_minor",
    "deducted_minor",
    "kept_minor",
    "carried_minor",
    "amount_minor",
    "held_minor",
    "paid_minor",
    "returned_minor",
)
HEAD = [
    "Payee",
    "Payee id",
    "Item id",
    "State",
    "Currency",
    "Lines",
    "Hours",
    "Gross",
    "Deductions",
    "Net",
    "Kept for overpaid",
    "Overpaid, carried",
    "To send",
    "Held",
    "Held for",
    "Paid",
    "Came back",
    "Transfer",
    "Sent on",
    "Arrives on",
]


@dataclass(frozen=True)
class Figures:
    """Minor units, but `lines` and `payable_s`. Gross and deductions make the net; of it a part is kept, or it is below zero
    and carried; the rest is sent: held, paid, or still waiting."""

    currency: str
    lines: int
    payable_s: int
    gross_minor: int
    deducted_minor: int
    kept_minor: int
    carried_minor: int
    amount_minor: int
    held_minor: int
    paid_minor: int
    returned_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor + self.deducted_minor

    @property
    def waiting_minor(self) -> int:
        return self.amount_minor - self.held_minor - self.paid_minor

    @property
    def difference_minor(self) -> int:
        """Zero: what was earned is what is kept, carried or sent."""
        return self.net_minor - self.kept_minor + self.carried_minor - self.amount_minor


@dataclass(frozen=True)
class Row(Figures):
    """One payee's."""

    item_id: str
    performer_id: str
    name: str
    state: str
    hold_code: str
    transfer_id: str
    sent_at: datetime | None
    arrives_on: date | None

    @property
    def state_label(self) -> str:
        return str(ItemState(self.state).label)


@dataclass(frozen=True)
class Totals(Figures):
    """Of all payees, and whether they are the run's own, to the cent."""

    payees: int
    run_total_minor: int
    run_items: int

    @property
    def ties(self) -> bool:
        return (
            self.difference_minor == 0
            and self.amount_minor == self.run_total_minor
            and self.payees == self.run_items
        )


def runs(actor: Actor) -> QuerySet[PayRun]:
    """The runs that have a register, the newest first."""
    rows = PayRun.objects.visible_to(actor).select_related("week")
    return rows.exclude(state__in=[RunState.DRAFT, RunState.CANCELLED]).order_by("-id")


def get_run(actor: Actor, run_id: str) -> PayRun:
    """Raises NotFound (404), also for a draft or a cancelled one: nothing is paid by it."""
    run = payroll.get_run(actor, run_id)
    if run.state in (RunState.DRAFT, RunState.CANCELLED):
        raise NotFound
    return run


def items(run: PayRun, *, search: str = "") -> QuerySet[PayItem]:
    """Its payees' items, to be paged by `id`. What pays again what came back has no lines, and is no payee of the run."""
    rows = PayItem.objects.filter(run=run, pays_again=None)
    return rows.filter(Q(performer__stage_name__icontains=search)) if search else rows


def rows(found: Sequence[PayItem]) -> list[Row]:
    """The register's rows of these items, in their order; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT item.currency, item.lines, earned.payable_s, earned.gross, earned.deducted, item.recovered_minor,
                   greatest(-item.net_minor, 0), item.amount_minor,
                   CASE WHEN item.state = 'held' THEN item.amount_minor ELSE 0 END,
                   CASE WHEN item.state IN ('sent', 'settled', 'reversed') THEN item.amount_minor ELSE 0 END,
                   coalesce(transfer.reversed_minor, 0),
                   callboard_typed_id('itm', item.public_id), callboard_typed_id('prf', performer.public_id),
                   performer.stage_name, item.state, item.hold_code, item.transfer_id, item.sent_at, payout.arrives_on
            FROM payments_payitem item
            JOIN accounts_performer performer ON performer.id = item.performer_id
            LEFT JOIN payments_transfer transfer ON transfer.item_id = item.id
            LEFT JOIN LATERAL (
              SELECT max(payout.arrives_on) AS arrives_on FROM payments_bankpayout_transfers carried
              JOIN payments_bankpayout payout ON payout.id = carried.bankpayout_id
              WHERE carried.transfer_id = transfer.id AND payout.status NOT IN ('failed', 'canceled')
            ) payout ON true
            CROSS JOIN LATERAL (
              SELECT coalesce(sum(line.payable_s), 0)::bigint AS payable_s,
                     coalesce(sum(earning.amount_minor) FILTER (WHERE pay.kind IS DISTINCT FROM 'deduction'), 0)::bigint AS gross,
                     coalesce(sum(earning.amount_minor) FILTER (WHERE pay.kind = 'deduction'), 0)::bigint AS deducted
              FROM payments_earning earning
              LEFT JOIN marketplace_timeline line ON line.id = earning.line_id
              LEFT JOIN payments_payline pay ON pay.id = earning.pay_line_id
              WHERE earning.performer_id = item.performer_id AND earning.currency = item.currency
                AND earning.id >= lower(item.earnings) AND earning.id < upper(item.earnings) AND item.earnings @> earning.id
            ) earned
            WHERE item.id = ANY (%s) ORDER BY item.id
            """,
            [[item.pk for item in found]],
        )
        return [Row(*row) for row in cursor.fetchall()]


def totals(run: PayRun) -> Totals:
    """All payees together, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH item AS MATERIALIZED (
              SELECT item.*, coalesce(transfer.reversed_minor, 0) AS returned FROM payments_payitem item
              LEFT JOIN payments_transfer transfer ON transfer.item_id = item.id
              WHERE item.run_id = %(run)s AND item.pays_again_id IS NULL
            ), earned AS (
              SELECT coalesce(sum(line.payable_s), 0)::bigint AS payable_s,
                     coalesce(sum(earning.amount_minor) FILTER (WHERE pay.kind IS DISTINCT FROM 'deduction'), 0)::bigint AS gross,
                     coalesce(sum(earning.amount_minor) FILTER (WHERE pay.kind = 'deduction'), 0)::bigint AS deducted
              FROM item JOIN payments_earning earning
                ON earning.performer_id = item.performer_id AND earning.currency = item.currency
               AND item.earnings @> earning.id
               AND earning.id >= (SELECT min(lower(earnings)) FROM item) AND earning.id < (SELECT max(upper(earnings)) FROM item)
              LEFT JOIN marketplace_timeline line ON line.id = earning.line_id
              LEFT JOIN payments_payline pay ON pay.id = earning.pay_line_id
            )
            SELECT coalesce(sum(lines), 0), max(earned.payable_s), max(earned.gross), max(earned.deducted),
                   coalesce(sum(recovered_minor), 0), coalesce(sum(greatest(-net_minor, 0)), 0),
                   coalesce(sum(amount_minor), 0), coalesce(sum(amount_minor) FILTER (WHERE state = 'held'), 0),
                   coalesce(sum(amount_minor) FILTER (WHERE state IN ('sent', 'settled', 'reversed')), 0),
                   coalesce(sum(returned), 0), count(item.id)
            FROM earned LEFT JOIN item ON true
            """,
            {"run": run.pk},
        )
        figures = [int(value or 0) for value in cursor.fetchone()]
    *sums, payees = figures
    return Totals(
        currency=run.currency,
        payees=payees,
        run_total_minor=run.total_minor,
        run_items=run.items_count,
        **dict(zip(SUMMED, sums, strict=True)),
    )


def csv_of(run: PayRun, *, search: str = "") -> bytes:
    """Every payee of the run, or those whom the search shows; the last line is the total of what stands above it."""
    return write(HEAD, _lines(run, search))


def _lines(run: PayRun, search: str) -> Iterator[list[Cell]]:
    after, shown = 0, list[Row]()
    while found := list(items(run, search=search).filter(pk__gt=after).order_by("id")[:CHUNK]):
        of_these = rows(found)
        yield from map(_cells, of_these)
        shown += of_these
        after = found[-1].pk
    yield _sum(run.currency, shown)


def _cells(row: Row) -> list[Cell]:
    return [
        row.name,
        row.performer_id,
        row.item_id,
        row.state_label,
        row.currency.upper(),
        *_figures(row),
        row.hold_code,
        Money(row.paid_minor, row.currency),
        Money(row.returned_minor, row.currency),
        row.transfer_id,
        payroll_day(row.sent_at) if row.sent_at else None,
        row.arrives_on,
    ]


def _figures(row: Figures) -> list[Cell]:
    money = (
        row.gross_minor,
        row.deducted_minor,
        row.net_minor,
        row.kept_minor,
        row.carried_minor,
        row.amount_minor,
        row.held_minor,
    )
    return [row.lines, hours(row.payable_s), *(Money(minor, row.currency) for minor in money)]


def _sum(currency: str, shown: Sequence[Row]) -> list[Cell]:
    total = Figures(currency=currency, **{name: sum(getattr(row, name) for row in shown) for name in SUMMED})
    paid, back = Money(total.paid_minor, currency), Money(total.returned_minor, currency)
    return ["Total", None, None, None, currency.upper(), *_figures(total), None, paid, back, None, None, None]


def hours(seconds: int) -> str:
    """`103:12:05`: to the second, as decimal hours would be rounded."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
