"""What the embedded processes are told through their environment: this home's secrets, and addresses."""

import base64
import os
import secrets as random

from callboard.embedded import addresses, own_certificate, private_file

home = addresses.home


def secrets() -> dict[str, str]:
    """This home's secrets by the name of their environment variable, made once and kept in `secrets.json`."""
    kept = private_file.load(home() / "secrets.json", missing=_first_secrets)
    return {name: str(value) for name, value in kept.items()}


def sandbox_url() -> str:
    """Where the embedded Stripe sandbox answers, or will."""
    return f"http://127.0.0.1:{addresses.port('sandbox')}"


def video_url() -> str:
    """Where the stand-in for LiveKit answers, where it was started."""
    return f"http://127.0.0.1:{addresses.port('video')}"


def child_environment(
    *, web_port: int, sandbox_port: int | None, video_port: int | None = None
) -> dict[str, str]:
    """The environment of web, worker, beat and sandbox. What the caller's environment names stays as it is.

    `sandbox_port` is None where a real Stripe is given by STRIPE_SECRET_KEY or STRIPE_API_BASE; `video_port` where the
    sessions are played in the platform's own room, or a real LiveKit is given by LIVEKIT_URL.
    """
    ours = secrets() | {
        "CALLBOARD_HOME": str(home()),
        "DJANGO_SETTINGS_MODULE": "callboard.settings.local",
        "PUBLIC_URL": f"http://localhost:{web_port}",
        "PYTHONPATH": str(addresses.PROJECT),
        "PYTHONUNBUFFERED": "1",
    }
    if sandbox_port is not None:
        ours["STRIPE_API_BASE"] = f"http://127.0.0.1:{sandbox_port}"
    if video_port is not None:
        ours["LIVEKIT_URL"] = f"http://127.0.0.1:{video_port}"
    return ours | os.environ


def _first_secrets() -> private_file.Content:
    made: private_file.Content = {
        "SECRET_KEY": random.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEY": base64.urlsafe_b64encode(random.token_bytes(32)).decode(),
        "RECEIPT_KEY": base64.urlsafe_b64encode(random.token_bytes(32)).decode(),
        "STRIPE_SECRET_KEY": f"sk_test_{random.token_hex(24)}",
        "LIVEKIT_API_KEY": f"API{random.token_hex(6)}",
        "LIVEKIT_API_SECRET": random.token_urlsafe(36),
    }
    made |= own_certificate.made() | own_certificate.made_for_recordings()
    for endpoint in ("PLATFORM", "CONNECT", "THIN"):
        made[f"STRIPE_WEBHOOK_SECRET_{endpoint}"] = (
            f"whsec_{base64.b64encode(random.token_bytes(24)).decode()}"
        )
    return made
