from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from kit.ids import TypedIdField


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


# What each code of a finding says to a person.
TITLES = {
    "event_cannot_be_worked": "News from Stripe that could not be read",
    "event_for_unknown_account": "News of an account that nobody here has",
    "event_of_other_mode": "Test news where money is real, or the other way round",
    "funding_lost": "A payment was taken out of a wallet at Stripe",
    "funding_refunded": "A payment was given back at Stripe",
    "payday_missed": "A payday is due and no run has gone out",
    "payee_account_unknown": "A performer's account is not known at Stripe",
    "payment_not_ours": "A payment that no wallet knows",
    "payment_of_other_amount": "A payment over another amount",
    "payouts_halted": "A run waits because payouts stand still",
    "run_stands_still": "A run does not move",
    "sending_too_long": "Pay of which Stripe has said nothing for a day",
    "stripe_balance_insufficient": "The Stripe balance does not cover a run",
    "stripe_unreachable": "Stripe does not answer",
    "transfer_not_ours": "Money was sent at Stripe, past the house",
    "transfer_reversed": "Money was taken back from a performer's Stripe account",
}


class Finding(models.Model):
    """Something that does not add up, in finance's inbox until it is explained."""

    public_id = TypedIdField(prefix="fdg")
    code = models.CharField(max_length=60)
    thing = models.CharField(max_length=120)
    detail = models.CharField(max_length=500)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_open_finding_per_thing",
                fields=["code", "thing"],
                condition=Q(resolved_at__isnull=True),
            ),
            CheckConstraint(
                name="resolved_finding_says_how", condition=Q(resolved_at__isnull=True) | ~Q(resolution="")
            ),
        ]

    @property
    def title(self) -> str:
        return TITLES.get(self.code, self.code.replace("_", " "))

    def __str__(self) -> str:
        return self.public_id
