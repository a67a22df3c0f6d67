from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

# Letters of the longest label: `usr_` or `key_` and 26 more.
LONGEST_LABEL, LONGEST_PART, MOST_PARTS = 64, 80, 6


class Way(models.TextChoices):
    """How something was looked at."""

    PAGE = "page", "Page"
    API = "api", "API"
    FILE = "file", "File"


class AccessEntry(models.Model):
    """That somebody of the house, or a key, looked at other people's money or pressed something there.

    Names and amounts never stand here: who and which thing are ids, the route is its name. A trigger refuses to change a
    row, and to delete one that is not old.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=LONGEST_LABEL, help_text="The public id of the person or key.")
    role = models.CharField(max_length=20, help_text="As what they were let in.")
    route = models.CharField(max_length=60)
    things = ArrayField(
        models.CharField(max_length=LONGEST_PART),
        default=list,
        help_text="What the route's address names, the widest first.",
    )
    way = models.CharField(max_length=4, choices=Way)
    pressed = models.BooleanField(help_text="Whether something was pressed, and not only looked at.")
    minute = models.BigIntegerField(help_text="Whole minutes since 1970, by which looks at once are one.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "route", "things", "way", "minute"],
                condition=Q(pressed=False),
                name="one_look_a_minute",
            ),
            models.CheckConstraint(
                condition=~Q(actor="") & ~Q(role="") & ~Q(route=""), name="access_says_who_as_what_and_where"
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "id"], name="access_of_actor"),
            models.Index(fields=["route", "id"], name="access_by_route"),
            models.Index(fields=["at"], name="access_by_age"),
            GinIndex(fields=["things"], name="access_to_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.route}"
