"""Event → who → by what kind of notice: the one table. Whoever did it themselves is not told, but where their calendar keeps
something else: a seat that they gave up, a session that moved with their yes.

What is decided in it: a performer's own seat concerns themselves, their company and whoever plays with them. A confirmation
is told with the last of them; before it, it stands on the session's page, and so does a yes to another time before the last
yes. Of a dispute the other side reads at once, and talent operations from the no on. A suspension is told to who is suspended;
those whom they work with, with the answer for each booking.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from accounts.notifications.news import News
from accounts.notifications.piece_kinds import PieceKind
from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.standing_kinds import StandingKind
from accounts.notifications.time_kinds import TimeKind
from accounts.notifications.work_kinds import WorkKind
from tests.marketplace.told import casting_events as casting
from tests.marketplace.told import piece_events as pieces
from tests.marketplace.told import session_events as sessions
from tests.marketplace.told import week_events as weeks
from tests.marketplace.told.people import House, Reader

PERFORMER, PARTNER, NEWCOMER = Reader.PERFORMER, Reader.PARTNER, Reader.NEWCOMER
COMPANY, TALENT = Reader.COMPANY, Reader.TALENT
Told = Mapping[Reader, News | tuple[News, ...]]
Event = Callable[[House], Callable[[], object]]

TOLD: Mapping[Event, Told] = MappingProxyType(
    {
        casting.an_application_is_withdrawn: {COMPANY: WorkKind.APPLICATION_WITHDRAWN},
        casting.an_application_is_withdrawn_from_its_offer: {COMPANY: WorkKind.APPLICATION_WITHDRAWN},
        casting.an_application_is_shortlisted: {PERFORMER: WorkKind.SHORTLISTED},
        casting.an_application_is_declined: {PERFORMER: WorkKind.NOT_SELECTED},
        casting.everyone_who_waits_is_answered: {NEWCOMER: WorkKind.NOT_SELECTED},
        casting.the_house_answers_for_a_suspended_company: {
            NEWCOMER: WorkKind.NOT_SELECTED,
            COMPANY: WorkKind.ANSWERED_FOR_YOU,
        },
        casting.a_decline_is_appealed: {
            COMPANY: WorkKind.ANSWER_APPEALED,
            TALENT: StandingKind.APPEAL_TO_REVIEW,
        },
        casting.a_decline_stays_on_appeal: {
            PERFORMER: StandingKind.APPEAL_ANSWERED_TO_PERFORMER,
            COMPANY: WorkKind.ANSWER_STAYS,
        },
        casting.a_decline_is_taken_back_on_appeal: {
            PERFORMER: StandingKind.APPEAL_ANSWERED_TO_PERFORMER,
            COMPANY: WorkKind.ANSWER_TAKEN_BACK,
        },
        casting.an_appeal_of_a_decline_is_taken_back: {
            PERFORMER: StandingKind.APPEAL_WITHDRAWN_TO_PERFORMER,
            COMPANY: WorkKind.APPEAL_TAKEN_BACK,
        },
        casting.a_place_is_offered: {PERFORMER: WorkKind.OFFER},
        casting.an_offer_is_taken_back: {PERFORMER: WorkKind.OFFER_TAKEN_BACK},
        casting.an_offer_is_accepted: {COMPANY: WorkKind.OFFER_ACCEPTED},
        casting.an_offer_is_declined: {COMPANY: WorkKind.OFFER_DECLINED},
        casting.an_offer_runs_out: {PERFORMER: WorkKind.OFFER_EXPIRED, COMPANY: WorkKind.OFFER_NOT_ANSWERED},
        casting.the_performer_signs: {COMPANY: WorkKind.TO_SIGN},
        casting.the_company_signs: {PERFORMER: WorkKind.ENGAGEMENT_ACTIVE},
        casting.the_company_signs_before_the_steps_are_done: {PERFORMER: WorkKind.SIGNED_STEPS_OPEN},
        casting.new_terms_are_proposed: {PERFORMER: WorkKind.TERMS_PROPOSED},
        casting.new_terms_are_signed_by_both: {PERFORMER: WorkKind.TERMS_SIGNED},
        casting.the_performer_pauses: {COMPANY: WorkKind.PAUSED_TO_COMPANY},
        casting.the_company_pauses: {PERFORMER: WorkKind.PAUSED_TO_PERFORMER},
        casting.the_performer_resumes: {COMPANY: WorkKind.RESUMED_TO_COMPANY},
        casting.the_company_resumes: {PERFORMER: WorkKind.RESUMED_TO_PERFORMER},
        casting.the_performer_moves_to_illinois: {
            COMPANY: (WorkKind.GRANT_STOPPED, WorkKind.LAW_CHANGED_TO_COMPANY),
            PERFORMER: (WorkKind.GRANT_STOPPED_TO_PERFORMER, WorkKind.LAW_CHANGED_TO_PERFORMER),
        },
        casting.the_performer_moves_before_anybody_has_signed: {},
        casting.the_company_moves_before_anybody_has_signed: {PERFORMER: WorkKind.LAW_CHANGED_TO_PERFORMER},
        casting.the_performer_moves_before_the_company_has_signed: {
            COMPANY: WorkKind.LAW_CHANGED_TO_COMPANY,
            PERFORMER: WorkKind.LAW_CHANGED_TO_PERFORMER,
        },
        casting.the_performer_moves_after_both_have_signed: {
            COMPANY: WorkKind.LAW_CHANGED_TO_COMPANY,
            PERFORMER: WorkKind.LAW_CHANGED_TO_PERFORMER,
        },
        casting.the_performer_moves_to_where_the_same_law_holds: {},
        casting.the_company_moves_before_it_has_signed: {
            COMPANY: WorkKind.LAW_CHANGED_TO_COMPANY,
            PERFORMER: WorkKind.LAW_CHANGED_TO_PERFORMER,
        },
        casting.the_company_moves_after_both_have_signed: {
            COMPANY: WorkKind.LAW_CHANGED_TO_COMPANY,
            PERFORMER: WorkKind.LAW_CHANGED_TO_PERFORMER,
        },
        casting.the_performer_withdraws_a_use_of_recordings: {COMPANY: WorkKind.GRANT_WITHDRAWN},
        casting.the_performer_leaves: {
            COMPANY: (WorkKind.ENGAGEMENT_ENDED_TO_COMPANY, SessionKind.SEAT_FREE_TO_COMPANY),
            PERFORMER: SessionKind.GIVEN_UP,
            PARTNER: SessionKind.PARTNER_LEFT,
        },
        casting.the_company_ends_it: {
            PERFORMER: (WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER, SessionKind.CALLED_OFF),
            PARTNER: SessionKind.PARTNER_LEFT,
        },
        casting.the_gig_is_cancelled: {
            PERFORMER: (SessionKind.CALLED_OFF, WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER),
            PARTNER: (SessionKind.CALLED_OFF, WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER),
            NEWCOMER: WorkKind.NOT_SELECTED,
        },
        sessions.a_session_is_booked: {PERFORMER: SessionKind.BOOKED, PARTNER: SessionKind.BOOKED},
        sessions.the_first_confirms: {},
        sessions.the_last_confirms: {COMPANY: SessionKind.CONFIRMED_TO_COMPANY},
        sessions.the_company_calls_it_off: {
            PERFORMER: SessionKind.CALLED_OFF,
            PARTNER: SessionKind.CALLED_OFF,
        },
        sessions.a_performer_cannot_come: {
            COMPANY: SessionKind.SEAT_FREE_TO_COMPANY,
            PERFORMER: SessionKind.GIVEN_UP,
            PARTNER: SessionKind.PARTNER_LEFT,
        },
        sessions.who_has_not_confirmed_cannot_come: {
            COMPANY: SessionKind.SEAT_FREE_TO_COMPANY,
            PERFORMER: SessionKind.GIVEN_UP,
            PARTNER: SessionKind.PARTNER_LEFT,
        },
        sessions.the_last_performer_cannot_come: {
            COMPANY: SessionKind.CALLED_OFF_TO_COMPANY,
            PERFORMER: SessionKind.GIVEN_UP,
        },
        sessions.a_seat_is_released: {PERFORMER: SessionKind.CALLED_OFF, PARTNER: SessionKind.PARTNER_LEFT},
        sessions.a_seat_is_given_to_another: {
            NEWCOMER: SessionKind.BOOKED,
            PARTNER: SessionKind.PARTNER_CAME,
        },
        sessions.the_company_proposes_another_time: {
            PERFORMER: SessionKind.MOVE_ASKED_TO_PERFORMER,
            PARTNER: SessionKind.MOVE_ASKED_TO_PERFORMER,
        },
        sessions.a_performer_proposes_another_time: {
            COMPANY: SessionKind.MOVE_ASKED_TO_COMPANY,
            PARTNER: SessionKind.MOVE_ASKED_TO_PERFORMER,
        },
        sessions.the_first_agrees_to_another_time: {},
        sessions.the_last_agrees_to_another_time: {
            COMPANY: SessionKind.MOVED_TO_COMPANY,
            PERFORMER: SessionKind.MOVED_TO_PERFORMER,
            PARTNER: SessionKind.MOVED_TO_PERFORMER,
        },
        sessions.another_time_is_declined: {
            COMPANY: SessionKind.NOT_MOVED_TO_COMPANY,
            PARTNER: SessionKind.NOT_MOVED_TO_PERFORMER,
        },
        sessions.another_time_is_not_answered: {
            COMPANY: SessionKind.NOT_MOVED_TO_COMPANY,
            PERFORMER: SessionKind.NOT_MOVED_TO_PERFORMER,
            PARTNER: SessionKind.NOT_MOVED_TO_PERFORMER,
        },
        sessions.a_call_is_offered: {
            PERFORMER: SessionKind.SLOT_HELD,
            PARTNER: SessionKind.SLOT_POSTED,
            NEWCOMER: SessionKind.SLOT_POSTED,
        },
        sessions.a_seat_of_it_is_taken: {
            PERFORMER: SessionKind.SEAT_TAKEN,
            COMPANY: SessionKind.SLOT_TAKEN_TO_COMPANY,
        },
        sessions.it_is_given_back: {
            PERFORMER: SessionKind.GIVEN_UP,
            COMPANY: SessionKind.CALLED_OFF_TO_COMPANY,
            PARTNER: SessionKind.SLOT_POSTED,
            NEWCOMER: SessionKind.SLOT_POSTED,
        },
        sessions.a_held_seat_is_not_taken_in_time: {
            PERFORMER: SessionKind.SLOT_POSTED,
            PARTNER: SessionKind.SLOT_POSTED,
            NEWCOMER: SessionKind.SLOT_POSTED,
        },
        sessions.an_offered_call_is_taken_back: {PERFORMER: SessionKind.SLOT_WITHDRAWN},
        sessions.a_taken_seat_is_called_off_elsewhere: {NEWCOMER: SessionKind.SLOT_POSTED},
        sessions.an_open_call_is_half_taken_a_day_before: {COMPANY: SessionKind.HALF_TAKEN_SOON_TO_COMPANY},
        sessions.an_open_call_is_half_taken_at_its_call: {
            PERFORMER: SessionKind.HALF_TAKEN,
            COMPANY: SessionKind.HALF_TAKEN_TO_COMPANY,
        },
        sessions.the_company_seeks_a_stand_in: {
            PERFORMER: SessionKind.PARTNER_MISSING,
            PARTNER: SessionKind.YOU_ARE_MISSED,
            NEWCOMER: SessionKind.STAND_IN_SOUGHT,
        },
        sessions.the_house_seeks_a_stand_in: {
            PERFORMER: SessionKind.PARTNER_MISSING,
            PARTNER: SessionKind.YOU_ARE_MISSED,
            NEWCOMER: SessionKind.STAND_IN_SOUGHT,
            COMPANY: SessionKind.STAND_IN_SOUGHT_TO_COMPANY,
        },
        sessions.somebody_stands_in: {
            PERFORMER: SessionKind.PARTNER_CAME,
            PARTNER: SessionKind.SOMEBODY_STANDS_IN,
            NEWCOMER: SessionKind.SEAT_TAKEN,
            COMPANY: SessionKind.SLOT_TAKEN_TO_COMPANY,
        },
        sessions.nobody_stands_in: {
            PERFORMER: SessionKind.NO_STAND_IN,
            COMPANY: SessionKind.NO_STAND_IN_TO_COMPANY,
        },
        sessions.the_missing_one_comes: {COMPANY: SessionKind.MISSING_CAME_TO_COMPANY},
        sessions.an_offered_call_finds_nobody: {COMPANY: SessionKind.SLOT_LAPSED_TO_COMPANY},
        sessions.its_call_is_a_day_away: {
            COMPANY: SessionKind.REMINDER_TO_COMPANY,
            PERFORMER: SessionKind.REMINDER,
            PARTNER: SessionKind.REMINDER,
        },
        sessions.a_performer_stops_it: {
            COMPANY: SessionKind.STOPPED_TO_COMPANY,
            PARTNER: SessionKind.STOPPED,
        },
        sessions.the_company_stops_it: {PERFORMER: SessionKind.STOPPED, PARTNER: SessionKind.STOPPED},
        sessions.it_fails_technically: {
            COMPANY: SessionKind.FAILED_TO_COMPANY,
            PERFORMER: SessionKind.FAILED,
            PARTNER: SessionKind.FAILED,
        },
        sessions.no_performer_comes: {
            COMPANY: SessionKind.NOBODY_CAME_TO_COMPANY,
            PERFORMER: SessionKind.NOBODY_CAME_TO_PERFORMER,
            PARTNER: SessionKind.NOBODY_CAME_TO_PERFORMER,
        },
        sessions.the_company_says_that_it_did_not_come: {
            PERFORMER: SessionKind.COMPANY_ABSENT_TO_PERFORMER,
            PARTNER: SessionKind.COMPANY_ABSENT_TO_PERFORMER,
        },
        sessions.talent_operations_say_that_the_company_did_not_come: {
            COMPANY: SessionKind.COMPANY_ABSENT_TO_COMPANY,
            PERFORMER: SessionKind.COMPANY_ABSENT_TO_PERFORMER,
            PARTNER: SessionKind.COMPANY_ABSENT_TO_PERFORMER,
        },
        sessions.the_evidence_says_that_the_company_did_not_come: {
            COMPANY: SessionKind.COMPANY_ABSENT_TO_COMPANY,
            PERFORMER: SessionKind.COMPANY_ABSENT_TO_PERFORMER,
            PARTNER: SessionKind.COMPANY_ABSENT_TO_PERFORMER,
        },
        sessions.later_word_says_that_the_company_came: {
            COMPANY: SessionKind.COMPANY_CAME_TO_COMPANY,
            PERFORMER: SessionKind.COMPANY_CAME_TO_PERFORMER,
            PARTNER: SessionKind.COMPANY_CAME_TO_PERFORMER,
        },
        sessions.a_booking_of_somebody_suspended_is_kept: {
            COMPANY: StandingKind.BOOKING_KEPT_TO_COMPANY,
            PERFORMER: StandingKind.BOOKING_KEPT_TO_PERFORMER,
            PARTNER: StandingKind.BOOKING_KEPT_TO_PERFORMER,
        },
        sessions.a_booking_of_somebody_suspended_is_called_off: {
            COMPANY: StandingKind.CALLED_OFF_BY_THE_HOUSE,
            PERFORMER: SessionKind.CALLED_OFF,
            PARTNER: SessionKind.CALLED_OFF,
        },
        weeks.a_week_ends: {PERFORMER: TimeKind.WEEK_TO_CONFIRM, PARTNER: TimeKind.WEEK_TO_CONFIRM},
        weeks.a_week_is_confirmed: {COMPANY: TimeKind.WEEK_TO_APPROVE},
        weeks.a_performer_disputes: {COMPANY: TimeKind.DISPUTE_RAISED_TO_COMPANY},
        weeks.the_company_disputes: {PERFORMER: TimeKind.DISPUTE_RAISED_TO_PERFORMER},
        weeks.a_dispute_is_not_agreed_to: {
            PERFORMER: TimeKind.DISPUTE_DISAGREED_TO_PERFORMER,
            TALENT: TimeKind.DISPUTE_TO_DECIDE,
        },
        weeks.a_dispute_is_agreed_to: {PERFORMER: TimeKind.DISPUTE_RESOLVED_TO_PERFORMER},
        weeks.a_dispute_is_taken_back: {COMPANY: TimeKind.DISPUTE_RESOLVED_TO_COMPANY},
        weeks.a_dispute_is_decided: {
            COMPANY: TimeKind.DISPUTE_RESOLVED_TO_COMPANY,
            PERFORMER: TimeKind.DISPUTE_RESOLVED_TO_PERFORMER,
        },
        weeks.a_dispute_is_not_answered: {
            COMPANY: TimeKind.DISPUTE_RESOLVED_TO_COMPANY,
            PERFORMER: TimeKind.DISPUTE_RESOLVED_TO_PERFORMER,
        },
        weeks.a_correction_is_asked_for: {COMPANY: TimeKind.DISPUTE_RAISED_TO_COMPANY},
        weeks.a_correction_is_agreed_to: {PERFORMER: TimeKind.DISPUTE_RESOLVED_TO_PERFORMER},
        weeks.a_line_comes_when_its_week_is_with_the_company: {
            COMPANY: TimeKind.LATE_LINE_TO_COMPANY,
            PERFORMER: TimeKind.LATE_LINE_TO_PERFORMER,
        },
        weeks.a_line_is_worked_out_anew_when_its_week_is_with_the_company: {
            COMPANY: TimeKind.LINE_CHANGED_TO_COMPANY,
            PERFORMER: TimeKind.LINE_CHANGED_TO_PERFORMER,
        },
        weeks.a_performer_is_suspended: {PERFORMER: StandingKind.SUSPENDED_TO_PERFORMER},
        weeks.a_company_is_suspended: {COMPANY: StandingKind.SUSPENDED_TO_COMPANY},
        weeks.a_performer_is_reinstated: {PERFORMER: StandingKind.REINSTATED_TO_PERFORMER},
        weeks.a_company_is_reinstated: {COMPANY: StandingKind.REINSTATED_TO_COMPANY},
        pieces.a_piece_is_asked_for: {PERFORMER: PieceKind.PIECE_ASKED},
        pieces.a_version_is_handed_in: {COMPANY: PieceKind.PIECE_SUBMITTED},
        pieces.a_piece_is_accepted: {PERFORMER: PieceKind.PIECE_ACCEPTED},
        pieces.changes_are_asked_for: {PERFORMER: PieceKind.PIECE_TO_CHANGE},
        pieces.a_piece_is_refused: {PERFORMER: PieceKind.PIECE_REFUSED},
        pieces.a_refusal_is_appealed: {
            COMPANY: PieceKind.PIECE_APPEALED,
            TALENT: StandingKind.APPEAL_TO_REVIEW,
        },
        pieces.a_refusal_stays_on_appeal: {
            PERFORMER: StandingKind.APPEAL_ANSWERED_TO_PERFORMER,
            COMPANY: PieceKind.PIECE_REFUSAL_STAYS,
        },
        pieces.a_refusal_is_taken_back_on_appeal: {
            PERFORMER: StandingKind.APPEAL_ANSWERED_TO_PERFORMER,
            COMPANY: PieceKind.PIECE_REFUSAL_TAKEN_BACK,
        },
        pieces.nobody_answers_a_piece: {
            PERFORMER: PieceKind.PIECE_ACCEPTED,
            COMPANY: PieceKind.PIECE_ACCEPTED_BY_SILENCE,
        },
        pieces.a_piece_never_comes: {
            PERFORMER: PieceKind.PIECE_LAPSED_TO_PERFORMER,
            COMPANY: PieceKind.PIECE_LAPSED_TO_COMPANY,
        },
        pieces.a_piece_is_due_soon: {PERFORMER: PieceKind.PIECE_DUE},
        pieces.an_answer_is_due_soon: {COMPANY: PieceKind.PIECE_REVIEW_DUE},
        pieces.the_company_takes_an_order_back: {PERFORMER: PieceKind.PIECE_TAKEN_BACK_TO_PERFORMER},
        pieces.the_performer_hands_an_order_back: {COMPANY: PieceKind.PIECE_TAKEN_BACK_TO_COMPANY},
        pieces.the_company_ends_the_work_for_which_a_piece_was_asked: {
            PERFORMER: (WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER, PieceKind.PIECE_TAKEN_BACK_TO_PERFORMER)
        },
    }
)
