"""Invitations end with the place of who sent them."""

from datetime import datetime

from django.db.models import Q
from django.dispatch import receiver

from accounts.access.actors import Actor
from accounts.identity.places import Place, lost
from accounts.invitations import operations
from accounts.invitations.models import Invitation


@receiver(lost)
def end_with_the_place(*, place: Place, at: datetime, **_: object) -> None:
    sent = Invitation.objects.waiting(at=at).filter(invited_by=place.user).select_related("company")
    for invitation in sent if place.everywhere else sent.filter(Q(company_id=place.company_id)):
        operations.withdraw(invitation=invitation, by=Actor.of_system("place lost"), at=at)
