from __future__ import annotations

from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.appeals.models import AboutOneQuerySet
from accounts.companies.models import Company
from accounts.performers.models import Performer
from accounts.standing.reasons import Declined, Suspended
from kit.ids import TypedIdField

LONGEST_WORDS = 1_000
LONGEST_EVIDENCE = 4_000
LONGEST_TICK = 500
Subject = Performer | Company
M = TypeVar("M", bound=models.Model)


class OfSubjectQuerySet(AboutOneQuerySet[M]):
    def about(self, subject: Subject) -> Self:
        return self.filter(**keys(subject))


class OfSubject(models.Model):
    """Something about a performer, or about a company."""

    performer = models.ForeignKey(
        Performer, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )

    class Meta:
        abstract = True

    @property
    def subject(self) -> Subject:
        one = self.performer or self.company
        if one is None:
            raise AssertionError("a CHECK says that there is one")
        return one


def keys(subject: Subject) -> dict[str, Subject]:
    """The subject as the fields of an `OfSubject`."""
    return {"company" if isinstance(subject, Company) else "performer": subject}


class Vetting(OfSubject):
    """A performer or a company asks to be vetted, and is answered by a date: yes against a checklist, or no with a reason."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"

    public_id = TypedIdField(prefix="vet")
    asked_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    taken_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_up_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    reason = models.CharField(max_length=20, choices=Declined, blank=True)
    words = models.TextField(max_length=LONGEST_WORDS, blank=True)

    objects = OfSubjectQuerySet["Vetting"].as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                name="vetting_is_of_one", condition=Q(performer__isnull=True) ^ Q(company__isnull=True)
            ),
            CheckConstraint(
                name="decided_vetting_says_how",
                condition=Q(decided_at__isnull=True, outcome="")
                | (Q(decided_at__isnull=False) & ~Q(outcome="")),
            ),
            CheckConstraint(
                name="declined_vetting_has_reason",
                condition=~Q(outcome="declined") | (~Q(reason="") & ~Q(words="")),
            ),
            UniqueConstraint(
                name="one_open_vetting_of_a_performer",
                fields=["performer"],
                condition=Q(decided_at__isnull=True),
            ),
            UniqueConstraint(
                name="one_open_vetting_of_a_company", fields=["company"], condition=Q(decided_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(name="vetting_open", fields=["asked_at", "id"], condition=Q(decided_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.public_id


class Check(models.Model):
    """One item of the checklist as it was met: by whom, or by the house itself where `by` is empty."""

    vetting = models.ForeignKey(Vetting, on_delete=models.PROTECT, related_name="checks")
    item = models.CharField(max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    met_at = models.DateTimeField()
    note = models.CharField(max_length=LONGEST_TICK, blank=True)

    class Meta:
        constraints = [UniqueConstraint(name="one_check_an_item", fields=["vetting", "item"])]

    def __str__(self) -> str:
        return f"{self.vetting} {self.item}"


class Suspension(OfSubject):
    """Talent operations suspend a performer or a company: with a reason, what it rests on, and a way to appeal."""

    public_id = TypedIdField(prefix="sus")
    reason = models.CharField(max_length=20, choices=Suspended)
    words = models.TextField(max_length=LONGEST_WORDS)
    evidence = models.TextField(max_length=LONGEST_EVIDENCE, help_text="What it rests on: words and links.")
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    suspended_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(max_length=LONGEST_WORDS, blank=True)

    objects = OfSubjectQuerySet["Suspension"].as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                name="suspension_is_of_one", condition=Q(performer__isnull=True) ^ Q(company__isnull=True)
            ),
            CheckConstraint(
                name="lifted_suspension_says_why", condition=Q(lifted_at__isnull=True) | ~Q(lift_reason="")
            ),
            UniqueConstraint(
                name="one_suspension_of_a_performer",
                fields=["performer"],
                condition=Q(lifted_at__isnull=True),
            ),
            UniqueConstraint(
                name="one_suspension_of_a_company", fields=["company"], condition=Q(lifted_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
