from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from kit.ids import TypedIdField
from kit.text import LONGEST_REASON

# What each code of a finding says to a person.
TITLES = {
    "event_cannot_be_worked": "News from Stripe that could not be read",
    "event_for_unknown_account": "News of an account that nobody here has",
    "event_of_other_mode": "Test news where money is real, or the other way round",
    "books_differ": "Our books and Stripe's differ",
    "company_owes": "A company owes money",
    "funding_to_restate": "A payment was booked by its status",
    "pay_day_by_law": "The last day on which work may be paid comes near",
    "invoice_differs": "A company was charged otherwise than its lines say",
    "month_differs": "A closed month is not as it was signed",
    "payday_missed": "A payday is due and no run has gone out",
    "bank_account_shared": "Two performers are paid to one bank account",
    "money_of_other_currency": "Money at Stripe in a currency that the house does not take",
    "payout_of_other_currency": "Stripe pays a performer out in another currency",
    "money_on_ended_account": "Money lies on an account that ended",
    "payee_account_ended": "Stripe closed a performer's account",
    "payee_account_unknown": "A performer's account is not known at Stripe",
    "payment_not_ours": "A payment that no wallet knows",
    "payment_of_other_amount": "A payment over another amount",
    "payouts_halted": "A run waits because payouts stand still",
    "run_stands_still": "A run does not move",
    "sending_too_long": "Pay of which Stripe has said nothing for a day",
    "stripe_balance_insufficient": "The Stripe balance does not cover a run",
    "stray_money": "Money at Stripe that no rule explains",
    "stripe_unreachable": "Stripe does not answer",
    "transfer_not_ours": "Money was sent at Stripe, past the house",
}


class Finding(models.Model):
    """Something that does not add up, in finance's inbox until it is explained."""

    public_id = TypedIdField(prefix="fdg")
    code = models.CharField(max_length=60)
    thing = models.CharField(max_length=120)
    detail = models.CharField(max_length=500)
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where it ended by itself.",
    )
    resolution = models.CharField(max_length=LONGEST_REASON, blank=True)

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


class Halt(models.Model):
    """Payouts stand still, for a reason, until a person lifts it."""

    public_id = TypedIdField(prefix="hlt")
    code = models.CharField(max_length=60)
    detail = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lift_note = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_live_halt_per_code", fields=["code"], condition=Q(lifted_at__isnull=True)
            ),
            CheckConstraint(
                name="lifted_halt_says_by_whom",
                condition=Q(lifted_at__isnull=True) | (Q(lifted_by__isnull=False) & ~Q(lift_note="")),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
