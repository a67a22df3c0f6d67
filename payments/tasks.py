"""Collects the rooms' tasks for Celery."""

from payments.books.tasks import sweep as books_sweep
from payments.connect.tasks import sweep as connect_sweep
from payments.control.tasks import audit
from payments.dunning.tasks import sweep as dunning_sweep
from payments.fairness.tasks import reckon as reckon_fairness
from payments.funding.tasks import sweep as funding_sweep
from payments.identity_checks.tasks import sweep as identity_sweep
from payments.invoicing.tasks import sweep as invoicing_sweep
from payments.paylines.tasks import sweep as pay_lines_sweep
from payments.paylines.tasks import watch as watch_guarantees
from payments.payouts.tasks import read_transfers, settle, sweep, watchdog
from payments.payroll.tasks import accrue
from payments.reconciliation.tasks import tick as reconciliation_tick
from payments.webhooks.tasks import sweep as webhooks_sweep

__all__ = [
    "accrue",
    "audit",
    "books_sweep",
    "connect_sweep",
    "dunning_sweep",
    "funding_sweep",
    "identity_sweep",
    "invoicing_sweep",
    "pay_lines_sweep",
    "read_transfers",
    "reckon_fairness",
    "reconciliation_tick",
    "settle",
    "sweep",
    "watch_guarantees",
    "watchdog",
    "webhooks_sweep",
]
