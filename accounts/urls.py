"""Collects the rooms' pages."""

from accounts.companies.pages import urlpatterns as companies
from accounts.identity.pages import urlpatterns as identity
from accounts.identity.proving import urlpatterns as proving
from accounts.invitations.pages import urlpatterns as invitations
from accounts.keys.pages import urlpatterns as keys
from accounts.notifications.pages import urlpatterns as notifications
from accounts.onboarding.pages import urlpatterns as onboarding
from accounts.onboarding.today_pages import urlpatterns as today
from accounts.performers.pages import urlpatterns as performers
from accounts.security.pages import urlpatterns as security

urlpatterns = [
    *identity,
    *proving,
    *today,
    *keys,
    *performers,
    *onboarding,
    *companies,
    *invitations,
    *security,
    *notifications,
]
