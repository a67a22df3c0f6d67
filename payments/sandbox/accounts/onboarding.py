"""Completing the hosted form, by a person on the page or by a test through the controls."""

import hashlib
from typing import Any

from payments.sandbox import errors, test_values
from payments.sandbox.accounts import bank_accounts, changes
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import World

_PERSON = ("given_name", "surname", "email", "phone", "id_number", "document", "address_document")
_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
_BANK = ("routing_number", "account_number", "sort_code", "iban")
KNOWN = frozenset([*_PERSON, *_BANK, "legal_name", "dob", "address_line1", "address", "country", "complete"])


def complete_onboarding(world: World, account: Json, values: Json) -> Json:
    """Fill in the form with `values`, good test values standing in for what is not given, and submit it.

    Known values: legal_name (or given_name, surname), dob ("YYYY-MM-DD" or a hash), address_line1 or an address,
    id_number, document, routing_number and account_number, sort_code or iban, country. A value of null leaves that
    field empty, so the account still owes it. With `complete` false only the given values are filled in. Raises
    errors.ApiError on unknown names and on bank accounts that no bank has.
    """
    strangers = sorted(values.keys() - KNOWN)
    if strangers:
        raise errors.invalid(f"Unknown onboarding values: {', '.join(strangers)}", param=strangers[0])
    filled = values if values.get("complete") is False else {**_good_values(account, values), **values}
    _write_person(world, account, filled)
    _write_bank(world, account, filled)
    if not account["entity_type"]:
        account["entity_type"] = "individual"
    if not account["tos"]:
        account["tos"] = {"date": "2026-01-01T00:00:00.000Z", "ip": "127.0.0.1"}
    account["details_submitted"] = True
    if world.options.verification_s:
        account["verifying_until"] = world.clock.now() + world.options.verification_s
        world.store.schedule(at=account["verifying_until"], what="recheck_account", ref=account["id"])
    return changes.settle(world, account, changed="identity")


def _good_values(account: Json, values: Json) -> Json:
    country = str(values.get("country") or account["country"]).lower()
    good: Json = {
        "dob": test_values.GOOD_PERSON["dob"],
        "address_line1": "address_full_match",
        "id_number": test_values.ID_MATCHES,
    }
    if "given_name" not in values and "surname" not in values:
        good["legal_name"] = account["display_name"] or "Jenny Rosen"
    if not any(name in values for name in _BANK) and account["bank"] is None:
        good |= _own_bank(account, country)
    return good


def _own_bank(account: Json, country: str) -> Json:
    """A bank account that pays, and that only who has this mail address has: fingerprints tell whether two share one. Where
    numbers carry a check digit, Stripe's test value."""
    good = test_values.GOOD_BANK.get(country, test_values.GOOD_BANK["us"])
    digits = {"us": 12, "gb": 8}.get(country if country in test_values.GOOD_BANK else "us")
    if digits is None:
        return dict(good)
    whose = str(account["contact_email"] or account["id"])
    number = int(hashlib.sha256(whose.encode()).hexdigest(), 16) % 10 ** (digits - 1)
    return {**good, "account_number": f"9{number:0{digits - 1}}"}


def _write_person(world: World, account: Json, values: Json) -> None:
    person = account["individual"]
    if values.get("legal_name"):
        given, _, surname = str(values["legal_name"]).strip().rpartition(" ")
        person["given_name"], person["surname"] = given or surname, surname
    for name in _PERSON:
        if values.get(name):
            person[name] = str(values[name])
    if values.get("document"):
        person["document_at"] = world.clock.now()
    if values.get("dob"):
        person["dob"] = read_date(values["dob"])
    address = dict(values.get("address") or {})
    if values.get("address_line1"):
        address["line1"] = values["address_line1"]
    if address:
        good = test_values.GOOD_PERSON["address"]
        base = dict(good) if isinstance(good, dict) else {}
        kept = {name: value for name, value in address.items() if name in _ADDRESS}
        person["address"] = {**base, "country": account["country"], **person.get("address", {}), **kept}


def read_date(given: Any) -> Json:
    """A date of birth as Stripe keeps it."""
    if isinstance(given, dict):
        return {name: int(given[name]) for name in ("day", "month", "year")}
    try:
        year, month, day = (int(part) for part in str(given).split("-"))
    except ValueError:
        raise errors.invalid("A date of birth looks like 1990-01-31.", param="dob") from None
    return {"day": day, "month": month, "year": year}


def _write_bank(world: World, account: Json, values: Json) -> None:
    country = str(values.get("country") or account["country"]).lower()
    number = values.get("iban") or values.get("account_number")
    if not number:
        return
    if values.get("iban"):
        country = str(number)[:2].lower()
    bank_accounts.attach_bank(
        world,
        account,
        country=country,
        account_number=str(number),
        routing_number=values.get("sort_code") or values.get("routing_number"),
        holder_name=" ".join(
            str(part)
            for part in (account["individual"].get("given_name"), account["individual"].get("surname"))
            if part
        ) or None,
    )  # fmt: skip


def tell_returned(world: World, account: Json, *, use_case: str = "account_onboarding") -> None:
    """The thin event of somebody coming back from the hosted form; it proves nothing about the account."""
    events.record_thin(
        world,
        "v2.core.account_link.returned",
        platform=world.platform_of(account["id"]),
        data={"account_id": account["id"], "configurations": account["applied"], "use_case": use_case},
    )
