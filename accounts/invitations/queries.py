from datetime import datetime

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.invitations.models import Invitation, InvitationQuerySet
from kit.errors import NotFound


def get_invitation(actor: Actor, public_id: str) -> Invitation:
    """Raises NotFound (404), also for another's."""
    found = Invitation.objects.visible_to(actor).select_related("company").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def by_mail(public_id: str) -> Invitation:
    """The one that a mail leads to, whoever follows it. Raises NotFound (404)."""
    found = Invitation.objects.select_related("company", "invited_by").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def of_company(company: Company, *, at: datetime) -> InvitationQuerySet:
    """Those that wait for an answer, the newest first."""
    return Invitation.objects.waiting(at=at).filter(company=company).order_by("-id")


def of_house(*, at: datetime) -> InvitationQuerySet:
    return Invitation.objects.waiting(at=at).filter(company=None).order_by("-id")


def to_me(actor: Actor, *, at: datetime) -> InvitationQuerySet:
    """Those that the person can answer now."""
    return Invitation.objects.to(actor).waiting(at=at).select_related("company", "invited_by").order_by("id")
