"""How a company is billed: what it says of itself for e-invoices, and what each document keeps of it and of the house."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.countries import COUNTRIES
from accounts.companies.models import Company
from kit.errors import Invalid
from payments.invoicing import schemes
from payments.invoicing.models import OF_A_WEEK, BillingDetails, Document, DocumentParties

SAID = (
    *("name", "street", "city", "postal_code", "region", "country", "vat_number"),
    *("address_scheme", "address_id", "reference"),
)
# Beside the countries' own codes: Greece's, and Northern Ireland's (BR-CO-09).
ALSO_OF_VAT = ("EL", "XI")
MOST_NOTED = 500


def details_of(company: Company) -> BillingDetails:
    """What it said; where it said nothing yet, what the house knows of it otherwise, unsaved and without a time."""
    said = BillingDetails.objects.select_related("company").filter(company=company).first()
    return said or BillingDetails(company=company, name=company.legal_name, country=company.country)


@transaction.atomic
def say(*, company: Company, by: Actor, at: datetime, **said: str) -> BillingDetails:
    """How it is named on e-invoices from now on, and on those of before that could not be made without it: all of it anew.
    Owner and billing alone. Raises Forbidden (403), Invalid (422)."""
    by.require(Act.SAY_BILLING, company_id=company.pk)
    checked = _checked({name: said.get(name, "").strip() for name in SAID})
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    details, _ = BillingDetails.objects.update_or_create(company=company, defaults={**checked, "said_at": at})
    audit.record(verb="company.billing_said", thing=company, by=by, at=at)
    details.company = company
    unknown = Document.objects.filter(company=company, kind__in=OF_A_WEEK, parties=None)
    _note([(pk, details) for pk in unknown.values_list("pk", flat=True)], at=at)
    return details


def _checked(said: dict[str, str]) -> dict[str, str]:
    for field, words in (("name", "the registered name"), ("city", "the city"), ("country", "the country")):
        if not said[field]:
            raise Invalid.field(field, f"Write {words}: no e-invoice is one without it.", code="required")
    if said["country"] not in COUNTRIES:
        raise Invalid.field("country", "Choose a country from the list.", code="not_a_choice")
    said["vat_number"] = re.sub(r"[ .-]", "", said["vat_number"]).upper()
    if said["vat_number"] and not _is_vat_number(said["vat_number"]):
        words = "Write it with its country's two letters before it, such as DE123456789."
        raise Invalid.field("vat_number", words)
    return _checked_address(said)


def _is_vat_number(number: str) -> bool:
    known = number[:2] in COUNTRIES or number[:2] in ALSO_OF_VAT
    return known and re.fullmatch(r"[A-Z0-9+*]{4,}", number) is not None


def _checked_address(said: dict[str, str]) -> dict[str, str]:
    scheme, number = said["address_scheme"], said["address_id"]
    if not scheme and not number:
        return said
    if scheme not in schemes.SCHEMES:
        raise Invalid.field("address_scheme", "Choose by what you are found in Peppol.", code="not_a_choice")
    if not schemes.is_formed(scheme, number):
        words = (
            f"This is no number of that kind ({schemes.SCHEMES[scheme]}). Look whether a digit is missing."
        )
        raise Invalid.field("address_id", words)
    if not said["reference"]:
        words = "Peppol wants a reference of yours on each invoice: a cost centre, an order, a person."
        raise Invalid.field("reference", words, code="required")
    return said


def note_issued(document: Document, *, at: datetime) -> None:
    """Keep beside a document of a week what stands of both sides now; nothing where one is not known. In the transaction that
    issues it."""
    details = BillingDetails.objects.select_related("company").filter(company=document.company_id).first()
    if details is not None:
        _note([(document.pk, details)], at=at)


def note_due(*, at: datetime) -> int:
    """The same for documents of companies that had said it before the house did; returns for how many. Safe to run again."""
    if settings.INVOICE_SELLER is None:
        return 0
    rows = Document.objects.filter(kind__in=OF_A_WEEK, parties=None, company__billing_details__isnull=False)
    waiting = rows.select_related("company__billing_details").order_by("id")[:MOST_NOTED]
    return _note([(document.pk, document.company.billing_details) for document in waiting], at=at)


def _note(documents: Iterable[tuple[int, BillingDetails]], *, at: datetime) -> int:
    """Twice is once: a document keeps what was noted first."""
    if settings.INVOICE_SELLER is None:
        return 0
    rows = [
        DocumentParties(document_id=pk, seller=settings.INVOICE_SELLER, buyer=_buyer(details), noted_at=at)
        for pk, details in documents
    ]
    DocumentParties.objects.bulk_create(rows, batch_size=MOST_NOTED, ignore_conflicts=True)
    return len(rows)


def _buyer(details: BillingDetails) -> Mapping[str, str]:
    said = {name: str(getattr(details, name)) for name in SAID}
    return said | {"registration": details.company.registration_number}
