"""What people do about gigs, applications and offers."""

from datetime import timedelta

from django.db.models import QuerySet

from accounts.companies.models import Company
from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.standing_kinds import StandingKind
from accounts.notifications.work_kinds import WorkKind
from accounts.performers.models import Performer
from marketplace.casting import answering
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, OVER, ApplicationState, Reason
from marketplace.endings import operations as endings
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs import operations as gigs
from marketplace.gigs import reviewing
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED, WORKING, GigState
from marketplace.sessions.models import Seat
from marketplace.sessions.states import BEFORE, UNDER_WAY
from tests import stories
from tests.simulation.life.house import FUNDED_MINOR
from tests.simulation.life.life import Life, reader_of, user_of
from tests.simulation.life.presses import Press

A = ApplicationState
MOST_GIGS = 9


def posts(life: Life) -> Press | None:
    company = life.one_of(Company.objects.filter(state="approved"))
    if company is None or Gig.objects.exclude(state__in=ENDED).count() >= MOST_GIGS:
        return None
    seats = life.chance.choice([1, 2])
    policy = {
        "minimum_call_s": life.chance.choice([0, 1800, 3600]),
        "grace_gap_s": life.chance.choice([0, 120]),
    }
    fields: gigs.Fields = {
        "title": f"Scene {life.at:%d %H%M%S}",
        "scene": "A lift that stands still",
        "brief": "Say yes, and.",
        "rate_minor": life.chance.randrange(3000, 9000),
        "starts_on": life.at.date() + timedelta(days=1),
        "ends_on": life.at.date() + timedelta(days=life.chance.choice([10, 60])),
        "purposes": ["evaluation"],
        "seats": seats,
        "openings": seats + 1,
        "session_s": life.chance.choice([900, 1800, 5400]),
        "policy": policy,
    }
    at, by = life.at, life.owner(company.pk)

    def call(actor: object) -> None:
        gig = gigs.post_gig(company=company, fields=fields, by=actor, at=at)  # type: ignore[arg-type]
        gigs.record_funding(gig=gig, delta_minor=FUNDED_MINOR, by=stories.HOUSE, at=at)

    return Press(call, by, must=True, strangers=[life.other_owner(company.pk)])


def changes(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state__in=[GigState.DRAFT, GigState.PUBLISHED, GigState.PAUSED]))
    if gig is None:
        return None
    at, rate = life.at, gig.rate_minor + life.chance.randrange(1, 400)
    waiting = gig.applications.filter(state__in=[*OPEN, A.OFFERED])
    told = [
        (user_of(life, key), WorkKind.GIG_CHANGED.stored)
        for key in waiting.values_list("performer", flat=True)
    ]
    return Press(
        lambda by: gigs.change_gig(gig=gig, fields={"rate_minor": rate}, by=by, at=at),
        life.owner(gig.company_id),
        told=told,
        must=True,
        strangers=[life.other_owner(gig.company_id)],
    )


def lowers(life: Life) -> Press | None:
    """What nobody may: pay less than people applied for."""
    gig = life.one_of(Gig.objects.exclude(published_at=None).exclude(state__in=ENDED))
    if gig is None:
        return None
    at = life.at
    lower: gigs.Fields = {"rate_minor": gig.rate_minor - 1}
    worse = life.chance.choice(
        [lower, gigs.Fields(policy={"minimum_call_s": gig.policy["minimum_call_s"] - 1})]
    )
    return Press(lambda by: gigs.change_gig(gig=gig, fields=worse, by=by, at=at), life.owner(gig.company_id))


def publishes(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state__in=[GigState.DRAFT, GigState.PAUSED]))
    if gig is None:
        return None
    at = life.at
    return Press(
        lambda by: gigs.publish(gig=gig, by=by, at=at),
        life.owner(gig.company_id),
        again=False,
        strangers=[life.other_owner(gig.company_id)],
    )


def is_looked_at(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state=GigState.IN_REVIEW))
    if gig is None:
        return None
    at, reader = life.at, reader_of(life, gig.company_id)
    strangers = [life.owner(gig.company_id)]
    if life.is_likely(0.5):
        told = [(reader, StandingKind.GIG_SENT_BACK.stored)]
        return Press(
            lambda by: reviewing.send_back(gig=gig, reason="Say more.", by=by, at=at),
            life.house.talent,
            told=told,
            must=True,
            again=False,
            strangers=strangers,
        )
    told = [(reader, StandingKind.GIG_APPROVED.stored)]
    return Press(
        lambda by: reviewing.approve(gig=gig, by=by, at=at),
        life.house.talent,
        told=told,
        again=False,
        strangers=strangers,
    )


def pauses(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state=GigState.PUBLISHED))
    at = life.at
    if gig is None:
        return None
    return Press(
        lambda by: gigs.pause(gig=gig, by=by, at=at),
        life.owner(gig.company_id),
        must=True,
        again=False,
        strangers=[life.other_owner(gig.company_id)],
    )


def closes(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state__in=[GigState.PUBLISHED, GigState.PAUSED]))
    at = life.at
    if gig is None:
        return None
    return Press(
        lambda by: gigs.close(gig=gig, by=by, at=at),
        life.owner(gig.company_id),
        must=True,
        again=False,
        strangers=[life.other_owner(gig.company_id)],
    )


def completes(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.filter(state=GigState.CLOSED))
    at = life.at
    if gig is None:
        return None
    waiting = answering.waiting_for(gig)
    if waiting.exists() and life.is_likely(0.7):
        return _answering_all(life, gig, waiting)
    is_busy = waiting.exists() or gig.sessions.filter(state__in=(*BEFORE, *UNDER_WAY)).exists()
    return Press(
        lambda by: endings.complete_gig(gig=gig, by=by, at=at),
        life.owner(gig.company_id),
        told=[] if is_busy else _whose_it_was(life, gig),
        again=False,
        strangers=[life.other_owner(gig.company_id)],
    )


def _answering_all(life: Life, gig: Gig, waiting: QuerySet[Application]) -> Press:
    """Before it can be completed, in one press."""
    at = life.at
    return Press(
        lambda by: answering.answer_waiting(gig=gig, reason=Reason.SEATS_FILLED, by=by, at=at),
        life.staff_of(gig.company_id),
        told=[(user_of(life, each.performer_id), WorkKind.NOT_SELECTED.stored) for each in waiting],
        must=True,
        strangers=[life.other_owner(gig.company_id)],
    )


def cancels(life: Life) -> Press | None:
    gig = life.one_of(Gig.objects.exclude(state__in=ENDED))
    if gig is None:
        return None
    return cancelling(life, gig)


def cancelling(life: Life, gig: Gig) -> Press:
    at = life.at
    runs = gig.sessions.filter(state__in=UNDER_WAY) | gig.sessions.filter(state__in=BEFORE, call_at__lte=at)
    booked = Seat.objects.filter(session__gig=gig, session__state__in=BEFORE, released_at=None)
    called_off = [(user_of(life, seat.performer_id), SessionKind.CALLED_OFF.stored) for seat in booked]
    return Press(
        lambda by: endings.cancel_gig(gig=gig, reason="The money went elsewhere.", by=by, at=at),
        life.owner(gig.company_id),
        told=[*_whose_it_was(life, gig), *called_off],
        must=not runs.exists(),
        again=False,
        strangers=[life.other_owner(gig.company_id)],
    )


def _whose_it_was(life: Life, gig: Gig) -> list[tuple[int, str]]:
    waiting = gig.applications.filter(state__in=[*OPEN, A.OFFERED])
    engaged = Engagement.objects.filter(gig=gig).exclude(state=EngagementState.TERMINATED)
    ended = WorkKind.ENGAGEMENT_ENDED_TO_PERFORMER.stored
    return [
        *((user_of(life, each.performer_id), WorkKind.NOT_SELECTED.stored) for each in waiting),
        *((user_of(life, each.performer_id), ended) for each in engaged),
    ]


def applies(life: Life) -> Press | None:
    performer, gig = (
        life.one_of(Performer.objects.all()),
        life.one_of(Gig.objects.filter(state=GigState.PUBLISHED)),
    )
    if performer is None or gig is None:
        return None
    at, free = life.at, performer.state == "approved" and gig.ends_on > life.at.date()
    again = gig.applications.filter(performer=performer).exclude(state__in=OVER).exists()
    return Press(
        lambda by: casting.apply(gig=gig, performer=performer, note="I listen.", answers={}, by=by, at=at),
        life.house.performers[performer.pk],
        must=free and not again,
        again=False,
        strangers=[life.other_performer(performer.pk)],
    )


def _an(life: Life, *states: str) -> Application | None:
    found: QuerySet[Application] = Application.objects.filter(state__in=states).select_related(
        "gig__company", "performer"
    )
    return life.one_of(found)


def withdraws(life: Life) -> Press | None:
    application, at = _an(life, *OPEN, A.OFFERED), life.at
    if application is None:
        return None
    return Press(
        lambda by: casting.withdraw(application=application, by=by, at=at),
        life.house.performers[application.performer_id],
        must=True,
        again=False,
        strangers=[life.other_performer(application.performer_id), life.owner(application.gig.company_id)],
    )


def shortlists(life: Life) -> Press | None:
    application, at = _an(life, A.SUBMITTED), life.at
    if application is None:
        return None
    return Press(
        lambda by: casting.shortlist(application=application, by=by, at=at),
        life.staff_of(application.gig.company_id),
        told=[(user_of(life, application.performer_id), WorkKind.SHORTLISTED.stored)],
        must=True,
        again=False,
        strangers=[life.other_owner(application.gig.company_id)],
    )


def declines(life: Life) -> Press | None:
    application, at = _an(life, *OPEN), life.at
    if application is None:
        return None
    return Press(
        lambda by: casting.decline(application=application, reason=Reason.SKILLS, by=by, at=at),
        life.staff_of(application.gig.company_id),
        told=[(user_of(life, application.performer_id), WorkKind.NOT_SELECTED.stored)],
        must=True,
        again=False,
        strangers=[life.other_owner(application.gig.company_id)],
    )


def offers(life: Life) -> Press | None:
    """For the first time, or again once it ran out."""
    application = _an(life, *OPEN, A.EXPIRED)
    if application is None:
        return None
    return offering(life, application)


def offering(life: Life, application: Application) -> Press:
    at, stands = life.at, timedelta(hours=life.chance.choice([6, 30, 72]))
    taken = application.gig.applications.filter(state__in=[A.OFFERED, A.ACCEPTED]).count()
    fine = (
        application.state != A.EXPIRED
        and application.performer.state == application.gig.company.state == "approved"
    )
    works = application.gig.state in WORKING and application.gig.ends_on > at.date()
    return Press(
        lambda by: casting.offer(applications=[application], stands=stands, by=by, at=at),
        life.owner(application.gig.company_id),
        told=[(user_of(life, application.performer_id), WorkKind.OFFER.stored)],
        must=fine and works and taken < application.gig.openings,
        again=False,
        strangers=[life.other_owner(application.gig.company_id)],
    )


def takes_offer_back(life: Life) -> Press | None:
    application, at = _an(life, A.OFFERED), life.at
    if application is None:
        return None
    return Press(
        lambda by: casting.take_offer_back(application=application, by=by, at=at),
        life.owner(application.gig.company_id),
        told=[(user_of(life, application.performer_id), WorkKind.OFFER_TAKEN_BACK.stored)],
        must=True,
        again=False,
        strangers=[life.other_owner(application.gig.company_id)],
    )


def accepts(life: Life) -> Press | None:
    application = _an(life, A.OFFERED)
    if application is None:
        return None
    return accepting(life, application)


def accepting(life: Life, application: Application) -> Press:
    at, until = life.at, application.offer_expires_at
    approved = application.performer.state == application.gig.company.state == "approved"
    return Press(
        lambda by: engagements.accept_offer(application=application, by=by, at=at),
        life.house.performers[application.performer_id],
        must=approved and until is not None and at < until,
        again=False,
        strangers=[life.other_performer(application.performer_id)],
    )


def declines_offer(life: Life) -> Press | None:
    application, at = _an(life, A.OFFERED), life.at
    if application is None:
        return None
    return Press(
        lambda by: casting.decline_offer(application=application, by=by, at=at),
        life.house.performers[application.performer_id],
        must=True,
        again=False,
        strangers=[life.other_performer(application.performer_id)],
    )
