"""What is drawn from whom Stripe verified before it is dropped: whether they are of age, and a mark to find duplicates by."""

import hashlib
import hmac
import unicodedata
from datetime import date

from django.conf import settings

OF_AGE = 18
_PURPOSE = b"callboard: one person, one account"


def is_of_age(born: date, *, on: date) -> bool:
    """Whether they are 18 on that day; who was born on 29 February is from 1 March on."""
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return years >= OF_AGE


def fingerprint(*, first_name: str, last_name: str, born: date) -> str:
    """A keyed hash over name and birthday: equal for one person however the name is written, and nothing without the key.

    The key is one of its own, and stays: what the hashes of before were made of is gone.
    """
    key = hmac.digest(settings.FINGERPRINT_KEY.encode(), _PURPOSE, hashlib.sha256)
    said = f"{_letters(first_name)}|{_letters(last_name)}|{born.isoformat()}"
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def _letters(name: str) -> str:
    """Letters alone, without marks, case, spaces and hyphens: `José-María` and `JOSE MARIA` are one."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if unicodedata.category(letter).startswith("L"))
