"""What people are told of work, time and pay: whom, in which words, and the page it leads to. Told nowhere else."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, News


class Kind(News):
    """Work, time and pay."""

    OFFER = (
        "application",
        PERFORMER,
        "my_work",
        "You have an offer",
        "{company} offers you “{gig}”. {message} Please answer by {answer_by}.",
    )
    SHORTLISTED = (
        "application",
        PERFORMER,
        "my_work",
        "You are on the shortlist",
        "{gig}: The company looks closer at your application now.",
    )
    NOT_SELECTED = (
        "application",
        PERFORMER,
        "my_work",
        "Not this time",
        "{gig}: The reason: {reason}. {note} You can apply for the company's other gigs at any time.",
    )
    OFFER_ENDS_SOON = (
        "application",
        PERFORMER,
        "my_work",
        "An offer runs out soon",
        "{company} offers you “{gig}”. Please answer by {answer_by}.",
    )
    OFFER_EXPIRED = (
        "application",
        PERFORMER,
        "my_work",
        "An offer has run out",
        "{gig}: You can still write to the company or apply again.",
    )
    GIG_CHANGED = (
        "gig_changed",
        PERFORMER,
        "gig_detail",
        "A gig that you applied for has changed",
        "“{gig}”: {what}. It pays no less and asks for no more than when you applied. Read it before you answer.",
    )
    OFFER_TAKEN_BACK = (
        "application",
        PERFORMER,
        "my_work",
        "An offer was taken back",
        "{gig}: The company has taken its offer back. You are on its shortlist as before.",
    )
    APPLICATION_WITHDRAWN = (
        "applicant",
        Act.CAST,
        "gig_applicants",
        "An application was taken back",
        "{performer} has taken their application for “{gig}” back. There is nothing to answer any more.",
    )
    OFFER_ACCEPTED = (
        "applicant",
        Act.OFFER,
        "engagement_detail",
        "Your offer is accepted",
        "{performer} has accepted your offer of “{gig}”. They sign the terms first, then you do.",
    )
    OFFER_DECLINED = (
        "applicant",
        Act.OFFER,
        "gig_applicants",
        "Your offer is declined",
        "{performer} has declined your offer of “{gig}”. The place is free for somebody else.",
    )
    OFFER_NOT_ANSWERED = (
        "applicant",
        Act.OFFER,
        "gig_applicants",
        "Your offer has run out",
        "{performer} has not answered your offer of “{gig}”. You can offer it again, or to somebody else.",
    )
    ANSWERS_OVERDUE = (
        "answers_overdue",
        Act.CAST,
        "gig_applicants",
        "Applicants wait for an answer",
        "“{gig}”: You promised an answer by a date that has passed. Shortlist, offer or decline with a reason.",
    )
    TO_SIGN = (
        "to_sign",
        Act.SIGN,
        "engagement_detail",
        "A performer has signed",
        "{performer} has signed. Your signature is next for “{gig}”.",
    )
    SIGNATURE_WAITS_OF_PERFORMER = (
        "to_sign",
        PERFORMER,
        "engagement_detail",
        "Terms wait for your signature",
        "“{gig}” has waited for your signature for {waited}. Before it, nothing is booked under these terms.",
    )
    SIGNATURE_WAITS_OF_COMPANY = (
        "to_sign",
        Act.SIGN,
        "engagement_detail",
        "Terms wait for your signature",
        "“{gig}” has waited for your signature for {waited}. Before it, nothing is booked under these terms.",
    )
    ENGAGEMENT_ACTIVE = (
        "engagement_active",
        PERFORMER,
        "engagement_detail",
        "You can be booked",
        "“{gig}” is signed by both. When you are booked, the call stands under Sessions.",
    )
    SIGNED_STEPS_OPEN = (
        "engagement_active",
        PERFORMER,
        "engagement_detail",
        "Your terms are signed by both",
        "“{gig}” is signed by both. Before you can be booked there is something left to do; it stands under Today.",
    )
    PAUSED_TO_PERFORMER = (
        "engagement",
        PERFORMER,
        "engagement_detail",
        "Your engagement is paused",
        "{who} books you no more for “{gig}” for now: {reason} What is booked takes place.",
    )
    PAUSED_TO_COMPANY = (
        "engagement",
        Act.BOOK,
        "engagement_detail",
        "A performer takes a pause",
        "{who} takes no new bookings for “{gig}” for now: {reason} What is booked takes place.",
    )
    RESUMED_TO_PERFORMER = (
        "engagement",
        PERFORMER,
        "engagement_detail",
        "Your engagement goes on",
        "{who} can book you for “{gig}” again.",
    )
    RESUMED_TO_COMPANY = (
        "engagement",
        Act.BOOK,
        "engagement_detail",
        "A performer is back",
        "{who} can be booked for “{gig}” again.",
    )
    ENGAGEMENT_ENDED_TO_PERFORMER = (
        "engagement",
        PERFORMER,
        "engagement_detail",
        "Your engagement has ended",
        "{who} has ended it for “{gig}”: {reason} What you worked is paid; what was booked is paid by the notice that you had.",
    )
    ENGAGEMENT_ENDED_TO_COMPANY = (
        "engagement",
        Act.BOOK,
        "engagement_detail",
        "A performer has ended an engagement",
        "{who} plays in “{gig}” no more: {reason} Their seats are free.",
    )
    TERMS_PROPOSED = (
        "to_sign",
        PERFORMER,
        "engagement_detail",
        "New terms wait for your signature",
        "{company} offers you {rate} an hour for “{gig}”. Until both have signed, the terms of before hold.",
    )
    TERMS_SIGNED = (
        "to_sign",
        PERFORMER,
        "engagement_detail",
        "Your new terms are signed by both",
        "“{gig}” pays {rate} an hour for what is booked from now on.",
    )
    BOOKED = (
        "session",
        PERFORMER,
        "session_detail",
        "You are booked",
        "“{gig}”, {call_at}. Please confirm that you come.",
    )
    CONFIRMED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session is confirmed",
        "“{gig}”, {call_at}: everyone who is booked has confirmed.",
    )
    CALLED_OFF = (
        "session",
        PERFORMER,
        "session_detail",
        "A session was called off",
        "“{gig}”, {call_at}. {reason}",
    )
    CALLED_OFF_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A performer called a session off",
        "“{gig}”, {call_at}. {reason} It costs you nothing.",
    )
    SEAT_FREE_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A seat is free",
        "{performer} cannot come to “{gig}”, {call_at}: {reason} Give the seat to somebody else, or call the session off.",
    )
    PARTNER_LEFT = (
        "session",
        PERFORMER,
        "session_detail",
        "Somebody else's seat was called off",
        "{performer} does not play in “{gig}”, {call_at}. Your seat is as it was.",
    )
    PARTNER_CAME = (
        "session",
        PERFORMER,
        "session_detail",
        "Somebody else has the free seat",
        "{performer} is booked for “{gig}”, {call_at}. Your seat is as it was.",
    )
    MOVE_ASKED_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "Another time is proposed for a session",
        "“{gig}”, {call_at}, could be {new_call_at} instead. Please answer by {answer_by}; without everyone's yes it stays.",
    )
    MOVE_ASKED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Another time is proposed for a session",
        "“{gig}”, {call_at}: a performer proposes {new_call_at} instead. Please answer by {answer_by}; without it, it stays.",
    )
    MOVED_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "A session is moved",
        "“{gig}” is now at {call_at}. Everyone has agreed, so you need not confirm again.",
    )
    MOVED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session is moved",
        "“{gig}” is now at {call_at}. Everyone has agreed.",
    )
    NOT_MOVED_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "A session stays where it was",
        "“{gig}” is not moved: it takes place at {call_at}, as booked.",
    )
    NOT_MOVED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session stays where it was",
        "“{gig}” is not moved: it takes place at {call_at}, as booked.",
    )
    STOPPED = (
        "session",
        PERFORMER,
        "session_detail",
        "A session was stopped for safety",
        "“{gig}”, {call_at}. What was worked is paid, and the minimum call holds for whoever came. Were you on your way? Open "
        "the session by {answer_by} and say that you are here.",
    )
    STOPPED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session was stopped for safety",
        "“{gig}”, {call_at}. Its room is closed. What was worked is paid, and the minimum call holds for whoever came.",
    )
    FAILED = (
        "session",
        PERFORMER,
        "session_detail",
        "A session failed technically",
        "“{gig}”, {call_at}. {reason} It counts against nobody: what was worked is paid, and the minimum call to whoever came.",
    )
    FAILED_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session failed technically",
        "“{gig}”, {call_at}. {reason} What was worked is paid, and the minimum call to whoever came.",
    )
    NOBODY_CAME_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "Nobody came to a session",
        "“{gig}”, {call_at}: no performer was in the room, so nothing is paid. Were you there? Dispute the line, and say until "
        "when.",
    )
    NOBODY_CAME_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Nobody came to a session",
        "“{gig}”, {call_at}: no performer was in the room. It costs you nothing.",
    )
    COMPANY_ABSENT_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "The company did not come to a session",
        "“{gig}”, {call_at}: nobody came from {company}. Whoever of you showed is paid the whole slot.",
    )
    COMPANY_ABSENT_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "Nobody of yours came to a session",
        "“{gig}”, {call_at}: whoever showed is paid the whole slot. Was one of you there? Dispute the line, and say so.",
    )
    COMPANY_CAME_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "The company was at a session after all",
        "“{gig}”, {call_at}: word that came later shows that {company} was there, so what was worked is paid.",
    )
    COMPANY_CAME_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "You were at a session after all",
        "“{gig}”, {call_at}: word that came later shows that one of you was there, so what was worked is paid.",
    )
    HOLD_PAID = (
        "time",
        PERFORMER,
        "line_detail",
        "A machine failed, and you are paid for it",
        "“{gig}”, {call_at}: the time that a fault took from you is added as a paid hold.",
    )
    LATE_LINE_TO_PERFORMER = (
        "time",
        PERFORMER,
        "line_detail",
        "A line of your week came late",
        "“{gig}”, {call_at}: its time is worked out only now. Look at it by {due_at}, and dispute it where it is wrong.",
    )
    LATE_LINE_TO_COMPANY = (
        "week_to_approve",
        Act.APPROVE_TIME,
        "line_detail",
        "A line of a week came late",
        "“{gig}”, {call_at}: its time is worked out only now. Look at it by {due_at}; what you leave is approved then.",
    )
    WEEK_TO_CONFIRM = (
        "week_to_confirm",
        PERFORMER,
        "my_week_of",
        "Your week is ready",
        "Confirm it, or say what is wrong, by {due_at}. Then it goes on as it is.",
    )
    WEEK_TO_APPROVE = (
        "week_to_approve",
        Act.APPROVE_TIME,
        "company_week_of",
        "A week waits for your approval",
        "Look at the exceptions by {due_at}; what you leave is approved then.",
    )
    WEEK_CONFIRM_SOON = (
        "week_to_confirm",
        PERFORMER,
        "my_week_of",
        "Your week waits for you",
        "For {company}: Confirm it, or say what is wrong, by {due_at}. Then it goes on as it is.",
    )
    WEEK_APPROVE_SOON = (
        "week_to_approve",
        Act.APPROVE_TIME,
        "company_week_of",
        "A week is approved soon",
        "Look at the exceptions by {due_at}; what you leave is approved then.",
    )
    DISPUTE_ANSWER_SOON_TO_PERFORMER = (
        "dispute",
        PERFORMER,
        "line_detail",
        "A dispute waits for your answer",
        "Answer by {due_at}; unanswered, {then}.",
    )
    DISPUTE_ANSWER_SOON_TO_COMPANY = (
        "dispute",
        Act.APPROVE_TIME,
        "line_detail",
        "A dispute waits for your answer",
        "Answer by {due_at}; unanswered, {then}.",
    )
    DISPUTE_DECIDE_SOON = (
        "dispute_to_decide",
        Staff.TALENT,
        "line_detail",
        "A dispute is to be decided soon",
        "Both sides were promised a decision by {due_at}.",
    )
    DISPUTE_RAISED_TO_PERFORMER = (
        "dispute",
        PERFORMER,
        "line_detail",
        "A line of the week is disputed",
        "{said}\n\nTo be answered by {due_at}; unanswered, {then}.",
    )
    DISPUTE_RAISED_TO_COMPANY = (
        "dispute",
        Act.APPROVE_TIME,
        "line_detail",
        "A line of the week is disputed",
        "{said}\n\nTo be answered by {due_at}; unanswered, {then}.",
    )
    DISPUTE_DISAGREED_TO_PERFORMER = (
        "dispute",
        PERFORMER,
        "line_detail",
        "They do not agree",
        "{said}\n\nTalent operations decide. The other lines go on and are paid on time.",
    )
    DISPUTE_DISAGREED_TO_COMPANY = (
        "dispute",
        Act.APPROVE_TIME,
        "line_detail",
        "They do not agree",
        "{said}\n\nTalent operations decide. The other lines go on and are paid on time.",
    )
    DISPUTE_RESOLVED_TO_PERFORMER = (
        "dispute",
        PERFORMER,
        "line_detail",
        "A dispute about a line is resolved",
        "{said}",
    )
    DISPUTE_RESOLVED_TO_COMPANY = (
        "dispute",
        Act.APPROVE_TIME,
        "line_detail",
        "A dispute about a line is resolved",
        "{said}",
    )
    DISPUTE_TO_DECIDE = (
        "dispute_to_decide",
        Staff.TALENT,
        "line_detail",
        "A dispute about a line waits for your decision",
        "{said}\n\nDecide by {due_at}.",
    )
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
    INVITATION_ANSWERED_TO_COMPANY = (
        "invitation",
        Act.RUN_COMPANY,
        "members",
        "An invitation is answered",
        "{who} says {answer}.",
    )
    INVITATION_ANSWERED_TO_HOUSE = (
        "invitation",
        Staff.ADMIN,
        "staff",
        "An invitation is answered",
        "{who} says {answer}.",
    )
    APPROVED_RUN_CANCELLED = (
        "finance",
        Staff.FINANCE,
        "payday_run",
        "The approved pay run of {amount} was cancelled",
        "{who} cancelled {run} before it paid: “{reason}” Its lines fall into the next run.",
    )
    FINDING = ("finance", Staff.FINANCE, "finance_inbox", "Something needs finance", "{detail}")
