from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.companies.models import Company, CompanyEvent
from accounts.outgoing.states import SENDING, WEBHOOK, SendingState, WebhookState
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor

LONGEST_ADDRESS, LONGEST_FAILURE = 500, 200


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, actor: Actor) -> WebhookQuerySet:
        """The members of its company."""
        return self if actor.is_system else self.filter(company_id__in=actor.company_ids)


class Webhook(models.Model):
    """Where a company's own system is told what the company is told, signed (Standard Webhooks)."""

    TRANSITIONS = WEBHOOK

    public_id = TypedIdField(prefix="whk")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="webhooks")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    kinds = ArrayField(models.CharField(max_length=60), help_text="Types of events; none means all.")
    state = models.CharField(max_length=10, choices=WebhookState, default=WebhookState.ACTIVE)
    secret = models.TextField(help_text="Encrypted: what its messages are signed with.")
    former_secret = models.TextField(blank=True, help_text="Signs beside the new one for a day.")
    former_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, help_text="Since when nothing got through.")

    objects = WebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_webhook_per_address",
                fields=["company", "address"],
                condition=~Q(state=WebhookState.ENDED),
            ),
            CheckConstraint(
                name="former_secret_has_an_end",
                condition=Q(former_secret="", former_until=None)
                | (~Q(former_secret="") & Q(former_until__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def masked(self) -> str:
        """Where it goes, without the path and the query: some receivers know us by a secret in these."""
        parts = urlsplit(self.address)
        hides = parts.path not in ("", "/") or parts.query
        return f"{parts.scheme}://{parts.netloc}/…" if hides else self.address

    @property
    def shown_address(self) -> str:
        """For the page and the API: whole for whoever may change it, as the queries say (`is_whole`)."""
        return self.address if getattr(self, "is_whole", False) else self.masked


class SendingQuerySet(models.QuerySet["Sending"]):
    def visible_to(self, actor: Actor) -> SendingQuerySet:
        """The members of the webhook's company."""
        return self if actor.is_system else self.filter(webhook__company_id__in=actor.company_ids)


class Sending(models.Model):
    """One event on its way to one webhook."""

    TRANSITIONS = SENDING

    public_id = TypedIdField(prefix="snd")
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="sendings")
    event = models.ForeignKey(CompanyEvent, on_delete=models.CASCADE, related_name="sendings")
    state = models.CharField(max_length=10, choices=SendingState, default=SendingState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, help_text="When it is tried next, or the claim on it is over.")
    fence = models.PositiveIntegerField(default=0, help_text="Counts claims: an old claim writes nothing.")
    tried_at = models.DateTimeField(null=True)
    answer = models.PositiveSmallIntegerField(null=True, help_text="The last HTTP status.")
    failure = models.CharField(max_length=LONGEST_FAILURE, blank=True)

    objects = SendingQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_sending_per_event_and_webhook", fields=["webhook", "event"]),
            CheckConstraint(
                name="waiting_sending_is_due",
                condition=Q(state=SendingState.WAITING, due_at__isnull=False)
                | (~Q(state=SendingState.WAITING) & Q(due_at=None)),
            ),
        ]
        indexes = [
            models.Index(name="sending_due", fields=["due_at"], condition=Q(state=SendingState.WAITING)),
            models.Index(name="sending_of_webhook", fields=["webhook", "-id"]),
        ]

    def __str__(self) -> str:
        return self.public_id
