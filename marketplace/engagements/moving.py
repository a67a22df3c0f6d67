"""Somebody moves: terms that not both have signed are drawn up anew where another law holds now. What both signed stays. Both
sides are told which law protects the work from then on."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.dispatch import receiver

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.identity.residence import moved
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify
from accounts.notifications.work_kinds import WorkKind
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.engagements import drawing
from marketplace.engagements.models import Engagement, Side, Terms
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.rights import operations as rights

HOUSE = Actor.of_system("agreements")
DRAWN_ANEW = "The terms say so now: read them and sign, the performer first. A signature under the ones before counts no more."
STAYS = "What both signed stays as it is, and holds. The company can draw up a new version that says so, for both to sign."


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
        _follow(pk, Side.PERFORMER if performer else Side.COMPANY, at=at)
    if performer is not None:
        rights.stop_unlawful(performer=performer, at=at)


def _follow(pk: int, who: Side, *, at: datetime) -> None:
    rows = Engagement.objects.select_for_update(of=("self",))
    engagement = rows.select_related("gig", "company", "performer__user").get(pk=pk)
    latest = engagement.versions.latest("version")
    rate = Money(latest.rate_minor, latest.currency)
    if latest.company_signed_at is None:
        if not drawing.says_the_same(latest, rate, at=at):
            _draw_anew(engagement, latest, who, at=at)
        return
    # By the places of now, and the days of then: what was worth enough when both signed it is protected for good.
    now = [law.name for law in drawing.laws_now(engagement, rate.minor, at=latest.created_at)]
    if set(now) != _names(latest):
        _tell(engagement, latest, who, law=_said(_names(latest), now), then=STAYS, at=at)


def _draw_anew(engagement: Engagement, latest: Terms, who: Side, *, at: datetime) -> None:
    version, rate_minor = latest.version + 1, latest.rate_minor
    terms = drawing.new_version(engagement, version=version, rate_minor=rate_minor, at=at)
    audit.record(
        verb="terms.drawn_anew", thing=terms, by=HOUSE, at=at, laws=[law["key"] for law in terms.laws]
    )
    law = _said(_names(latest), [law["name"] for law in terms.laws])
    if latest.performer_signed_at is not None:
        _tell(engagement, terms, who, law=law, then=DRAWN_ANEW, at=at)
    elif (
        who == Side.COMPANY
    ):  # a performer who has signed nothing yet reads it where they say where they live
        _tell_performer(engagement, terms, who, law=law, then=DRAWN_ANEW, at=at)


def _names(terms: Terms) -> set[str]:
    return {law["name"] for law in terms.laws}


def _said(before: set[str], now: Iterable[str]) -> str:
    """Which laws have come and gone; where none has, that something else of the terms has changed with the place."""
    now = list(now)
    come, gone = [name for name in now if name not in before], sorted(before - set(now))
    said = [f"This protects the work now: {'; '.join(come)}."] if come else []
    said += [f"This does no more: {'; '.join(gone)}."] if gone else []
    return " ".join(said) or "The same laws protect the work; what may be asked of recordings has changed."


def _tell(engagement: Engagement, terms: Terms, who: Side, *, law: str, then: str, at: datetime) -> None:
    _tell_performer(engagement, terms, who, law=law, then=then, at=at)
    tell_company(
        kind=WorkKind.LAW_CHANGED_TO_COMPANY,
        company_id=engagement.company_id,
        key=_key(terms, at=at),
        about=_about(engagement, who, law, then),
        where=_where(engagement, then),
        at=at,
    )


def _tell_performer(
    engagement: Engagement, terms: Terms, who: Side, *, law: str, then: str, at: datetime
) -> None:
    notify(
        kind=WorkKind.LAW_CHANGED_TO_PERFORMER,
        user_id=engagement.performer.user_id,
        key=_key(terms, at=at),
        about=_about(engagement, who, law, then),
        where=_where(engagement, then),
        at=at,
    )


def _key(terms: Terms, *, at: datetime) -> str:
    return f"terms:{terms.public_id}:moved:{at.timestamp():.0f}"


def _about(engagement: Engagement, who: Side, law: str, then: str) -> About:
    names = {Side.PERFORMER: engagement.performer.stage_name, Side.COMPANY: engagement.company.name}
    return {"gig": engagement.gig.title, "who": names[who], "law": law, "then": then}


def _where(engagement: Engagement, then: str) -> dict[str, str]:
    """The place on the page: where it is signed, or what protects the work."""
    return {"engagement_id": engagement.public_id, PLACE: "sign" if then == DRAWN_ANEW else "laws"}
