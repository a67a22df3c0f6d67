"""The chart of accounts."""

from enum import StrEnum


class Kind(StrEnum):
    STRIPE_BALANCE = "stripe_balance"  # asset: what the platform can spend at Stripe
    COMPANY_WALLET = "company_wallet"  # liability: a company's money, not yet set aside
    GIG_BUDGET = "gig_budget"  # liability: the part of a wallet that is set aside for one gig
    COMPANY_RECEIVABLE = "company_receivable"  # asset: what a company owes
    PERFORMER_PAYABLE = "performer_payable"  # liability: earned, not yet sent
    PAYOUTS_IN_FLIGHT = "payouts_in_flight"  # liability: claimed for sending, outcome not yet recorded
    PLATFORM_FEES = "platform_fees"  # income
    STRIPE_FEES = "stripe_fees"  # expense
    STRIPE_FLOAT = "stripe_float"  # the house's own money at Stripe: top-ups and withdrawals
    SUSPENSE = "suspense"  # what could not be matched, until finance says what it is


# Everyone's money passes through these, so their balances are striped.
HOT = frozenset({Kind.STRIPE_BALANCE, Kind.PLATFORM_FEES, Kind.PAYOUTS_IN_FLIGHT})
HOT_STRIPES = 16
NO_BOOK = 0
