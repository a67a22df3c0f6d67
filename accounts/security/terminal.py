"""Proving who one is at a terminal on the machine: as at the door, with the same pace, and by the second factor."""

import getpass
import sys

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.access.actors import SecondFactorRequired
from accounts.identity.freshness import Proof
from accounts.identity.models import User
from accounts.identity.queries import second_factors
from kit import clock
from kit.errors import DomainError


class NotProved(DomainError):
    """Start again."""

    code = "not_proved"
    status = 403
    title = "That did not prove who you are"


def prove() -> tuple[User, Proof]:
    """Ask for mail address, password and second factor (a code of the app, or a recovery code), and check them.

    Raises NotProved (403) for what is wrong or came too fast, SecondFactorRequired (403) for who has none.
    """
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}
    request.session = SessionStore()
    with context.request_context(request):
        user = _by_password(request, email=_ask("Mail address: "), password=_ask_hidden("Password: "))
        if not second_factors(user).exists():
            raise SecondFactorRequired
        form = AuthenticateForm(
            user=user, data={"code": _ask_hidden("Code of your app, or a recovery code: ")}
        )
        if not form.is_valid():
            raise NotProved(" ".join(form.errors["code"]))
    return user, Proof(second_factor_at=clock.now())


def _by_password(request: HttpRequest, *, email: str, password: str) -> User:
    try:
        user = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise NotProved(" ".join(error.messages)) from error
    if not isinstance(user, User):
        raise NotProved("That address and password do not belong together.")
    return user


def _ask(question: str) -> str:
    if sys.stdin.isatty():
        return input(question).strip()
    return sys.stdin.readline().strip()


def _ask_hidden(question: str) -> str:
    return getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
