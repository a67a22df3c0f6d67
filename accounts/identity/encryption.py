"""What is kept encrypted, and by which keys: the first of FIELD_ENCRYPTION_KEY encrypts, each decrypts."""

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction

# In an authenticator's data: the seed of an app, and that of the recovery codes.
_SEEDS = ("secret", "seed")


def fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEY.split(",")])


def encrypt_anew() -> int:
    """Put all under the first key, so that the others can go; returns how many seeds. Raises InvalidToken, and changes
    nothing of that row, where no key fits. May be stopped and run again at any time."""
    keys, done = fernet(), 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True).iterator():
        with transaction.atomic():
            # Locked before reading: a recovery code that is used meanwhile stays used.
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            kept = {name: row.data[name] for name in _SEEDS if name in row.data} if row else {}
            if row and kept:
                row.data |= {name: keys.rotate(text.encode()).decode() for name, text in kept.items()}
                row.save(update_fields=["data"])
                done += 1
    return done
