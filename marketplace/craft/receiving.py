"""A tape comes in: opened for an application or as a reel; from there on as every file that is sent (`media.sent`)."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.standings import require_may_apply
from accounts.performers.models import Performer
from kit.errors import DomainError, NotFound
from kit.instants import length_in_words
from marketplace.casting.models import Application
from marketplace.casting.states import TAKES_TAPES
from marketplace.craft.models import Tape
from marketplace.media import sent, store
from marketplace.media.sent import WAITED_FOR
from marketplace.media.states import SentState

S = SentState
Why = Tape.Why
# Of one application, or of one's reel: whoever sends more sends something else.
MOST_TRIES = 40


class NoTapeNow(DomainError):
    """A self-tape is sent before they look at it: while the application is new, or one is asked for."""

    code = "no_tape_now"
    title = "They take no self-tape for it now"


@transaction.atomic
def open_tape(
    *,
    performer: Performer,
    application: Application | None,
    key: str,
    length: int | None,
    by: Actor,
    at: datetime,
) -> Tape:
    """A device begins to send one; opened twice under one key it is one. Whatever else of it was on its way is let go.

    `length` in bytes, None while a device records. Raises NotFound (404), NotApproved, Suspended, NoTapeNow (409),
    TapeTooLarge (413), Invalid (422).
    """
    by.require_performer(performer.pk)
    require_may_apply(performer.state, whose="Your profile")
    sent.refuse_length(length)
    Performer.objects.select_for_update().get(pk=performer.pk)
    before = Tape.objects.filter(performer=performer, key=key).first()
    if before is not None:
        return before
    if application is not None:
        _refuse_late(application, performer)
    others = Tape.objects.filter(performer=performer, application=application)
    if others.filter(opened_at__gt=at - WAITED_FOR).count() >= MOST_TRIES:
        raise NoTapeNow(f"That were very many in {length_in_words(WAITED_FOR)}. Go on tomorrow.")
    for other in others.filter(state=S.ARRIVING):
        sent.let_go(other, Why.REPLACED, by=by, at=at)
    tape = Tape.objects.create(
        performer=performer,
        application=application,
        key=key,
        length=length,
        opened_at=at,
        expires_at=at + WAITED_FOR,
    )
    store.create(sent.original(tape))
    return tape


def _refuse_late(application: Application, performer: Performer) -> None:
    """Locked: an application that is taken back at this moment gets no tape."""
    held = Application.objects.select_for_update().get(pk=application.pk)
    if held.performer_id != performer.pk:
        raise NotFound
    if held.state not in TAKES_TAPES:
        raise NoTapeNow("They look at what is there, or have answered.")


@transaction.atomic
def take_back(*, tape: Tape, by: Actor, at: datetime) -> None:
    """Whoever sent it lets it go; twice changes nothing. Raises NotFound (404), NoTapeNow (409) once they may look at it."""
    by.require_performer(tape.performer_id)
    tape = Tape.objects.select_for_update(of=("self",)).select_related("application").get(pk=tape.pk)
    if tape.state == S.GONE:
        return
    if tape.application is not None and tape.state == S.READY and tape.application.state not in TAKES_TAPES:
        raise NoTapeNow("They look at it. Take the application back, and it is deleted.")
    sent.let_go(tape, Why.TAKEN_BACK, by=by, at=at)


def let_go_of_all(*, performer: Performer, by: Actor, at: datetime) -> None:
    """They asked to be forgotten: each is deleted, whatever it was for."""
    sent.let_go_of_all(Tape.objects.filter(performer=performer), Why.ERASED, by=by, at=at)
