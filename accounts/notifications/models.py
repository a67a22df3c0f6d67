from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.identity.names import LONGEST_EMAIL
from kit.ids import TypedIdField

if TYPE_CHECKING:
    from accounts.access.actors import Actor


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, actor: Actor) -> NotificationQuerySet:
        """One's own, nobody else's; of what goes to several addresses, one."""
        return self.filter(user_id=actor.user_id, mail_to="") if actor.user_id else self.none()


class Notification(models.Model):
    """Something a person is told, in the app and by mail. The row is the record; a sweep sends the mail."""

    public_id = TypedIdField(prefix="ntf")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notifications")
    key = models.CharField(max_length=120, help_text="The same news is told once.")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=160)
    body = models.TextField()
    path = models.CharField(max_length=200, blank=True, help_text="Where in the app it leads.")
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)
    mail_to = models.EmailField(
        max_length=LONGEST_EMAIL,
        blank=True,
        help_text="A former address that is told too; else the person's own.",
    )
    calendar = models.TextField(
        blank=True, help_text="What the mail says to the reader's calendar: iCalendar."
    )
    calendar_method = models.CharField(max_length=10, blank=True, help_text="What it asks of the calendar.")
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="news_is_told_once"),
            models.CheckConstraint(
                condition=models.Q(calendar="") ^ ~models.Q(calendar_method=""),
                name="calendar_of_news_has_a_method",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_inbox"),
            models.Index(
                fields=["mail_due_at"], name="notification_mail_due", condition=models.Q(mailed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
