from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.companies.models import Company
from kit.ids import TypedIdField
from kit.text import LONGEST_REASON
from marketplace.gigs.models import Gig
from payments.terms.states import NET_TERMS, NetTermsState

if TYPE_CHECKING:
    from accounts.access.actors import Actor

# What a person can mean: less than ten digits before the point. Nobody waits longer for their money than so many days.
MOST_MINOR = 99_999_999_999
FEWEST_DAYS, MOST_DAYS = 1, 60
DECIDED = ("in_force", "ended")
M = TypeVar("M", bound=models.Model)


class OfACompany(models.QuerySet[M]):
    """Rows of a company: its own, and finance's all."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.is_finance or actor.is_system:
            return self
        return self.filter(company_id__in=actor.company_ids)


class NetTermsQuerySet(OfACompany["NetTerms"]):
    def visible_to(self, actor: Actor) -> Self:
        """What is only proposed, or came to nothing, is finance's alone."""
        seen = super().visible_to(actor)
        return seen if actor.is_finance or actor.is_system else seen.filter(state__in=DECIDED)


class NetTerms(models.Model):
    """How much a company may set aside beyond its wallet, and how long it has to pay: proposed by one of finance, in force
    once another has approved it. Never raised: that is another proposal, which takes its place.

    `agreed_minor` is what two people said; `limit_minor` what it was lowered to since. Both in minor units.
    """

    TRANSITIONS = NET_TERMS

    public_id = TypedIdField(prefix="ntm")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="net_terms")
    state = models.CharField(max_length=10, choices=NetTermsState, default=NetTermsState.PROPOSED)
    currency = models.CharField(max_length=3)
    agreed_minor = models.BigIntegerField()
    limit_minor = models.BigIntegerField()
    pay_days = models.PositiveSmallIntegerField(help_text="From the end of the week in which it was drawn.")
    starts_on = models.DateField(help_text="The first day, in the payroll zone, on which anything is drawn.")
    reason = models.CharField(max_length=LONGEST_REASON)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(
        max_length=LONGEST_REASON, blank=True, help_text="Why it was declined, or ended."
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    objects = NetTermsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "net terms"
        constraints = [
            UniqueConstraint(
                name="one_net_terms_in_force", fields=["company", "currency"], condition=Q(state="in_force")
            ),
            UniqueConstraint(
                name="one_net_terms_proposed", fields=["company", "currency"], condition=Q(state="proposed")
            ),
            CheckConstraint(
                name="net_terms_approved_by_another",
                condition=~Q(state__in=DECIDED)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_by=F("proposed_by"))),
            ),
            CheckConstraint(
                name="net_terms_are_bounded",
                condition=Q(agreed_minor__gt=0, limit_minor__gte=0, limit_minor__lte=F("agreed_minor"))
                & Q(pay_days__gte=FEWEST_DAYS, pay_days__lte=MOST_DAYS),
            ),
            CheckConstraint(name="net_terms_say_why", condition=~Q(reason="")),
            CheckConstraint(
                name="ended_net_terms_have_an_end",
                condition=Q(state="ended", ended_at__isnull=False, ended_by__isnull=False)
                | (~Q(state="ended") & Q(ended_at=None, ended_by=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class DrawQuerySet(OfACompany["Draw"]):
    pass


class Draw(models.Model):
    """What was set aside for a gig beyond the wallet, under terms. Never changed: what is still to be paid of it follows from
    the books, where the oldest is paid first.

    A trigger refuses one under terms that are not in force, and one by which the books owe more than the limit.
    """

    public_id = TypedIdField(prefix="drw")
    terms = models.ForeignKey(NetTerms, on_delete=models.PROTECT, related_name="draws")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    drawn_at = models.DateTimeField()
    due_on = models.DateField(help_text="The last day, in the payroll zone, on which it is paid in time.")
    entry_key = models.CharField(max_length=120, unique=True, help_text="Of its entry in the books.")
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = DrawQuerySet.as_manager()

    class Meta:
        constraints = [CheckConstraint(name="draw_is_positive", condition=Q(amount_minor__gt=0))]
        indexes = [models.Index(name="draw_of_company", fields=["company", "currency", "-id"])]

    def __str__(self) -> str:
        return self.public_id
