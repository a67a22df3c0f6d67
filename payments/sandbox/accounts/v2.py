"""Accounts v2: create, retrieve, update, close, list. Source: docs.stripe.com/api/v2/core/accounts."""

from payments.sandbox import books, errors
from payments.sandbox.accounts import capabilities, changes, records, requirements
from payments.sandbox.accounts.requirements import Requirement
from payments.sandbox.clock import rfc3339
from payments.sandbox.lists import list_v2
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_CONFIGURATIONS = ("customer", "merchant", "recipient")
_PERSON_FIELDS = {"given_name": "given_name", "surname": "surname", "date_of_birth": "dob", "email": "email",
                  "phone": "phone"}  # fmt: skip


@room.post("/v2/core/accounts", "v2.core.AccountCreateParams")
def create_account(call: Call) -> Json:
    """An account that starts with everything owed; `include` says which sections the answer shows."""
    params, world = call.params, call.world
    identity = params.get("identity") or {}
    country = (identity.get("country") or "us").lower()
    account = records.new_account(world, country=country)
    _check_responsibilities(params)
    _apply(account, params)
    world.store.add(account, account=call.platform)
    changes.tell(world, account, "v2.core.account.created")
    changes.settle(world, account)
    return show(world, account, include=params.get("include", []))


def _check_responsibilities(params: Json) -> None:
    given = (params.get("defaults") or {}).get("responsibilities") or {}
    if params.get("dashboard") == "express" and given and given["losses_collector"] != "application":
        raise errors.ApiError(
            "Accounts with an Express dashboard need the application to collect fees and losses.",
            code="account_controller_unsupported_configuration",
            executed=False,
        )


def _apply(account: Json, params: Json) -> None:
    """Write what the request says into the record."""
    for name in ("contact_email", "contact_phone", "display_name", "dashboard"):
        if name in params:
            account[name] = params[name]
    if "metadata" in params:
        account["metadata"] = merge_metadata(account["metadata"], params["metadata"])
    _apply_configuration(account, params.get("configuration") or {})
    defaults = params.get("defaults") or {}
    account["responsibilities"] |= defaults.get("responsibilities") or {}
    account["profile"] |= defaults.get("profile") or {}
    account["locales"] = defaults.get("locales", account["locales"])
    account["currency"] = defaults.get("currency", account["currency"])
    _apply_identity(account, params.get("identity") or {})


def _apply_configuration(account: Json, configuration: Json) -> None:
    for name, given in configuration.items():
        if given is None:
            continue
        if given.get("applied") is False:
            account["applied"] = [applied for applied in account["applied"] if applied != name]
        elif name not in account["applied"]:
            account["applied"] = sorted([*account["applied"], name])
    recipient = configuration.get("recipient") or {}
    wanted = ((recipient.get("capabilities") or {}).get("stripe_balance") or {}).get("stripe_transfers")
    if wanted is not None:
        account["requested"] = ["stripe_transfers", "payouts"] if wanted.get("requested") else []
    if "recipient" not in account["applied"]:
        account["requested"] = []


def _apply_identity(account: Json, identity: Json) -> None:
    account["entity_type"] = identity.get("entity_type", account["entity_type"])
    given, person = identity.get("individual") or {}, account["individual"]
    for name, key in _PERSON_FIELDS.items():
        if name in given:
            person[key] = given[name]
    if "address" in given:
        person["address"] = {**person.get("address", {}), **(given["address"] or {})}
    for number in given.get("id_numbers") or []:
        person["id_number"], person["id_type"] = number.get("value"), number["type"]
    documents = given.get("documents") or {}
    for name, key in (("primary_verification", "document"), ("secondary_verification", "address_document")):
        if name in documents:
            person[key] = documents[name]["front_back"]["front"]
    terms = ((identity.get("attestations") or {}).get("terms_of_service") or {}).get("account")
    if terms:
        account["tos"] = terms


def _find(call: Call) -> Json:
    account = records.find_connected(call.world, platform=call.platform, account_id=call.path["id"])
    if account is None:
        raise errors.not_found_v2(f"Account not found: {call.path['id']}")
    return account


@room.get("/v2/core/accounts/{id}", "v2.core.AccountRetrieveParams")
def retrieve_account(call: Call) -> Json:
    return show(call.world, _find(call), include=call.params.get("include", []))


@room.post("/v2/core/accounts/{id}", "v2.core.AccountUpdateParams")
def update_account(call: Call) -> Json:
    """What Stripe collects itself (requirements_collector `stripe`) a platform may still prefill before onboarding."""
    account, params, world = _find(call), call.params, call.world
    if account["closed"]:
        raise errors.refused("This account is closed and cannot be updated.", code="account_closed")
    _apply(account, params)
    if "documents" in ((params.get("identity") or {}).get("individual") or {}):
        account["individual"]["document_at"] = world.clock.now()
    changed = next((name for name in ("identity", "defaults") if name in params), None)
    if changed is None:
        changes.tell(world, account, "v2.core.account.updated")
    changes.settle(world, account, changed=changed)
    return show(world, account, include=params.get("include", []))


@room.post("/v2/core/accounts/{id}/close", "v2.core.AccountCloseParams")
def close_account(call: Call) -> Json:
    """Refused while money is on the account."""
    account, world = _find(call), call.world
    if set(call.params.get("applied_configurations") or account["applied"]) != set(account["applied"]):
        raise errors.refused(
            "All configurations of the account must be given to close it.", code="configs_must_match_to_close"
        )
    close(world, account)
    return show(world, account, include=[])


def close(world: World, account: Json) -> None:
    """Close an account without a balance; a closed one stays closed."""
    for state in ("available", "pending"):
        for by_type in books.held(world, account=account["id"], state=state).values():
            if any(by_type.values()):
                raise errors.refused(
                    "This account cannot be closed because it still has a balance.",
                    code="cannot_delete_account_with_balance",
                )
    account["closed"] = True
    changes.settle(world, account)
    changes.tell(world, account, "v2.core.account.closed")


@room.get("/v2/core/accounts", "v2.core.AccountListParams", extra=("page",))
def list_accounts(call: Call) -> Json:
    """Open accounts, newest first; `closed` and `applied_configurations` filter."""
    wanted = call.params.get("applied_configurations", [])
    found = [
        show(call.world, account, include=[])
        for account in call.world.store.select(
            "kind = 'account' AND account = ?", (call.platform,), tail="ORDER BY seq DESC"
        )
        if account["closed"] == call.params.get("closed", False) and set(wanted) <= set(account["applied"])
    ]
    return list_v2(call.world, documents=found, url="/v2/core/accounts", params=call.params)


def show(world: World, account: Json, *, include: list[str]) -> Json:
    """The account as v2 shows it. What depends on `include` is null unless it is asked for.

    Source: docs.stripe.com/api-includable-response-values.
    """
    shown: Json = {
        "id": account["id"],
        "object": "v2.core.account",
        "applied_configurations": account["applied"],
        "closed": account["closed"],
        "contact_email": account["contact_email"],
        "contact_phone": account["contact_phone"],
        "created": rfc3339(account["created"]),
        "dashboard": account["dashboard"],
        "display_name": account["display_name"],
        "livemode": False,
        "metadata": account["metadata"],
    }
    shown = {name: value for name, value in shown.items() if value is not None}
    return shown | {
        "configuration": _show_configurations(world, account, include),
        "defaults": _show_defaults(account) if "defaults" in include else None,
        "future_requirements": {"entries": []} if "future_requirements" in include else None,
        "identity": _show_identity(account) if "identity" in include else None,
        "requirements": _show_requirements(world, account) if "requirements" in include else None,
    }


def _show_configurations(world: World, account: Json, include: list[str]) -> Json | None:
    """Those that are asked for and applied; the others are null, and so are all when none is asked for."""
    asked = {name for name in _CONFIGURATIONS if f"configuration.{name}" in include}
    if not asked:
        return None
    given = asked & set(account["applied"])
    return {
        name: _show_configuration(world, account, name) if name in given else None for name in _CONFIGURATIONS
    }


def _show_configuration(world: World, account: Json, name: str) -> Json:
    if name != "recipient":
        return {"applied": True}
    balance = {
        capability: {
            "status": status,
            "status_details": [{"code": code, "resolution": resolution}] if code else [],
        }
        for capability, (status, code, resolution) in capabilities.statuses(world, account).items()
    }
    return {"applied": True, "capabilities": {"stripe_balance": balance} if balance else {}}


def _show_defaults(account: Json) -> Json:
    collects = "stripe" if account["dashboard"] in ("express", "full") else "application"
    shown: Json = {
        "currency": account["currency"],
        "locales": account["locales"],
        "responsibilities": {**account["responsibilities"], "requirements_collector": collects},
    }
    if account["profile"]:
        shown["profile"] = account["profile"]
    return shown


def _show_identity(account: Json) -> Json:
    person = account["individual"]
    identity: Json = {"country": account["country"]}
    if account["entity_type"]:
        identity["entity_type"] = account["entity_type"]
    if account["tos"]:
        identity["attestations"] = {"terms_of_service": {"account": account["tos"]}}
    if not person:
        return identity
    shown: Json = {
        "account": account["id"],
        "created": rfc3339(account["created"]),
        "id": f"person_{account['id'].removeprefix('acct_')}",
        "object": "v2.core.account_person",
        "updated": rfc3339(account["created"]),
    }
    shown |= {name: person[key] for name, key in _PERSON_FIELDS.items() if person.get(key)}
    if person.get("address"):
        shown["address"] = person["address"]
    if person.get("id_number"):
        shown["id_numbers"] = [{"type": person.get("id_type", "us_ssn")}]
    return {**identity, "individual": shown}


def _show_requirements(world: World, account: Json) -> Json:
    owed = capabilities.outstanding(world, account)
    if not owed:
        return {"entries": []}
    now = world.clock.now()
    entries = [_show_entry(item, now=now) for item in owed]
    past = any(entry["minimum_deadline"]["status"] == "past_due" for entry in entries)
    summary: Json = {"status": "past_due" if past else "currently_due"}
    times = [item.deadline_at for item in owed if item.deadline_at is not None]
    if times:
        summary["time"] = rfc3339(min(times))
    return {"entries": entries, "summary": {"minimum_deadline": summary}}


def _show_entry(item: Requirement, *, now: float) -> Json:
    status = requirements.deadline_status(item, now=now)
    return {
        "awaiting_action_from": item.awaiting,
        "description": item.name,
        "errors": (
            [{"code": item.error, "description": "The information provided could not be verified."}]
            if item.error
            else []
        ),
        "impact": {
            "restricts_capabilities": [
                {
                    "capability": f"stripe_balance.{name}",
                    "configuration": "recipient",
                    "deadline": {"status": status},
                }
                for name in item.restricts
            ]
        },
        "minimum_deadline": {"status": status},
        "requested_reasons": [
            {"code": "routine_verification" if item.error or item.deadline_at else "routine_onboarding"}
        ],
    }
