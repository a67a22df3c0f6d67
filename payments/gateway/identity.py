"""Proof of identity and age by Stripe Identity: its hosted page, and what it found. Nothing of a document comes here."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import stripe
from django.conf import settings

from payments.gateway.client import client
from payments.gateway.outcomes import code_of


@dataclass(frozen=True)
class CheckFacts:
    """A check as Stripe tells it. `url` opens once and is for the person alone; `report` names the last attempt."""

    id: str
    status: str
    url: str
    error_code: str
    report: str


@dataclass(frozen=True)
class Person:
    """Whom Stripe verified: to be looked at and dropped, never kept."""

    first_name: str
    last_name: str
    born: date


class ResultsClosed(Exception):
    """Our key may not read what was verified: it is not a restricted one with that right, or the check is too old."""


def start(*, performer_id: str, email: str, return_url: str, key: str) -> CheckFacts:
    """Begin a check of a document and a selfie. The key follows from the performer, so two presses begin one.

    Raises stripe.StripeError.
    """
    params: Any = {
        "type": "document",
        "options": {"document": {"require_live_capture": True, "require_matching_selfie": True}},
        "provided_details": {"email": email},
        "client_reference_id": performer_id,
        "metadata": {"performer": performer_id},
        "return_url": return_url,
    }
    sessions = client().v1.identity.verification_sessions
    return _facts(sessions.create(params, {"idempotency_key": key}))


def retrieve(check_id: str) -> CheckFacts:
    """As it stands; while it requires input, with an address that opens. Raises stripe.StripeError."""
    return _facts(client().v1.identity.verification_sessions.retrieve(check_id))


def cancel(check_id: str) -> CheckFacts:
    """No more attempts. Only while it requires input. Raises stripe.StripeError."""
    return _facts(client().v1.identity.verification_sessions.cancel(check_id))


def person(check_id: str) -> Person:
    """Whom a verified check is of. Raises ResultsClosed, stripe.StripeError.

    Stripe shows a birthday to a restricted key only, and for two days: docs.stripe.com/identity/access-verification-results.
    """
    sessions = client(settings.STRIPE_IDENTITY_KEY).v1.identity.verification_sessions
    try:
        found: Any = sessions.retrieve(check_id, {"expand": ["verified_outputs", "verified_outputs.dob"]})
    except stripe.PermissionError as error:
        raise ResultsClosed(code_of(error)) from error
    outputs = found.verified_outputs
    born = getattr(outputs, "dob", None)
    if born is None or not (born.year and born.month and born.day):
        raise ResultsClosed("no birthday")
    return Person(
        first_name=str(outputs.first_name or ""),
        last_name=str(outputs.last_name or ""),
        born=date(born.year, born.month, born.day),
    )


def _facts(session: Any) -> CheckFacts:
    report = session.last_verification_report
    return CheckFacts(
        id=session.id,
        status=session.status,
        url=session.url or "",
        error_code=str(session.last_error.code or "") if session.last_error else "",
        report=report if isinstance(report, str) else str(getattr(report, "id", "") or ""),
    )
