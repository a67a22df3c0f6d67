from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from kit.instants import month as in_words
from payments.fairness.measures import MEASURES, MOST_NAMED


class FairMonth(models.Model):
    """A month of the payroll zone that is over, with the figures that were reckoned of it: once, and never again."""

    starts_on = models.DateField(unique=True, help_text="The first of the month.")
    reckoned_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="fair_month_begins_on_the_first", condition=Q(starts_on__day=1)),
        ]

    def __str__(self) -> str:
        return in_words(self.starts_on)


class FairFigure(models.Model):
    """One figure of one month, as it is: `figures` leaves out of it what could be read back to a few.

    `value` is a count, seconds or minor units by its measure; `of` the whole that a share is of; `spread`, of lengths, how many
    lasted so many tenths of a day. `people` and `companies` count who stands behind it; the keys of the people (below zero: a
    company, where the figure is about companies too) and companies are kept only of a small one, to know when several small
    ones are of enough together.
    """

    month = models.ForeignKey(FairMonth, on_delete=models.CASCADE, related_name="figures")
    measure = models.CharField(max_length=20, choices=[(each.name, each.title) for each in MEASURES])
    part = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    value = models.BigIntegerField()
    of = models.BigIntegerField(null=True)
    spread = models.JSONField(default=dict)
    people = models.PositiveIntegerField()
    companies = models.PositiveIntegerField(
        null=True, help_text="Null where no company stands between the house and the people."
    )
    people_keys = ArrayField(models.BigIntegerField(), default=list, size=MOST_NAMED)
    company_keys = ArrayField(models.BigIntegerField(), default=list, size=MOST_NAMED)

    class Meta:
        constraints = [
            UniqueConstraint(name="one_fair_figure", fields=["month", "measure", "part", "currency"]),
            CheckConstraint(name="fair_figure_is_not_negative", condition=Q(value__gte=0)),
            CheckConstraint(
                name="fair_share_is_within_the_whole", condition=Q(of=None) | Q(value__lte=F("of"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.measure} {self.part}"
