"""What a company sees of a performer to judge by: their craft at once, who they are once it said yes (or gave its verdict)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.access.actors import Actor
from accounts.performers import photos
from accounts.performers.models import Performer
from accounts.performers.skills import ACCENTS, LANGUAGES, SKILLS
from kit.errors import NotFound
from kit.rows import by_public_id
from marketplace.casting.models import Application
from marketplace.casting.queries import NAMED
from marketplace.craft import playing
from marketplace.engagements.models import Engagement
from marketplace.pools.models import PoolMember


@dataclass(frozen=True)
class Craft:
    """`name`, `about`, `credits` and `photo_address` are empty while one judges blind; the addresses are good for minutes."""

    performer: Performer
    name: str
    about: str
    credits: str
    photo_address: str
    reel_address: str
    skills: list[str]
    languages: list[str]
    accents: list[str]


def craft_of(performer: Performer, *, by: Actor, unveiled: bool, at: datetime) -> Craft:
    """Whether `by` may see it at all, and who it is, the caller has asked."""
    reel = playing.reel_of(performer)
    return Craft(
        performer=performer,
        name=performer.stage_name if unveiled else "",
        about=performer.about if unveiled else "",
        credits=performer.credits if unveiled else "",
        photo_address=photos.address(performer, by=by, at=at) if unveiled else "",
        reel_address=playing.address(reel, by=by, at=at) if reel else "",
        skills=[SKILLS.get(name, name) for name in performer.skills],
        languages=[LANGUAGES.get(name, name) for name in performer.languages],
        accents=[ACCENTS.get(name, name) for name in performer.accents],
    )


def get_performer(actor: Actor, performer_id: str) -> Performer:
    """By name: whom a company of the actor's engaged, has in a pool, or said yes to; and oneself. Raises NotFound (404)."""
    companies = playing.casts_for(actor)
    applied = Application.objects.filter(gig__company_id__in=companies, state__in=NAMED)
    known = (
        Q(pk__in=applied.values("performer_id"))
        | Q(pk__in=Engagement.objects.filter(company_id__in=companies).values("performer_id"))
        | Q(
            pk__in=PoolMember.objects.filter(pool__company_id__in=companies, pool__ended_at=None).values(
                "performer_id"
            )
        )
        | Q(pk=actor.performer_id)
    )
    if not (companies or actor.is_performer):
        raise NotFound
    return by_public_id(Performer.objects.filter(known), performer_id)
