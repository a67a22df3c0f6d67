"""A lost second factor is given back by a second person, never by a password and a story told to oneself."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.identity import sessions
from accounts.identity.models import StaffRole, User
from accounts.notifications.account_kinds import AccountKind
from accounts.notifications.operations import notify, notify_many
from accounts.security import queries
from accounts.security.models import Recovery
from accounts.security.states import RecoveryState as S
from kit.errors import DomainError
from kit.text import LONGEST_REASON, required_text

HOUSE = Actor.of_system("recovery")
OPEN_FOR = timedelta(days=7)
BATCH = 200


class RecoveryOver(DomainError):
    """Nothing is left to decide."""

    code = "recovery_over"
    title = "This was decided, withdrawn or not answered in time"


class NotTheLast(DomainError):
    """Ask another administrator, by the log-in page."""

    code = "not_the_last_administrator"
    title = "A second person decides that"


@transaction.atomic
def ask(*, user: User, at: datetime) -> Recovery:
    """Whoever gave the person's password says that the second factor is lost. One at a time: asking again changes nothing.

    The person is told on every address, so that an owner who lost nothing can end it; who decides is told too.
    """
    User.objects.select_for_update().get(pk=user.pk)
    found = Recovery.objects.filter(user=user, state=S.ASKED).first()
    if found is not None:
        return found
    recovery = Recovery.objects.create(user=user, asked_at=at, expires_at=at + OPEN_FOR)
    audit.record(verb="recovery.asked", thing=recovery, by=queries.themselves(user), at=at, of=user.public_id)
    who, deciders = queries.who_decides(user)
    notify(
        kind=AccountKind.RECOVERY_ASKED,
        user_id=user.pk,
        key=f"recovery:{recovery.public_id}",
        about={"who": who, "until": recovery.expires_at},
        at=at,
    )
    notify_many(
        kind=AccountKind.RECOVERY_TO_DECIDE,
        user_ids=deciders,
        key=f"recovery:{recovery.public_id}",
        about={"name": user.name, "until": recovery.expires_at},
        at=at,
    )
    return recovery


@transaction.atomic
def agree(*, recovery: Recovery, reason: str, by: Actor, at: datetime) -> Recovery:
    """The second factor is taken away and every session ends: with the next log-in they set up another.

    Raises NotFound (404) for who may not decide, StaleProof (403), RecoveryOver (409), Invalid (422) without a reason.
    """
    recovery = _decided(recovery, S.AGREED, reason=reason, by=by, at=at)
    take_away(user=recovery.user)
    notify(
        kind=AccountKind.RECOVERY_AGREED,
        user_id=recovery.user_id,
        key=f"recovery_ended:{recovery.public_id}",
        about={"when": at},
        at=at,
    )
    return recovery


@transaction.atomic
def refuse(*, recovery: Recovery, reason: str, by: Actor, at: datetime) -> Recovery:
    """Nothing changes, and they are told why. Raises as `agree`."""
    recovery = _decided(recovery, S.REFUSED, reason=reason, by=by, at=at)
    notify(
        kind=AccountKind.RECOVERY_REFUSED,
        user_id=recovery.user_id,
        key=f"recovery_ended:{recovery.public_id}",
        about={"reason": reason.strip()},
        at=at,
    )
    return recovery


@transaction.atomic
def of_the_last_administrator(*, email: str, at: datetime) -> None:
    """On the machine, where nobody else could decide: their second factor is taken away, and every session ends.

    Raises NotTheLast (409) unless they are the only administrator who can come in.
    """
    admins = StaffRole.objects.select_for_update(of=("self",)).filter(role=Staff.ADMIN, user__is_active=True)
    people = [role.user for role in admins.select_related("user").order_by("pk")]
    if [person.email for person in people] != [email.lower()]:
        raise NotTheLast("That is not the address of the only administrator: another administrator decides.")
    (user,) = people
    withdraw(user=user, at=at)
    take_away(user=user)
    audit.record(
        verb="user.second_factor_taken_away", thing=user, by=Actor.of_system("first_administrator"), at=at
    )
    notify(
        kind=AccountKind.RECOVERED_ON_THE_MACHINE,
        user_id=user.pk,
        key=f"recovered:{at.timestamp()}",
        about={"when": at},
        at=at,
    )


@transaction.atomic
def withdraw(*, user: User, at: datetime) -> None:
    """What they asked for is needed no more: the second factor is there, or the password is a new one."""
    for recovery in Recovery.objects.select_for_update().filter(user=user, state=S.ASKED):
        audit.move(recovery, S.WITHDRAWN, by=queries.themselves(user), at=at, ended_at=at)


def expire_due(*, at: datetime) -> int:
    """What nobody decided in time ends, and the person is told; returns how many."""
    ended = 0
    while True:
        with transaction.atomic():
            due = Recovery.objects.filter(state=S.ASKED, expires_at__lte=at).order_by("pk")
            batch = list(due.select_for_update(skip_locked=True)[:BATCH])
            for recovery in batch:
                audit.move(recovery, S.EXPIRED, by=HOUSE, at=at, ended_at=at)
                notify(
                    kind=AccountKind.RECOVERY_EXPIRED,
                    user_id=recovery.user_id,
                    key=f"recovery_ended:{recovery.public_id}",
                    about={},
                    at=at,
                )
        ended += len(batch)
        if len(batch) < BATCH:
            return ended


def take_away(*, user: User) -> None:
    """Every second factor and recovery code, and every session."""
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)


def _decided(recovery: Recovery, to: S, *, reason: str, by: Actor, at: datetime) -> Recovery:
    person = by.require_person("A person decides, not a key.")
    recovery = queries.get_recovery(by, recovery.public_id)
    by.require_proof(StepUp.DECIDE_RECOVERY, at=at)
    said = required_text(
        reason,
        field="reason",
        missing="Say how you know that it is them, or why not.",
        longest=LONGEST_REASON,
    )
    recovery = Recovery.objects.select_for_update(of=("self",)).select_related("user").get(pk=recovery.pk)
    if recovery.state != S.ASKED or recovery.expires_at <= at:
        raise RecoveryOver("Nothing is left to decide here. They can ask again when they log in.")
    audit.move(recovery, to, by=by, at=at, reason=said, ended_at=at, decided_by_id=person)
    return recovery
