"""The phones of the demo's people: authenticator apps, kept in this home so that an interrupted demo and its visitors
find them again. Real people keep theirs to themselves."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from callboard.embedded import addresses

STEP_S = 30
_writing = threading.Lock()


@dataclass
class Phone:
    """One person's app: what it was given when it was set up, and the codes that they wrote down."""

    secret: str
    written_down: list[str] = field(default_factory=list)
    shown: int = 0

    def code(self, *, at_s: float) -> str:
        """What the app shows, once in its 30 seconds, as the house takes it once; else one of those written down."""
        step = int(at_s) // STEP_S
        if step > self.shown or not self.written_down:
            self.shown = step
            return totp(self.secret, step=step)
        return self.written_down.pop(0)


def totp(secret: str, *, step: int) -> str:
    """RFC 6238: the six digits of a 30-second step."""
    key = base64.b32decode(secret)
    return TOTP(key, 6, SHA1(), STEP_S).generate(step * STEP_S).decode()  # noqa: S303 -- the RFC's own, as apps take it


def shows(email: str) -> str:
    """The code that this person's app shows now; empty where they have none."""
    phone = _read().get(email)
    return totp(phone.secret, step=int(time.time()) // STEP_S) if phone else ""


def everyones() -> list[str]:
    """Whose phones there are."""
    return sorted(_read())


def of(email: str) -> Phone | None:
    return _read().get(email)


def keep(email: str, phone: Phone | None) -> None:
    """Write down what the app holds now; None for an app that is gone."""
    with _writing:
        kept = {whose: each for whose, each in _read().items() if whose != email}
        kept |= {email: phone} if phone else {}
        aside = _path().with_suffix(".new")
        aside.touch(mode=0o600)
        aside.write_text(json.dumps({whose: vars(each) for whose, each in kept.items()}))
        aside.replace(_path())


def _path() -> Path:
    return addresses.home() / "demo_phones.json"


def _read() -> dict[str, Phone]:
    try:
        kept = json.loads(_path().read_text())
    except FileNotFoundError:
        return {}
    return {email: Phone(**said) for email, said in kept.items()}
