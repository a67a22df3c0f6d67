"""What people are told of money: paid in, paid out, held, sent back."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, News


class MoneyKind(News):
    """Wallets, pay and banks."""

    FUNDING_PROCESSING = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is on its way from your bank",
        "{amount} is on its way from your bank. That takes up to four business days.",
    )
    FUNDING_PENDING = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is paid",
        "{amount} is paid; Stripe makes it available in a few days.",
    )
    FUNDING_AVAILABLE = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is in your wallet",
        "{amount} is in your wallet.",
    )
    FUNDING_FAILED = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "The payment of {amount} did not go through",
        "The payment of {amount} did not go through. {means} {fix} Nothing was added to the wallet.",
    )
    FUNDING_DISPUTED = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "The payment of {amount} is disputed at your bank",
        "The payment of {amount} is disputed at your bank. Please talk to us.",
    )
    PAY_SETUP_INCOMPLETE = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Stripe needs something from you",
        "Until it has it, your pay waits safely with us. Open the set-up and fill in what is asked.",
    )
    PAY_SETUP_LOST = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Set up your pay again",
        "Stripe does not know your account any more. Until you have set it up again, your pay waits safely with us.",
    )
    BANK_CHANGED = (
        "bank_changed",
        PERFORMER,
        "my_pay",
        "Your bank account was changed",
        "Pay to the new account starts in {rest}. If it was not you, tell us at once: nothing goes out before.",
    )
    PAID = (
        "paid",
        PERFORMER,
        "statement",
        "{amount} is on its way",
        "It is on your Stripe account and goes to your bank by itself. Your statement says which seconds it pays for.",
    )
    PAY_WAITS_FOR_PERFORMER = (
        "pay_held",
        PERFORMER,
        "payouts_setup",
        "Your pay is waiting",
        "Your pay of {amount} is safe and waits for you. {means} {fix}",
    )
    PAY_WAITS_FOR_HOUSE = (
        "pay_held",
        PERFORMER,
        "statement",
        "Your pay is waiting",
        "Your pay of {amount} is safe and waits with us. {means} Finance is on it; you need to do nothing.",
    )
    PAY_BELOW_ZERO = (
        "pay_held",
        PERFORMER,
        "statement",
        "Your pay is waiting",
        "{means} Nothing is taken from your bank. {fix}",
    )
    PAY_STILL_HELD = (
        "pay_held",
        PERFORMER,
        "payouts_setup",
        "Your pay still waits for you",
        "Your pay of {amount} is safe. {means} {fix}",
    )
    PAY_HELD_TO_FINANCE = ("finance", Staff.FINANCE, "payday_held", "{amount} is held", "{means} {fix}")
    BANK_FAILED = (
        "bank_failed",
        PERFORMER,
        "payouts_setup",
        "Your bank sent {amount} back",
        "{means} The money is safe on your Stripe account. {fix}",
    )
    BANK_STILL_FAILED = (
        "bank_failed",
        PERFORMER,
        "payouts_setup",
        "{amount} still waits on your Stripe account",
        "{means} {fix}",
    )
    BANK_FAILED_TO_FINANCE = (
        "finance",
        Staff.FINANCE,
        "payday_held",
        "A bank sent {amount} back",
        "{means} The performer was told. Nothing is to be sent again.",
    )
    PAYOUTS_HALTED = (
        "finance",
        Staff.FINANCE,
        "payday",
        "Payouts stand still",
        "{detail} Nothing is lost; nothing more goes out until one of you lifts this.",
    )
    APPROVED_RUN_CANCELLED = (
        "finance",
        Staff.FINANCE,
        "payday_run",
        "The approved pay run of {amount} was cancelled",
        "{who} cancelled {run} before it paid: “{reason}” Its lines fall into the next run.",
    )
    FINDING = ("finance", Staff.FINANCE, "finance_inbox", "Something needs finance", "{detail}")
