from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.access.actors import Actor
from kit.errors import DomainError
from kit.rows import by_public_id
from marketplace.casting.models import Application
from marketplace.casting.queries import get_application, shown_name
from marketplace.messages import operations
from marketplace.messages.models import Flag, Message

SHOWN = 200


@dataclass(frozen=True)
class Said:
    """A message as its reader sees it."""

    message: Message
    who: str
    is_mine: bool


@dataclass(frozen=True)
class Thread:
    """`refusal` says why nothing can be written now; None while something can."""

    application: Application
    of_company: bool
    said: Sequence[Said]
    refusal: DomainError | None
    blocks: bool

    @property
    def other(self) -> str:
        return shown_name(self.application) if self.of_company else self.application.gig.company.name


def get_thread(actor: Actor, application_id: str, *, at: datetime) -> Thread:
    """The last SHOWN messages between the two. Raises NotFound (404), Forbidden (403) for whom it is not."""
    application = get_application(actor, application_id)
    of_company = operations.side_of(application, actor)
    rows = Message.objects.visible_to(actor).filter(application=application).order_by("-id")[:SHOWN]
    try:
        operations.refuse(application, at=at)
        refusal = None
    except DomainError as error:
        refusal = error
    own = operations.blocks_between(application).filter(by_company=of_company)
    return Thread(
        application,
        of_company,
        [_said(row, application, of_company) for row in reversed(rows)],
        refusal,
        blocks=own.exists(),
    )


def _said(message: Message, application: Application, of_company: bool) -> Said:
    mine = message.of_company == of_company
    who = application.gig.company.name if message.of_company else shown_name(application)
    return Said(message, "You" if mine and not of_company else who, mine)


def get_message(actor: Actor, public_id: str) -> Message:
    """Raises NotFound (404), also for another's."""
    rows = Message.objects.visible_to(actor).select_related("application__gig", "application__performer")
    return by_public_id(rows, public_id)


def get_flag(actor: Actor, public_id: str) -> Flag:
    """Raises NotFound (404), also for another's."""
    rows = Flag.objects.visible_to(actor).select_related(
        "message__application__gig__company", "message__application__performer"
    )
    return by_public_id(rows, public_id)
