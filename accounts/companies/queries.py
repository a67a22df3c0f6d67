from django.db.models import QuerySet

from accounts.access.actors import Actor
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


def get_member(company: Company, user_id: str) -> Membership:
    """The membership of the person with that public id. Raises NotFound (404)."""
    found = members(company).filter(user__public_id=user_id).first()
    if found is None:
        raise NotFound
    return found


def companies_of(actor: Actor) -> QuerySet[Company]:
    """The companies that the actor acts for, by name."""
    return Company.objects.filter(pk__in=actor.company_ids).order_by("name")
