from datetime import date

from django.db.models import Q, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.ids import MalformedId, to_uuid
from kit.rows import by_public_id
from payments.invoicing.models import Document, DocumentLine


def all_of(actor: Actor) -> QuerySet[Document]:
    """Documents that the actor may see: of their companies, for finance all."""
    return Document.objects.visible_to(actor).select_related(
        "company", "week", "corrects", "movement__funding"
    )


def of_company(actor: Actor, company: Company) -> QuerySet[Document]:
    """The company's, to be paged by `-id`."""
    return all_of(actor).filter(company=company)


def found(actor: Actor, *, text: str = "", week: date | None = None) -> QuerySet[Document]:
    """For finance: by a number or its beginning, a company's name or id, and the Monday of a week; all where none is named.
    Raises Forbidden (403)."""
    actor.require_finance()
    rows = all_of(actor)
    if text:
        named = Q(number__istartswith=text) | Q(company__name__icontains=text)
        rows = rows.filter(Q(company__public_id=text) if _is_company(text) else named)
    return rows.filter(week__starts_on=week) if week is not None else rows


def get(actor: Actor, public_id: str, *, company: Company | None = None) -> Document:
    """Raises NotFound (404)."""
    rows = all_of(actor) if company is None else of_company(actor, company)
    return by_public_id(rows, public_id)


def lines(document: Document) -> QuerySet[DocumentLine]:
    """Its lines, to be paged by `position`."""
    return document.lines.select_related("document", "line", "pay_line").order_by("position")


def _is_company(text: str) -> bool:
    try:
        to_uuid(text, prefix="cmp")
    except MalformedId:
        return False
    return True
