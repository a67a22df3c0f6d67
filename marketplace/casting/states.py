from django.db.models import TextChoices

from kit.transitions import Transitions


class ApplicationState(TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    SCREENING = "screening", "Being read"
    AUDITION_REQUESTED = "audition_requested", "Audition requested"
    AUDITION_SUBMITTED = "audition_submitted", "Audition sent"
    IN_REVIEW = "in_review", "In review"
    SHORTLISTED = "shortlisted", "Shortlisted"
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined by the performer"
    NOT_SELECTED = "not_selected", "Not selected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    EXPIRED = "expired", "Expired"


S = ApplicationState
OPEN = (S.SUBMITTED, S.SCREENING, S.AUDITION_REQUESTED, S.AUDITION_SUBMITTED, S.IN_REVIEW, S.SHORTLISTED)
APPLICATION = Transitions(
    "application",
    {
        S.DRAFT: {S.SUBMITTED, S.WITHDRAWN, S.EXPIRED},
        S.SUBMITTED: {S.SCREENING, S.IN_REVIEW, S.SHORTLISTED, S.NOT_SELECTED, S.WITHDRAWN, S.EXPIRED},
        S.SCREENING: {
            S.AUDITION_REQUESTED,
            S.IN_REVIEW,
            S.SHORTLISTED,
            S.NOT_SELECTED,
            S.WITHDRAWN,
            S.EXPIRED,
        },
        S.AUDITION_REQUESTED: {S.AUDITION_SUBMITTED, S.NOT_SELECTED, S.WITHDRAWN, S.EXPIRED},
        S.AUDITION_SUBMITTED: {S.IN_REVIEW, S.SHORTLISTED, S.NOT_SELECTED, S.WITHDRAWN, S.EXPIRED},
        S.IN_REVIEW: {S.AUDITION_REQUESTED, S.SHORTLISTED, S.OFFERED, S.NOT_SELECTED, S.WITHDRAWN, S.EXPIRED},
        S.SHORTLISTED: {S.AUDITION_REQUESTED, S.OFFERED, S.NOT_SELECTED, S.WITHDRAWN, S.EXPIRED},
        S.OFFERED: {S.ACCEPTED, S.DECLINED, S.WITHDRAWN, S.EXPIRED, S.SHORTLISTED},
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
    GIG_ENDED = "gig_ended", "The gig ended before the answer"
