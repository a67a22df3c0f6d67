"""Collects the rooms' models for Django."""

from accounts.access.models import IdempotentRequest
from accounts.access_log.models import AccessEntry
from accounts.appeals.models import Appeal
from accounts.audit.models import AuditEvent, AuditSeal
from accounts.companies.models import Company, CompanyEvent, Membership
from accounts.identity.models import FormerAddress, StaffRole, User
from accounts.invitations.models import Invitation
from accounts.keys.models import ApiKey
from accounts.notifications.models import Notification
from accounts.onboarding.models import TermsAcceptance
from accounts.outgoing.models import Sending, Webhook
from accounts.performers.models import IdentityProof, Performer, Photo
from accounts.privacy.models import Erasure
from accounts.security.models import Recovery
from accounts.standing.models import Check, Suspension, Vetting

__all__ = [
    "AccessEntry",
    "ApiKey",
    "Appeal",
    "AuditEvent",
    "AuditSeal",
    "Check",
    "Company",
    "CompanyEvent",
    "Erasure",
    "FormerAddress",
    "IdempotentRequest",
    "IdentityProof",
    "Invitation",
    "Membership",
    "Notification",
    "Performer",
    "Photo",
    "Recovery",
    "Sending",
    "StaffRole",
    "Suspension",
    "TermsAcceptance",
    "User",
    "Vetting",
    "Webhook",
]
