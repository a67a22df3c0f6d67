from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from accounts.companies.models import Company
from accounts.identity.names import LONGEST_NAME
from accounts.performers.models import Performer
from kit.ids import TypedIdField
from marketplace.casting.models import Application
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.rights.states import GRANT, GrantState

if TYPE_CHECKING:
    from accounts.access.actors import Actor


LONGEST_FAMILY, LONGEST_TERRITORY, LONGEST_USE, LONGEST_NOT_FOR = 100, 100, 1_000, 500
LONGEST_TERM_DAYS = 10 * 366
MOST_DELETION_DAYS = 90


class UseTerms(models.Model):
    """What one purpose of a gig is asked for: which models, where, for how long, at which price, and how soon copies go.

    A purpose without a row is asked for as it stands: by the company alone, until it is withdrawn, with no bonus.
    """

    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="use_terms")
    purpose = models.CharField(max_length=30, choices=list(PURPOSES.items()))
    use = models.TextField(
        max_length=LONGEST_USE,
        blank=True,
        help_text="What is made of it, reasonably specific; a replica needs it.",
    )
    model_family = models.CharField(max_length=LONGEST_FAMILY, blank=True)
    territory = models.CharField(max_length=LONGEST_TERRITORY, blank=True, help_text="Empty: the world.")
    not_for = models.CharField(max_length=LONGEST_NOT_FOR, blank=True, help_text="What is ruled out.")
    term_days = models.PositiveIntegerField(
        null=True, help_text="From both signatures; none: until withdrawn."
    )
    bonus_minor = models.PositiveIntegerField(default=0, help_text="Paid once for it, in the gig's currency.")
    deletion_days = models.PositiveSmallIntegerField(
        default=30, help_text="Within so many days of a withdrawal each copy is deleted."
    )

    class Meta:
        constraints = [
            UniqueConstraint(name="one_set_of_use_terms", fields=["gig", "purpose"]),
            CheckConstraint(
                name="use_terms_in_bounds",
                condition=Q(term_days=None) | Q(term_days__gte=1, term_days__lte=LONGEST_TERM_DAYS),
            ),
            CheckConstraint(
                name="copies_are_deleted_in_time",
                condition=Q(deletion_days__gte=1, deletion_days__lte=MOST_DELETION_DAYS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gig} {self.purpose}"


class GrantQuerySet(models.QuerySet["Grant"]):
    def visible_to(self, actor: Actor) -> GrantQuerySet:
        """Who gave it, the company to which it was given, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(application__gig__company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(application__performer_id=actor.performer_id)
        return self.filter(seen)


class Grant(models.Model):
    """One purpose for which a performer lets the company use the recordings of one engagement. Without it: refused."""

    TRANSITIONS = GRANT

    public_id = TypedIdField(prefix="grt")
    # An engagement is one accepted application, drawn up; what is granted is signed with its terms.
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="grants")
    purpose = models.CharField(max_length=30, choices=list(PURPOSES.items()))
    state = models.CharField(max_length=10, choices=GrantState, default=GrantState.GIVEN)
    text = models.TextField(help_text="The words as they were read.")
    text_sha256 = models.CharField(max_length=64)
    terms_sha256 = models.CharField(max_length=64, help_text="Of the terms with which it was signed.")
    # Frozen from the gig's `UseTerms` when it was given: what was signed is never read anew.
    conditions = models.JSONField(default=dict)
    until = models.DateTimeField(null=True, help_text="When its time is over; none: until it is withdrawn.")
    given_at = models.DateTimeField()
    active_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                name="one_live_grant_per_purpose",
                fields=["application", "purpose"],
                condition=Q(state__in=["given", "active"]),
            ),
            CheckConstraint(
                name="active_grant_has_timestamp", condition=~Q(state="active") | Q(active_at__isnull=False)
            ),
            CheckConstraint(
                name="withdrawn_grant_has_timestamp",
                condition=Q(state="withdrawn") ^ Q(withdrawn_at__isnull=True),
            ),
            CheckConstraint(
                name="expired_grant_has_timestamp",
                condition=Q(state="expired") ^ Q(expired_at__isnull=True),
            ),
            CheckConstraint(
                name="superseded_grant_has_timestamp",
                condition=Q(state="superseded") ^ Q(superseded_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                name="grant_that_ends", fields=["until"], condition=Q(state="active", until__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class ReplicaSignature(models.Model):
    """The signature of its own that a replica takes: with who stood at the performer's side. Never changed."""

    class By(models.TextChoices):
        COUNSEL = "counsel", "My own lawyer"
        UNION = "union", "My union"

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="replica_signature")
    name = models.CharField(max_length=LONGEST_NAME, help_text="As on their account, as they typed it.")
    represented_by = models.CharField(max_length=10, choices=By)
    representative = models.CharField(max_length=LONGEST_NAME, help_text="The lawyer's or the union's name.")
    text_sha256 = models.CharField(max_length=64, help_text="Of exactly the words that were shown.")
    signed_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True, help_text="When they last showed that it was them.")
    address = models.GenericIPAddressField(null=True, help_text="From where.")

    def __str__(self) -> str:
        return f"{self.grant} {self.represented_by}"


class GrantEvent(models.Model):
    """What became of a grant, and when: never changed, so that a receipt can be made of each."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=GrantState)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text_sha256 = models.CharField(max_length=64, help_text="Of the words that the grant says.")

    class Meta:
        constraints = [UniqueConstraint(name="one_event_of_a_kind", fields=["grant", "kind"])]

    def __str__(self) -> str:
        return f"{self.grant} {self.kind}"


class ReceiptKey(models.Model):
    """A key whose receipts can be checked. The private half is a setting; this half stays published when it is rolled."""

    key_id = models.CharField(max_length=16, unique=True, help_text="The first bytes of the hash of the key.")
    public_key = models.CharField(max_length=43, help_text="32 bytes in URL-safe base64, no padding.")
    used_since = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id


class ReceiptChain(models.Model):
    """Where a performer's receipts have got to: its row is locked while the next one is written."""

    performer = models.OneToOneField(Performer, on_delete=models.PROTECT, related_name="receipt_chain")
    length = models.PositiveIntegerField(default=0)
    last_sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.performer} {self.length}"


class ReceiptQuerySet(models.QuerySet["GrantReceipt"]):
    def visible_to(self, actor: Actor) -> ReceiptQuerySet:
        """As the grant that it proves."""
        return self.filter(event__grant__in=Grant.objects.visible_to(actor))


class GrantReceipt(models.Model):
    """The proof of one event of a grant: signed, and chained to the performer's one before. Never changed."""

    public_id = TypedIdField(prefix="grr")
    event = models.OneToOneField(GrantEvent, on_delete=models.PROTECT, related_name="receipt")
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="grant_receipts")
    number = models.PositiveIntegerField(help_text="Its place in the performer's chain, from 1.")
    previous_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Of the one before; none for the first."
    )
    key = models.ForeignKey(ReceiptKey, on_delete=models.PROTECT, related_name="receipts")
    body = models.TextField(help_text="Canonical JSON (RFC 8785): what was signed, byte for byte.")
    sha256 = models.CharField(max_length=64, unique=True)
    signature = models.CharField(
        max_length=86, help_text="Ed25519 over the body, in URL-safe base64, no padding."
    )

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_receipt_of_a_number", fields=["performer", "number"]),
            CheckConstraint(
                name="receipts_are_chained",
                condition=Q(number=1, previous_sha256="") | Q(number__gt=1) & ~Q(previous_sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class UseQuerySet(models.QuerySet["Use"]):
    def visible_to(self, actor: Actor) -> UseQuerySet:
        """Whose work it is, who used it, and staff."""
        if actor.is_staff or actor.is_system:
            return self
        seen = Q(company_id__in=actor.company_ids)
        if actor.is_performer:
            seen |= Q(performer_id=actor.performer_id)
        return self.filter(seen)


class Use(models.Model):
    """Somebody had a performer's work before them: who, when, and what for. Never changed."""

    class Kind(models.TextChoices):
        PLAYED = "played", "Played"
        DELIVERED = "delivered", "Put into a delivery"
        DOWNLOADED = "downloaded", "Downloaded"
        LICENSED = "licensed", "Passed on"
        DELETED = "deleted", "Deletion confirmed"

    key = models.CharField(max_length=160, unique=True, help_text="Of the one act: told twice is once.")
    kind = models.CharField(max_length=10, choices=Kind)
    performer = models.ForeignKey(Performer, on_delete=models.PROTECT, related_name="uses")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="uses")
    gig = models.ForeignKey(Gig, on_delete=models.PROTECT, related_name="uses")
    about = models.CharField(max_length=64, help_text="The id of the recording or delivery.")
    purposes = models.JSONField(
        default=list, help_text="What it was for; of a playing, what is granted then."
    )
    at = models.DateTimeField()

    objects = UseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="use_of_performer", fields=["performer", "-id"]),
            models.Index(name="use_of_company", fields=["company", "-id"]),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def in_words(self) -> list[str]:
        return [PURPOSES.get(name, name) for name in self.purposes]
