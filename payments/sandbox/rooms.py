"""All rooms of the API together, and all that the clock may bring."""

from payments.sandbox.accounts import bank_accounts, changes, links
from payments.sandbox.accounts import v1 as accounts_v1
from payments.sandbox.accounts import v2 as accounts_v2
from payments.sandbox.identity import checks as identity_checks
from payments.sandbox.identity import sessions as identity_sessions
from payments.sandbox.money import (
    automatic_payouts,
    balance,
    bank_transfers,
    cash,
    charges,
    checkout,
    customers,
    disputes,
    invoice_collection,
    invoice_items,
    invoices,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    reversals,
    topups,
    transfers,
)
from payments.sandbox.router import Router
from payments.sandbox.webhooks import destinations, endpoints, events
from payments.sandbox.world import DueAction

ROOMS = (
    transfers, reversals, balance, payouts, topups, charges, refunds, payment_intents, payment_methods, checkout, disputes,
    invoices, invoice_items, customers, cash, bank_transfers, accounts_v2, accounts_v1, links, bank_accounts, events,
    endpoints, destinations, identity_sessions,
)  # fmt: skip
_DUE_TABLES = (
    balance.DUE, automatic_payouts.DUE, payouts.DUE, topups.DUE, payment_intents.DUE, checkout.DUE, disputes.DUE,
    changes.DUE, invoice_collection.DUE, refunds.DUE, identity_checks.DUE,
)  # fmt: skip


def router() -> Router:
    return Router(module.room for module in ROOMS)


def due_actions() -> dict[str, DueAction]:
    """What falls due, by the name it was put on the clock under."""
    return {name: action for table in _DUE_TABLES for name, action in table.items()}
