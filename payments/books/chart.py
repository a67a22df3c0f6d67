"""Our account kinds as people read them, in the order of a balance sheet."""

from payments.ledger.chart import Kind

LABELS: dict[str, str] = {
    Kind.STRIPE_BALANCE: "Balance at Stripe",
    Kind.COMPANY_RECEIVABLE: "Owed by companies",
    Kind.COMPANY_TERMS: "Drawn on terms by companies",
    Kind.PERFORMER_OVERPAID: "Overpaid to performers",
    Kind.COMPANY_INCOMING: "Paid in, not yet available",
    Kind.COMPANY_WALLET: "Companies’ wallets",
    Kind.GIG_BUDGET: "Budgets of gigs",
    Kind.COMPANY_WITHDRAWING: "Being given back to companies",
    Kind.PERFORMER_PAYABLE: "Owed to performers",
    Kind.PAYOUTS_IN_FLIGHT: "Payouts in flight",
    Kind.PERFORMER_RETURNED: "Came back from performers",
    Kind.STRIPE_FLOAT: "The house’s own money at Stripe",
    Kind.SUSPENSE: "Suspense",
    Kind.PLATFORM_FEES: "Platform fees",
    Kind.PLATFORM_LOSSES: "Losses",
    Kind.STRIPE_FEES: "Stripe’s fees",
}
# Whose accounts of these kinds are, a company's journal says; of others it does not.
OF_COMPANIES = frozenset(
    {
        Kind.COMPANY_RECEIVABLE,
        Kind.COMPANY_TERMS,
        Kind.COMPANY_INCOMING,
        Kind.COMPANY_WALLET,
        Kind.GIG_BUDGET,
        Kind.COMPANY_WITHDRAWING,
    }
)
ORDER = {kind: place for place, kind in enumerate(LABELS)}
