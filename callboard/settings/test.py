"""The tests: real Postgres and Valkey of their own, the sandbox in process, cheap hashing."""

import base64

from callboard.embedded import addresses, own_certificate
from callboard.settings import base, connections
from callboard.settings.base import *  # noqa: F403
from callboard.settings.jobs import CELERY  # noqa: F401 -- a setting, read by callboard.celery
from callboard.settings.logs import logging
from callboard.settings.pace import pace

addresses.use_test_home()

# A query for each row of a list, and a name that a template asks for in vain, fail the test whose request made it.
INSTALLED_APPS = [*base.INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["tests.names.middleware", "tests.reading.middleware", *base.MIDDLEWARE]
ZEAL_NPLUSONE_THRESHOLD = 4

ENVIRONMENT = "test"
SECRET_KEY = "only-for-tests-" + "x" * 50
FIELD_ENCRYPTION_KEY = WEBHOOK_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
AGREEMENT_CERT, AGREEMENT_KEY = own_certificate.made().values()
PROVENANCE_CERT, PROVENANCE_KEY = own_certificate.made_for_recordings().values()
RECEIPT_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
FINGERPRINT_KEY = "only-for-tests-" + "y" * 50
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": connections.database(addresses.database_url(), pool=False)}
REDIS_URL = addresses.redis_url()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = False
MEDIA_FOLDER = str(addresses.home() / "media")
PACE = pace(times=1_000)
STRIPE_SECRET_KEY = "sk_test_callboard"  # noqa: S105 -- the sandbox takes any test key
STRIPE_IDENTITY_KEY = "rk_test_callboard"
STRIPE_REQUESTS_PER_S = 10_000.0
STRIPE_API_BASE = "http://sandbox.invalid"
TEST_BANKS_ARE_COMPARED = True  # the sandbox's, which tell people apart
STRIPE_WEBHOOK_SECRETS = {kind: f"whsec_test_{kind}" for kind in ("platform", "connect", "thin")}
LIVEKIT_URL = ""
TAX_FILER = "house"
STUN_URLS: list[str] = []
WEBHOOK_NETWORKS = ["127.0.0.0/8", "::1/128"]
TURN_URLS: list[str] = []
TURN_SECRET = ""
LIVEKIT_API_KEY = "livekit-test"
LIVEKIT_API_SECRET = "livekit-test-secret-" + "x" * 32
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
LOGGING = logging(json=False, level="ERROR")
