"""Who issues e-invoices, and what stands on them of tax: read from the environment, refused where a rule of EN 16931 would be."""

import re
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

NEEDED = ("name", "city", "country", "tax_category", "tax_reason")
FIELDS = (
    *NEEDED,
    *("street", "postal_code", "region", "registration", "vat_number", "address_scheme", "address_id"),
)
# Of the standard's categories of tax those under which the house can sell without charging any, and what each wants the seller
# to be known by (BR-O-02 forbids its VAT number, BR-CO-26 and BR-E-02 want the other).
KNOWN_BY = {"O": "registration", "E": "vat_number"}
_WRITE = (
    'write {"name": "…", "street": "…", "city": "…", "postal_code": "…", "region": "…", "country": "US", "registration": "…", '
    '"tax_category": "O", "tax_reason": "Not subject to VAT"}, with "address_scheme" and "address_id" for Peppol; category E '
    'wants "vat_number".'
)


def invoice_seller(given: object) -> dict[str, str] | None:
    """The house as the seller on e-invoices; None where nothing is said, and none is made."""
    if given == {}:
        return None
    if not isinstance(given, Mapping) or not all(
        name in FIELDS and isinstance(said, str) for name, said in given.items()
    ):
        raise ImproperlyConfigured(f"INVOICE_SELLER is {given!r}; {_WRITE}")
    seller = {name: given.get(name, "").strip() for name in FIELDS}
    if wrong := _wrong(seller):
        raise ImproperlyConfigured(f"INVOICE_SELLER {wrong}; {_WRITE}")
    return seller


def _wrong(seller: Mapping[str, str]) -> str:
    if missing := [name for name in NEEDED if not seller[name]]:
        return f"lacks {', '.join(missing)}"
    if not re.fullmatch("[A-Z]{2}", seller["country"]):
        return "has a country that is no code of ISO 3166"
    if (known_by := KNOWN_BY.get(seller["tax_category"])) is None:
        return f"has the category {seller['tax_category']!r}, where O and E are those under which no tax is charged"
    if not seller[known_by]:
        return f"lacks {known_by}, which category {seller['tax_category']} wants"
    if seller["vat_number"] and not re.fullmatch("[A-Z]{2}[A-Z0-9+*.]{2,18}", seller["vat_number"]):
        return "has a VAT number that does not begin with its country's two letters"
    if bool(seller["address_scheme"]) != bool(seller["address_id"]):
        return "has half of an electronic address"
    if seller["address_scheme"] and not re.fullmatch("[0-9]{4}", seller["address_scheme"]):
        return "has an address_scheme that is no code of four digits"
    return ""
