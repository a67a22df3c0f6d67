"""Refuses to start on a setting that is missing or weak, with a sentence that says which and how to mend it.

Each setting `NAME` may stand in a file that `NAME_FILE` names, as container engines hand out secrets.
"""

import base64
import binascii
import ipaddress
import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import ImproperlyConfigured

from callboard.settings.parts import is_handed, where_handed

STRIPE = "https://api.stripe.com"
OWN_ROOM = "own"
_LEAST_DIFFERENT = {43: 20, 32: 12, 16: 8}
_LOOPBACK = {"127.0.0.1", "localhost", "::1", "sandbox.invalid"}
_PLACEHOLDERS = ("example", "invalid", "test", "localhost")
_VERIFIED = {"verify-ca", "verify-full"}


def setting(name: str) -> str:
    """The setting's value, or what its file holds. Raises ImproperlyConfigured when it is missing or the file is."""
    given, file = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if given and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    if file:
        try:
            given = Path(file).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}.") from error
    if not given:
        raise ImproperlyConfigured(
            f"{name} is not set. Production does not start without it; see README, Production."
        )
    return given


@where_handed
def secret(name: str, *, at_least: int, prefix: str = "") -> str:
    """A value that cannot be guessed. Raises ImproperlyConfigured when it is missing, short, or of few characters."""
    value = setting(name)
    if not value.startswith(prefix):
        raise ImproperlyConfigured(f"{name} must start with {prefix}.")
    own = value.removeprefix(prefix)
    if len(own) < at_least:
        raise ImproperlyConfigured(
            f"{name} is too short: {len(own)} characters where at least {at_least} are needed."
        )
    least = next((few for length, few in _LEAST_DIFFERENT.items() if at_least >= length), 5)
    if value.startswith("django-insecure") or len(set(own)) < least:
        raise ImproperlyConfigured(
            f"{name} is weak. Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


@where_handed
def encryption_keys(name: str) -> str:
    """32 random bytes in base64; while one is rolled several, with commas, the new one first."""
    value = secret(name, at_least=43)
    for key in value.split(","):
        try:
            raw = base64.urlsafe_b64decode(key)
        except (ValueError, binascii.Error):
            raw = b""
        if len(raw) != 32 or len(set(raw)) < 16:
            raise ImproperlyConfigured(
                f"{name} must be 32 random bytes in URL-safe base64, or several such with commas."
            )
    return value


@where_handed
def signing_key(name: str) -> str:
    """32 random bytes in URL-safe base64: one key, as each receipt names its own."""
    value = encryption_keys(name)
    if "," in value:
        raise ImproperlyConfigured(
            f"{name} is one key. Earlier ones need not be kept: their public halves are published."
        )
    return value


def certificate_pair(what: str, *, at_least: int = 1, uses: Collection[str] = ()) -> tuple[str, str]:
    """The certificate that signs `what`, with those that vouch for it, and its private key: PEM, and of one pair. A part of the
    house may be handed the first alone. `at_least` so many certificates: one that vouches for itself is not taken for all.
    `uses`: the key purposes of which it has to have one."""
    certificates, key = (where_handed(setting)(f"{what}_{each}") for each in ("CERT", "KEY"))
    if not certificates:
        return "", ""
    try:
        chain = x509.load_pem_x509_certificates(certificates.encode())
    except ValueError as error:
        raise ImproperlyConfigured(f"{what}_CERT is no certificate in PEM: {error}.") from error
    if len(chain) < at_least:
        raise ImproperlyConfigured(
            f"{what}_CERT wants the certificates that vouch for it after it, the root last."
        )
    if uses and not _uses_of(chain[0]) & set(uses):
        raise ImproperlyConfigured(f"{what}_CERT is for none of the key purposes {', '.join(uses)}.")
    if key:
        _check_is_of(key, chain[0], what=what)
    return certificates, key


def _uses_of(certificate: x509.Certificate) -> set[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return set()
    return {use.dotted_string for use in found}


def _check_is_of(key: str, certificate: x509.Certificate, *, what: str) -> None:
    try:
        private = serialization.load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ImproperlyConfigured(
            f"{what}_KEY is no private key in PEM, without a password: {error}."
        ) from error
    if private.public_key() != certificate.public_key():
        raise ImproperlyConfigured(f"{what}_KEY is not the key of the first certificate in {what}_CERT.")


def https_url(name: str) -> str:
    """An https address on a real host."""
    value = setting(name).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme != "https" or parts.path or not _is_real(parts.hostname or ""):
        raise ImproperlyConfigured(f"{name} must be the https:// address of a real host, without a path.")
    return value


def hosts(name: str, *, besides: str) -> list[str]:
    """The hosts that may be asked for: real ones, none of them any; that of the public address by itself."""
    wanted = [host.strip() for host in os.environ.get(name, "").split(",") if host.strip()]
    wrong = [host for host in wanted if "*" in host or not _is_real(host.lstrip("."))]
    if wrong:
        raise ImproperlyConfigured(f"{name} names {', '.join(wrong)}. Name the hosts that are really yours.")
    return wanted or [urlsplit(besides).hostname or ""]


@where_handed
def database_url(name: str) -> str:
    """Postgres, with TLS and its certificate checked unless it stands on this machine or beside it in a container network."""
    value = setting(name)
    parts = urlsplit(value)
    mode = parse_qs(parts.query).get("sslmode", [""])[0]
    if not parts.password and not _is_near(parts.hostname):
        raise ImproperlyConfigured(f"{name} has no password.")
    if mode not in _VERIFIED and not _is_near(parts.hostname):
        raise ImproperlyConfigured(
            f"{name} goes over a network to whoever answers. Add ?sslmode=verify-full (or verify-ca)."
        )
    return value


@where_handed
def redis_url(name: str) -> str:
    """Redis or Valkey: rediss:// unless it stands on this machine or beside it, and never without a password."""
    value = setting(name)
    parts = urlsplit(value)
    if parts.scheme == "unix":
        return value
    if not parts.password:
        raise ImproperlyConfigured(f"{name} has no password: whoever reaches it could log in as anyone.")
    if parts.scheme != "rediss" and not _is_near(parts.hostname):
        raise ImproperlyConfigured(f"{name} goes over a network in clear. Use rediss://.")
    return value


@where_handed
def mail_url(name: str) -> str:
    """Where mail is handed in. Nobody could confirm an address without it."""
    value = setting(name)
    parts = urlsplit(value)
    if not parts.scheme.startswith(("smtp", "submission")) or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must be smtp+tls://user:password@host:587, or smtp+ssl://.")
    if parts.scheme == "smtp" and not _is_near(parts.hostname):
        raise ImproperlyConfigured(f"{name} goes over a network in clear. Use smtp+tls:// or smtp+ssl://.")
    return value


def video() -> tuple[str, str, str]:
    """LiveKit's address, key and secret; three empty ones where LIVEKIT_URL says `own`: the platform's own room."""
    url = setting("LIVEKIT_URL")
    if url == OWN_ROOM:
        return "", "", ""
    if urlsplit(url).scheme != "wss":
        raise ImproperlyConfigured(f"LIVEKIT_URL must be wss://…, or {OWN_ROOM} for the platform's own room.")
    return url, secret("LIVEKIT_API_KEY", at_least=6), secret("LIVEKIT_API_SECRET", at_least=32)


def ways() -> tuple[list[str], list[str], str]:
    """The STUN and TURN servers by which pages in the platform's own room find each other, and the secret that they share
    with TURN's."""
    stun, turn = (
        [url for url in os.environ.get(name, "").split(",") if url] for name in ("STUN_URLS", "TURN_URLS")
    )
    for name, urls, schemes in (
        ("STUN_URLS", stun, ("stun:", "stuns:")),
        ("TURN_URLS", turn, ("turn:", "turns:")),
    ):
        if not all(url.startswith(schemes) for url in urls):
            raise ImproperlyConfigured(f"{name} is a list of {schemes[0]}host:port, with commas between.")
    return stun, turn, secret("TURN_SECRET", at_least=32) if turn else ""


def stripe_pair(*, live: bool) -> tuple[str, str]:
    """The key and where it is used. Production moves real money, so it takes a live key, and only at Stripe itself; a
    staging house takes a test key."""
    if not is_handed("STRIPE_SECRET_KEY"):
        return "", STRIPE
    key = setting("STRIPE_SECRET_KEY")
    wanted = ("sk_live_", "rk_live_") if live else ("sk_test_", "rk_test_")
    base = os.environ.get("STRIPE_API_BASE", STRIPE).rstrip("/")
    if not key.startswith(wanted):
        raise ImproperlyConfigured(
            f"STRIPE_SECRET_KEY must start with {' or '.join(wanted)} here. CALLBOARD_ENV=staging takes a test key."
        )
    secret("STRIPE_SECRET_KEY", at_least=24, prefix=next(each for each in wanted if key.startswith(each)))
    if live and base != STRIPE:
        raise ImproperlyConfigured(
            "STRIPE_API_BASE points away from Stripe while STRIPE_SECRET_KEY is a live key. Unset it."
        )
    if urlsplit(base).scheme != "https" and urlsplit(base).hostname not in _LOOPBACK:
        raise ImproperlyConfigured("STRIPE_API_BASE must be https, or a sandbox on this machine.")
    return key, base


def stripe_identity_key(name: str, *, live: bool) -> str:
    """A restricted key: to no other does Stripe show a birthday, by which age is proven."""
    return secret(name, at_least=24, prefix="rk_live_" if live else "rk_test_")


def stripe_account(name: str) -> str:
    """The platform's own account: payouts halt when the key turns out to be another's."""
    value = setting(name)
    if not value.startswith("acct_") or len(value) < 10:
        raise ImproperlyConfigured(f"{name} must be the platform's account at Stripe, acct_….")
    return value


def _is_real(host: str) -> bool:
    """A name that can be had in the world: no address, no placeholder, with a dot."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not set(host.split(".")) & set(_PLACEHOLDERS)
    return False


def _is_near(host: str | None) -> bool:
    """On this machine (a socket, loopback), or a name without a dot: a neighbour in a container network of one host."""
    return not host or host in _LOOPBACK or ("." not in host and ":" not in host)
