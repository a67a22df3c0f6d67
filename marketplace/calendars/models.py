from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from kit.ids import TypedIdField


class CalendarFeed(models.Model):
    """A secret address at which one person's calendar reads their calls; whoever knows it may read them too."""

    public_id = TypedIdField(prefix="cal")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds"
    )
    secret_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Taken back, or another took its place.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When a calendar last read it, about.")

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_calendar_feed_per_person", fields=["user"], condition=Q(ended_at=None)
            ),
            CheckConstraint(
                name="calendar_feed_ends_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
