from django.db import models


class AuditEvent(models.Model):
    """One move, by one actor, with its reason. Written with the move; a trigger refuses to change or delete it."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    verb = models.CharField(max_length=60)
    thing = models.CharField(max_length=60, db_index=True, help_text="The public id of what was moved.")
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.verb} {self.thing}"


class AuditSeal(models.Model):
    """A link of the chain: the hash over a stretch of events and over the seal before it.

    Events are sealed in stretches, not one by one, so that two workers never wait for each other's event.
    """

    last_event_id = models.BigIntegerField(unique=True)
    events = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.pk} to {self.last_event_id}"
