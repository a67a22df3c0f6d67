"""Writing to each other about an application, in the house; blocking, and reporting to talent operations, who answer."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import Standing, Suspended
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.operations import notify, tell_staff
from accounts.notifications.standing_kinds import StandingKind
from accounts.notifications.work_kinds import WorkKind as Kind
from kit.errors import DomainError, Forbidden, NotFound
from kit.text import required_text
from marketplace.casting.models import Application
from marketplace.casting.queries import shown_name
from marketplace.casting.states import OVER, ApplicationState
from marketplace.messages.models import LONGEST_TEXT, Block, Flag, Message
from marketplace.messages.states import FlagState

OPEN_AFTER = timedelta(days=14)
ANSWERED_WITHIN = timedelta(hours=48)
# Of one side with no word of the other in between.
MOST_IN_A_ROW = 20


class ThreadOver(DomainError):
    """Apply for another gig of theirs, or write under the engagement that came of it."""

    code = "thread_over"
    title = "This casting is over"


class ThreadBlocked(DomainError):
    """They want no more messages. A decision that concerns you can be appealed without writing to them."""

    code = "thread_blocked"
    title = "No more messages are taken here"


class TooManyMessages(DomainError):
    """Wait for an answer, then go on."""

    code = "too_many_messages"
    title = "Give them time to answer"


class AlreadyFlagged(DomainError):
    """Nothing to do: talent operations have it, and answer you."""

    code = "already_reported"
    title = "You have reported it already"


@transaction.atomic
def write(*, application: Application, text: str, by: Actor, at: datetime) -> Message:
    """One side writes to the other, who is told. While the casting lasts, and some days after.

    Raises NotFound (404), Forbidden (403), Suspended, ThreadOver, ThreadBlocked, TooManyMessages (409), Invalid (422).
    """
    of_company = side_of(application, by)
    author = by.require_person("A person writes, not a key.")
    said = required_text(text, field="text", missing="Write something.", longest=LONGEST_TEXT)
    # Locked, so that nobody writes past a block or an end of this moment.
    application = _locked(application)
    refuse(application, at=at)
    _refuse_many(application, of_company=of_company)
    message = Message.objects.create(
        application=application, of_company=of_company, author_id=author, text=said, sent_at=at
    )
    audit.record(verb="message.sent", thing=message, by=by, at=at, application=application.public_id)
    _tell(message, application, at=at)
    return message


def side_of(application: Application, by: Actor) -> bool:
    """Whether `by` stands on the company's side. Raises NotFound (404), Forbidden (403)."""
    if application.state == ApplicationState.DRAFT:
        raise NotFound
    if by.is_performer and by.performer_id == application.performer_id:
        return False
    by.require(Act.CAST, company_id=application.gig.company_id)
    return True


def refuse(application: Application, *, at: datetime) -> None:
    """Raise why nothing can be written now: Suspended, ThreadOver, ThreadBlocked (409)."""
    for standing in (application.performer.state, application.gig.company.state):
        if standing == Standing.SUSPENDED:
            raise Suspended(
                "One of the two is suspended while a person looks at it; nothing is written meanwhile."
            )
    decided_at = application.decided_at
    if application.state in OVER and decided_at is not None and at >= decided_at + OPEN_AFTER:
        raise ThreadOver(f"It was open for {OPEN_AFTER.days} days after the answer.")
    if blocks_between(application).exists():
        raise ThreadBlocked("One of the two has ended it.")


def blocks_between(application: Application) -> QuerySet[Block]:
    """Those that stand, of either side."""
    return Block.objects.filter(
        performer_id=application.performer_id, company_id=application.gig.company_id, ended_at=None
    )


def _refuse_many(application: Application, *, of_company: bool) -> None:
    last = application.messages.order_by("-id").values_list("of_company", flat=True)[:MOST_IN_A_ROW]
    if list(last) == [of_company] * MOST_IN_A_ROW:
        raise TooManyMessages(f"These were {MOST_IN_A_ROW} without an answer.")


def _tell(message: Message, application: Application, *, at: datetime) -> None:
    """That there is one; no word of it leaves the page, and the company reads a number where it judges blind."""
    where = {"application_id": application.public_id}
    if message.of_company:
        notify(
            kind=Kind.MESSAGE_TO_PERFORMER,
            user_id=application.performer.user_id,
            key=f"message:{message.public_id}",
            about={"company": application.gig.company.name, "gig": application.gig.title},
            where=where,
            at=at,
        )
        return
    tell_company(
        kind=Kind.MESSAGE_TO_COMPANY,
        company_id=application.gig.company_id,
        key=f"message:{message.public_id}",
        about={"applicant": shown_name(application), "gig": application.gig.title},
        where=where,
        at=at,
    )


@transaction.atomic
def block(*, application: Application, by: Actor, at: datetime) -> None:
    """Neither side writes to the other any more, about whatever gig, until whoever blocked ends it. Twice is once.

    Raises NotFound (404), Forbidden (403).
    """
    by_company = side_of(application, by)
    application = _locked(application)
    _, is_new = Block.objects.get_or_create(
        performer_id=application.performer_id,
        company_id=application.gig.company_id,
        by_company=by_company,
        ended_at=None,
        defaults={"made_at": at},
    )
    if is_new:
        audit.record(verb="block.made", thing=application, by=by, at=at)


@transaction.atomic
def unblock(*, application: Application, by: Actor, at: datetime) -> None:
    """End one's own side's block; twice changes nothing. Raises NotFound (404), Forbidden (403)."""
    by_company = side_of(application, by)
    own = blocks_between(application).filter(by_company=by_company)
    if own.update(ended_at=at):
        audit.record(verb="block.ended", thing=application, by=by, at=at)


@transaction.atomic
def flag(*, message: Message, text: str, by: Actor, at: datetime) -> Flag:
    """Report what the other side wrote; talent operations read the thread, and answer. Once they have, it can be reported again.

    Raises NotFound (404), Forbidden (403) for one's own side's words, AlreadyFlagged (409), Invalid (422).
    """
    reporter = by.require_person("A person reports, not a key.")
    if side_of(message.application, by) == message.of_company:
        raise Forbidden("It is your own side's. Write to the other side about it.")
    said = required_text(text, field="text", missing="Say what is wrong with it.", longest=LONGEST_TEXT)
    made, is_new = Flag.objects.select_for_update().get_or_create(
        message=message,
        reporter_id=reporter,
        defaults={"text": said, "flagged_at": at, "answer_due_at": at + ANSWERED_WITHIN},
    )
    if is_new:
        audit.record(verb="flag.raised", thing=made, by=by, at=at)
    elif made.state == FlagState.WAITING:
        raise AlreadyFlagged("Talent operations have it, and answer you.")
    else:
        again = {"text": said, "answer_due_at": at + ANSWERED_WITHIN, "answer": "", "answered_at": None}
        audit.move(made, FlagState.WAITING, by=by, at=at, reason=made.answer, **again)
    tell_staff(
        kind=StandingKind.MESSAGE_FLAGGED,
        key=f"flag:{made.public_id}:{at.timestamp():.0f}",
        about={"due_at": made.answer_due_at},
        where={"flag_id": made.public_id},
        at=at,
    )
    return made


@transaction.atomic
def answer(*, flag: Flag, text: str, by: Actor, at: datetime) -> Flag:
    """Talent operations say to whoever reported what they found. Raises Forbidden (403), IllegalMove (409), Invalid (422)."""
    by.require_talent()
    if flag.reporter_id == by.user_id:
        raise Forbidden("Nobody answers their own.")
    said = required_text(text, field="text", missing="Say what you found.", longest=LONGEST_TEXT)
    flag = Flag.objects.select_for_update().get(pk=flag.pk)
    audit.move(flag, FlagState.ANSWERED, by=by, at=at, answer=said, answered_by=by.label, answered_at=at)
    notify(
        kind=StandingKind.FLAG_ANSWERED,
        user_id=flag.reporter_id,
        key=f"flag:{flag.public_id}:answered:{at.timestamp():.0f}",
        about={},
        where={"flag_id": flag.public_id},
        at=at,
    )
    return flag


def _locked(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",))
    return rows.select_related("gig__company", "performer").get(pk=application.pk)
