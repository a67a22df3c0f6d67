"""What people are told of money after the fact: what was taken back, is owed, came back, or was too much."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, News


class MoneyKind(News):
    """Refunds, disputes, debts, reversals and corrections."""

    FUNDING_TAKEN_BACK = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "{amount} was taken back",
        "{why} It was taken from the wallet, then from what is set aside for gigs; what was missing is owed.",
    )
    FUNDING_LESS_TO_COME = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "{amount} less will arrive",
        "{why} The payment had not arrived yet, so that much less of it will.",
    )
    FUNDING_CAME_AGAIN = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "{amount} came back",
        "{why} It pays what is owed first; the rest is in the wallet, or arrives with the payment.",
    )
    FUNDING_REFUNDED = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "A payment was given back",
        "All of your payment of {amount} was given back. Nothing of it is in the wallet.",
    )
    FUNDING_LOST = (
        "funding",
        Act.PAY_IN,
        "company_wallet",
        "A payment was lost in a dispute",
        "The bank decided: nothing of your payment of {amount} is left.",
    )
    COMPANY_OWES = (
        "company_owes",
        Act.PAY_IN,
        "company_wallet",
        "The company owes {amount}",
        "Until it is paid in, nothing is published, booked or taken out. Sessions of the next 48 hours are played; later "
        "ones are released 48 hours before their call, at the price of their cancellation.",
    )
    COMPANY_OWES_NOTHING = (
        "company_owes",
        Act.PAY_IN,
        "company_wallet",
        "What was owed is paid",
        "The company owes {amount} now. Gigs can go back on the board and sessions be booked.",
    )
    DEBT_GIVEN_UP = (
        "company_owes",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is no longer asked for",
        "The house has given up {amount} of what the company owes. The reason: {reason}.",
    )
    WITHDRAWN = (
        "withdrawal",
        Act.WITHDRAW,
        "company_wallet",
        "{amount} goes back to you",
        "It goes back to the cards and accounts that it came from; banks take five to ten days.",
    )
    WITHDRAWAL_REFUSED = (
        "withdrawal",
        Act.WITHDRAW,
        "company_wallet",
        "{amount} could not be given back",
        "Stripe refused it: {why} It is back in the wallet.",
    )
    OVERPAID = (
        "overpaid",
        PERFORMER,
        "statement",
        "You were paid {amount} too much",
        "Corrections outweigh what you earned since your last payday: the statement names each line. Nothing is asked back. "
        "From {begins_at} on, a part of a payday is kept until it is even, as your terms say. You object on the line itself, "
        "where it is shown.",
    )
    RETURNED = (
        "returned",
        PERFORMER,
        "statement",
        "{amount} of your pay came back to us",
        "Stripe took it back from your account there. It is kept for you; finance looks at it and answers by {due_at}.",
    )
    RETURNED_TO_FINANCE = (
        "finance",
        Staff.FINANCE,
        "payday_returned",
        "{amount} came back from a performer",
        "Decide whether it is paid again or was too much, with a reason, by {due_at}.",
    )
    PAID_AGAIN = (
        "returned",
        PERFORMER,
        "statement",
        "{amount} is paid again",
        "It came back to us, and goes out again. The reason: {reason}.",
    )
    WAS_TOO_MUCH = (
        "returned",
        PERFORMER,
        "statement",
        "{amount} makes up for what was too much",
        "It came back to us, and lowers what you were paid too much. The reason: {reason}. You object by answering this mail.",
    )
    ADJUSTMENT_PROPOSED = (
        "finance",
        Staff.FINANCE,
        "adjustments",
        "{amount} waits for a second person",
        "{what} The reason: {reason}.",
    )
    STRAY = (
        "finance",
        Staff.FINANCE,
        "adjustments",
        "{amount} at Stripe that no rule explains",
        "{what} It lies in suspense until a person says what it is.",
    )
