"""Collects the rooms' endpoints."""

from accounts.audit.api import urlpatterns as audit
from accounts.companies.api import urlpatterns as companies
from accounts.invitations.api import urlpatterns as invitations
from accounts.keys.api import urlpatterns as keys
from accounts.keys.me_api import urlpatterns as me
from accounts.notifications.api import urlpatterns as notifications
from accounts.onboarding.api import urlpatterns as onboarding
from accounts.performers.api import urlpatterns as performers
from accounts.security.api import urlpatterns as security

urlpatterns = [
    *me,
    *performers,
    *onboarding,
    *companies,
    *invitations,
    *security,
    *keys,
    *notifications,
    *audit,
]
