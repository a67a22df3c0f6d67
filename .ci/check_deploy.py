"""Django's deployment checks on the production settings, under an environment as strong as production asks for."""

import base64
import os
import runpy
import secrets
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
OWN = runpy.run_path(str(PROJECT / "callboard" / "embedded" / "own_certificate.py"))
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "callboard.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "FIELD_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "WEBHOOK_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "RECEIPT_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    **OWN["made"]("Callboard"),
    **OWN["made_for_recordings"]("Callboard"),
    "FINGERPRINT_KEY": secrets.token_urlsafe(64),
    "PUBLIC_URL": "https://callboard.org",
    "DATABASE_URL": f"postgresql://callboard:{secrets.token_urlsafe(24)}@database.callboard.org:5432/callboard?sslmode=verify-full",
    "REDIS_URL": f"rediss://:{secrets.token_urlsafe(24)}@valkey.callboard.org:6379/0",
    "STRIPE_SECRET_KEY": f"sk_live_{secrets.token_hex(24)}",
    "STRIPE_IDENTITY_KEY": f"rk_live_{secrets.token_hex(24)}",
    "STRIPE_ACCOUNT_ID": "acct_1CallboardPlatform",
    "STRIPE_WEBHOOK_SECRET_PLATFORM": f"whsec_{secrets.token_hex(24)}",
    "STRIPE_WEBHOOK_SECRET_CONNECT": f"whsec_{secrets.token_hex(24)}",
    "STRIPE_WEBHOOK_SECRET_THIN": f"whsec_{secrets.token_hex(24)}",
    "LIVEKIT_URL": "wss://livekit.callboard.org",
    "LIVEKIT_API_KEY": f"API{secrets.token_hex(6)}",
    "LIVEKIT_API_SECRET": secrets.token_urlsafe(36),
    "EMAIL_URL": "smtp+tls://callboard:made-up@mail.callboard.org:587",
}

if __name__ == "__main__":
    ours = {name: value for name, value in os.environ.items() if name != "STRIPE_API_BASE"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    sys.exit(subprocess.run(command, cwd=PROJECT, env=ours | ENVIRONMENT, check=False).returncode)  # noqa: S603 -- every word is ours
