from django.db.models import TextChoices

from kit.transitions import Transitions


class ApplicationState(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    AUDITION_REQUESTED = "audition_requested", "A self-tape is asked for"
    AUDITION_SUBMITTED = "audition_submitted", "The self-tape is there"
    SHORTLISTED = "shortlisted", "Shortlisted"
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined by the performer"
    NOT_SELECTED = "not_selected", "Not selected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"
    ENDED = "ended", "The work has ended"


S = ApplicationState
OPEN = (S.SUBMITTED, S.AUDITION_REQUESTED, S.AUDITION_SUBMITTED, S.SHORTLISTED)
# A self-tape can be sent; later they look at the one that they have.
TAKES_TAPES = (S.SUBMITTED, S.AUDITION_REQUESTED)
# No place is kept and no answer is owed: one may apply again.
OVER = (S.WITHDRAWN, S.EXPIRED, S.NOT_SELECTED, S.DECLINED, S.ENDED)
APPLICATION = Transitions(
    "application",
    {
        S.DRAFT: {S.SUBMITTED},
        S.SUBMITTED: {S.AUDITION_REQUESTED, S.SHORTLISTED, S.NOT_SELECTED, S.WITHDRAWN},
        # Whoever was asked and sends nothing is answered all the same.
        S.AUDITION_REQUESTED: {S.AUDITION_SUBMITTED, S.SHORTLISTED, S.NOT_SELECTED, S.WITHDRAWN},
        S.AUDITION_SUBMITTED: {S.SHORTLISTED, S.NOT_SELECTED, S.WITHDRAWN},
        S.SHORTLISTED: {S.OFFERED, S.NOT_SELECTED, S.WITHDRAWN},
        S.OFFERED: {S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.EXPIRED, S.SHORTLISTED, S.NOT_SELECTED},
        S.EXPIRED: {S.OFFERED},
        S.ACCEPTED: {S.ENDED},
        # On appeal alone: a company takes no answer back.
        S.NOT_SELECTED: {S.SHORTLISTED},
    },
)


class Reason(TextChoices):
    """Why someone was not selected: a closed list, so that every answer says something."""

    SEATS_FILLED = "seats_filled", "All places are taken"
    SKILLS = "skills", "The gig needs other skills"
    LANGUAGE = "language", "The gig needs another language"
    AVAILABILITY = "availability", "The times do not fit"
    SCREENING = "screening", "An answer rules it out"
    AUDITION = "audition", "The audition was not what this scene needs"
    NO_AUDITION = "no_audition", "The self-tape did not come"
    GIG_ENDED = "gig_ended", "The gig ended before the answer"
    NO_ANSWER = "no_answer", "The gig is over, and the company has not answered"
    COMPANY_SUSPENDED = "company_suspended", "The company is suspended and cannot answer"


# What only the house says, for a company that is not there to answer.
OF_THE_HOUSE = (Reason.NO_ANSWER, Reason.COMPANY_SUSPENDED)
# There is nobody's choice in these that another could look at again.
NOT_APPEALED = (*OF_THE_HOUSE, Reason.GIG_ENDED)
OF_A_COMPANY = [(value, label) for value, label in Reason.choices if value not in OF_THE_HOUSE]
