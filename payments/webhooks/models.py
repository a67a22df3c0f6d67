from django.db import models
from django.db.models import Q, UniqueConstraint


class InboundEvent(models.Model):
    """A webhook as it arrived: raw, once per event id, acknowledged when this row is committed and worked on later."""

    class Source(models.TextChoices):
        PLATFORM = "platform", "Platform"
        CONNECT = "connect", "Connected accounts"
        THIN = "thin", "Thin events"

    class State(models.TextChoices):
        NEW = "new", "New"
        DONE = "done", "Done"
        IGNORED = "ignored", "Nothing to do"
        FAILED = "failed", "Needs a person"

    source = models.CharField(max_length=10, choices=Source)
    event_id = models.CharField(max_length=120)
    subject = models.CharField(
        max_length=160, help_text="The account and object that it is about: news of one is read once."
    )
    body = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [UniqueConstraint(name="one_row_per_event", fields=["event_id"])]
        indexes = [
            models.Index(name="inbound_event_due", fields=["due_at", "id"], condition=Q(state="new")),
            models.Index(name="inbound_event_subject", fields=["subject"], condition=Q(state="new")),
        ]

    def __str__(self) -> str:
        return self.event_id
