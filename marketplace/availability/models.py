from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.availability.calculate import DAY_MIN


class WeeklyHours(models.Model):
    """When a performer can be booked in any week, by the clock of their own zone: minutes of the day, half-open."""

    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday.")
    from_min = models.PositiveSmallIntegerField()
    to_min = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "weekly hours"
        constraints = [
            UniqueConstraint(name="hours_begin_once", fields=["performer", "weekday", "from_min"]),
            CheckConstraint(
                name="hours_lie_in_a_day",
                condition=Q(weekday__lte=6, to_min__lte=DAY_MIN, to_min__gt=F("from_min")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.performer} {self.weekday} {self.from_min}"


class SpecialTime(models.Model):
    """Of certain times a performer says otherwise than of every week: free, or away."""

    public_id = TypedIdField(prefix="avl")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="special_times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_free = models.BooleanField()

    class Meta:
        constraints = [
            CheckConstraint(name="special_time_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at")))
        ]
        indexes = [models.Index(name="special_time_of_performer", fields=["performer", "ends_at"])]

    def __str__(self) -> str:
        return self.public_id
