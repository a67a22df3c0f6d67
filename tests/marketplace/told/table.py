"""Event → who → by what kind of notice: the one table. Whoever did it themselves is not told.

What is decided in it: a performer's own seat concerns themselves, their company and whoever plays with them. A confirmation
is told with the last of them; before it, it stands on the session's page, and so does a yes to another time before the last
yes. Of a dispute the other side reads at once, and talent operations from the no on. A suspension is told to who is suspended;
those whom they work with, with the answer for each booking.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from accounts.notifications.kinds import Kind
from accounts.notifications.news import News
from accounts.notifications.standing_kinds import StandingKind
from tests.marketplace.told import casting_events as casting
from tests.marketplace.told import session_events as sessions
from tests.marketplace.told import week_events as weeks
from tests.marketplace.told.people import House, Reader

PERFORMER, PARTNER, NEWCOMER = Reader.PERFORMER, Reader.PARTNER, Reader.NEWCOMER
COMPANY, TALENT = Reader.COMPANY, Reader.TALENT
Told = Mapping[Reader, News | tuple[News, ...]]
Event = Callable[[House], Callable[[], object]]

TOLD: Mapping[Event, Told] = MappingProxyType(
    {
        casting.an_application_is_withdrawn: {COMPANY: Kind.APPLICATION_WITHDRAWN},
        casting.an_application_is_withdrawn_from_its_offer: {COMPANY: Kind.APPLICATION_WITHDRAWN},
        casting.an_application_is_shortlisted: {PERFORMER: Kind.SHORTLISTED},
        casting.an_application_is_declined: {PERFORMER: Kind.NOT_SELECTED},
        casting.a_place_is_offered: {PERFORMER: Kind.OFFER},
        casting.an_offer_is_taken_back: {PERFORMER: Kind.OFFER_TAKEN_BACK},
        casting.an_offer_is_accepted: {COMPANY: Kind.OFFER_ACCEPTED},
        casting.an_offer_is_declined: {COMPANY: Kind.OFFER_DECLINED},
        casting.an_offer_runs_out: {PERFORMER: Kind.OFFER_EXPIRED, COMPANY: Kind.OFFER_NOT_ANSWERED},
        casting.the_performer_signs: {COMPANY: Kind.TO_SIGN},
        casting.the_company_signs: {PERFORMER: Kind.ENGAGEMENT_ACTIVE},
        casting.the_company_signs_before_the_steps_are_done: {PERFORMER: Kind.SIGNED_STEPS_OPEN},
        casting.new_terms_are_proposed: {PERFORMER: Kind.TERMS_PROPOSED},
        casting.new_terms_are_signed_by_both: {PERFORMER: Kind.TERMS_SIGNED},
        casting.the_performer_pauses: {COMPANY: Kind.PAUSED_TO_COMPANY},
        casting.the_company_pauses: {PERFORMER: Kind.PAUSED_TO_PERFORMER},
        casting.the_performer_resumes: {COMPANY: Kind.RESUMED_TO_COMPANY},
        casting.the_company_resumes: {PERFORMER: Kind.RESUMED_TO_PERFORMER},
        casting.the_performer_leaves: {
            COMPANY: (Kind.ENGAGEMENT_ENDED_TO_COMPANY, Kind.SEAT_FREE_TO_COMPANY),
            PARTNER: Kind.PARTNER_LEFT,
        },
        casting.the_company_ends_it: {
            PERFORMER: (Kind.ENGAGEMENT_ENDED_TO_PERFORMER, Kind.CALLED_OFF),
            PARTNER: Kind.PARTNER_LEFT,
        },
        casting.the_gig_is_cancelled: {
            PERFORMER: (Kind.CALLED_OFF, Kind.ENGAGEMENT_ENDED_TO_PERFORMER),
            PARTNER: (Kind.CALLED_OFF, Kind.ENGAGEMENT_ENDED_TO_PERFORMER),
            NEWCOMER: Kind.NOT_SELECTED,
        },
        sessions.a_session_is_booked: {PERFORMER: Kind.BOOKED, PARTNER: Kind.BOOKED},
        sessions.the_first_confirms: {},
        sessions.the_last_confirms: {COMPANY: Kind.CONFIRMED_TO_COMPANY},
        sessions.the_company_calls_it_off: {PERFORMER: Kind.CALLED_OFF, PARTNER: Kind.CALLED_OFF},
        sessions.a_performer_cannot_come: {
            COMPANY: Kind.SEAT_FREE_TO_COMPANY,
            PARTNER: Kind.PARTNER_LEFT,
        },
        sessions.who_has_not_confirmed_cannot_come: {
            COMPANY: Kind.SEAT_FREE_TO_COMPANY,
            PARTNER: Kind.PARTNER_LEFT,
        },
        sessions.the_last_performer_cannot_come: {COMPANY: Kind.CALLED_OFF_TO_COMPANY},
        sessions.a_seat_is_released: {PERFORMER: Kind.CALLED_OFF, PARTNER: Kind.PARTNER_LEFT},
        sessions.a_seat_is_given_to_another: {NEWCOMER: Kind.BOOKED, PARTNER: Kind.PARTNER_CAME},
        sessions.the_company_proposes_another_time: {
            PERFORMER: Kind.MOVE_ASKED_TO_PERFORMER,
            PARTNER: Kind.MOVE_ASKED_TO_PERFORMER,
        },
        sessions.a_performer_proposes_another_time: {
            COMPANY: Kind.MOVE_ASKED_TO_COMPANY,
            PARTNER: Kind.MOVE_ASKED_TO_PERFORMER,
        },
        sessions.the_first_agrees_to_another_time: {},
        sessions.the_last_agrees_to_another_time: {
            COMPANY: Kind.MOVED_TO_COMPANY,
            PARTNER: Kind.MOVED_TO_PERFORMER,
        },
        sessions.another_time_is_declined: {
            COMPANY: Kind.NOT_MOVED_TO_COMPANY,
            PARTNER: Kind.NOT_MOVED_TO_PERFORMER,
        },
        sessions.another_time_is_not_answered: {
            COMPANY: Kind.NOT_MOVED_TO_COMPANY,
            PERFORMER: Kind.NOT_MOVED_TO_PERFORMER,
            PARTNER: Kind.NOT_MOVED_TO_PERFORMER,
        },
        sessions.a_performer_stops_it: {COMPANY: Kind.STOPPED_TO_COMPANY, PARTNER: Kind.STOPPED},
        sessions.the_company_stops_it: {PERFORMER: Kind.STOPPED, PARTNER: Kind.STOPPED},
        sessions.it_fails_technically: {
            COMPANY: Kind.FAILED_TO_COMPANY,
            PERFORMER: Kind.FAILED,
            PARTNER: Kind.FAILED,
        },
        sessions.no_performer_comes: {
            COMPANY: Kind.NOBODY_CAME_TO_COMPANY,
            PERFORMER: Kind.NOBODY_CAME_TO_PERFORMER,
            PARTNER: Kind.NOBODY_CAME_TO_PERFORMER,
        },
        sessions.the_company_says_that_it_did_not_come: {
            PERFORMER: Kind.COMPANY_ABSENT_TO_PERFORMER,
            PARTNER: Kind.COMPANY_ABSENT_TO_PERFORMER,
        },
        sessions.talent_operations_say_that_the_company_did_not_come: {
            COMPANY: Kind.COMPANY_ABSENT_TO_COMPANY,
            PERFORMER: Kind.COMPANY_ABSENT_TO_PERFORMER,
            PARTNER: Kind.COMPANY_ABSENT_TO_PERFORMER,
        },
        sessions.the_evidence_says_that_the_company_did_not_come: {
            COMPANY: Kind.COMPANY_ABSENT_TO_COMPANY,
            PERFORMER: Kind.COMPANY_ABSENT_TO_PERFORMER,
            PARTNER: Kind.COMPANY_ABSENT_TO_PERFORMER,
        },
        sessions.later_word_says_that_the_company_came: {
            COMPANY: Kind.COMPANY_CAME_TO_COMPANY,
            PERFORMER: Kind.COMPANY_CAME_TO_PERFORMER,
            PARTNER: Kind.COMPANY_CAME_TO_PERFORMER,
        },
        sessions.a_booking_of_somebody_suspended_is_kept: {
            COMPANY: StandingKind.BOOKING_KEPT_TO_COMPANY,
            PERFORMER: StandingKind.BOOKING_KEPT_TO_PERFORMER,
            PARTNER: StandingKind.BOOKING_KEPT_TO_PERFORMER,
        },
        sessions.a_booking_of_somebody_suspended_is_called_off: {
            COMPANY: StandingKind.CALLED_OFF_TO_COMPANY,
            PERFORMER: Kind.CALLED_OFF,
            PARTNER: Kind.CALLED_OFF,
        },
        weeks.a_week_ends: {PERFORMER: Kind.WEEK_TO_CONFIRM, PARTNER: Kind.WEEK_TO_CONFIRM},
        weeks.a_week_is_confirmed: {COMPANY: Kind.WEEK_TO_APPROVE},
        weeks.a_performer_disputes: {COMPANY: Kind.DISPUTE_RAISED_TO_COMPANY},
        weeks.the_company_disputes: {PERFORMER: Kind.DISPUTE_RAISED_TO_PERFORMER},
        weeks.a_dispute_is_not_agreed_to: {
            PERFORMER: Kind.DISPUTE_DISAGREED_TO_PERFORMER,
            TALENT: Kind.DISPUTE_TO_DECIDE,
        },
        weeks.a_dispute_is_agreed_to: {PERFORMER: Kind.DISPUTE_RESOLVED_TO_PERFORMER},
        weeks.a_dispute_is_taken_back: {COMPANY: Kind.DISPUTE_RESOLVED_TO_COMPANY},
        weeks.a_dispute_is_decided: {
            COMPANY: Kind.DISPUTE_RESOLVED_TO_COMPANY,
            PERFORMER: Kind.DISPUTE_RESOLVED_TO_PERFORMER,
        },
        weeks.a_dispute_is_not_answered: {
            COMPANY: Kind.DISPUTE_RESOLVED_TO_COMPANY,
            PERFORMER: Kind.DISPUTE_RESOLVED_TO_PERFORMER,
        },
        weeks.a_correction_is_asked_for: {COMPANY: Kind.DISPUTE_RAISED_TO_COMPANY},
        weeks.a_correction_is_agreed_to: {PERFORMER: Kind.DISPUTE_RESOLVED_TO_PERFORMER},
        weeks.a_line_comes_when_its_week_is_with_the_company: {
            COMPANY: Kind.LATE_LINE_TO_COMPANY,
            PERFORMER: Kind.LATE_LINE_TO_PERFORMER,
        },
        weeks.a_performer_is_suspended: {PERFORMER: StandingKind.SUSPENDED_TO_PERFORMER},
        weeks.a_company_is_suspended: {COMPANY: StandingKind.SUSPENDED_TO_COMPANY},
        weeks.a_performer_is_reinstated: {PERFORMER: StandingKind.REINSTATED_TO_PERFORMER},
        weeks.a_company_is_reinstated: {COMPANY: StandingKind.REINSTATED_TO_COMPANY},
    }
)
