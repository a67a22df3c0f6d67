from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.keys.models import ApiKey
from kit.rows import by_public_id


def keys(actor: Actor, company: Company) -> QuerySet[ApiKey]:
    """The company's keys, as far as the actor may see them."""
    return ApiKey.objects.visible_to(actor).filter(company=company)


def get_key(actor: Actor, company: Company, public_id: str) -> ApiKey:
    """Raises NotFound (404)."""
    return by_public_id(keys(actor, company), public_id)
