"""A version of the terms is drawn up: its text from the gig, the two and the laws that protect the work, all of it frozen."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from accounts.notifications.operations import PLACE, notify
from accounts.notifications.work_kinds import WorkKind
from accounts.performers.models import Performer
from kit.money import HALF_UP, Money
from marketplace.agreements.compose import agreement, versions
from marketplace.agreements.coverage import Agreed, covering, pay_days
from marketplace.agreements.data import Law
from marketplace.engagements.models import Engagement, Terms
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.rights.wording import not_asked_there


def new_version(engagement: Engagement, *, version: int, rate_minor: int, at: datetime) -> Terms:
    gig, laws = engagement.gig, laws_now(engagement, rate_minor, at=at)
    text = _text(engagement, Money(rate_minor, gig.currency), laws)
    return Terms.objects.create(
        engagement=engagement,
        version=version,
        rate_minor=rate_minor,
        currency=gig.currency,
        fee_bps=gig.fee_bps,
        policy=gig.policy,
        purposes=_purposes(engagement),
        starts_on=gig.starts_on,
        ends_on=gig.ends_on,
        text=text,
        laws=[_frozen(law) for law in laws],
        templates=versions(laws),
        pay_days=pay_days(laws),
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        created_at=at,
    )


def tell_of(terms: Terms, engagement: Engagement, *, at: datetime) -> None:
    """The performer hears that terms wait for their signature."""
    rate = Money(terms.rate_minor, terms.currency)
    notify(
        kind=WorkKind.TERMS_PROPOSED,
        user_id=engagement.performer.user_id,
        key=f"terms:{terms.public_id}:proposed",
        about={"company": engagement.company.name, "gig": engagement.gig.title, "rate": rate.display()},
        where={"engagement_id": engagement.public_id, PLACE: "sign"},
        at=at,
    )


def says_the_same(open_one: Terms, rate: Money, *, at: datetime) -> bool:
    """Whether this is proposed already, and waits for signatures."""
    if open_one.company_signed_at is not None:
        return False
    engagement = open_one.engagement
    laws = laws_now(engagement, rate.minor, at=at)
    return open_one.text == _text(engagement, rate, laws) and open_one.fee_bps == engagement.gig.fee_bps


def laws_now(engagement: Engagement, rate_minor: int, *, at: datetime) -> list[Law]:
    """Those that protect this work, by where the two are now and what the gig is planned to be worth to this performer,
    with all else that this company has agreed to with them."""
    return covering(
        performer=engagement.performer.where,
        company=engagement.company.where,
        expected=_planned(engagement.gig, rate_minor),
        on=at.date(),
        also=_agreed_before(engagement),
    )


def _planned(gig: Gig, rate_minor: int) -> Money:
    """What a gig is planned to be worth to one performer at this rate."""
    return Money(HALF_UP.divide(rate_minor * gig.session_s * gig.sessions_planned, 3600), gig.currency)


def _agreed_before(engagement: Engagement) -> list[Agreed]:
    """The other engagements of the two that were drawn up before this one. One that ended unsigned was never agreed to; one
    that waits for a signature counts, as in doubt a law holds."""
    others = Engagement.objects.filter(company=engagement.company_id, performer=engagement.performer_id)
    newest = Terms.objects.filter(engagement__in=others.filter(pk__lt=engagement.pk))
    newest = newest.exclude(company_signed_at=None, engagement__state=EngagementState.TERMINATED)
    rows = newest.order_by("engagement_id", "-version").distinct("engagement_id")
    return [
        Agreed(_planned(terms.engagement.gig, terms.rate_minor), _last_day(terms))
        for terms in rows.select_related("engagement__gig")
    ]


def _last_day(terms: Terms) -> date:
    ended_at = terms.engagement.ended_at
    return min(terms.ends_on, ended_at.date()) if ended_at else terms.ends_on


def _purposes(engagement: Engagement) -> list[str]:
    """What the gig asks for, without what may not be paid for where the performer lives."""
    barred = not_asked_there(engagement.gig, where=engagement.performer.where)
    return [name for name in engagement.gig.purposes if name not in barred]


def _frozen(law: Law) -> dict[str, Any]:
    """What the terms keep of a law, as its file says it now."""
    kept = ("key", "name", "citation", "source", "version", "checked_by_counsel", "pay_within_days")
    return {name: getattr(law, name) for name in kept}


def _text(engagement: Engagement, rate: Money, laws: Sequence[Law]) -> str:
    gig = engagement.gig
    return agreement(
        company=engagement.company.name,
        performer=_party(engagement.performer),
        title=gig.title,
        rate=rate,
        policy=gig.policy,
        purposes=_purposes(engagement),
        exclusive=gig.exclusive,
        self_directed=gig.self_directed,
        starts_on=gig.starts_on,
        ends_on=gig.ends_on,
        laws=laws,
    )


def _party(performer: Performer) -> str:
    """The performer as a party to terms: by their own name, and by that on stage where it is another."""
    name, on_stage = performer.user.name, performer.stage_name
    return name if on_stage == name else f"{name}, on stage {on_stage}"
