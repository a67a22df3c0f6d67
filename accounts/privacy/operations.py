"""Being forgotten: asked for, thought over for a week, carried out when nothing is open any more. The books keep a number."""

from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.identity.models import User
from accounts.identity.queries import get_person
from accounts.notifications import letters
from accounts.notifications.account_kinds import AccountKind
from accounts.notifications.letters import Letter
from accounts.notifications.operations import notify
from accounts.privacy import export
from accounts.privacy.holdings import REGISTRY, Blanked, Deleted, Obstacle
from accounts.privacy.models import Erasure
from accounts.privacy.queries import obstacles
from accounts.privacy.states import ErasureState as S
from kit.errors import DomainError, NotFound

HOUSE = Actor.of_system("privacy")
TIME_TO_THINK = timedelta(days=7)
LOOK_AGAIN = timedelta(hours=6)
BATCH = 100


LAST_SUBJECT = "Callboard has forgotten you"
LAST_MAIL = """\
As you asked, your account at Callboard is closed for good. What we could delete is deleted: your name, your profile, your
notices, your log-ins.

What the law or the books need stays under a number instead of your name: signed terms, recorded time, what was paid.
Stripe keeps what it must by itself; write to Stripe about that.

What is kept, and for how long, is written here: {url}

This address is forgotten with this mail. Thank you for the work.
"""


class AlreadyAsked(DomainError):
    """Wait until it is carried out, or take it back."""

    code = "erasure_already_asked"
    title = "You asked for that already"


class NothingAsked(NotFound):
    """Ask for it first."""

    code = "no_erasure_asked"
    title = "There is nothing to take back"


@transaction.atomic
def carry_away(*, by: Actor, at: datetime) -> IO[bytes]:
    """A copy of all that is one's own, as a zip. Raises StaleProof (403), Forbidden (403) for a key."""
    user = get_person(by)
    by.require_proof(StepUp.CARRY_DATA_AWAY, at=at)
    audit.record(verb="user.data_carried_away", thing=user, by=by, at=at)
    return export.archive(user)


@transaction.atomic
def ask(*, by: Actor, at: datetime) -> Erasure:
    """Ask to be forgotten: carried out a week later, or as soon after as nothing stands against it.

    Raises AlreadyAsked (409), StaleProof (403), Forbidden (403) for a key.
    """
    by.require_person("A person asks, not a key.")
    by.require_proof(StepUp.BE_FORGOTTEN, at=at)
    user = User.objects.select_for_update().get(pk=get_person(by).pk)
    if Erasure.objects.filter(user=user, state=S.ASKED).exists():
        raise AlreadyAsked("It is under way. Take it back, or wait for it.")
    erasure = Erasure.objects.create(user=user, asked_at=at, due_at=at + TIME_TO_THINK)
    audit.record(verb="erasure.asked", thing=erasure, by=by, at=at)
    notify(
        kind=AccountKind.ERASURE_ASKED,
        user_id=user.pk,
        key=f"erasure:{erasure}",
        about={"due_at": erasure.due_at},
        at=at,
    )
    return erasure


@transaction.atomic
def take_back(*, by: Actor, at: datetime) -> Erasure:
    """Stay after all. Raises NothingAsked (404), StateChanged (409), Forbidden (403) for a key."""
    user = get_person(by)
    erasure = Erasure.objects.select_for_update().filter(user=user, state=S.ASKED).first()
    if erasure is None:
        raise NothingAsked("You did not ask to be forgotten, or took it back already.")
    audit.move(erasure, S.TAKEN_BACK, by=by, at=at, ended_at=at)
    notify(
        kind=AccountKind.ERASURE_TAKEN_BACK, user_id=user.pk, key=f"erasure:{erasure}:back", about={}, at=at
    )
    return erasure


def carry_out_due(*, at: datetime) -> int:
    """Erase everyone whose time has come and who has nothing open; returns how many. Who has is told what, once each."""
    due = Erasure.objects.filter(state=S.ASKED, due_at__lte=at).order_by("due_at")
    return sum(_carry_out(pk, at=at) for pk in list(due.values_list("pk", flat=True)[:BATCH]))


@transaction.atomic
def _carry_out(pk: int, *, at: datetime) -> bool:
    erasure = Erasure.objects.select_for_update(skip_locked=True).filter(pk=pk, state=S.ASKED).first()
    if erasure is None:
        return False
    user = User.objects.select_for_update().get(pk=erasure.user_id)
    if found := obstacles(user):
        _wait(erasure, found, at=at)
        return False
    address = user.email
    REGISTRY.part_with(user, by=HOUSE, at=at)
    for holding in REGISTRY.holdings:
        match holding.on_erasure:
            case Deleted():
                holding.of(user).delete()
            case Blanked(to):
                holding.of(user).update(**to)
    User.objects.filter(pk=user.pk).update(
        # An address that nobody can have, so that the one they had is free again.
        email=f"{user.public_id}@erased.invalid",
    )
    audit.move(erasure, S.DONE, by=HOUSE, at=at, ended_at=at, mail_to=address, mail_due_at=at)
    return True


def _wait(erasure: Erasure, found: list[Obstacle], *, at: datetime) -> None:
    # Moved on, so that one who waits for months does not stand before all others.
    Erasure.objects.filter(pk=erasure.pk).update(due_at=at + LOOK_AGAIN)
    for obstacle in found:
        notify(
            kind=AccountKind.ERASURE_WAITS,
            user_id=erasure.user_id,
            key=f"erasure:{erasure}:{obstacle.code}",
            about={"obstacle": obstacle.words},
            at=at,
        )


def send_last_mail(*, at: datetime) -> int:
    """Tell the erased, at the address that they had, which is forgotten with it; returns how many were told."""
    return letters.send_due(Erasure.objects.all(), write=_last_letter, at=at, at_most=BATCH, mail_to="")


def _last_letter(erasure: Erasure) -> Letter:
    text = LAST_MAIL.format(url=f"{settings.PUBLIC_URL}{reverse('privacy')}")
    return Letter(to=erasure.mail_to, subject=LAST_SUBJECT, text=text)
