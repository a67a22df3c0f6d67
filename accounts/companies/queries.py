from django.db.models import QuerySet

from accounts.access.actors import Actor, SecondFactorRequired
from accounts.access.acts import MAY, Act
from accounts.companies.models import Company, Membership
from kit.errors import NotFound


def get_company(actor: Actor, public_id: str) -> Company:
    """Raises NotFound (404) for another's company, SecondFactorRequired (403) where the actor's role in it waits for one."""
    found = Company.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is not None:
        return found
    get_own_company(actor, public_id)
    raise SecondFactorRequired


def get_own_company(actor: Actor, public_id: str) -> Company:
    """One that the actor acts for, or will once they have a second factor. Raises NotFound (404)."""
    own = actor.with_withheld().company_ids
    found = Company.objects.filter(pk__in=own, public_id=public_id).first()
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


def ids_of_those_who(act: Act, *, company_id: int) -> QuerySet[Membership, int]:
    """The people, by their keys, whose role in the company allows the act: whom to tell of what waits for it."""
    rows = Membership.objects.filter(company_id=company_id, role__in=MAY[act])
    return rows.values_list("user_id", flat=True)


def waiting_companies(actor: Actor) -> QuerySet[Company]:
    """Those in which the actor's role waits for a second factor, by name."""
    return Company.objects.filter(pk__in=list(actor.withheld_roles)).order_by("name")


def companies_of(actor: Actor) -> QuerySet[Company]:
    """The companies that the actor acts for, by name."""
    return Company.objects.filter(pk__in=actor.company_ids).order_by("name")
