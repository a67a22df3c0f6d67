"""Performers' accounts at Stripe (Accounts v2, recipient), and the hosted form where they are set up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe

from payments.gateway.client import client

INCLUDE: list[Any] = ["configuration.recipient", "requirements", "identity", "defaults"]


@dataclass(frozen=True)
class AccountFacts:
    """An account as Stripe tells it. `requirements` are what Stripe still asks for, in its words."""

    id: str
    livemode: bool
    closed: bool
    transfers_status: str
    payouts_status: str
    requirements: list[str]
    requirements_due_at: datetime | None
    bank_fingerprint: str


def create_recipient(*, performer_id: str, email: str, name: str, country: str, key: str) -> str:
    """Open an Express account that may receive transfers; returns its id. Raises stripe.StripeError."""
    params: Any = {
        "contact_email": email,
        "display_name": name,
        "dashboard": "express",
        "identity": {"country": country.lower(), "entity_type": "individual"},
        "configuration": {
            "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
        },
        "defaults": {
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
        },
        "metadata": {"performer": performer_id},
        "include": INCLUDE,
    }
    return client().v2.core.accounts.create(params, {"idempotency_key": key}).id


def onboarding_link(*, account_id: str, return_url: str, refresh_url: str) -> str:
    """A link to the hosted form, to be used once and at once. Coming back from it proves nothing."""
    params: Any = {
        "account": account_id,
        "use_case": {
            "type": "account_onboarding",
            "account_onboarding": {
                "collection_options": {"fields": "eventually_due"},
                "refresh_url": refresh_url,
                "return_url": return_url,
            },
        },
    }
    return client().v2.core.account_links.create(params).url


def retrieve(account_id: str) -> AccountFacts:
    """What Stripe says of an account now. Raises stripe.StripeError."""
    account: Any = client().v2.core.accounts.retrieve(account_id, {"include": INCLUDE})
    recipient = getattr(account.configuration, "recipient", None) if account.configuration else None
    capabilities = getattr(recipient, "capabilities", None)
    balance = getattr(capabilities, "stripe_balance", None)
    entries = getattr(account.requirements, "entries", None) or []
    summary = getattr(account.requirements, "summary", None)
    deadline = getattr(getattr(summary, "minimum_deadline", None), "time", None)
    return AccountFacts(
        id=account.id,
        livemode=account.livemode,
        closed=bool(account.closed),
        transfers_status=_status(balance, "stripe_transfers"),
        payouts_status=_status(balance, "payouts"),
        requirements=[entry.description for entry in entries],
        requirements_due_at=datetime.fromisoformat(deadline) if isinstance(deadline, str) else deadline,
        bank_fingerprint=_bank_fingerprint(account.id),
    )


def _status(balance: Any, name: str) -> str:
    return str(getattr(getattr(balance, name, None), "status", None) or "pending")


def _bank_fingerprint(account_id: str) -> str:
    """Tells one bank account from another without its number."""
    try:
        found = client().v1.accounts.external_accounts.list(account_id, {"limit": 10})
    except stripe.InvalidRequestError:
        return ""  # no external account yet, or an account that keeps it elsewhere
    banks: list[Any] = sorted(found.data, key=lambda bank: not getattr(bank, "default_for_currency", False))
    return str(getattr(banks[0], "fingerprint", "") or banks[0].id) if banks else ""
