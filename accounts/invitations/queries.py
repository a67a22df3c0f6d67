from datetime import datetime

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.invitations.models import Invitation, InvitationQuerySet
from kit.rows import by_public_id


def get_invitation(actor: Actor, public_id: str) -> Invitation:
    """Raises NotFound (404), also for another's."""
    return by_public_id(Invitation.objects.visible_to(actor).select_related("company"), public_id)


def by_mail(public_id: str) -> Invitation:
    """The one that a mail leads to, whoever follows it. Raises NotFound (404)."""
    return by_public_id(Invitation.objects.select_related("company", "invited_by"), public_id)


def of_company(company: Company, *, at: datetime) -> InvitationQuerySet:
    """Those that wait for an answer, the newest first."""
    return Invitation.objects.waiting(at=at).filter(company=company).order_by("-id")


def of_house(*, at: datetime) -> InvitationQuerySet:
    return Invitation.objects.waiting(at=at).filter(company=None).order_by("-id")


def to_me(actor: Actor, *, at: datetime) -> InvitationQuerySet:
    """Those that the person can answer now."""
    return Invitation.objects.to(actor).waiting(at=at).select_related("company", "invited_by").order_by("id")
