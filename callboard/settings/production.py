"""Production: everything from the environment; a setting that is missing or weak stops the start with a sentence."""

from callboard.settings import base, connections
from callboard.settings.base import *  # noqa: F403
from callboard.settings.base import env
from callboard.settings.jobs import CELERY  # noqa: F401 -- a setting, read by callboard.celery
from callboard.settings.logs import logging
from callboard.settings.required import (
    certificate_pair,
    database_url,
    encryption_keys,
    hosts,
    https_url,
    mail_url,
    redis_url,
    secret,
    signing_key,
    stripe_account,
    stripe_identity_key,
    stripe_pair,
    video,
    ways,
)
from kit.http.encrypted import PROGRAMS

# A staging house is one in all but that it takes test keys and moves no money.
ENVIRONMENT = "staging" if env.str("CALLBOARD_ENV", "production") == "staging" else "production"
SECRET_KEY = secret("SECRET_KEY", at_least=50)
FIELD_ENCRYPTION_KEY = encryption_keys("FIELD_ENCRYPTION_KEY")
WEBHOOK_KEY = encryption_keys("WEBHOOK_KEY")
FINGERPRINT_KEY = secret("FINGERPRINT_KEY", at_least=50)
RECEIPT_KEY = signing_key("RECEIPT_KEY")
AGREEMENT_CERT, AGREEMENT_KEY = certificate_pair("AGREEMENT")
PROVENANCE_CERT, PROVENANCE_KEY = certificate_pair("PROVENANCE", at_least=2, uses=base.PROVENANCE_USES)
PUBLIC_URL = https_url("PUBLIC_URL")
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", besides=PUBLIC_URL)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# A part of the house that is not handed one of these does not use it (parts.py).
DATABASE_URL = database_url("DATABASE_URL")
DATABASES = {"default": connections.database(DATABASE_URL, pool=True)} if DATABASE_URL else {}
REDIS_URL = redis_url("REDIS_URL")
CACHES = {"default": connections.cache(REDIS_URL) if REDIS_URL else connections.NO_CACHE}

STRIPE_SECRET_KEY, STRIPE_API_BASE = stripe_pair(live=ENVIRONMENT == "production")
STRIPE_IDENTITY_KEY = stripe_identity_key("STRIPE_IDENTITY_KEY", live=ENVIRONMENT == "production")
STRIPE_ACCOUNT_ID = stripe_account("STRIPE_ACCOUNT_ID")
STRIPE_WEBHOOK_SECRETS = {
    kind: secret(f"STRIPE_WEBHOOK_SECRET_{kind.upper()}", at_least=24, prefix="whsec_")
    for kind in ("platform", "connect", "thin")
}
LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET = video()
base.CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] += connections.of_livekit(LIVEKIT_URL)
STUN_URLS, TURN_URLS, TURN_SECRET = ways()

# The proxy in front says which scheme the visitor used; without one, set TRUSTED_PROXIES=0.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
REST_FRAMEWORK = base.REST_FRAMEWORK | {"NUM_PROXIES": TRUSTED_PROXIES}
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", *(f"^{path.removeprefix('/')}" for path in PROGRAMS)]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
THEME_COOKIE_NAME = "__Host-theme"

if EMAIL_URL := mail_url("EMAIL_URL"):
    globals().update(env.email_url_config(EMAIL_URL))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING = logging(json=True)
