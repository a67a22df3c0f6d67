from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from accounts.companies.models import Company
from accounts.identity.names import LONGEST_NAME
from kit.ids import TypedIdField
from marketplace.timekeeping.models import PayWeek, TimeLine
from payments.funding.models import FundingMovement, OfACompany
from payments.invoicing.schemes import LONGEST_ID
from payments.paylines.models import PayLine
from payments.payroll.models import PayRun

LONGEST_ADDRESS = 1_000
LONGEST_PLACE, LONGEST_POSTAL_CODE, LONGEST_VAT_NUMBER, LONGEST_REFERENCE = 120, 20, 20, 60
OF_A_WEEK = ("invoice", "credit_note")


class DocumentQuerySet(OfACompany["Document"]):
    pass


class Document(models.Model):
    """What a company gets for its own books: of a closed week's charges an invoice or credit note, of what was paid in a
    receipt, of what was taken back a refund note. Never changed once it is there, and its number leaves no gap.

    All in minor units. Of a week: pay and fee are the sums of its lines, and what paid for them is `from_budget`,
    `from_wallet` and `owed`, as the ledger charged them then; below zero in a credit note, where it went back.
    `corrects` is the week's first document, which this one adds to or takes from.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"
        RECEIPT = "receipt", "Receipt"
        REFUND_NOTE = "refund_note", "Refund note"

    public_id = TypedIdField(prefix="doc")
    kind = models.CharField(max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField(help_text="Of its issue, in the payroll zone.")
    sequence = models.PositiveIntegerField(help_text="From 1 on in each kind and year, without a gap.")
    number = models.CharField(max_length=20, unique=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="documents")
    billed_to = models.CharField(max_length=LONGEST_ADDRESS, help_text="The company as it was then.")
    issued_by = models.CharField(max_length=LONGEST_ADDRESS, help_text="The house as it was then.")
    week = models.ForeignKey(PayWeek, null=True, on_delete=models.PROTECT, related_name="+")
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    movement = models.OneToOneField(
        FundingMovement, null=True, on_delete=models.PROTECT, related_name="document"
    )
    currency = models.CharField(max_length=3)
    pay_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    from_budget_minor = models.BigIntegerField(default=0)
    from_wallet_minor = models.BigIntegerField(default=0)
    owed_minor = models.BigIntegerField(default=0, help_text="What no money was there for.")
    issued_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_number_a_document", fields=["kind", "year", "sequence"]),
            UniqueConstraint(
                name="one_first_document_a_week",
                fields=["company", "week", "currency"],
                condition=Q(corrects=None, week__isnull=False),
            ),
            CheckConstraint(
                name="document_has_its_ground",
                condition=Q(kind__in=OF_A_WEEK, week__isnull=False, movement=None)
                | Q(kind__in=["receipt", "refund_note"], week=None, corrects=None, movement__isnull=False),
            ),
            CheckConstraint(
                name="document_has_its_sign",
                condition=Q(kind="invoice", total_minor__gte=0)
                | Q(kind="receipt", total_minor__gt=0)
                | Q(kind__in=["credit_note", "refund_note"], total_minor__lt=0),
            ),
            CheckConstraint(
                name="charges_add_up",
                condition=Q(week=None)
                | Q(total_minor=F("pay_minor") + F("fee_minor"))
                & Q(total_minor=F("from_budget_minor") + F("from_wallet_minor") + F("owed_minor")),
            ),
        ]
        indexes = [models.Index(name="document_of_company", fields=["company", "-id"])]

    def __str__(self) -> str:
        return self.public_id

    @property
    def paid_minor(self) -> int:
        """What was paid in advance, from the wallet and what was set aside."""
        return self.from_budget_minor + self.from_wallet_minor

    @property
    def is_of_a_week(self) -> bool:
        return self.week_id is not None

    @property
    def billed_lines(self) -> list[str]:
        return self.billed_to.splitlines()

    @property
    def issuer_lines(self) -> list[str]:
        return self.issued_by.splitlines()


class DocumentLine(models.Model):
    """One approved line as its company was charged for it: a time line or a pay line, each on one document."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    line = models.ForeignKey(TimeLine, null=True, on_delete=models.PROTECT, related_name="+")
    pay_line = models.ForeignKey(PayLine, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=12, help_text="The line's kind.")
    gig_title = models.CharField(max_length=200, blank=True)
    worked_on = models.DateField(help_text="The session's day in the payroll zone, or the pay line's.")
    payable_s = models.IntegerField(null=True)
    rate_minor = models.IntegerField(null=True, help_text="An hour.")
    pay_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(name="one_position_a_line", fields=["document", "position"]),
            UniqueConstraint(name="one_document_a_time_line", fields=["line"]),
            UniqueConstraint(name="one_document_a_pay_line", fields=["pay_line"]),
            CheckConstraint(
                name="document_line_has_one_source",
                condition=Q(line__isnull=False, pay_line=None) | Q(line=None, pay_line__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.position}"

    @property
    def currency(self) -> str:
        return self.document.currency

    @property
    def cost_minor(self) -> int:
        return self.pay_minor + self.fee_minor


class BillingDetails(models.Model):
    """How a company is named on its e-invoices, as one of its people last said. What was issued keeps what stood then.

    The electronic address is by what others find it in Peppol; with it comes the reference that it wants to read again.
    """

    company = models.OneToOneField(
        Company, primary_key=True, on_delete=models.PROTECT, related_name="billing_details"
    )
    name = models.CharField(max_length=LONGEST_NAME, help_text="The name under which it is registered.")
    street = models.CharField(max_length=LONGEST_PLACE, blank=True, help_text="Street and number.")
    city = models.CharField(max_length=LONGEST_PLACE, help_text="The city of its address.")
    postal_code = models.CharField(
        max_length=LONGEST_POSTAL_CODE, blank=True, help_text="The postal code, where the address has one."
    )
    region = models.CharField(
        max_length=LONGEST_PLACE, blank=True, help_text="A state or province, where the address has one."
    )
    country = models.CharField(max_length=2, help_text="ISO 3166.")
    vat_number = models.CharField(
        max_length=LONGEST_VAT_NUMBER, blank=True, help_text="With its country's two letters before it."
    )
    address_scheme = models.CharField(
        max_length=4, blank=True, help_text="By what it is found in Peppol: a code of the list EAS."
    )
    address_id = models.CharField(max_length=LONGEST_ID, blank=True, help_text="Its number there.")
    reference = models.CharField(
        max_length=LONGEST_REFERENCE, blank=True, help_text="What it wants to read on its invoices."
    )
    said_at = models.DateTimeField(help_text="When this was said.")

    class Meta:
        verbose_name_plural = "billing details"
        constraints = [
            CheckConstraint(
                name="billing_details_are_enough", condition=~Q(name="") & ~Q(city="") & ~Q(country="")
            ),
            CheckConstraint(
                name="electronic_address_is_whole",
                condition=Q(address_scheme="", address_id="")
                | (~Q(address_scheme="") & ~Q(address_id="") & ~Q(reference="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.name}"


class DocumentParties(models.Model):
    """Both sides of a document as its e-invoice names them, and what it says of tax: as they stood when it was issued, or where
    they were not known then, when they first were. Never changed."""

    document = models.OneToOneField(
        Document, primary_key=True, on_delete=models.PROTECT, related_name="parties"
    )
    seller = models.JSONField(help_text="The house, as its setting said.")
    buyer = models.JSONField(help_text="The company, as its billing details said.")
    noted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "document parties"

    def __str__(self) -> str:
        return f"{self.document_id}: {self.noted_at}"


class NumberCounter(models.Model):
    """The last number of a kind and year. Its row is locked by whoever issues, so a number that is not kept is not used."""

    kind = models.CharField(max_length=12, choices=Document.Kind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [UniqueConstraint(name="one_counter_a_year", fields=["kind", "year"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class BilledRun(models.Model):
    """A week's run whose charges are all on documents. `next_earning`: every earning of its currency below has one."""

    run = models.OneToOneField(PayRun, on_delete=models.PROTECT, related_name="+")
    next_earning = models.BigIntegerField()
    done_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.run_id}: {self.next_earning}"
