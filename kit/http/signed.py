"""Addresses that are good for one reader, for one thing, for minutes: whoever else has one has nothing."""

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.utils.http import urlencode

from kit.errors import DomainError, NotFound

LASTS = timedelta(minutes=10)


def address(path: str, thing: str, *, reader: str, salt: str, at: datetime) -> str:
    """`path` with what `check` asks for, good for LASTS. Whether they may see it, the caller has asked."""
    signed = signing.dumps([thing, reader, int((at + LASTS).timestamp())], salt=salt)
    return f"{path}?{urlencode({'signed': signed})}"


def check(
    signed: str, thing: str, *, reader: str, salt: str, at: datetime, expired: type[DomainError]
) -> None:
    """Raises NotFound (404) for what was not made for this reader and thing, `expired` once its minutes are over."""
    try:
        told: Any = signing.loads(signed, salt=salt)
    except signing.BadSignature:
        raise NotFound from None
    if told[:2] != [thing, reader]:
        raise NotFound
    if told[2] <= at.timestamp():
        raise expired("It was good for minutes.")
