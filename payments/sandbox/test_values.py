"""Stripe's test values and what each of them makes happen.

Source: docs.stripe.com/connect/testing, docs.stripe.com/testing and docs.stripe.com/ach-direct-debit.
"""

from dataclasses import dataclass

_BY_ORDER = ("account_closed", "insufficient_funds", "debit_not_authorized", "invalid_currency")

# Payout bank accounts: number → why a payout to it fails. Any other number is good.
_PAYOUT_FAILS = {
    "000111111116": "no_account",
    "000111111113": "account_closed",
    "000222222227": "insufficient_funds",
    "000333333335": "debit_not_authorized",
    "000444444440": "invalid_currency",
    # The United Kingdom, in the same order.
    "11111116": "no_account",
    "11111113": "account_closed",
    "22222227": "insufficient_funds",
    "33333335": "debit_not_authorized",
    "44444440": "invalid_currency",
    "DE62370400440532013001": "no_account",
    **{f"DE8937040044053201300{digit}": code for digit, code in zip((2, 3, 4, 5), _BY_ORDER, strict=True)},
}

_TOKEN_FAILS = {
    "noAccount": "no_account",
    "accountClosed": "account_closed",
    "insufficientFunds": "insufficient_funds",
    "debitNotAuthorized": "debit_not_authorized",
    "invalidCurrency": "invalid_currency",
}

FAILURE_MESSAGES = {
    "no_account": "The bank account has been closed or does not exist.",
    "account_closed": "The bank account has been closed.",
    "insufficient_funds": "The bank account has insufficient funds to complete this.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "invalid_currency": "The bank was unable to process this because of its currency.",
    "bank_account_unusable": "The bank account cannot be used.",
}

ID_MATCHES = "000000000"
ID_DOES_NOT_MATCH = "111111111"
ADDRESS_DOES_NOT_MATCH = "address_no_match"
DOCUMENT_FAILS = "file_identity_document_failure"

GOOD_PERSON = {
    "given_name": "Jenny",
    "surname": "Rosen",
    "dob": {"day": 1, "month": 1, "year": 1990},
    "address": {
        "line1": "address_full_match",
        "city": "San Francisco",
        "state": "CA",
        "postal_code": "94103",
        "country": "us",
    },
    "id_number": ID_MATCHES,
}

GOOD_BANK = {
    "us": {"routing_number": "110000000", "account_number": "000123456789"},
    "gb": {"routing_number": "108800", "account_number": "00012345"},
    "de": {"account_number": "DE89370400440532013000"},
}

CURRENCY_OF = {"us": "usd", "gb": "gbp", "de": "eur", "fr": "eur", "ie": "eur", "ca": "cad", "ch": "chf"}


def payout_failure(number: str) -> str | None:
    """Why payouts to this bank account number fail, or None."""
    return _PAYOUT_FAILS.get(number.replace(" ", "").upper())


def bank_of_token(token: str) -> dict[str, str] | None:
    """The bank account behind a `btok_…` test token, or None for a token that Stripe does not know."""
    if token in ("btok_us_verified", "btok_us"):
        return {"country": "us", **GOOD_BANK["us"]}
    for ending, code in _TOKEN_FAILS.items():
        if token in (f"btok_us_verified_{ending}", f"btok_us_{ending}"):
            number = next(n for n, c in _PAYOUT_FAILS.items() if c == code and len(n) == 12)
            return {"country": "us", "routing_number": "110000000", "account_number": number}
    return None


def topup_failure(token: str) -> str | None:
    """Why a top-up from this test token fails, or None."""
    return _TOKEN_FAILS.get(token.rpartition("_")[2])


@dataclass(frozen=True, slots=True)
class TestPaymentMethod:
    """What paying with a test payment method does. `failure` is an error code; `decline` its decline code;
    `disputed` is the reason of the dispute that follows, an `inquiry` or a chargeback;
    `refund` what becomes of a refund: `succeeded`, `pending` (first, then succeeded) or `failed` (after it succeeded)."""

    __test__ = False

    kind: str
    last4: str
    brand: str = "visa"
    failure: str | None = None
    decline: str | None = None
    available_at_once: bool = False
    disputed: str | None = None
    inquiry: bool = False
    stays_processing: bool = False
    refund: str = "succeeded"


def _card(last4: str, **what: object) -> TestPaymentMethod:
    return TestPaymentMethod(kind="card", last4=last4, **what)  # type: ignore[arg-type]  # each call names real fields


def _debit(last4: str, **what: object) -> TestPaymentMethod:
    return TestPaymentMethod(kind="us_bank_account", last4=last4, brand="", **what)  # type: ignore[arg-type]  # as above


PAYMENT_METHODS = {
    # Not a test value of Stripe: how a customer's cash, which came by bank transfer, pays an invoice.
    "pm_customer_balance": TestPaymentMethod(kind="customer_balance", last4="", brand=""),
    "pm_card_visa": _card("4242"),
    "pm_card_mastercard": _card("4444", brand="mastercard"),
    "pm_card_bypassPending": _card("0077", available_at_once=True),
    "pm_card_chargeDeclined": _card("0002", failure="card_declined", decline="generic_decline"),
    "pm_card_visa_chargeDeclined": _card("0002", failure="card_declined", decline="generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": _card(
        "9995", failure="card_declined", decline="insufficient_funds"
    ),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _card(
        "9995", failure="card_declined", decline="insufficient_funds"
    ),
    "pm_card_createDispute": _card("0259", disputed="fraudulent"),
    "pm_card_createDisputeInquiry": _card("1976", disputed="fraudulent", inquiry=True),
    "pm_card_pendingRefund": _card("7726", refund="pending"),
    "pm_card_refundFail": _card("5126", refund="failed"),
    "pm_usBankAccount": _debit("6789"),
    "pm_usBankAccount_success": _debit("6789"),
    "pm_usBankAccount_noAccount": _debit("1116", failure="no_account"),
    "pm_usBankAccount_accountClosed": _debit("1113", failure="account_closed"),
    "pm_usBankAccount_insufficientFunds": _debit("2227", failure="insufficient_funds"),
    "pm_usBankAccount_debitNotAuthorized": _debit("3335", failure="debit_not_authorized"),
    "pm_usBankAccount_invalidCurrency": _debit("4440", failure="invalid_currency"),
    "pm_usBankAccount_failMicrodeposits": _debit("4443", failure="bank_account_unusable"),
    "pm_usBankAccount_dispute": _debit("5553", disputed="insufficient_funds"),
    "pm_usBankAccount_processing": _debit("6660", stays_processing=True),
}

_CARD_NUMBERS = {
    "4242424242424242": "pm_card_visa",
    "5555555555554444": "pm_card_mastercard",
    "4000000000000077": "pm_card_bypassPending",
    "4000000000000002": "pm_card_chargeDeclined",
    "4000000000009995": "pm_card_chargeDeclinedInsufficientFunds",
    "4000000000000259": "pm_card_createDispute",
    "4000000000001976": "pm_card_createDisputeInquiry",
    "4000000000007726": "pm_card_pendingRefund",
    "4000000000005126": "pm_card_refundFail",
}
_TOKENS = {
    "tok_visa": "pm_card_visa",
    "tok_bypassPending": "pm_card_bypassPending",
    "tok_chargeDeclined": "pm_card_chargeDeclined",
    "tok_chargeDeclinedInsufficientFunds": "pm_card_chargeDeclinedInsufficientFunds",
    "tok_createDispute": "pm_card_createDispute",
    "tok_createDisputeInquiry": "pm_card_createDisputeInquiry",
}
_DEBIT_NUMBERS = {
    "000123456789": "pm_usBankAccount_success",
    "000111111116": "pm_usBankAccount_noAccount",
    "000111111113": "pm_usBankAccount_accountClosed",
    "000222222227": "pm_usBankAccount_insufficientFunds",
    "000333333335": "pm_usBankAccount_debitNotAuthorized",
    "000444444440": "pm_usBankAccount_invalidCurrency",
    "000555555559": "pm_usBankAccount_dispute",
    "000000000009": "pm_usBankAccount_processing",
}


def method_name(*, number: str) -> str | None:
    """The test payment method behind a card number, a bank account number or a `tok_…`."""
    plain = number.replace(" ", "")
    return _CARD_NUMBERS.get(plain) or _DEBIT_NUMBERS.get(plain) or _TOKENS.get(plain)
