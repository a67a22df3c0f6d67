from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from marketplace.sessions.models import Seat, Session

LONGEST_PAGE = 32
LONGEST_SIGNAL = 20_000


class Peer(models.Model):
    """One load of the room's page that meets the others by video: a performer's seat, or somebody of the company.

    Evidence of nothing: who was there is told by beats and polls (`sessions`).
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="peers")
    seat = models.ForeignKey(Seat, null=True, on_delete=models.PROTECT, related_name="peers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=LONGEST_PAGE, help_text="The page's own id, new with every load.")
    came_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, help_text="It went, or another page of the same person came.")
    cut_off_at = models.DateTimeField(null=True, help_text="Since when it cannot reach somebody who is here.")

    class Meta:
        constraints = [
            UniqueConstraint(name="one_peer_per_page", fields=["session", "page"]),
            UniqueConstraint(
                name="one_page_per_person_in_a_room",
                fields=["session", "user"],
                condition=Q(left_at__isnull=True),
            ),
            CheckConstraint(name="peer_is_seen_after_it_came", condition=Q(seen_at__gte=models.F("came_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.page} in {self.session}"


class Signal(models.Model):
    """What one page tells another so that both can connect; gone once it was read."""

    sender = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="+")
    receiver = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="signals")
    body = models.JSONField()
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="signal_of_receiver", fields=["receiver", "id"])]

    def __str__(self) -> str:
        return f"{self.sender_id} to {self.receiver_id}"


class ConnectionMinute(models.Model):
    """How well the others reached the page of a seat in one minute at its worst, as that page read it from `getStats`.

    Shown beside the other evidence of a line, to whoever may see that; it is in no rule by which time is paid.
    """

    class Word(models.IntegerChoices):
        GOOD = 0, "Good"
        WEAK = 1, "Weak"
        BAD = 2, "Bad"

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="connection_minutes")
    minute = models.DateTimeField(help_text="When it began.")
    word = models.PositiveSmallIntegerField(choices=Word)
    lost_permille = models.PositiveSmallIntegerField(help_text="Of what was sent to it, per thousand.")
    round_trip_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_reading_of_a_minute", fields=["seat", "minute"]),
            CheckConstraint(name="lost_at_most_all", condition=Q(lost_permille__lte=1000)),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.get_word_display()}"
