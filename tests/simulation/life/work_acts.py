"""What people do about engagements and bookings."""

from datetime import timedelta

from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.work_kinds import WorkKind
from kit.money import Money
from marketplace.endings import operations as endings
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.gigs.states import WORKING
from marketplace.sessions import booking, calling_off
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.states import BEFORE
from tests import stories
from tests.simulation.life.life import Life, reader_of, user_of
from tests.simulation.life.presses import Press

E = EngagementState
LIVES = (E.SENT, E.PERFORMER_SIGNED, E.ONBOARDING, E.ACTIVE, E.PAUSED)


def _an(life: Life, *states: str) -> Engagement | None:
    return life.one_of(
        Engagement.objects.filter(state__in=states).select_related("gig", "company", "performer")
    )


def signs(life: Life) -> Press | None:
    unsigned = Engagement.objects.filter(state__in=LIVES, versions__performer_signed_at=None).distinct()
    engagement, at = life.one_of(unsigned.select_related("performer")), life.at
    if engagement is None:
        return None
    latest, me = engagement.versions.order_by("-version")[0], life.house.performers[engagement.performer_id]
    name = life.house.names[me.user_id or 0]
    told = [(reader_of(life, engagement.company_id), WorkKind.TO_SIGN.stored)]
    return Press(
        lambda by: engagements.sign_as_performer(
            engagement=engagement,
            name=name,
            read_sha256=latest.text_sha256,
            by=stories.proved(by, at=at),
            at=at,
        ),
        me,
        told=told,
        must=latest.performer_signed_at is None,
        again=False,
        strangers=[life.other_performer(engagement.performer_id)],
    )


def countersigns(life: Life) -> Press | None:
    half = Engagement.objects.filter(
        state__in=LIVES, versions__performer_signed_at__isnull=False, versions__company_signed_at=None
    )
    engagement, at = life.one_of(half.distinct().select_related("performer")), life.at
    if engagement is None:
        return None
    latest, us = engagement.versions.order_by("-version")[0], life.owner(engagement.company_id)
    name, reader = life.house.names[us.user_id or 0], user_of(life, engagement.performer_id)
    first = (
        latest.version == 1
        and engagement.state == E.PERFORMER_SIGNED
        and engagement.performer.state == "approved"
    )
    kind = WorkKind.TERMS_SIGNED if latest.version > 1 else WorkKind.ENGAGEMENT_ACTIVE
    return Press(
        lambda by: engagements.countersign(
            engagement=engagement,
            name=name,
            read_sha256=latest.text_sha256,
            by=stories.proved(by, at=at),
            at=at,
        ),
        us,
        told=[(reader, kind.stored)] if first or latest.version > 1 else [],
        must=latest.performer_signed_at is not None and latest.company_signed_at is None,
        again=False,
        strangers=[life.other_owner(engagement.company_id), life.house.performers[engagement.performer_id]],
    )


def raises(life: Life) -> Press | None:
    engagement, at = _an(life, E.ACTIVE, E.PAUSED, E.ONBOARDING), life.at
    if engagement is None:
        return None
    rate = engagement.versions.order_by("-version")[0].rate_minor + 100
    money = Money(rate, engagement.gig.currency)
    return Press(
        lambda by: engagements.amend(engagement=engagement, rate=money, by=by, at=at),
        life.owner(engagement.company_id),
        told=[(user_of(life, engagement.performer_id), WorkKind.TERMS_PROPOSED.stored)],
        must=True,
        strangers=[life.other_owner(engagement.company_id), life.house.performers[engagement.performer_id]],
    )


def pauses_work(life: Life) -> Press | None:
    engagement, at = _an(life, E.ACTIVE), life.at
    if engagement is None:
        return None
    mine = life.is_likely(0.5)
    performer, company = user_of(life, engagement.performer_id), reader_of(life, engagement.company_id)
    told = (company, WorkKind.PAUSED_TO_COMPANY) if mine else (performer, WorkKind.PAUSED_TO_PERFORMER)
    return Press(
        lambda by: engagements.pause(engagement=engagement, reason="Exams.", by=by, at=at),
        life.house.performers[engagement.performer_id] if mine else life.owner(engagement.company_id),
        told=[(told[0], told[1].stored)],
        must=True,
        again=False,
        strangers=[life.other_performer(engagement.performer_id), life.other_owner(engagement.company_id)],
    )


def resumes_work(life: Life) -> Press | None:
    engagement, at = _an(life, E.PAUSED), life.at
    if engagement is None:
        return None
    me, us = life.house.performers[engagement.performer_id], life.owner(engagement.company_id)
    mine = engagement.paused_by == "performer"
    told = (
        (us.user_id or 0, WorkKind.RESUMED_TO_COMPANY.stored)
        if mine
        else (me.user_id or 0, WorkKind.RESUMED_TO_PERFORMER.stored)
    )
    return Press(
        lambda by: engagements.resume(engagement=engagement, by=by, at=at),
        me if mine else us,
        told=[told],
        must=True,
        again=False,
        strangers=[us if mine else me],
    )


def ends_work(life: Life) -> Press | None:
    engagement, at = _an(life, *LIVES), life.at
    if engagement is None:
        return None
    mine = life.is_likely(0.5)
    performer, company = user_of(life, engagement.performer_id), reader_of(life, engagement.company_id)
    told = (
        (company, WorkKind.ENGAGEMENT_ENDED_TO_COMPANY)
        if mine
        else (performer, WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER)
    )
    return Press(
        lambda by: endings.end_engagement(engagement=engagement, reason="It was good.", by=by, at=at),
        life.house.performers[engagement.performer_id] if mine else life.owner(engagement.company_id),
        told=[(told[0], told[1].stored)],
        must=True,
        again=False,
        strangers=[life.other_performer(engagement.performer_id), life.other_owner(engagement.company_id)],
    )


def books(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state__in=WORKING, engagements__state=E.ACTIVE).distinct())
    if gig is None:
        return None
    return booking_of(life, gig)


def booking_of(life: Life, gig: Gig) -> Press:
    """For a day soon, at a full quarter of an hour, so that calls follow on calls and overlap."""
    active = list(gig.engagements.filter(state=E.ACTIVE).order_by("pk"))
    chosen = life.chance.sample(active, min(len(active), life.chance.choice([1, gig.seats, gig.seats])))
    day = life.at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        days=life.chance.choice([1, 1, 2, 3])
    )
    call_at = day + timedelta(hours=14, minutes=15 * life.chance.randrange(16))
    at = life.at
    return Press(
        lambda by: booking.book_session(gig=gig, call_at=call_at, engagements=chosen, by=by, at=at),
        life.staff_of(gig.company_id),
        told=[(user_of(life, each.performer_id), SessionKind.BOOKED.stored) for each in chosen],
        again=False,
        strangers=[life.other_owner(gig.company_id), life.house.performers[chosen[0].performer_id]],
    )


def _seat(life: Life) -> Seat | None:
    """Booked, before its call."""
    held = Seat.objects.filter(released_at=None, session__state__in=BEFORE, session__call_at__gt=life.at)
    return life.one_of(held.select_related("session__gig", "performer"))


def confirms_seat(life: Life) -> Press | None:
    seat, at = _seat(life), life.at
    if seat is None:
        return None
    return Press(
        lambda by: sessions.confirm_seat(seat=seat, by=by, at=at),
        life.house.performers[seat.performer_id],
        must=True,
        strangers=[life.other_performer(seat.performer_id)],
    )


def calls_off(life: Life) -> Press | None:
    seat, at = _seat(life), life.at
    if seat is None:
        return None
    session = seat.session
    held = session.seats.filter(released_at=None).values_list("performer", flat=True)
    return Press(
        lambda by: calling_off.cancel_session(session=session, reason="The set is wet.", by=by, at=at),
        life.staff_of(session.company_id),
        told=[(user_of(life, key), SessionKind.CALLED_OFF.stored) for key in held],
        must=True,
        again=False,
        strangers=[life.other_owner(session.company_id)],
    )


def gives_up_seat(life: Life) -> Press | None:
    seat, at = _seat(life), life.at
    if seat is None:
        return None
    others = (
        seat.session.seats.filter(released_at=None).exclude(pk=seat.pk).values_list("performer", flat=True)
    )
    told = [(user_of(life, key), SessionKind.PARTNER_LEFT.stored) for key in others]
    kind = SessionKind.SEAT_FREE_TO_COMPANY if told else SessionKind.CALLED_OFF_TO_COMPANY
    return Press(
        lambda by: calling_off.cancel_session(session=seat.session, reason="I am ill.", by=by, at=at),
        life.house.performers[seat.performer_id],
        told=[*told, (reader_of(life, seat.session.company_id), kind.stored)],
        must=True,
        again=False,
    )


def releases_seat(life: Life) -> Press | None:
    seat, at = _seat(life), life.at
    if seat is None:
        return None
    others = (
        seat.session.seats.filter(released_at=None).exclude(pk=seat.pk).values_list("performer", flat=True)
    )
    return Press(
        lambda by: calling_off.release_seat(seat=seat, reason="One is enough.", by=by, at=at),
        life.staff_of(seat.session.company_id),
        told=[
            (user_of(life, seat.performer_id), SessionKind.CALLED_OFF.stored),
            *((user_of(life, key), SessionKind.PARTNER_LEFT.stored) for key in others),
        ],
        must=True,
        again=False,
        strangers=[life.house.performers[seat.performer_id], life.other_owner(seat.session.company_id)],
    )


def fills_seat(life: Life) -> Press | None:
    ahead = Session.objects.filter(state__in=BEFORE, call_at__gt=life.at).select_related("gig")
    free = [session for session in ahead.order_by("pk") if booking.who_could_play(session)]
    if not free:
        return None
    session, at = life.chance.choice(free), life.at
    engagement = life.chance.choice(booking.who_could_play(session))
    return Press(
        lambda by: booking.fill_seat(session=session, engagement=engagement, by=by, at=at),
        life.staff_of(session.company_id),
        told=[(user_of(life, engagement.performer_id), SessionKind.BOOKED.stored)],
        again=False,
        strangers=[life.other_owner(session.company_id)],
    )
