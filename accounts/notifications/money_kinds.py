"""What people are told of money: paid in, paid out, held, sent back; taken back, owed, come back, or too much."""

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
    PAY_SETUP_CLOSED = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Stripe closed your account",
        "Begin again with another: until it is set up, your pay waits safely with us. What still lies on the old one is "
        "followed until it is yours.",
    )
    PAY_SETUP_ANEW = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Set up another account for your pay",
        "Your account at Stripe cannot be used any more. The reason: {reason}. Begin again with another; until it is set up, "
        "your pay waits safely with us.",
    )
    PAY_SETUP_REPLACED = (
        "bank_changed",
        PERFORMER,
        "payouts_setup",
        "You gave up your account at Stripe",
        "Your pay waits until the other one is set up. What lies on the old one still goes to its bank. If it was not you, tell "
        "us at once.",
    )
    LEFT_BEHIND = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Money lies on your former account at Stripe",
        "{amounts} lies there and is yours. Stripe pays it out to the bank that it knows there; where it cannot, finance takes "
        "it back and pays it again. Answer this mail where you know more.",
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
    BANK_ARRIVED = (
        "paid",
        PERFORMER,
        "my_pay",
        "{amount} is in your bank",
        "Your bank has taken {amount} from Stripe. It can still send it back for some days; then we tell you.",
    )
    BANK_SHARED = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Your bank account is in use by somebody else here",
        "Another performer is paid to the same bank account. Finance looks at it; your pay is safe and waits meanwhile. If it "
        "should not be theirs too, tell us, or name another bank account at Stripe.",
    )
    BANK_SHARED_ALLOWED = (
        "pay_setup",
        PERFORMER,
        "my_pay",
        "Your bank account may stay as it is",
        "Finance looked at the bank account that another performer is paid to as well. Your pay goes out again.",
    )
    BANK_SHARED_KEPT = (
        "pay_setup",
        PERFORMER,
        "payouts_setup",
        "Name another bank account",
        "Pay to a bank account that another performer is paid to as well cannot go out. Your pay is safe and waits until you "
        "name another at Stripe.",
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
    RUN_SIGNED = (
        "finance",
        Staff.FINANCE,
        "payday_run",
        "A pay run of {amount} waits for signatures",
        "{who} has signed for it, and it needs {missing}. It goes out when it has them all, and not before.",
    )
    SIGNATURE_TAKEN_BACK = (
        "finance",
        Staff.FINANCE,
        "payday_run",
        "A signature for a pay run of {amount} was taken back",
        "{who} took theirs back. It needs {missing}, and pays nobody before it has them all.",
    )
    SIGNING_LIMIT_SET = (
        "finance",
        Staff.FINANCE,
        "signers",
        "How much you sign for has changed",
        "{who} set it: {limit}. “{reason}”",
    )
    FINDING = ("finance", Staff.FINANCE, "finance_inbox", "Something needs finance", "{detail}")
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
        "Until it is paid in, nothing is published, booked or taken out. Sessions within {rest} are played; later ones are "
        "released so long before their call, at the price of their cancellation.",
    )
    COMPANY_OWES_MORE = (
        "company_owes",
        Act.PAY_IN,
        "company_wallet",
        "The company owes more: {amount} by now",
        "It grew by work that was approved, or by money that was taken back. Your wallet says by what.",
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
        "It goes back to the cards and accounts that it came from; their banks take some days.",
    )
    WITHDRAWAL_REFUSED = (
        "withdrawal",
        Act.WITHDRAW,
        "company_wallet",
        "{amount} could not be given back",
        "Stripe refused it: {why} It is back in the wallet.",
    )
    INVOICE_ISSUED = (
        "invoice",
        Act.PAY_IN,
        "company_invoice",
        "An invoice over {amount}",
        "{number}, week of {week}: {amount}. {paid}",
    )
    CREDIT_NOTE_ISSUED = (
        "invoice",
        Act.PAY_IN,
        "company_invoice",
        "A credit note over {amount}",
        "{number}, week of {week}: {amount} less than was charged. It lowered what is owed, or is back in your wallet and "
        "what was set aside.",
    )
    NET_TERMS_PROPOSED = (
        "finance",
        Staff.FINANCE,
        "net_terms",
        "Terms over {amount} wait for a second person",
        "{company}: {days} days to pay. The reason: {reason}.",
    )
    TERMS_AGREED = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "You may set aside {amount} beyond your wallet",
        "From {begins} on. What a week draws is due {days} days after the week is over; what you pay in pays it, the oldest first. "
        "While anything is overdue, nothing more is drawn.",
    )
    TERMS_LOWERED = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "Your limit is {amount} now",
        "The reason: {reason}. What you drew beyond it stands until it is paid.",
    )
    TERMS_ENDED = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "Your terms of payment have ended",
        "The reason: {reason}. Nothing more is drawn; what you drew stands until it is paid, and is due as before.",
    )
    TERMS_DUE_SOON = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is due soon",
        "What you drew on your terms is due on {day}. Pay it into the wallet: it is taken from there first.",
    )
    TERMS_DUE = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is due",
        "What you drew on your terms is due on {day}. Pay it into the wallet; once that day is over, nothing more is drawn until "
        "it is paid.",
    )
    TERMS_OVERDUE = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "{amount} is overdue",
        "It was due on {day}. Until it is paid into the wallet, nothing more is drawn on your terms. What is set aside already is "
        "still paid to performers.",
    )
    TERMS_WRITTEN = (
        "net_terms",
        Act.PAY_IN,
        "company_wallet",
        "About the {amount} that you drew",
        "Finance writes to you: {words} Answer this mail, or pay it into the wallet.",
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
    MONTH_WAITS = (
        "finance",
        Staff.FINANCE,
        "books_months",
        "A month waits for a second person",
        "{month}: {what} Read its trial balance before you sign.",
    )
    RESTATEMENT_PROPOSED = (
        "finance",
        Staff.FINANCE,
        "restatements",
        "Books of before wait for a second person",
        "{count} entries would bring them to today's rules. Read each with what it was and what it becomes.",
    )
    STRAY = (
        "finance",
        Staff.FINANCE,
        "adjustments",
        "{amount} at Stripe that no rule explains",
        "{what} It lies in suspense until a person says what it is.",
    )
