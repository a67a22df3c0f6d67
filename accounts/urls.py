"""Collects the rooms' pages."""

from accounts.companies.pages import urlpatterns as companies
from accounts.identity.pages import urlpatterns as identity
from accounts.notifications.pages import urlpatterns as notifications
from accounts.onboarding.pages import urlpatterns as onboarding
from accounts.performers.pages import urlpatterns as performers

urlpatterns = [*identity, *performers, *onboarding, *companies, *notifications]
