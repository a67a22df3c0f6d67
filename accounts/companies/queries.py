from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.access.models import ApiKey
from accounts.companies.models import Company, Membership
from kit.errors import NotFound


def get_company(actor: Actor, public_id: str) -> Company:
    """Raises NotFound (404) for another's company."""
    found = Company.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def members(company: Company) -> QuerySet[Membership]:
    return Membership.objects.filter(company=company).select_related("user")


def not_accepted(actor: Actor) -> QuerySet[Membership]:
    """One's own memberships that one has not said yes to."""
    mine = Membership.objects.filter(user=actor.user, accepted_at=None)
    return mine.select_related("company").order_by("id")


def get_member(company: Company, user_id: str) -> Membership:
    """The membership of the person with that public id. Raises NotFound (404)."""
    found = members(company).filter(user__public_id=user_id).first()
    if found is None:
        raise NotFound
    return found


def keys(actor: Actor, company: Company) -> QuerySet[ApiKey]:
    return ApiKey.objects.visible_to(actor).filter(company=company)


def get_key(actor: Actor, company: Company, public_id: str) -> ApiKey:
    """Raises NotFound (404)."""
    found = keys(actor, company).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
