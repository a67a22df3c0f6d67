"""Somebody moves: terms that not both have signed are drawn up anew where another law holds now. What both signed stays."""

from datetime import datetime

from django.db import transaction
from django.dispatch import receiver

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.identity.residence import moved
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.engagements import drawing
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.rights import operations as rights

HOUSE = Actor.of_system("agreements")


@receiver(moved)
@transaction.atomic
def follow(*, performer: Performer | None, company: Company | None, at: datetime, **_: object) -> None:
    """In the order of their keys, the gig before the engagement, as everywhere."""
    theirs = (
        Engagement.objects.filter(performer=performer)
        if performer
        else Engagement.objects.filter(company=company)
    )
    open_ones = theirs.exclude(state=EngagementState.TERMINATED).exclude(versions__isnull=True)
    for pk, gig_id in list(open_ones.order_by("gig_id", "id").values_list("pk", "gig_id").distinct()):
        Gig.objects.select_for_update().get(pk=gig_id)
        _draw_anew(pk, tell=performer is None, at=at)
    if performer is not None:
        rights.stop_unlawful(performer=performer, at=at)


def _draw_anew(pk: int, *, tell: bool, at: datetime) -> None:
    rows = Engagement.objects.select_for_update(of=("self",))
    engagement = rows.select_related("gig", "company", "performer__user").get(pk=pk)
    latest = engagement.versions.latest("version")
    rate = Money(latest.rate_minor, latest.currency)
    if latest.company_signed_at is not None or drawing.says_the_same(latest, rate, at=at):
        return
    terms = drawing.new_version(engagement, version=latest.version + 1, rate_minor=rate.minor, at=at)
    audit.record(
        verb="terms.drawn_anew", thing=terms, by=HOUSE, at=at, laws=[law["key"] for law in terms.laws]
    )
    if tell:
        drawing.tell_of(terms, engagement, at=at)
