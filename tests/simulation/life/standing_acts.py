"""What talent operations do about whoever broke a promise."""

from accounts.companies.models import Company
from accounts.notifications.standing_kinds import StandingKind as Kind
from accounts.performers.models import Performer
from accounts.standing import suspensions
from accounts.standing.models import Suspension
from accounts.standing.reasons import Suspended
from marketplace.desk import suspending
from marketplace.sessions import suspended
from tests.simulation.life.life import Life, reader_of, user_of
from tests.simulation.life.presses import Press


def suspends(life: Life) -> Press | None:
    if Suspension.objects.filter(lifted_at=None).count() > 1:
        return None
    subject: Performer | Company | None = life.one_of(Performer.objects.filter(state="approved"))
    if life.is_likely(0.3):
        subject = life.one_of(Company.objects.filter(state="approved"))
    if subject is None:
        return None
    at, found = life.at, subject
    return Press(
        lambda by: suspending.suspend(
            subject=found,
            reason=Suspended.CONDUCT,
            words="A promise was not kept.",
            evidence="The room's own record.",
            by=by,
            at=at,
        ),
        life.house.talent,
        told=[_reader(life, subject, Kind.SUSPENDED_TO_PERFORMER, Kind.SUSPENDED_TO_COMPANY)],
        must=True,
        again=False,
        strangers=[next(iter(life.house.owners.values())), next(iter(life.house.performers.values()))],
    )


def _reader(life: Life, subject: Performer | Company, mine: Kind, ours: Kind) -> tuple[int, str]:
    if isinstance(subject, Performer):
        return user_of(life, subject), mine.stored
    return reader_of(life, subject), ours.stored


def answers_for(life: Life) -> Press | None:
    """For the bookings of whoever is suspended: each takes place, or is called off."""
    suspension = life.one_of(Suspension.objects.filter(lifted_at=None))
    waiting = list(suspended.awaiting(suspension, at=life.at).order_by("pk")[:3]) if suspension else []
    if suspension is None or not waiting:
        return None
    at, answer = life.at, life.chance.choice(list(suspending.Answer))
    return Press(
        lambda by: suspending.answer_for(
            suspension=suspension, sessions=waiting, answer=answer, reason="Both were asked.", by=by, at=at
        ),
        life.house.talent,
        must=True,
        again=False,
        strangers=[life.owner(waiting[0].company_id)],
    )


def reinstates(life: Life) -> Press | None:
    suspension = life.one_of(Suspension.objects.filter(lifted_at=None))
    if suspension is None:
        return None
    return reinstating(life, suspension)


def reinstating(life: Life, suspension: Suspension) -> Press:
    at = life.at
    return Press(
        lambda by: suspensions.reinstate(suspension=suspension, reason="It was put right.", by=by, at=at),
        life.house.talent,
        told=[_reader(life, suspension.subject, Kind.REINSTATED_TO_PERFORMER, Kind.REINSTATED_TO_COMPANY)],
        must=True,
        again=False,
        strangers=[next(iter(life.house.owners.values()))],
    )
