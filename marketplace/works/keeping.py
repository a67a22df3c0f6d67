"""How long a version is kept: one that was accepted as long as a use of it is granted, all else a while after the piece is over."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q

from accounts.access.actors import Actor
from accounts.performers.models import Performer
from marketplace.media import sent
from marketplace.media.states import SentState
from marketplace.rights.models import Grant
from marketplace.rights.states import GrantState
from marketplace.works.models import Artefact
from marketplace.works.states import CommissionState

S, V = CommissionState, SentState
HOUSE = Actor.of_system("works")
KEPT_AFTER = timedelta(days=30)


def let_go_of_what_is_over(*, at: datetime) -> None:
    """The tick: it never came whole; the piece was not accepted, or another version was; nothing is granted for it any more."""
    is_accepted = Q(commission__state=S.ACCEPTED, commission__submitted=F("pk"))
    ended = Q(commission__ended_at__lte=at - KEPT_AFTER)
    over = ended & (Q(commission__state=S.ACCEPTED) | Q(commission__committed_minor=0)) & ~is_accepted
    for which, why in (
        (sent.never_whole(at), Artefact.Why.NEVER_WHOLE),
        (over, Artefact.Why.OVER),
        (is_accepted & _granted_no_more(at), Artefact.Why.WITHDRAWN),
    ):
        sent.let_go_of_due(Artefact.objects.filter(which), why, by=HOUSE, at=at)


def _granted_no_more(at: datetime) -> Q:
    """No use that it is for is granted, nor was one since the cooling-off time began."""
    since = at - settings.MEDIA_COOLING_OFF
    ended = Q(withdrawn_at__gt=since) | Q(expired_at__gt=since) | Q(superseded_at__gt=since)
    grants = Grant.objects.filter(
        Q(state=GrantState.ACTIVE) | ended, application=OuterRef("commission__engagement__application")
    )
    return ~Q(Exists(grants.filter(_is_one_of("purpose", OuterRef("commission__purposes")))))


def _is_one_of(name: str, names: OuterRef) -> Func:
    """`name = ANY(names)`, which Django has no lookup for across two tables."""
    return Func(
        F(name), names, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField()
    )


def remove_files(*, at: datetime) -> None:
    """The tick: the files of each deleted version are off the disk."""
    sent.remove_files(Artefact.objects.all(), at=at)


def let_go_of_all(*, performer: Performer, by: Actor, at: datetime) -> None:
    """They asked to be forgotten: each is deleted, whatever it was for."""
    own = Artefact.objects.filter(performer=performer)
    sent.let_go_of_all(own, Artefact.Why.ERASED, by=by, at=at)
