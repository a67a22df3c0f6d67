"""Ids as Stripe spells them, deterministic under a seed, and the platform account that a key names."""

import hashlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = {"acct": 16, "req": 14, "we": 24, "evt": 24}

USUAL_KEY = "sk_test_sandbox"
_USUAL_PLATFORM = "acct_1SandboxPlatform"


class Ids:
    """Ids drawn from a seed and a counter; the counter is stored with the effects, so no id comes twice."""

    def __init__(self, *, seed: str, drawn: int = 0) -> None:
        self.seed, self.drawn = seed, drawn

    def new(self, prefix: str) -> str:
        self.drawn += 1
        return f"{prefix}_{_letters(f'{self.seed}:{self.drawn}', _LENGTH.get(prefix, 24))}"

    def secret(self, prefix: str) -> str:
        self.drawn += 1
        return f"{prefix}_{_letters(f'{self.seed}:secret:{self.drawn}', 32)}"


def platform_of_key(key: str) -> str:
    """The platform account of a test key: always the same one for the same key, and for its restricted twin (`rk_…`)."""
    key = key.replace("rk_test_", "sk_test_", 1)
    return _USUAL_PLATFORM if key == USUAL_KEY else f"acct_1{_letters(f'platform:{key}', 15)}"


def _letters(of: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(of.encode()).digest()[: length * 3 // 4 + 1])
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(letters)
