"""A company's pools: made, filled from those who work or worked with it, and ended."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid
from kit.text import required_text
from marketplace.engagements.models import Engagement
from marketplace.pools.models import LONGEST_POOL_NAME, Pool, PoolMember

MOST_IN_A_POOL = 200


class PoolExists(DomainError):
    """Choose another name, or fill the one that there is."""

    code = "pool_exists"
    title = "There is a pool of that name"


@transaction.atomic
def make(*, company: Company, name: str, by: Actor, at: datetime) -> Pool:
    """An empty pool. Raises Forbidden (403), NotFound (404), Invalid (422), PoolExists (409)."""
    by.require(Act.BOOK, company_id=company.pk)
    said = required_text(name, missing="Give it a name.", longest=LONGEST_POOL_NAME, field="name")
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if Pool.objects.filter(company=company, name=said, ended_at=None).exists():
        raise PoolExists(f"Your company has a pool “{said}”.")
    pool = Pool.objects.create(company=company, name=said, made_at=at)
    audit.record(verb="pool.made", thing=pool, by=by, at=at)
    return pool


@transaction.atomic
def fill(*, pool: Pool, performers: Sequence[Performer], by: Actor, at: datetime) -> Pool:
    """Exactly these are in it from now on. Raises Forbidden (403), NotFound (404), Invalid (422)."""
    by.require(Act.BOOK, company_id=pool.company_id)
    chosen = {performer.pk: performer for performer in performers}
    if len(chosen) > MOST_IN_A_POOL:
        raise Invalid.field("performers", f"At most {MOST_IN_A_POOL}.", code="out_of_range")
    known = Engagement.objects.filter(company_id=pool.company_id, performer_id__in=chosen)
    if known.values("performer_id").distinct().count() != len(chosen):
        said = "Each is somebody who is, or was, engaged by your company."
        raise Invalid.field("performers", said, code="not_a_choice")
    Pool.objects.select_for_update().get(pk=pool.pk)
    pool.members.all().delete()
    PoolMember.objects.bulk_create(PoolMember(pool=pool, performer=each) for each in chosen.values())
    audit.record(verb="pool.filled", thing=pool, by=by, at=at, performers=len(chosen))
    return pool


@transaction.atomic
def end(*, pool: Pool, by: Actor, at: datetime) -> None:
    """It is gone for the company; what was offered to it stays offered. Twice changes nothing. Raises Forbidden (403)."""
    by.require(Act.BOOK, company_id=pool.company_id)
    if Pool.objects.filter(pk=pool.pk, ended_at=None).update(ended_at=at):
        audit.record(verb="pool.ended", thing=pool, by=by, at=at)
