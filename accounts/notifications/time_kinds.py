"""What people are told of recorded time: the week to confirm and to approve, and disputes about its lines."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, News


class TimeKind(News):
    """Weeks and their lines."""

    HOLD_PAID = (
        "time",
        PERFORMER,
        "line_detail",
        "A machine failed, and you are paid for it",
        "“{gig}”, {call_at}: the time that a fault took from you is added as a paid hold.",
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
    LINE_CHANGED_TO_PERFORMER = (
        "time",
        PERFORMER,
        "line_detail",
        "A line of your week was worked out anew",
        "“{gig}”, {call_at}: what came later changes its time. Look at it by {due_at}, and dispute it where it is wrong.",
    )
    LINE_CHANGED_TO_COMPANY = (
        "week_to_approve",
        Act.APPROVE_TIME,
        "line_detail",
        "A line of a week was worked out anew",
        "“{gig}”, {call_at}: what came later changes its time. Look at it by {due_at}; what you leave is approved then.",
    )
