"""What people are told of gigs, applications and the terms they sign: whom, in which words, and the page it leads to."""

from accounts.access.acts import Act
from accounts.access.roles import Staff
from accounts.notifications.news import PERFORMER, PERSON, News


class WorkKind(News):
    """Casting, and the terms of work."""

    OFFER = (
        "application",
        PERFORMER,
        "my_work",
        "You have an offer",
        "{company} offers you “{gig}”. {message} Please answer by {answer_by}.",
    )
    AUDITION_REQUESTED = (
        "application",
        PERFORMER,
        "my_work",
        "They ask for a self-tape",
        "{gig}: Record it in your browser or upload it until {due_at}. It is used for this casting and nothing else.",
    )
    AUDITION_ENDS_SOON = (
        "application",
        PERFORMER,
        "my_work",
        "A self-tape is waited for",
        "{gig}: Send it until {due_at}; after that they answer without one.",
    )
    TAPE_REFUSED = (
        "tape",
        PERFORMER,
        "my_work",
        "Your recording cannot be played",
        "{why} Nothing else is lost: send it again.",
    )
    AUDITION_SUBMITTED = (
        "applicant",
        Act.CAST,
        "gig_applicants",
        "A self-tape has come",
        "A self-tape for “{gig}” is there. Your days to an answer count from now.",
    )
    TO_JUDGE = (
        "to_judge",
        PERSON,
        "gig_judging",
        "You judge a gig's applicants",
        "“{gig}”: score each by the rubric. You read no name and no other verdict before yours is in.",
    )
    TO_LABEL = (
        "to_label",
        Act.LABEL,
        "gig_labels",
        "You label a gig's recordings",
        "“{gig}”: say of each piece what you see and hear. You read no other label before yours is in.",
    )
    JUDGES_APART = (
        "judges_apart",
        Act.OFFER,
        "gig_judging",
        "Two judges are far apart",
        "“{gig}”: an applicant waits for your word, with the judges' scores beside it.",
    )
    MESSAGE_TO_PERFORMER = (
        "message",
        PERFORMER,
        "messages",
        "A company has written to you",
        "{company} writes about “{gig}”. Read and answer it here.",
    )
    MESSAGE_TO_COMPANY = (
        "message",
        Act.CAST,
        "messages",
        "An applicant has written to you",
        "{applicant} writes about “{gig}”. Read and answer it here.",
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
    ANSWERS_OVERDUE = (
        "answers_overdue",
        Act.CAST,
        "gig_applicants",
        "Applicants wait for an answer",
        "“{gig}”: You promised an answer by a date that has passed. Shortlist, offer or decline with a reason.",
    )
    ANSWERED_FOR_YOU = (
        "answers_overdue",
        Act.CAST,
        "gig_applicants",
        "The house has answered your applicants",
        "“{gig}”: {count} had waited for your answer. They are told why they have it from us: {reason}.",
    )
    ANSWER_APPEALED = (
        "applicant_appeal",
        Act.CAST,
        "gig_applicants",
        "An applicant appeals your answer",
        "“{gig}”: talent operations look at it again, and answer by {due_at}. Until then one place is kept; the others can be "
        "offered.",
    )
    ANSWER_TAKEN_BACK = (
        "applicant_appeal",
        Act.CAST,
        "gig_applicants",
        "An appeal took your answer back",
        "“{gig}”: the applicant is on your shortlist again. A place is kept for them until {until}: offer it.",
    )
    ANSWER_STAYS = (
        "applicant_appeal",
        Act.CAST,
        "gig_applicants",
        "An appeal is over, and your answer stays",
        "“{gig}”: the place that was kept is free for anybody.",
    )
    APPEAL_TAKEN_BACK = (
        "applicant_appeal",
        Act.CAST,
        "gig_applicants",
        "An appeal was taken back",
        "“{gig}”: your answer stays, and the place that was kept is free for anybody.",
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
    RECORDING_DELETED = (
        "recording_deleted",
        PERFORMER,
        "session_recordings",
        "A recording of you was deleted",
        "“{gig}”, {call_at}: nothing is granted for it, so its bytes are gone from the house.",
    )
    RECORDING_DELETED_TO_COMPANY = (
        "recording_deleted",
        Act.ATTEND,
        "session_recordings",
        "A recording was deleted",
        "“{gig}”, {call_at}: what {performer} recorded is gone from the house, for nothing is granted for it any more.",
    )
    GRANT_WITHDRAWN = (
        "engagement",
        Act.BOOK,
        "engagement_detail",
        "A performer has withdrawn a use of recordings",
        "{performer}, “{gig}”: {purpose}. From now on nothing is recorded or shown for it.",
    )
    GRANT_STOPPED = (
        "engagement",
        Act.BOOK,
        "engagement_detail",
        "A use of recordings has stopped by law",
        "{performer}, “{gig}”: {purpose}. They live now where nobody may pay for it: nothing new is done by it, and copies go.",
    )
    GRANT_STOPPED_TO_PERFORMER = (
        "engagement",
        PERFORMER,
        "my_rights",
        "A use of your recordings has stopped by law",
        "“{gig}”: {purpose}. Where you live now nobody may pay for it, so nothing new is done by it. What you earned stays yours.",
    )
    GRANT_EXPIRED = (
        "engagement",
        Act.BOOK,
        "engagement_detail",
        "The time of a use of recordings is over",
        "{performer}, “{gig}”: {purpose}. What was agreed to has ended; nothing is recorded, shown or delivered for it any more.",
    )
    GRANT_EXPIRED_TO_PERFORMER = (
        "engagement",
        PERFORMER,
        "my_rights",
        "The time of a use of your recordings is over",
        "“{gig}”: {purpose}. Nothing is recorded, shown or delivered for it any more.",
    )
    DELIVERY_READY = (
        "delivery",
        Act.DELIVER,
        "delivery_detail",
        "A delivery is ready",
        "“{gig}”, version {version}: the recordings that you may use are put together. Take them from its page, or over the API.",
    )
    DELIVERY_EMPTY = (
        "delivery",
        Act.DELIVER,
        "delivery_detail",
        "Nothing is left to deliver",
        "“{gig}”, version {version}: grants ended before it was put together, and nothing is left for these purposes.",
    )
    LICENCE_OFFERED = (
        "delivery",
        Act.DELIVER,
        "delivery_detail",
        "A data set is offered to you",
        "{company} offers {licensee} the recordings of “{gig}” for: {purposes}. Read it, then accept or decline.",
    )
    LICENCE_ACCEPTED = (
        "delivery",
        Act.DELIVER,
        "delivery_detail",
        "What you passed on was accepted",
        "{licensee} has accepted the recordings of “{gig}” from {company} for: {purposes}. Everybody in it is told.",
    )
    LICENCE_DECLINED = (
        "delivery",
        Act.DELIVER,
        "delivery_detail",
        "What you passed on was declined",
        "{licensee} has declined the recordings of “{gig}” from {company} for: {purposes}.",
    )
    PASSED_ON = (
        "licence",
        PERFORMER,
        "my_uses",
        "Your work was passed on",
        "{company} has passed the recordings of “{gig}” on to {licensee} for: {purposes}. You granted that it may; you can "
        "withdraw it at any time, and their copies are then deleted too.",
    )
    DELETION_ORDERED = (
        "deletion",
        Act.DELIVER,
        "delivery_detail",
        "Delete a delivery that you took",
        "“{gig}”, version {version}: somebody in it no longer grants its use. Stop using it, delete each copy by {due}, and say so "
        "on its page. What is still granted is put together anew.",
    )
    DELETION_DUE = (
        "deletion",
        Act.DELIVER,
        "delivery_detail",
        "Confirm a deletion soon",
        "“{gig}”, version {version}: each copy is to be deleted by {due}. Say on its page that it is.",
    )
    DELETION_OVERDUE = (
        "deletion",
        Act.DELIVER,
        "delivery_detail",
        "A deletion is overdue",
        "“{gig}”, version {version}: each copy was to be deleted by {due}, and you have not said that it is. Talent operations and "
        "the performer see this.",
    )
    DELETION_OVERDUE_TO_STAFF = (
        "deletion",
        Staff.TALENT,
        "deletions",
        "A company has not confirmed a deletion",
        "{company}, “{gig}”: it was due by {due}.",
    )
    DELETION_CONFIRMED = (
        "deletion",
        PERFORMER,
        "my_deletions",
        "Copies of your work are deleted",
        "{company}, “{gig}”: {statement}",
    )
    TERMS_PROPOSED = (
        "to_sign",
        PERFORMER,
        "engagement_detail",
        "New terms wait for your signature",
        "{company} offers you {rate} an hour for “{gig}”. Until both have signed, the terms of before hold.",
    )
    LAW_CHANGED_TO_PERFORMER = (
        "to_sign",
        PERFORMER,
        "engagement_detail",
        "Another law protects your work",
        "“{gig}”: {who} gave a new place. {law} {then}",
    )
    LAW_CHANGED_TO_COMPANY = (
        "to_sign",
        Act.SIGN,
        "engagement_detail",
        "Another law protects work for you",
        "“{gig}”: {who} gave a new place. {law} {then}",
    )
    TERMS_SIGNED = (
        "to_sign",
        PERFORMER,
        "engagement_detail",
        "Your new terms are signed by both",
        "“{gig}” pays {rate} an hour for what is booked from now on.",
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
    SIGNED_STEPS_OPEN = (
        "engagement_active",
        PERFORMER,
        "engagement_detail",
        "Your terms are signed by both",
        "“{gig}” is signed by both. Before you can be booked there is something left to do; it stands under Today.",
    )
