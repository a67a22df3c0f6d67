"""What an account still owes before it may be paid: pure functions over the account's record."""

from dataclasses import dataclass, field

from payments.sandbox import test_values
from payments.sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is missing, by its v2 name and its v1 names; `deadline_at` None means now, that is past due
    for an account that may not be paid yet."""

    name: str
    v1_names: tuple[str, ...]
    error: str | None = None
    deadline_at: float | None = None
    restricts: tuple[str, ...] = field(default=("stripe_transfers", "payouts"))
    awaiting: str = "user"


_V1_NAMES = {
    "identity.individual.given_name": ("individual.first_name",),
    "identity.individual.surname": ("individual.last_name",),
    "identity.individual.date_of_birth": (
        "individual.dob.day",
        "individual.dob.month",
        "individual.dob.year",
    ),
    "identity.individual.address": (
        "individual.address.city",
        "individual.address.line1",
        "individual.address.postal_code",
        "individual.address.state",
    ),
    "identity.individual.id_numbers": ("individual.id_number",),
    "identity.individual.documents.primary_verification": ("individual.verification.document",),
    "identity.individual.documents.secondary_verification": ("individual.verification.additional_document",),
    "identity.attestations.terms_of_service.account": ("tos_acceptance.date", "tos_acceptance.ip"),
    "identity.entity_type": ("business_type",),
    "external_account": ("external_account",),
}


def requirement(name: str, *, error: str | None = None, deadline_at: float | None = None) -> Requirement:
    """A requirement by its v2 name; only the bank account concerns payouts alone."""
    restricts = ("payouts",) if name == "external_account" else ("stripe_transfers", "payouts")
    return Requirement(name, _V1_NAMES.get(name, (name,)), error, deadline_at, restricts)


def outstanding(account: Json, *, bank_status: str | None) -> list[Requirement]:
    """Everything the account owes, in the order of the form. `bank_status` is that of its bank account, None
    where it has none."""
    if not account["requested"]:
        return []
    person = account["individual"]
    owed = []
    if not account.get("entity_type"):
        owed.append(requirement("identity.entity_type"))
    for name, key in (("given_name", "given_name"), ("surname", "surname"), ("date_of_birth", "dob")):
        if not person.get(key):
            owed.append(requirement(f"identity.individual.{name}"))
    if not person.get("address", {}).get("line1"):
        owed.append(requirement("identity.individual.address"))
    if not person.get("id_number"):
        owed.append(requirement("identity.individual.id_numbers"))
    owed += _unverified(person)
    if not account.get("tos"):
        owed.append(requirement("identity.attestations.terms_of_service.account"))
    if bank_status is None:
        owed.append(requirement("external_account"))
    elif bank_status == "errored":
        owed.append(requirement("external_account", error="verification_failed_other"))
    owed += [
        requirement(demand["name"], deadline_at=demand["deadline_at"])
        for demand in account["demands"]
        if not _demand_met(demand, person)
    ]
    return owed


def _unverified(person: Json) -> list[Requirement]:
    """What was given but does not match: a document settles it."""
    owed = []
    front = person.get("document")
    document = "identity.individual.documents.primary_verification"
    if front == test_values.DOCUMENT_FAILS:
        owed.append(requirement(document, error="verification_document_failed_other"))
    elif person.get("id_number") == test_values.ID_DOES_NOT_MATCH and not front:
        owed.append(requirement(document, error="verification_failed_id_number_match"))
    if person.get("address", {}).get("line1") == test_values.ADDRESS_DOES_NOT_MATCH and not person.get(
        "address_document"
    ):
        owed.append(
            requirement(
                "identity.individual.documents.secondary_verification",
                error="verification_failed_address_match",
            )
        )
    return owed


def _demand_met(demand: Json, person: Json) -> bool:
    """A demand made later by Stripe: a document answers it if it is newer than the demand."""
    if demand["name"].endswith("primary_verification"):
        return bool(person.get("document")) and person.get("document_at", 0) >= demand["made_at"]
    return bool(demand.get("met"))


def deadline_status(item: Requirement, *, now: float) -> str:
    """`past_due` when it is too late or never was in time, else `currently_due`."""
    return "currently_due" if item.deadline_at is not None and item.deadline_at > now else "past_due"
