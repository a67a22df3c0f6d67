"""One laptop, no key: the embedded parts, and secrets made once for this checkout."""

import os

from callboard.embedded import addresses, environment, house_clock
from callboard.settings import connections
from callboard.settings.base import *  # noqa: F403
from callboard.settings.base import CONTENT_SECURITY_POLICY, env
from callboard.settings.jobs import CELERY  # noqa: F401 -- a setting, read by callboard.celery
from callboard.settings.logs import logging
from callboard.settings.pace import pace
from kit import clock

_secrets = environment.secrets()
clock.shift_by(house_clock.offset)

# A laptop is one address for all its people, and its demo plays a week in a minute.
PACE = pace(times=50)
ACCOUNT_RATE_LIMITS = {
    "signup": "1000/m/ip",
    "login": "1500/m/ip",
    "login_failed": "500/m/ip,5/5m/key",
}  # fifty times

DEBUG = env.bool("DEBUG", False)
# By name: a passkey belongs to one, and an address of numbers is none.
PUBLIC_URL = env.str("PUBLIC_URL", f"http://localhost:{addresses.port('web')}").rstrip("/")
SECRET_KEY = env.str("SECRET_KEY", _secrets["SECRET_KEY"])
FIELD_ENCRYPTION_KEY = env.str("FIELD_ENCRYPTION_KEY", _secrets["FIELD_ENCRYPTION_KEY"])
FINGERPRINT_KEY = env.str("FINGERPRINT_KEY", _secrets["FIELD_ENCRYPTION_KEY"])
WEBHOOK_KEY = env.str("WEBHOOK_KEY", _secrets["FIELD_ENCRYPTION_KEY"])
RECEIPT_KEY = env.str("RECEIPT_KEY", _secrets["RECEIPT_KEY"])
# Read plainly: a PEM has line ends, and may begin as environ's own words do.
AGREEMENT_CERT = os.environ.get("AGREEMENT_CERT", _secrets["AGREEMENT_CERT"])
AGREEMENT_KEY = os.environ.get("AGREEMENT_KEY", _secrets["AGREEMENT_KEY"])
PROVENANCE_CERT = os.environ.get("PROVENANCE_CERT", _secrets["PROVENANCE_CERT"])
PROVENANCE_KEY = os.environ.get("PROVENANCE_KEY", _secrets["PROVENANCE_KEY"])
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

DATABASES = {"default": connections.database(connections.database_url(), pool=True)}
REDIS_URL = connections.redis_url()
CACHES = {"default": connections.cache(REDIS_URL)}

STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", _secrets["STRIPE_SECRET_KEY"])
# Its restricted twin, to which Stripe shows what an identity check verified.
STRIPE_IDENTITY_KEY = env.str("STRIPE_IDENTITY_KEY", STRIPE_SECRET_KEY.replace("sk_", "rk_", 1))
STRIPE_API_BASE = env.str("STRIPE_API_BASE", environment.sandbox_url())
# In the sandbox everyone has a bank account of their own, unless they hand in another's number.
TEST_BANKS_ARE_COMPARED = env.bool("TEST_BANKS_ARE_COMPARED", environment.sandbox_url() == STRIPE_API_BASE)
# The sandbox shows its hosted pages itself.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(STRIPE_API_BASE)
STRIPE_WEBHOOK_SECRETS = {
    kind: env.str(f"STRIPE_WEBHOOK_SECRET_{kind.upper()}", _secrets[f"STRIPE_WEBHOOK_SECRET_{kind.upper()}"])
    for kind in ("platform", "connect", "thin")
}
LIVEKIT_URL = env.str("LIVEKIT_URL", "")
CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] += connections.of_livekit(LIVEKIT_URL)
# Whoever tries webhooks out listens beside the house.
WEBHOOK_NETWORKS = env.list("WEBHOOK_NETWORKS", default=["127.0.0.0/8", "::1/128"])
STUN_URLS, TURN_URLS = env.list("STUN_URLS", default=[]), env.list("TURN_URLS", default=[])
TURN_SECRET = env.str("TURN_SECRET", "")
LIVEKIT_API_KEY = env.str("LIVEKIT_API_KEY", _secrets["LIVEKIT_API_KEY"])
LIVEKIT_API_SECRET = env.str("LIVEKIT_API_SECRET", _secrets["LIVEKIT_API_SECRET"])

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = environment.home() / "mail"
MEDIA_FOLDER = env.str("MEDIA_FOLDER", str(environment.home() / "media"))
WHITENOISE_USE_FINDERS = True
LOGGING = logging(json=False)
