"""Collects the rooms' endpoints."""

from accounts.access.api import urlpatterns as keys
from accounts.audit.api import urlpatterns as audit
from accounts.companies.api import urlpatterns as companies
from accounts.identity.api import urlpatterns as identity
from accounts.notifications.api import urlpatterns as notifications
from accounts.onboarding.api import urlpatterns as onboarding
from accounts.performers.api import urlpatterns as performers

urlpatterns = [*identity, *performers, *onboarding, *companies, *keys, *notifications, *audit]
