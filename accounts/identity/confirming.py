"""Whose mail address is confirmed. One that is not may be anybody's: until then whoever signed up with it is nobody."""

from allauth.account.internal.flows.email_verification import (
    send_verification_email_at_login,
    send_verification_email_to_address,
)
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.identity.models import User
from kit.errors import DomainError


class NobodyWaits(DomainError):
    """Log in: an address that is not confirmed is sent its mail again."""

    code = "nobody_waits"
    title = "Log in, and the mail comes again"


def has_confirmed(user: User) -> bool:
    """Whether somebody reads the mail of the person's address and has said so."""
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def waits_for(request: HttpRequest) -> str:
    """The address of the sign-up that waits in this browser; empty where none does."""
    login = unstash_login(request, peek=True)
    if login is None:
        return ""
    return str(login.email or (login.user.email if login.user else ""))


def send_again(request: HttpRequest) -> bool:
    """The mail of the sign-up that waits in this browser: to confirm, or that there is an account; nobody sees which.

    False where it went out less than allauth's three minutes ago. Raises NobodyWaits (409).
    """
    login = unstash_login(request, peek=True)
    if login is None:
        raise NobodyWaits("No sign-up waits in this browser.")
    return bool(send_verification_email_at_login(request, login))


def remind(request: HttpRequest, user: User) -> None:
    """Mail the way to confirm to somebody who knows the password. As at the sign-up: no message on the page tells of it."""
    for address in EmailAddress.objects.filter(user=user, primary=True):
        send_verification_email_to_address(request, address, signup=True)


@receiver(password_reset)
def _confirm_by_a_new_password(*, user: User, **_: object) -> None:
    """The way to it came by mail, and to the account's own address only."""
    for address in EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=False):
        address.set_verified()
