"""A new mail address takes the old one's place, and whoever reads the old one is told and can undo it for a while."""

from datetime import datetime

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.signing import Signer
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.identity import sessions
from accounts.identity.addresses import UNDO_FOR
from accounts.identity.models import FormerAddress, User
from accounts.notifications import letters
from accounts.notifications.account_kinds import AccountKind
from accounts.notifications.letters import Letter
from accounts.notifications.operations import notify
from accounts.security import recoveries
from accounts.security.queries import themselves
from kit.errors import DomainError
from kit.instants import in_words, length_in_words

# Sent within the undoing, with `user`, `since` and `at`: each room takes back what was made meanwhile, and returns its words.
undone = Signal()


class UndoOver(DomainError):
    """Tell us, by another way."""

    code = "undo_over"
    title = "This can no longer be undone here"


@transaction.atomic
def note_change(*, user: User, former: str, at: datetime) -> FormerAddress:
    """Keep the address that gave way, mail its reader the way back, and tell the person."""
    row = FormerAddress.objects.create(user=user, email=former, until=at, mail_due_at=at)
    audit.record(verb="user.address_changed", thing=user, by=themselves(user), at=at)
    notify(
        kind=AccountKind.ADDRESS_CHANGED,
        user_id=user.pk,
        key=f"address:{row.public_id}",
        about={"when": at, "undo_for": length_in_words(UNDO_FOR)},
        at=at,
    )
    return row


def check_undoable(row: FormerAddress, *, at: datetime) -> None:
    """Raise UndoOver (409) once it was undone, or after UNDO_FOR."""
    if row.undone_at is not None:
        raise UndoOver("It was undone already.")
    if at >= row.until + UNDO_FOR:
        raise UndoOver(
            f"The {length_in_words(UNDO_FOR)} for it are over. Answer this mail, and we look at it together."
        )


@transaction.atomic
def undo(*, row: FormerAddress, at: datetime) -> User:
    """The old address is the account's again, and nobody is in it any more.

    Every session ends, the password opens nothing, API keys made since the change are revoked, and second factors go that
    were set up since it or less than UNDO_FOR before it: whoever took the account may have made them first.
    Raises UndoOver (409).
    """
    row = FormerAddress.objects.select_for_update(of=("self",)).select_related("user").get(pk=row.pk)
    check_undoable(row, at=at)
    user = row.user
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=row.email, verified=True, primary=True)
    user.email = row.email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    # Those rows know the machine's time only; the house's clock never stands behind it.
    lately = timezone.now() - (at - row.until) - UNDO_FOR
    Authenticator.objects.filter(user=user, created_at__gte=lately).delete()
    recoveries.withdraw(user=user, at=at)
    sessions.end_all(user)
    # Later ones too: they are addresses of whoever took the account, and must not lead back into it.
    since = FormerAddress.objects.filter(user=user, until__gte=row.until, undone_at=None)
    since.update(undone_at=at, mail_due_at=None)
    said = [words for _, words in undone.send(sender=User, user=user, since=row.until, at=at)]
    audit.record(verb="user.address_restored", thing=user, by=Actor.of_system("old address"), at=at)
    notify(
        kind=AccountKind.ADDRESS_RESTORED,
        user_id=user.pk,
        key=f"restored:{row.public_id}",
        about={"when": at, "withdrawn": " ".join(filter(None, said))},
        at=at,
    )
    return user


def mail_a_new_password(*, user: User, request: HttpRequest) -> None:
    """The usual mail, to the address that is the account's now."""
    form = ResetPasswordForm({"email": user.email})
    if form.is_valid():
        form.save(request)


def is_key_of(row: FormerAddress, key: str) -> bool:
    """Whether `key` came out of the mail to the old address."""
    return constant_time_compare(key, _key(row))


def send_due_mail(*, at: datetime, at_most: int = 100) -> int:
    """Send what is due to old addresses; returns how many went out. One that fails waits and stops no other."""
    rows = FormerAddress.objects.select_related("user")
    return letters.send_due(rows, write=_letter, at=at, at_most=at_most)


def _key(row: FormerAddress) -> str:
    return Signer(salt="former-address").signature(row.public_id)


def _letter(row: FormerAddress) -> Letter:
    zone = row.user.time_zone
    path = reverse("address_undo", args=[row.public_id])
    text = (
        f"Your Callboard account has another mail address since {in_words(row.until, zone)}; this one opens it no more.\n\n"
        f"If that was you, do nothing. If it was not, undo it by {in_words(row.until + UNDO_FOR, zone)}:\n"
        f"{settings.PUBLIC_URL}{path}?key={_key(row)}\n\n"
        "Undoing puts this address back, logs everyone out, and sends you the way to a new password.\n"
    )
    return Letter(to=row.email, subject="Your Callboard address was changed", text=text)
