"""Every code has plain words, a fix, someone who mends it and one next step; an unknown one is shown as it came."""

import pytest

from payments.inbox.reasons import (
    BANK,
    PAYMENT,
    REASONS,
    STANDINGS,
    Reason,
    bank_reason,
    payment_reason,
    reason,
)

TRANSFERS = [
    "balance_insufficient",
    "insufficient_capabilities_for_transfer",
    "transfers_not_allowed",
    "resource_missing",
    "account_closed",
    "account_invalid",
    "accounts_v2_access_blocked",
    "currency_mismatch",
    "amount_too_small",
    "amount_too_large",
]
OURS = [
    "payout_account_missing",
    "payout_account_not_ready",
    "bank_change_hold",
    "below_zero",
    "never_arrived",
    "transfer_reversed",
]
ACCOUNTS = ["pending", "restricted", "rejected", "unsupported"]
BANKS = [
    "account_closed",
    "account_frozen",
    "bank_account_restricted",
    "bank_account_unusable",
    "bank_ownership_changed",
    "could_not_process",
    "debit_not_authorized",
    "declined",
    "incorrect_account_holder_address",
    "incorrect_account_holder_name",
    "incorrect_account_holder_tax_id",
    "insufficient_funds",
    "instant_payouts_unsupported",
    "invalid_account_number",
    "invalid_currency",
    "no_account",
    "payouts_not_allowed",
    "unsupported_card",
]
PAYMENTS = [
    "account_closed",
    "bank_account_unusable",
    "card_declined",
    "debit_not_authorized",
    "disputed",
    "insufficient_funds",
    "invalid_currency",
    "no_account",
    "payment_method_microdeposit_failed",
]
OF_STRIPES_MAKING = ("transfer failed", "400", "entity", "requirement", "capabilit")


def in_plain_words(known: Reason) -> bool:
    sentences = (known.means, known.fix)
    return all(
        text.endswith(".") and " " in text and not any(word in text.lower() for word in OF_STRIPES_MAKING)
        for text in sentences
    )


@pytest.mark.parametrize(("codes", "table"), [
    (TRANSFERS + OURS, REASONS), (ACCOUNTS, STANDINGS), (BANKS, BANK), (PAYMENTS, PAYMENT),
])  # fmt: skip
def test_every_code_says_what_it_means_and_what_mends_it(codes: list[str], table: dict[str, Reason]) -> None:
    assert set(codes) <= set(table)
    assert [code for code, known in table.items() if not in_plain_words(known)] == []
    assert all(known.who and known.next for known in table.values())


@pytest.mark.parametrize(
    "of", [reason, bank_reason, payment_reason], ids=["of a transfer", "of a bank payout", "of a payment"]
)
def test_an_unknown_code_is_shown_as_it_came(of) -> None:  # type: ignore[no-untyped-def]  # three of one kind
    assert "something_of_2031" in of("something_of_2031").means
    assert of("").means.endswith("nothing more")
    assert "None" not in of("").means


def test_stripes_own_sentence_is_kept_where_the_code_is_unknown() -> None:
    assert reason("invalid_request_error", "No such currency.").means == "Stripe says: No such currency."


def test_a_rejected_account_is_not_a_matter_of_the_form() -> None:
    assert reason("payout_account_not_ready", standing="rejected").next == "look"
    assert reason("payout_account_not_ready", standing="restricted").next == "remind"
    assert reason("payout_account_not_ready", standing="").next == "remind"
