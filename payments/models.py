"""Collects the rooms' models for Django."""

from payments.connect.models import BankPayout, PayeeAccount
from payments.funding.models import Funding
from payments.ledger.models import Account, Balance, Entry, Posting
from payments.payouts.models import Attempt, Halt, Heartbeat, Pace, Transfer
from payments.payroll.models import Earning, PayItem, PayRun
from payments.reconciliation.models import Finding, InboundEvent

__all__ = [
    "Account",
    "Attempt",
    "Balance",
    "BankPayout",
    "Earning",
    "Entry",
    "Finding",
    "Funding",
    "Halt",
    "Heartbeat",
    "InboundEvent",
    "Pace",
    "PayItem",
    "PayRun",
    "PayeeAccount",
    "Posting",
    "Transfer",
]
