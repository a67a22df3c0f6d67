"""Collects the rooms' models for Django."""

from payments.connect.models import PayeeAccount
from payments.funding.models import Funding
from payments.identity_checks.models import IdentityCheck
from payments.inbox.models import Finding, Halt
from payments.ledger.models import Account, Balance, Entry, Posting
from payments.payouts.models import Attempt, BankPayout, Heartbeat, Pace, Transfer
from payments.payroll.models import Earning, PayItem, PayRun
from payments.webhooks.models import InboundEvent

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
    "IdentityCheck",
    "InboundEvent",
    "Pace",
    "PayItem",
    "PayRun",
    "PayeeAccount",
    "Posting",
    "Transfer",
]
