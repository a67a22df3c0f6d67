"""Who may see a performer's craft, and the addresses at which a tape plays: signed for one person, for minutes, asked again each
time.

A self-tape is for its casting alone: its company plays it while the answer is open, and nobody else ever does.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.performers.models import Performer
from kit.errors import NotFound
from kit.http import signed as signed_address
from kit.rows import by_public_id
from marketplace.casting.models import Application
from marketplace.casting.states import ApplicationState
from marketplace.craft.keeping import GOES_ON
from marketplace.craft.models import Tape
from marketplace.engagements.models import Engagement
from marketplace.media.playing import AddressExpired
from marketplace.media.states import SentState
from marketplace.pools.models import PoolMember

SALT = "marketplace.craft.playing"
A, S = ApplicationState, SentState


def tapes_of(application: Application) -> QuerySet[Tape]:
    """The newest first, without those that are deleted."""
    return Tape.objects.filter(application=application).exclude(state=S.GONE).order_by("-id")


def reel_of(performer: Performer) -> Tape | None:
    """The one that plays."""
    return Tape.objects.filter(performer=performer, application=None, state=S.READY).first()


def reels_of(performer: Performer) -> QuerySet[Tape]:
    """One's own, also those that are still arriving or cannot be played; the newest first."""
    return Tape.objects.filter(performer=performer, application=None).exclude(state=S.GONE).order_by("-id")


def get_tape(actor: Actor, public_id: str) -> Tape:
    """One's own, or a self-tape of one's company's gig. Raises NotFound (404), also for another's."""
    rows = Tape.objects.visible_to(actor).select_related("application__gig", "performer")
    return by_public_id(rows, public_id)


def knows(actor: Actor, performer: Performer) -> bool:
    """Whether the actor sees this performer's craft: their own, or through an application, an engagement or a pool of a company
    for which they cast."""
    if actor.is_performer and actor.performer_id == performer.pk:
        return True
    companies = casts_for(actor)
    if not companies:
        return False
    applied = Q(gig__company_id__in=companies) & ~Q(state__in=(A.DRAFT, A.WITHDRAWN))
    return (
        Application.objects.filter(applied, performer=performer).exists()
        or Engagement.objects.filter(company_id__in=companies, performer=performer).exists()
        or PoolMember.objects.filter(
            pool__company_id__in=companies, pool__ended_at=None, performer=performer
        ).exists()
    )


def casts_for(actor: Actor) -> list[int]:
    """The companies for which they review applicants."""
    return [each for each in actor.company_ids if actor.may(Act.CAST, company_id=each)]


def may_play(tape: Tape, by: Actor) -> bool:
    """Its performer; of a self-tape who casts for its gig, while the answer is open; of a reel whoever knows its performer."""
    if tape.state != S.READY:
        return False
    if by.is_performer and by.performer_id == tape.performer_id:
        return True
    application = tape.application
    if application is None:
        return knows(by, tape.performer)
    open_still = application.state in (*GOES_ON, A.ACCEPTED)
    return open_still and by.may(Act.CAST, company_id=application.gig.company_id)


def address(tape: Tape, *, by: Actor, at: datetime) -> str:
    """Good for whoever it was made for, for LASTS; empty where there is nothing that they may play."""
    if by.is_system or not may_play(tape, by):
        return ""
    path = reverse("tape_play", args=[tape.public_id])
    return signed_address.address(path, tape.public_id, reader=by.label, salt=SALT, at=at)


def to_play(*, tape_id: str, signed: str, by: Actor, at: datetime) -> Tape:
    """Raises NotFound (404) for whom the address was not made or who may play it no longer, AddressExpired (403)."""
    tape = by_public_id(Tape.objects.select_related("application__gig", "performer"), tape_id)
    signed_address.check(signed, tape.public_id, reader=by.label, salt=SALT, at=at, expired=AddressExpired)
    if not may_play(tape, by):
        raise NotFound
    return tape
