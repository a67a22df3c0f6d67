"""A company's pools, and who can be put into one."""

from django.db.models import Prefetch, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.rows import by_public_id
from marketplace.engagements.models import Engagement
from marketplace.pools.models import Pool


def pools_of(actor: Actor, company: Company) -> QuerySet[Pool]:
    people = Performer.objects.order_by("stage_name", "pk")
    rows = Pool.objects.visible_to(actor).filter(company=company, ended_at=None)
    return rows.select_related("company").prefetch_related(Prefetch("performers", queryset=people))


def get_pool(actor: Actor, company: Company, public_id: str) -> Pool:
    """Raises NotFound (404), also for another's."""
    return by_public_id(pools_of(actor, company), public_id)


def can_be_in(company: Company) -> QuerySet[Performer]:
    """Who is, or was, engaged by the company."""
    engaged = Engagement.objects.filter(company=company).values("performer_id")
    return Performer.objects.filter(pk__in=engaged).order_by("stage_name", "pk")
