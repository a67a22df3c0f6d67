"""The chart of accounts."""

from enum import StrEnum


class Kind(StrEnum):
    STRIPE_BALANCE = "stripe_balance"  # asset: what the platform has at Stripe, pending money included
    COMPANY_INCOMING = "company_incoming"  # liability: paid by a company, and not counting yet
    COMPANY_WALLET = "company_wallet"  # liability: a company's money, not yet set aside
    GIG_BUDGET = "gig_budget"  # liability: the part of a wallet that is set aside for one gig
    COMPANY_WITHDRAWING = (
        "company_withdrawing"  # liability: taken out of a wallet, not yet given back at Stripe
    )
    COMPANY_RECEIVABLE = "company_receivable"  # asset: what a company owes
    COMPANY_TERMS = "company_terms"  # asset: set aside by a company on agreed terms, and not paid yet
    PERFORMER_PAYABLE = "performer_payable"  # liability: earned, not yet sent
    PAYOUTS_IN_FLIGHT = "payouts_in_flight"  # liability: claimed for sending, outcome not yet recorded
    PERFORMER_RETURNED = "performer_returned"  # liability: it came back from a performer, and finance decides
    PERFORMER_OVERPAID = "performer_overpaid"  # asset: paid to a performer and corrected away since
    PLATFORM_FEES = "platform_fees"  # income
    PLATFORM_LOSSES = "platform_losses"  # expense: debts given up, and strays written off
    STRIPE_FEES = "stripe_fees"  # expense
    STRIPE_FLOAT = "stripe_float"  # the house's own money at Stripe: top-ups and withdrawals
    SUSPENSE = "suspense"  # what could not be matched, until finance says what it is


# Everyone's money passes through these, so their balances are striped.
HOT = frozenset({Kind.STRIPE_BALANCE, Kind.PLATFORM_FEES, Kind.PAYOUTS_IN_FLIGHT})
HOT_STRIPES = 16
NO_BOOK = 0
# What can never be below zero stands in the trigger that opens an account (migration 0009).
