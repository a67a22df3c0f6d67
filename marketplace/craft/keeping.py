"""How long a tape is kept: while its casting lasts and a while after, for an appeal. A job deletes it, and its row says so."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.access.actors import Actor
from marketplace.casting.states import OPEN, ApplicationState
from marketplace.craft.models import Tape
from marketplace.media import sent
from marketplace.media.states import SentState

S, A = SentState, ApplicationState
HOUSE = Actor.of_system("craft")
KEPT_AFTER = timedelta(days=30)
# The casting goes on for these.
GOES_ON = (*OPEN, A.OFFERED)


def let_go_of_what_is_over(*, at: datetime) -> None:
    """The tick: the application was taken back; the casting is over and its time too; it never came whole."""
    over = ~Q(application__state__in=GOES_ON) & Q(application__decided_at__lte=at - KEPT_AFTER)
    for which, why in (
        (Q(application__state=A.WITHDRAWN), Tape.Why.WITHDRAWN),
        (Q(application__isnull=False) & over, Tape.Why.CASTING_OVER),
        (sent.never_whole(at), Tape.Why.NEVER_WHOLE),
    ):
        sent.let_go_of_due(Tape.objects.filter(which), why, by=HOUSE, at=at)


def remove_files(*, at: datetime) -> None:
    """The tick: the files of each deleted tape are off the disk."""
    sent.remove_files(Tape.objects.all(), at=at)
