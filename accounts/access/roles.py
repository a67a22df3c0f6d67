"""The roles that people have: in a company, and in the house."""

from django.db.models import TextChoices


class Role(TextChoices):
    """What a member is in a company."""

    OWNER = "owner", "Owner"
    PRODUCER = "producer", "Producer"
    REVIEWER = "reviewer", "Reviewer"
    BILLING = "billing", "Billing"


class Staff(TextChoices):
    """What a member of the house does. Nobody has a role by being a superuser."""

    TALENT = "talent", "Talent operations"
    FINANCE = "finance", "Finance"
    ADMIN = "admin", "Administration"


# Whoever moves money, decides about people or says who may: their role is withheld until they have a second factor.
NEEDS_SECOND_FACTOR = frozenset({*Staff.values, Role.OWNER.value, Role.BILLING.value})
