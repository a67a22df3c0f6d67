from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from kit.ids import TypedIdField
from kit.text import LONGEST_REASON
from payments.connect.models import PayeeAccount
from payments.payouts.states import ATTEMPT, AttemptState
from payments.payroll.models import PayItem


class Attempt(models.Model):
    """One idempotency key and all the calls made with it. Unknown until Stripe's own word decides it."""

    TRANSITIONS = ATTEMPT

    public_id = TypedIdField(prefix="att")
    item = models.ForeignKey(PayItem, on_delete=models.PROTECT, related_name="attempts")
    generation = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=AttemptState, default=AttemptState.UNKNOWN)
    idempotency_key = models.CharField(max_length=120, unique=True)
    params = models.JSONField(help_text="What is sent, byte for byte the same each time.")
    sends = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField()
    last_sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    transfer_id = models.CharField(max_length=60, blank=True)
    stripe_code = models.CharField(max_length=80, blank=True)
    stripe_message = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(name="one_attempt_per_generation", fields=["item", "generation"]),
            UniqueConstraint(
                name="one_live_attempt_per_pay_item", fields=["item"], condition=Q(state="unknown")
            ),
            UniqueConstraint(
                name="one_success_per_pay_item", fields=["item"], condition=Q(state="succeeded")
            ),
            CheckConstraint(
                name="finished_attempt_has_timestamp",
                condition=Q(state="unknown") | Q(finished_at__isnull=False),
            ),
            CheckConstraint(
                name="succeeded_attempt_has_a_transfer", condition=~Q(state="succeeded") | ~Q(transfer_id="")
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Transfer(models.Model):
    """The mirror of a transfer at Stripe, as Stripe last told it.

    `told_reversed_minor` is what Stripe said was taken back, `reversed_minor` what of it stands in the books: less only
    until an item has the transfer.
    """

    stripe_id = models.CharField(max_length=60, unique=True)
    item = models.ForeignKey(PayItem, null=True, on_delete=models.PROTECT, related_name="transfers")
    amount_minor = models.BigIntegerField()
    told_reversed_minor = models.BigIntegerField(default=0)
    reversed_minor = models.BigIntegerField(default=0)
    reversed_at = models.DateTimeField(null=True, help_text="When the first of it came back, as we heard.")
    currency = models.CharField(max_length=3)
    destination = models.CharField(max_length=60)
    destination_payment = models.CharField(max_length=60, blank=True)
    transfer_group = models.CharField(max_length=60, db_index=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_transfer_per_item", fields=["item"], condition=Q(item__isnull=False)),
            CheckConstraint(
                name="reversed_within_the_transfer",
                condition=Q(
                    reversed_minor__gte=0,
                    reversed_minor__lte=models.F("told_reversed_minor"),
                    told_reversed_minor__lte=models.F("amount_minor"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_id


class ReturnDecision(models.Model):
    """What finance decided about all that had come back of an item and was not decided yet (money/RULES.md, rule 7)."""

    class What(models.TextChoices):
        PAY_AGAIN = "pay_again", "Pay again"
        TOO_MUCH = "too_much", "It was too much"

    public_id = TypedIdField(prefix="rtd")
    item = models.ForeignKey(PayItem, on_delete=models.PROTECT, related_name="return_decisions")
    what = models.CharField(max_length=10, choices=What)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=LONGEST_REASON)
    new_item = models.OneToOneField(
        PayItem, null=True, on_delete=models.PROTECT, related_name="decided_by_return"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(name="return_decision_is_positive", condition=Q(amount_minor__gt=0)),
            CheckConstraint(name="return_decision_says_why", condition=~Q(reason="")),
            CheckConstraint(
                name="paid_again_by_an_item", condition=Q(what="pay_again") ^ Q(new_item__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def currency(self) -> str:
        return self.item.currency


class BankPayout(models.Model):
    """Stripe's payout from a performer's balance to their bank, as Stripe last told it."""

    stripe_id = models.CharField(max_length=60, unique=True)
    account = models.ForeignKey(PayeeAccount, on_delete=models.PROTECT, related_name="bank_payouts")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    created_at = models.DateTimeField(help_text="At Stripe: of those that carry a payment, the last counts.")
    arrives_on = models.DateField(null=True)
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=500, blank=True)
    seen_at = models.DateTimeField()
    said_failed_at = models.DateTimeField(
        null=True, help_text="When signed news said that it failed, until Stripe was asked after that."
    )
    carries = ArrayField(
        models.CharField(max_length=60),
        default=list,
        help_text="Payments (py_…) on the account, as Stripe lists them.",
    )
    transfers = models.ManyToManyField(Transfer, related_name="bank_payouts")

    class Meta:
        indexes = [models.Index(name="bank_payout_open", fields=["status", "seen_at"])]

    def __str__(self) -> str:
        return self.stripe_id


class Heartbeat(models.Model):
    """When a tick last ran, so that a watchdog can say that one did not."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Pace(models.Model):
    """When the next request to an outside service may go out, shared by all workers."""

    name = models.CharField(max_length=20, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
