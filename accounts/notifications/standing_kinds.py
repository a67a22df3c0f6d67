"""What people are told of their standing with the house: vetting, suspension, appeals, identity, first gigs."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, PERSON, News


class StandingKind(News):
    """The standing of people and companies, and what follows from it."""

    MESSAGE_FLAGGED = (
        "report",
        Staff.TALENT,
        "flag",
        "A message was reported",
        "Somebody waits for your answer by {due_at}.",
    )
    FLAG_ANSWERED = (
        "report_answered",
        PERSON,
        "flag",
        "Talent operations have answered you",
        "You reported a message. What they found stands here.",
    )
    VETTING_ASKED = (
        "vetting",
        Staff.TALENT,
        "vetting",
        "Somebody asks to be vetted",
        "{who} waits for an answer by {due_at}.",
    )
    APPLIED_TO_PERFORMER = (
        "standing",
        PERFORMER,
        "my_standing",
        "We have what you sent",
        "Talent operations answer by {due_at}. You may apply for gigs meanwhile; a booking waits for the answer.",
    )
    APPLIED_TO_COMPANY = (
        "standing",
        Act.RUN_COMPANY,
        "company_standing",
        "We have what you sent",
        "Talent operations answer by {due_at}. You may write gigs meanwhile; the board waits for the answer.",
    )
    TAKEN_UP_TO_PERFORMER = (
        "standing",
        PERFORMER,
        "my_standing",
        "A person looks at it now",
        "Talent operations vet your profile now. You have the answer by {due_at}.",
    )
    TAKEN_UP_TO_COMPANY = (
        "standing",
        Act.RUN_COMPANY,
        "company_standing",
        "A person looks at it now",
        "Talent operations vet your company now. You have the answer by {due_at}.",
    )
    APPROVED_TO_PERFORMER = (
        "decision",
        PERFORMER,
        "my_standing",
        "You are approved",
        "Talent operations have vetted you: you can accept offers and be booked.",
    )
    APPROVED_TO_COMPANY = (
        "decision",
        Act.RUN_COMPANY,
        "company_standing",
        "You are approved",
        "Talent operations have vetted your company: you can publish gigs. They look at the first one with you.",
    )
    DECLINED_TO_PERFORMER = (
        "decision",
        PERFORMER,
        "my_standing",
        "You are not approved",
        "The reason: {reason}. {words} You can mend it and ask again, or appeal to another person.",
    )
    DECLINED_TO_COMPANY = (
        "decision",
        Act.RUN_COMPANY,
        "company_standing",
        "You are not approved",
        "The reason: {reason}. {words} You can mend it and ask again, or appeal to another person.",
    )
    SUSPENDED_TO_PERFORMER = (
        "decision",
        PERFORMER,
        "my_standing",
        "Your profile is suspended",
        "The reason: {reason}. {words} Nothing new is booked; what you earned is paid. You can appeal to another person.",
    )
    SUSPENDED_TO_COMPANY = (
        "decision",
        Act.RUN_COMPANY,
        "company_standing",
        "Your company is suspended",
        "The reason: {reason}. {words} Your gigs are paused and nobody new is booked. You can appeal to another person.",
    )
    REINSTATED_TO_PERFORMER = (
        "decision",
        PERFORMER,
        "my_standing",
        "The suspension is lifted",
        "The reason: {reason}. You can apply, accept and be booked again.",
    )
    REINSTATED_TO_COMPANY = (
        "decision",
        Act.RUN_COMPANY,
        "company_standing",
        "The suspension is lifted",
        "The reason: {reason}. Your gigs are still paused: put each back on the board when you are ready.",
    )
    APPEAL_TO_REVIEW = (
        "appeal_to_review",
        Staff.TALENT,
        "appeal",
        "An appeal waits for a person",
        "It is to be answered by {due_at}, by another person than who decided.",
    )
    APPEAL_TO_REVIEW_BY_ADMIN = (
        "appeal_to_review",
        Staff.ADMIN,
        "appeal",
        "An appeal waits for a person",
        "Nobody in talent operations but who decided could answer it, so it is yours. It is to be answered by {due_at}.",
    )
    APPEAL_OVERDUE = (
        "appeal_to_review",
        Staff.TALENT,
        "appeal",
        "An appeal is overdue",
        "It was to be answered by {due_at}.",
    )
    APPEAL_OVERDUE_TO_ADMIN = (
        "appeal_to_review",
        Staff.ADMIN,
        "appeal",
        "An appeal is overdue",
        "It was to be answered by {due_at}.",
    )
    APPEAL_IN_REVIEW_TO_PERFORMER = (
        "appeal",
        PERFORMER,
        "appeal",
        "A person looks at your appeal",
        "Another person than who decided looks at it, and answers by {due_at}.",
    )
    APPEAL_IN_REVIEW_TO_COMPANY = (
        "appeal",
        Act.RUN_COMPANY,
        "appeal",
        "A person looks at your appeal",
        "Another person than who decided looks at it, and answers by {due_at}.",
    )
    APPEAL_ANSWERED_TO_PERFORMER = (
        "decision",
        PERFORMER,
        "appeal",
        "Your appeal is answered",
        "{outcome}. {answer}",
    )
    APPEAL_ANSWERED_TO_COMPANY = (
        "decision",
        Act.RUN_COMPANY,
        "appeal",
        "Your appeal is answered",
        "{outcome}. {answer}",
    )
    APPEAL_LATE_TO_PERFORMER = (
        "appeal",
        PERFORMER,
        "appeal",
        "Your appeal is answered later than promised",
        "It was to be answered by {due_at}. We were reminded, and you need to do nothing.",
    )
    APPEAL_LATE_TO_COMPANY = (
        "appeal",
        Act.RUN_COMPANY,
        "appeal",
        "Your appeal is answered later than promised",
        "It was to be answered by {due_at}. We were reminded, and you need to do nothing.",
    )
    APPEAL_WITHDRAWN_TO_PERFORMER = (
        "appeal",
        PERFORMER,
        "appeal",
        "Your appeal was taken back",
        "You, or somebody logged in as you, took it back. Until {due_at} it can be filed once more, if it was not "
        "before. If that was not meant so, change your password and write to us.",
    )
    APPEAL_WITHDRAWN_TO_COMPANY = (
        "appeal",
        Act.RUN_COMPANY,
        "appeal",
        "Your appeal was taken back",
        "Somebody of your company took it back. Until {due_at} it can be filed once more, if it was not "
        "before. If that was not meant so, change your password and write to us.",
    )
    IDENTITY_PROVEN = (
        "identity",
        PERFORMER,
        "onboarding",
        "Your identity is proven",
        "The partner vouches for you. We keep that it did, not your birthday and no number.",
    )
    IDENTITY_FAILED = (
        "identity",
        PERFORMER,
        "identity_check",
        "Your identity could not be proven",
        "{means} {fix}",
    )
    IDENTITY_UNDER_AGE = (
        "identity",
        PERFORMER,
        "my_standing",
        "Sessions are for adults",
        "By your document you are younger than 18, so you cannot be booked yet. Nothing about your birthday is kept.",
    )
    GIG_TO_REVIEW = (
        "gig_to_review",
        Staff.TALENT,
        "gig_review",
        "A first gig waits for you",
        "{company} wants to publish “{gig}”. It is to be answered by {due_at}.",
    )
    GIG_APPROVED = (
        "gig_review",
        Act.POST_GIGS,
        "gig_manage",
        "Your first gig is on the board",
        "Talent operations have looked at “{gig}”. Your next ones go on the board at once.",
    )
    GIG_SENT_BACK = (
        "gig_review",
        Act.POST_GIGS,
        "gig_manage",
        "Your gig needs another look",
        "“{gig}” is a draft again: {reason} Change it, then publish it once more.",
    )
    BOOKING_KEPT_TO_PERFORMER = (
        "session",
        PERFORMER,
        "session_detail",
        "A session stays as it is booked",
        "“{gig}”, {call_at}: one side of it is suspended, and talent operations let it take place. {reason}",
    )
    BOOKING_KEPT_TO_COMPANY = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session stays as it is booked",
        "“{gig}”, {call_at}: one side of it is suspended, and talent operations let it take place. {reason}",
    )
    CALLED_OFF_BY_THE_HOUSE = (
        "session",
        Act.BOOK,
        "session_detail",
        "A session was called off",
        "“{gig}”, {call_at}. {reason}",
    )
