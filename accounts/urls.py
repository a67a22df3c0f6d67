"""Collects the rooms' pages."""

from accounts.access_log.pages import urlpatterns as access_log
from accounts.appeals.pages import urlpatterns as appeals
from accounts.companies.pages import urlpatterns as companies
from accounts.identity.pages import urlpatterns as identity
from accounts.identity.proving import urlpatterns as proving
from accounts.invitations.pages import urlpatterns as invitations
from accounts.keys.pages import urlpatterns as keys
from accounts.notifications.pages import urlpatterns as notifications
from accounts.onboarding.pages import urlpatterns as onboarding
from accounts.onboarding.today_pages import urlpatterns as today
from accounts.outgoing.pages import urlpatterns as outgoing
from accounts.performers.pages import urlpatterns as performers
from accounts.privacy.pages import urlpatterns as privacy
from accounts.security.pages import urlpatterns as security
from accounts.standing.pages import urlpatterns as standing

urlpatterns = [
    *identity,
    *proving,
    *today,
    *keys,
    *outgoing,
    *performers,
    *onboarding,
    *companies,
    *standing,
    *appeals,
    *invitations,
    *security,
    *notifications,
    *privacy,
    *access_log,
]
