"""What happens to a booked session: each sets its world up, and returns the press that it is about."""

from collections.abc import Callable
from datetime import timedelta

from marketplace.desk import suspending
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions import booking, calling_off, deliveries, moving, operations, reminders, room
from marketplace.sessions.models import Move, Seat, Session
from marketplace.slots import operations as slots
from marketplace.slots import stand_ins
from marketplace.slots.models import Slot
from tests import stories
from tests.marketplace.told.people import AT, CALL, OVER, House

Press = Callable[[], object]
MINUTE = timedelta(minutes=1)
HELD_UNTIL = AT + timedelta(hours=6)
NO_SHOW_OVER = CALL + 16 * MINUTE


def a_session_is_booked(house: House) -> Press:
    pair = [house.engagement(), house.engagement(house.partner)]
    return lambda: stories.a_booked_session(*pair, at=AT)


def the_first_confirms(house: House) -> Press:
    seat = _seat(house, house.session())
    return lambda: operations.confirm_seat(seat=seat, by=house.me, at=AT)


def the_last_confirms(house: House) -> Press:
    session = house.session()
    theirs = session.seats.get(performer=house.partner)
    operations.confirm_seat(seat=theirs, by=stories.acting(house.partner), at=AT)
    return lambda: operations.confirm_seat(seat=_seat(house, session), by=house.me, at=AT)


def the_company_calls_it_off(house: House) -> Press:
    session = house.session()
    return lambda: calling_off.cancel_session(session=session, reason="No studio.", by=house.us, at=AT)


def a_performer_cannot_come(house: House) -> Press:
    session = house.session()
    return lambda: calling_off.cancel_session(session=session, reason="I am ill.", by=house.me, at=AT)


def who_has_not_confirmed_cannot_come(house: House) -> Press:
    session = house.session()
    theirs = session.seats.get(performer=house.partner)
    operations.confirm_seat(seat=theirs, by=stories.acting(house.partner), at=AT)
    return lambda: calling_off.cancel_session(session=session, reason="I am ill.", by=house.me, at=AT)


def the_last_performer_cannot_come(house: House) -> Press:
    session = house.session()
    partner = stories.acting(house.partner)
    calling_off.cancel_session(session=session, reason="I am ill.", by=partner, at=AT)
    return lambda: calling_off.cancel_session(session=session, reason="I too.", by=house.me, at=AT)


def a_seat_is_released(house: House) -> Press:
    seat = _seat(house, house.session())
    return lambda: calling_off.release_seat(seat=seat, reason="A solo.", by=house.us, at=AT)


def a_seat_is_given_to_another(house: House) -> Press:
    session, engagement = house.session(), house.engagement(house.newcomer)
    calling_off.cancel_session(session=session, reason="I am ill.", by=house.me, at=AT)
    return lambda: booking.fill_seat(session=session, engagement=engagement, by=house.us, at=AT)


def the_company_proposes_another_time(house: House) -> Press:
    session = house.session()
    return lambda: _proposes(session, house)


def a_performer_proposes_another_time(house: House) -> Press:
    session = house.session()
    return lambda: moving.propose_move(session=session, call_at=CALL + timedelta(days=1), by=house.me, at=AT)


def the_first_agrees_to_another_time(house: House) -> Press:
    move = _proposes(house.session(), house)
    return lambda: moving.agree_to_move(move=move, by=house.me, at=AT)


def the_last_agrees_to_another_time(house: House) -> Press:
    move = _proposes(house.session(), house)
    moving.agree_to_move(move=move, by=stories.acting(house.partner), at=AT)
    return lambda: moving.agree_to_move(move=move, by=house.me, at=AT)


def another_time_is_declined(house: House) -> Press:
    move = _proposes(house.session(), house)
    return lambda: moving.decline_move(move=move, by=house.me, at=AT)


def another_time_is_not_answered(house: House) -> Press:
    move = _proposes(house.session(), house)
    return lambda: moving.lapse_moves(at=move.answer_due_at)


def a_call_is_offered(house: House) -> Press:
    for performer in (house.partner, house.newcomer):
        house.engagement(performer)
    held = house.engagement()
    return lambda: _offers(house, held)


def a_seat_of_it_is_taken(house: House) -> Press:
    slot = _offers(house, house.engagement())
    return lambda: slots.take(slot=slot, by=house.me, at=AT)


def it_is_given_back(house: House) -> Press:
    for performer in (house.partner, house.newcomer):
        house.engagement(performer)
    slot = _offers(house, house.engagement())
    slots.take(slot=slot, by=house.me, at=AT)
    return lambda: slots.give_back(slot=slot, reason="I am ill.", by=house.me, at=AT + MINUTE)


def a_taken_seat_is_called_off_elsewhere(house: House) -> Press:
    """On the session's own page, not on that of the open call."""
    for performer in (house.partner, house.newcomer):
        house.engagement(performer)
    slot = _offers(house, house.engagement())
    session = slots.take(slot=slot, by=house.me, at=AT)
    slots.take(slot=slot, by=stories.acting(house.partner), at=HELD_UNTIL)
    calling_off.cancel_session(session=session, reason="I am ill.", by=house.me, at=HELD_UNTIL + MINUTE)
    return lambda: slots.tell_of_reopened(at=HELD_UNTIL + 2 * MINUTE)


def an_open_call_is_half_taken_a_day_before(house: House) -> Press:
    _half_taken(house)
    return lambda: slots.warn_of_half_taken(at=CALL - slots.WARNED)


def an_open_call_is_half_taken_at_its_call(house: House) -> Press:
    _half_taken(house)
    return lambda: slots.lapse_slots(at=CALL)


def _half_taken(house: House) -> None:
    house.engagement(house.partner)
    slots.take(slot=_offers(house, house.engagement()), by=house.me, at=AT)


def a_held_seat_is_not_taken_in_time(house: House) -> Press:
    for performer in (house.partner, house.newcomer):
        house.engagement(performer)
    _offers(house, house.engagement())
    return lambda: slots.end_holds(at=HELD_UNTIL)


def an_offered_call_is_taken_back(house: House) -> Press:
    slot = _offers(house, house.engagement())
    return lambda: slots.withdraw(slot=slot, by=house.us, at=AT)


def an_offered_call_finds_nobody(house: House) -> Press:
    _offers(house, house.engagement())
    return lambda: slots.lapse_slots(at=CALL)


def _one_is_missing(house: House) -> Session:
    """The performer is in the room, their partner is not; the newcomer could come."""
    session = house.session()
    house.engagement(house.newcomer)
    stories.arrives(session, stories.joined(session, house.performer, CALL), at=CALL)
    return deliveries.follow(session=session, at=CALL + MINUTE)


def _sought(house: House) -> Slot:
    session = _one_is_missing(house)
    missing = session.seats.get(performer=house.partner)
    return stand_ins.seek(seat=missing, by=house.us, at=CALL + MINUTE)


def the_company_seeks_a_stand_in(house: House) -> Press:
    session = _one_is_missing(house)
    missing = session.seats.get(performer=house.partner)
    return lambda: stand_ins.seek(seat=missing, by=house.us, at=CALL + MINUTE)


def the_house_seeks_a_stand_in(house: House) -> Press:
    _one_is_missing(house)
    Gig.objects.filter(pk=house.gig.pk).update(finds_stand_ins=True)
    return lambda: stand_ins.seek_due(at=NO_SHOW_OVER)


def somebody_stands_in(house: House) -> Press:
    slot = _sought(house)
    return lambda: slots.take(slot=slot, by=stories.acting(house.newcomer), at=CALL + 2 * MINUTE)


def nobody_stands_in(house: House) -> Press:
    slot = _sought(house)
    return lambda: stand_ins.close_due(at=slot.open_until)


def the_missing_one_comes(house: House) -> Press:
    slot = _sought(house)
    assert slot.session is not None
    stories.arrives(
        slot.session, stories.joined(slot.session, house.partner, CALL + 2 * MINUTE), at=CALL + 2 * MINUTE
    )
    return lambda: stand_ins.close_due(at=CALL + 3 * MINUTE)


def its_call_is_a_day_away(house: House) -> Press:
    house.session()
    return lambda: reminders.remind_of_calls(at=CALL - reminders.REMINDED)


def a_performer_stops_it(house: House) -> Press:
    session = _live(house)
    return lambda: room.stop(session=session, reason="Unsafe.", by=house.me, at=CALL + MINUTE)


def the_company_stops_it(house: House) -> Press:
    session = _live(house)
    return lambda: room.stop(session=session, reason="Unsafe.", by=house.us, at=CALL + MINUTE)


def it_fails_technically(house: House) -> Press:
    session = _live(house)
    return lambda: room.fail(session=session, reason="No sound.", by=house.talent, at=CALL + MINUTE)


def no_performer_comes(house: House) -> Press:
    session = house.session()
    return lambda: stories.time_passes(session, at=OVER)


def the_company_says_that_it_did_not_come(house: House) -> Press:
    session = _live(house)
    return lambda: room.nobody_came(session=session, by=house.us, at=NO_SHOW_OVER)


def talent_operations_say_that_the_company_did_not_come(house: House) -> Press:
    session = _live(house)
    return lambda: room.nobody_came(session=session, by=house.talent, at=NO_SHOW_OVER)


def the_evidence_says_that_the_company_did_not_come(house: House) -> Press:
    session = _played_alone(house)
    return lambda: stories.time_passes(session, at=OVER)


def later_word_says_that_the_company_came(house: House) -> Press:
    session = _played_alone(house)
    stories.time_passes(session, at=OVER)
    stories.arrives(session, *stories.somebody_of_the_company(session, OVER), at=OVER)
    return lambda: stories.time_passes(session, at=OVER + MINUTE)


def a_booking_of_somebody_suspended_is_kept(house: House) -> Press:
    return _answers_for(house, suspending.Answer.KEEP)


def a_booking_of_somebody_suspended_is_called_off(house: House) -> Press:
    return _answers_for(house, suspending.Answer.CALL_OFF)


def _answers_for(house: House, answer: suspending.Answer) -> Press:
    session = house.session()
    suspension = stories.is_suspended(house.performer, at=AT)
    return lambda: suspending.answer_for(
        suspension=suspension, sessions=[session], answer=answer, reason="We looked.", by=house.talent, at=AT
    )


def _seat(house: House, session: Session) -> Seat:
    return session.seats.select_related("session").get(performer=house.performer)


def _offers(house: House, held: Engagement) -> Slot:
    return slots.post_slot(
        gig=house.gig, call_at=CALL, seats=2, hold_for=[held], hold_until=HELD_UNTIL, by=house.us, at=AT
    )


def _proposes(session: Session, house: House) -> Move:
    return moving.propose_move(session=session, call_at=CALL + timedelta(days=1), by=house.us, at=AT)


def _live(house: House) -> Session:
    """The performer alone has come."""
    session = house.session()
    stories.arrives(session, stories.joined(session, house.performer, CALL), at=CALL)
    stories.the_sweep_runs(at=CALL + MINUTE)
    session.refresh_from_db()
    return session


def _played_alone(house: House) -> Session:
    """The performer waited for an hour, and nobody else came."""
    session = _live(house)
    gone = CALL + timedelta(hours=1)
    stories.arrives(session, stories.left(session, house.performer, gone), at=gone)
    return session
