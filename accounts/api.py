"""Collects the rooms' endpoints."""

from accounts.access_log.api import urlpatterns as access_log
from accounts.appeals.api import urlpatterns as appeals
from accounts.audit.api import urlpatterns as audit
from accounts.companies.api import urlpatterns as companies
from accounts.identity.api import urlpatterns as identity
from accounts.invitations.api import urlpatterns as invitations
from accounts.keys.api import urlpatterns as keys
from accounts.keys.me_api import urlpatterns as me
from accounts.notifications.api import urlpatterns as notifications
from accounts.onboarding.api import urlpatterns as onboarding
from accounts.outgoing.api import urlpatterns as outgoing
from accounts.performers.api import urlpatterns as performers
from accounts.privacy.api import urlpatterns as privacy
from accounts.security.api import urlpatterns as security
from accounts.standing.api import urlpatterns as standing

urlpatterns = [
    *me,
    *performers,
    *onboarding,
    *companies,
    *standing,
    *appeals,
    *identity,
    *invitations,
    *keys,
    *outgoing,
    *notifications,
    *audit,
    *privacy,
    *security,
    *access_log,
]
