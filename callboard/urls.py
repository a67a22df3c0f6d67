"""Every address of the site. A route says itself who may call it; see the access matrix in the tests."""

from allauth.account.views import email, password_change, password_set
from allauth.mfa.base.views import authenticate
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from accounts.identity.pages import confirmation
from accounts.identity.proving import with_proof
from accounts.security.pages import with_one_to_give
from accounts.security.reset_key import app_new_password, browser_new_password
from accounts.security.session_list import app_sessions, browser_sessions, session_page
from callboard import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # A hundred thousand in an hour after a payday: found before the hundreds of pages are gone through.
    path("webhooks/stripe/", include("payments.webhooks.doors")),
    path("", include("django_prometheus.urls")),
    path("accounts/password/change/", with_proof(password_change), name="account_change_password"),
    path("accounts/password/set/", with_proof(password_set), name="account_set_password"),
    path("accounts/email/", with_proof(email), name="account_email"),
    path("accounts/confirm-email/", confirmation, name="account_email_verification_sent"),
    path("accounts/sessions/", session_page, name="usersessions_list"),
    path("accounts/2fa/authenticate/", with_one_to_give(authenticate), name="mfa_authenticate"),
    path("accounts/", include("allauth.urls")),
    path("_allauth/app/v1/auth/sessions", app_sessions, name="app_sessions"),
    path("_allauth/browser/v1/auth/sessions", browser_sessions, name="browser_sessions"),
    path("_allauth/app/v1/auth/password/reset", app_new_password, name="app_new_password"),
    path("_allauth/browser/v1/auth/password/reset", browser_new_password, name="browser_new_password"),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/v1/", include("accounts.api")),
    path("api/v1/", include("marketplace.api")),
    path("api/v1/", include("payments.api")),
    path("", include("callboard.openapi.pages")),
    path("", include("callboard.transparency.pages")),
    path("", include("accounts.urls")),
    path("", include("marketplace.urls")),
    path("", include("payments.urls")),
]
if settings.ENVIRONMENT in ("local", "test"):
    urlpatterns.append(path("", include("callboard.backstage.urls")))

handler403 = "callboard.refusals.forbidden"
handler404 = "callboard.refusals.not_found"
handler429 = "callboard.refusals.too_fast"
handler500 = "callboard.refusals.failed"
