"""Collects the rooms' models for Django."""

from accounts.access.models import IdempotentRequest
from accounts.audit.models import AuditEvent, AuditSeal
from accounts.companies.models import Company, Membership
from accounts.identity.models import FormerAddress, StaffRole, User
from accounts.invitations.models import Invitation
from accounts.keys.models import ApiKey
from accounts.notifications.models import Notification
from accounts.onboarding.models import TermsAcceptance
from accounts.performers.models import Performer
from accounts.security.models import Recovery

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuditSeal",
    "Company",
    "FormerAddress",
    "IdempotentRequest",
    "Invitation",
    "Membership",
    "Notification",
    "Performer",
    "Recovery",
    "StaffRole",
    "TermsAcceptance",
    "User",
]
