from accounts.access.actors import Actor
from accounts.companies.queries import get_company
from accounts.performers.models import Performer
from accounts.standing.models import Subject, Suspension, Vetting
from kit.rows import by_public_id


def get_vetting(actor: Actor, public_id: str) -> Vetting:
    """Raises NotFound (404), also for another's."""
    rows = Vetting.objects.visible_to(actor).select_related(
        "performer__user", "company", "taken_up_by", "decided_by"
    )
    return by_public_id(rows, public_id)


def get_suspension(actor: Actor, public_id: str) -> Suspension:
    """Raises NotFound (404), also for another's."""
    rows = Suspension.objects.visible_to(actor).select_related("performer__user", "company", "suspended_by")
    return by_public_id(rows, public_id)


def get_subject(actor: Actor, public_id: str) -> Subject:
    """The performer (`prf_…`) or company (`cmp_…`) with that id. Raises NotFound (404) for what the actor may not see."""
    if public_id.startswith("cmp_"):
        return get_company(actor, public_id)
    return by_public_id(Performer.objects.visible_to(actor).select_related("user"), public_id)


def vettings_of(subject: Subject) -> list[Vetting]:
    """The newest first, with who decided."""
    rows = Vetting.objects.about(subject).select_related("performer__user", "company", "decided_by")
    return list(rows.order_by("-id"))


def suspensions_of(subject: Subject) -> list[Suspension]:
    """The newest first, with who suspended."""
    rows = Suspension.objects.about(subject).select_related("performer__user", "company", "suspended_by")
    return list(rows.order_by("-id"))
