"""What people do at allauth's doors to what proves who they are: written down, told at once, and other sessions end.

Rows are watched, not allauth's own signals, where there are rows: so what is told is told in the transaction of the change.
"""

from datetime import datetime
from typing import Any

from allauth.account.signals import email_changed, password_changed, password_reset, password_set
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_reset, authenticator_used
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver

from accounts.audit import operations as audit
from accounts.identity import sessions
from accounts.identity.models import User
from accounts.identity.queries import SECOND_FACTORS, second_factors
from accounts.notifications.account_kinds import AccountKind
from accounts.notifications.operations import notify
from accounts.security import addresses, recoveries
from accounts.security.queries import must_have_second_factor, themselves
from kit import clock
from kit.errors import DomainError


class LastSecondFactor(DomainError):
    """Set up another one first, or leave the role."""

    code = "last_second_factor"
    title = "Your role needs a second factor"


@receiver(pre_delete, sender=Authenticator)
def refuse_the_last(*, instance: Authenticator, origin: Any, **_: object) -> None:
    """A person removes one by one; the house, in a recovery or an undoing, by query, and passes here.

    Raises LastSecondFactor (409).
    """
    if origin is not instance or instance.type not in SECOND_FACTORS:
        return
    others = second_factors(instance.user).exclude(pk=instance.pk)
    if must_have_second_factor(instance.user) and not others.exists():
        raise LastSecondFactor("Your role here takes one. Set up another first, then remove this one.")


@receiver(post_save, sender=Authenticator)
def tell_of_another(*, instance: Authenticator, created: bool, **_: object) -> None:
    if not (_at_a_door() and created and instance.type in SECOND_FACTORS):
        return
    user, at = instance.user, clock.now()
    _write_down(user, "user.second_factor_added", at=at, type=instance.type)
    notify(
        kind=AccountKind.SECOND_FACTOR_ADDED,
        user_id=user.pk,
        key=f"second_factor_added:{instance.pk}",
        about={"what": _named(instance), "when": at},
        at=at,
    )


@receiver(post_delete, sender=Authenticator)
def tell_of_one_less(*, instance: Authenticator, origin: Any, **_: object) -> None:
    if not (_at_a_door() and origin is instance and instance.type in SECOND_FACTORS):
        return
    user, at = instance.user, clock.now()
    _write_down(user, "user.second_factor_removed", at=at, type=instance.type)
    notify(
        kind=AccountKind.SECOND_FACTOR_REMOVED,
        user_id=user.pk,
        key=f"second_factor_removed:{at.timestamp()}",
        about={"what": _named(instance), "when": at},
        at=at,
    )


@receiver(authenticator_reset)
@transaction.atomic
def tell_of_new_codes(*, user: User, **_: object) -> None:
    at = clock.now()
    _write_down(user, "user.recovery_codes_made", at=at)
    notify(
        kind=AccountKind.RECOVERY_CODES_MADE,
        user_id=user.pk,
        key=f"recovery_codes:{at.timestamp()}",
        about={"when": at},
        at=at,
    )


@receiver((password_changed, password_set, password_reset))
@transaction.atomic
def tell_of_a_password(*, user: User, **_: object) -> None:
    """A new password also ends what somebody with the old one asked for."""
    at = clock.now()
    _write_down(user, "user.password_changed", at=at)
    recoveries.withdraw(user=user, at=at)
    notify(
        kind=AccountKind.PASSWORD_CHANGED,
        user_id=user.pk,
        key=f"password:{at.timestamp()}",
        about={"when": at},
        at=at,
    )


@receiver(email_changed)
@transaction.atomic
def tell_of_an_address(*, user: User, from_email_address: Any, **_: object) -> None:
    """Only an address that somebody had confirmed is told, and may undo it."""
    at = clock.now()
    if from_email_address is not None and from_email_address.verified:
        addresses.note_change(user=user, former=from_email_address.email, at=at)


@receiver(authenticator_used)
def found_again(*, user: User, **_: object) -> None:
    """Who can give it has not lost it, whatever somebody with their password said."""
    recoveries.withdraw(user=user, at=clock.now())


def _at_a_door() -> bool:
    return context.request is not None


def _write_down(user: User, verb: str, *, at: datetime, **facts: str) -> None:
    audit.record(verb=verb, thing=user, by=themselves(user), at=at, **facts)
    sessions.end_others(user)


def _named(authenticator: Model) -> str:
    is_app = getattr(authenticator, "type", "") == Authenticator.Type.TOTP
    return "An authenticator app" if is_app else "A passkey"
