"""Collects the rooms' models for Django."""

from payments.adjustments.models import Adjustment
from payments.books.models import (
    AccountAtMonth,
    AccountName,
    DaySum,
    JournalSum,
    Month,
    SummedDay,
    SummedMonth,
    SummedWeek,
)
from payments.connect.models import PayeeAccount, SharedBank
from payments.fairness.models import FairFigure, FairMonth
from payments.funding.models import Funding, FundingMovement, Refund, Withdrawal
from payments.identity_checks.models import IdentityCheck
from payments.inbox.models import Finding, Halt
from payments.invoicing.models import (
    BilledRun,
    BillingDetails,
    Document,
    DocumentLine,
    DocumentParties,
    NumberCounter,
)
from payments.ledger.models import Account, Balance, Entry, Posting
from payments.paylines.models import Breach, GrantBonus, PayLine, PiecePay, Receipt, WatchedLine
from payments.payouts.models import Attempt, BankPayout, Heartbeat, Pace, ReturnDecision, Transfer
from payments.payroll.models import (
    Earning,
    Overpayment,
    PayCut,
    PayItem,
    PayRun,
    Repayment,
    RunSignature,
    SigningLimit,
)
from payments.reconciliation.models import Comparison, StripeRow
from payments.restating.models import Restatement
from payments.terms.models import Draw, NetTerms
from payments.webhooks.models import InboundEvent

__all__ = [
    "Account",
    "AccountAtMonth",
    "AccountName",
    "Adjustment",
    "Attempt",
    "Balance",
    "BankPayout",
    "BilledRun",
    "BillingDetails",
    "Breach",
    "Comparison",
    "DaySum",
    "Document",
    "DocumentLine",
    "DocumentParties",
    "Draw",
    "Earning",
    "Entry",
    "FairFigure",
    "FairMonth",
    "Finding",
    "Funding",
    "FundingMovement",
    "GrantBonus",
    "Halt",
    "Heartbeat",
    "IdentityCheck",
    "InboundEvent",
    "JournalSum",
    "Month",
    "NetTerms",
    "NumberCounter",
    "Overpayment",
    "Pace",
    "PayCut",
    "PayItem",
    "PayLine",
    "PayRun",
    "PayeeAccount",
    "PiecePay",
    "Posting",
    "Receipt",
    "Refund",
    "Repayment",
    "Restatement",
    "ReturnDecision",
    "RunSignature",
    "SharedBank",
    "SigningLimit",
    "StripeRow",
    "SummedDay",
    "SummedMonth",
    "SummedWeek",
    "Transfer",
    "WatchedLine",
    "Withdrawal",
]
