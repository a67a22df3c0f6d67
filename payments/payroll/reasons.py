"""The one table of what makes a payee of a run stand out."""

from django.db.models import TextChoices


class Reason(TextChoices):
    """What makes a payee stand out, as the pages say it, the gravest first."""

    BANK_CHANGE = "bank_change", "Bank changed"
    DUPLICATE = "duplicate", "Paid twice?"
    FIRST_PAY = "first_pay", "First pay"
    UNUSUAL_AMOUNT = "unusual_amount", "Unusual amount"
    UNUSUAL_HOURS = "unusual_hours", "Unusual hours"
    BELOW_ZERO = "below_zero", "Below zero"
    RECOVERED = "recovered", "Something is kept"
    DISPUTE = "dispute", "Was disputed"
    CORRECTION = "correction", "Correction"
    LAW = "law", "Due by law"
