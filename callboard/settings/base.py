"""What every environment shares. Secrets and addresses come from the environment; see local, test and production."""

from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from callboard.settings.pace import pace
from callboard.settings.seller import invoice_seller
from callboard.settings.signatures import run_signatures

env = environ.Env()
ROOT = Path(__file__).resolve().parents[2]

ENVIRONMENT = env.str("CALLBOARD_ENV", "local")
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False
ROOT_URLCONF = "callboard.urls"
WSGI_APPLICATION = "callboard.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "callboard",
    "payments",
    "marketplace",
    "accounts",
    "callboard.admin_app.BackDoorConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "allauth.usersessions",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "django_structlog",
    "django_prometheus",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kit.http.personal.PersonalMiddleware",
    "kit.http.encrypted.EncryptedMiddleware",
    "kit.http.methods.MethodsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "kit.http.nesting.NestingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # Outside of authentication: further in, it would fix the cookie's user for good, and an app's token would open nothing.
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.identity.activity.ActivityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.keys.middleware.ActorMiddleware",
    "callboard.pacing.PaceMiddleware",
    "accounts.access.middleware.DeclaredAccessMiddleware",
    "callboard.refusals.RefusalMiddleware",
    "accounts.access_log.middleware.AccessLogMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "callboard" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "callboard.context.site",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "callboard.templatetags.figures",
                "callboard.templatetags.parts",
            ],
        },
    }
]
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True  # a page's variables never leak into a component

# Authentication, by allauth: the same journeys as pages and as JSON (headless).
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "accounts.identity.passwords.HouseWordsValidator"},
    {"NAME": "accounts.identity.passwords.GuessesValidator"},
    {"NAME": "accounts.identity.passwords.BreachedValidator"},
]
# The operator's copy of the breached passwords of Have I Been Pwned, `SHA1:times` a line, sorted; none asks nowhere.
BREACHED_PASSWORDS = env.str("BREACHED_PASSWORDS", "")
ACCOUNT_ADAPTER = "accounts.identity.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.onboarding.forms.SignupForm"
# Nobody is in before they have read a mail, so that every sign-up is answered alike: look into your mail.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser of the sign-up alone
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
CONFIRMATION_LASTS = timedelta(days=3)
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = CONFIRMATION_LASTS.days
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 0  # who is fresh, the adapter says
ACCOUNT_CHANGE_EMAIL = (
    True  # one address at a time; the new one takes the old one's place once it is confirmed
)
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_DISPLAY = attrgetter("name")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "/"
MFA_ADAPTER = "accounts.identity.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # finger, face or PIN: who finds a key has not found its owner
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a new address waits for its mail beside the one in use
MFA_TOTP_ISSUER = "Callboard"
USERSESSIONS_TRACK_ACTIVITY = True
HEADLESS_ONLY = False
HEADLESS_CLIENTS = ["browser", "app"]
SESSION_ENGINE = "accounts.identity.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 86_400
CSRF_COOKIE_HTTPONLY = True
# A receipt of 10 MB in base 64. Everywhere else a body ends far earlier (kit/http/bodies.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 14_000_000
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
THEME_COOKIE_NAME = "theme"  # light or dark: written by the button's script
CSRF_FAILURE_VIEW = "callboard.refusals.csrf_failure"

# Headers.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A form that ends on Stripe's hosted page: the browser holds the redirect to this list too.
        "form-action": [
            SELF,
            "https://connect.stripe.com",
            "https://checkout.stripe.com",
            "https://verify.stripe.com",
        ],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": ["self"],
    "microphone": ["self"],
    "geolocation": [],
    "payment": [],
    "usb": [],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
# Where recordings lie: on one disk that every web and worker process sees.
# What a certificate may be for that signs recordings: C2PA's own key purpose, documents, and mail, as before there was its own.
PROVENANCE_USES = ("1.3.6.1.4.1.62558.2.1", "1.3.6.1.5.5.7.3.36", "1.3.6.1.5.5.7.3.4")
# Where finished recordings lie: a bucket of S3, or of what speaks it at MEDIA_S3_ENDPOINT; empty: MEDIA_FOLDER alone.
MEDIA_BUCKET = env.str("MEDIA_BUCKET", "")
MEDIA_S3_ENDPOINT = env.str("MEDIA_S3_ENDPOINT", "")
MEDIA_S3_REGION = env.str("MEDIA_S3_REGION", "")
# So long a recording that nothing is granted for is kept, unplayed, before it is deleted: a performer may think again.
MEDIA_COOLING_OFF = timedelta(days=env.int("MEDIA_COOLING_OFF_D", 14))
# Networks of the house's own that webhooks may lead into, and speak http in.
WEBHOOK_NETWORKS: list[str] = env.list("WEBHOOK_NETWORKS", default=[])
MEDIA_FOLDER = env.str("MEDIA_FOLDER", str(ROOT / "media"))

# How many proxies stand in front, exactly: whose word on the visitor's address is taken. Production tells more.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
PACE = pace()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.keys.authentication.ApiKeyAuthentication",
        "accounts.keys.authentication.SessionTokenAuthentication",
        "accounts.keys.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.access.permission.DeclaredAccess"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.access.throttle.ActorThrottle"],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kit.http.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "accounts.access.schema.HouseSchema",
    "EXCEPTION_HANDLER": "kit.http.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Callboard",
    "DESCRIPTION": "Gigs, sessions and pay of improv performers. Money in minor units, times in UTC, errors as problem+json.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # a PATCH says itself what it asks for
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Choices stand where they are used: as components, rooms that name a field alike would rename each other's.
    "POSTPROCESSING_HOOKS": ["accounts.access.schema.add_problem", "callboard.openapi.hooks.add_words"],
}

# Mail: files in a folder that a page shows; production takes an SMTP address.
EMAIL_TIMEOUT = 10  # a mail server that says nothing holds up the others' mail no longer
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Callboard <callboard@localhost>")

# The house's calendar and policies: data, not code.
PAYROLL_TIME_ZONE = env.str("PAYROLL_TIME_ZONE", "America/New_York")
# What gigs pay in and wallets hold. One for now: what adds up amounts without saying a currency means this one.
CURRENCIES = ("usd",)
# Who files the 1099s of a year: "stripe" or "house". One of them, or income is reported twice.
TAX_FILER = env.str("TAX_FILER", "stripe")
if TAX_FILER not in ("stripe", "house"):
    raise ImproperlyConfigured(f"TAX_FILER is {TAX_FILER!r}; write stripe or house.")
# Rooms in which every route that the house comes into shows other people's money, by the modules of their views; finance's
# routes do wherever they stand. For how long it is kept who looked: the database refuses to forget what is younger than a year.
MONEY_ROOMS = (
    "payments.",
    "marketplace.works.",
    "marketplace.timekeeping.",
    "marketplace.engagements.",
    "marketplace.desk.evidence_pages",
    "accounts.access_log.",
)
ACCESS_LOG_KEPT = timedelta(days=env.int("ACCESS_LOG_KEPT_D", 730))
if ACCESS_LOG_KEPT.days < 365:
    raise ImproperlyConfigured("ACCESS_LOG_KEPT_D is less than a year; write at least 365.")
# Behind a figure of the public fairness page stand at least so many people and companies, or it is masked.
FAIRNESS_FEWEST_PEOPLE = env.int("FAIRNESS_FEWEST_PEOPLE", 5)
FAIRNESS_FEWEST_COMPANIES = env.int("FAIRNESS_FEWEST_COMPANIES", 3)
if not (1 <= FAIRNESS_FEWEST_PEOPLE <= 20 and 1 <= FAIRNESS_FEWEST_COMPANIES <= 20):
    raise ImproperlyConfigured("FAIRNESS_FEWEST_PEOPLE and FAIRNESS_FEWEST_COMPANIES are from 1 to 20.")
# Who issues invoices: name and address as they stand on them, lines divided by a bar.
INVOICE_ISSUER = env.str("INVOICE_ISSUER", "Callboard").replace("|", "\n")
# The same fact by fact, for e-invoices; without it none is made.
INVOICE_SELLER = invoice_seller(env.json("INVOICE_SELLER", {}))
PLATFORM_FEE_BPS = env.int("PLATFORM_FEE_BPS", 1500)
STRIPE_ACCOUNT_ID = env.str("STRIPE_ACCOUNT_ID", "")
STRIPE_REQUESTS_PER_S = env.float("STRIPE_REQUESTS_PER_S", 20.0)  # Stripe allows 25/s an endpoint
PAYOUT_LEASE_S = env.int("PAYOUT_LEASE_S", 45)  # a call to Stripe is given up after 20 s
# Within how long talent operations answer: who asks to be vetted, a company's first gig, an appeal.
VETTING_ANSWER = timedelta(days=env.int("VETTING_ANSWER_D", 3))
GIG_REVIEW = timedelta(days=env.int("GIG_REVIEW_D", 2))
APPEAL_ANSWER = timedelta(days=env.int("APPEAL_ANSWER_D", 7))
# The most that a performer can be booked for in a payroll week.
WEEKLY_CAP = timedelta(hours=env.int("WEEKLY_CAP_H", 40))
# What a performer is guaranteed, refused at a booking that would break it; a company may give more by its terms.
GUARANTEES = {
    "stretch_s": env.int("ON_CAMERA_STRETCH_MIN", 90) * 60,
    "stretch_rest_s": env.int("STRETCH_REST_MIN", 10) * 60,
    "day_s": env.int("ON_CAMERA_DAY_H", 4) * 3600,
    "night_s": env.int("NIGHT_REST_H", 12) * 3600,
    # So much more is no breach yet of what was really played: a farewell, a reconnect.
    "grace_s": env.int("GUARANTEE_GRACE_S", 120),
}
# The least time that each side has for a week from when it was told, however late that was.
PERFORMER_REVIEW = timedelta(hours=env.int("PERFORMER_REVIEW_H", 10))
COMPANY_REVIEW = timedelta(hours=env.int("COMPANY_REVIEW_H", 24))
# Of a dispute: within how long the other side answers, and after that talent operations.
DISPUTE_ANSWER = timedelta(days=env.int("DISPUTE_ANSWER_D", 5))
DISPUTE_DECISION = timedelta(days=env.int("DISPUTE_DECISION_D", 5))
# Of a commissioned piece: within how long a company answers before silence accepts it, how much time the performer has at least
# for changes, how late it is still taken, and how long a refusal can be appealed.
PIECE_REVIEW = timedelta(days=env.int("PIECE_REVIEW_D", 7))
PIECE_CHANGES = timedelta(days=env.int("PIECE_CHANGES_D", 7))
PIECE_LATE = timedelta(days=env.int("PIECE_LATE_D", 7))
PIECE_CONTEST = timedelta(days=env.int("PIECE_CONTEST_D", 7))
# What is not worth sending yet, by currency in minor units: left for the next run.
LEAST_PAYOUT_MINOR = env.json("LEAST_PAYOUT_MINOR", {})
# How many people sign for a pay run, beside whoever froze it, above which total: {"usd": {"10000000": 2}} in minor units.
RUN_SIGNATURES = run_signatures(env.json("RUN_SIGNATURES", {}), currencies=CURRENCIES)
# How long finance may take over what came back from a performer.
RETURNED_ANSWER = timedelta(days=env.int("RETURNED_ANSWER_D", 5))
# For how long after its approval a correction of a line can be asked for. Upwork gives 30 days; word that comes late corrects by
# itself whenever it comes, so this is for what nobody but the two sides know.
CORRECTION = timedelta(days=env.int("CORRECTION_D", 90))
BANK_CHANGE_REST = timedelta(hours=env.int("BANK_CHANGE_HOLD_H", 72))
# Whether two test accounts with one bank account are one person's: not at Stripe, whose test mode has one number for all.
TEST_BANKS_ARE_COMPARED = env.bool("TEST_BANKS_ARE_COMPARED", False)
