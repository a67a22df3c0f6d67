"""Accounts v1: the same accounts under controller properties, and every v2 account by its id.

Source: docs.stripe.com/api/accounts and docs.stripe.com/connect/migrate-to-controller-properties.
"""

from payments.sandbox import errors
from payments.sandbox.accounts import bank_accounts, changes, lifecycle, records, v2
from payments.sandbox.accounts.v1_documents import render_account, render_capability
from payments.sandbox.clock import rfc3339
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

# What a platform gives as its reason, as accounts show it afterwards.
_V1_REASONS = {
    "credit": "platform_other",
    "fraud_no_intent_to_fulfill": "platform_fraud",
    "fraud_other": "platform_fraud",
    "fraud_payment_method_casher": "platform_fraud",
    "fraud_payment_method_tester": "platform_fraud",
    "other": "platform_other",
    "terms_of_service": "platform_terms_of_service",
}


@room.get("/v1/account", "AccountRetrieveCurrentParams")
def retrieve_current(call: Call) -> Json:
    """The account of the key, or the one that `Stripe-Account` names."""
    return render_account(call.world, records.acting(call))


@room.post("/v1/accounts", "AccountCreateParams")
def create_account(call: Call) -> Json:
    """With controller properties (or the older `type`); an account whose requirements the application collects
    can be filled in completely by this request."""
    params, world = call.params, call.world
    account = records.new_account(world, country=params.get("country", "us").lower())
    controller = params.get("controller") or _controller_of_type(params.get("type"))
    account |= {
        "via": "v1",
        "dashboard": (controller.get("stripe_dashboard") or {}).get("type", "full"),
        "collects": controller.get("requirement_collection", "stripe"),
        "type": params.get("type"),
        "responsibilities": {
            "fees_collector": (controller.get("fees") or {}).get("payer", "account"),
            "losses_collector": (controller.get("losses") or {}).get("payments", "stripe"),
        },
        "applied": ["recipient"],
    }
    world.store.add(account, account=call.platform)
    _apply(call, account)
    changes.tell(world, account, "v2.core.account.created")
    changes.settle(world, account)
    return render_account(world, account)


def _controller_of_type(kind: str | None) -> Json:
    collected = {"requirement_collection": "application", "losses": {"payments": "application"}}
    return {
        "custom": {
            **collected,
            "fees": {"payer": "application_custom"},
            "stripe_dashboard": {"type": "none"},
        },
        "express": {
            "requirement_collection": "stripe",
            "losses": {"payments": "application"},
            "fees": {"payer": "application_express"},
            "stripe_dashboard": {"type": "express"},
        },
    }.get(kind or "", {})


def _apply(call: Call, account: Json) -> None:
    """Write what a v1 request says into the record."""
    params, world = call.params, call.world
    if "email" in params:
        account["contact_email"] = params["email"] or None
    if "metadata" in params:
        account["metadata"] = merge_metadata(account["metadata"], params["metadata"])
    if "default_currency" in params:
        account["currency"] = params["default_currency"]
    account["entity_type"] = params.get("business_type", account["entity_type"])
    account["profile"] |= {
        k: v for k, v in (params.get("business_profile") or {}).items() if isinstance(v, str)
    }
    wanted = (params.get("capabilities") or {}).get("transfers")
    if wanted is not None:
        account["requested"] = ["stripe_transfers", "payouts"] if wanted.get("requested") else []
    _apply_terms(account, params.get("tos_acceptance") or {})
    _apply_person(world, account, params.get("individual") or {})
    if "external_account" in params:
        bank_accounts.attach_given(world, account, params["external_account"], default=True)
    if account.get("collects") == "application":
        account["details_submitted"] = account["tos"] is not None
    _apply_schedule(account, ((params.get("settings") or {}).get("payouts") or {}).get("schedule") or {})


def _apply_terms(account: Json, terms: Json) -> None:
    if "date" in terms and "ip" in terms:
        account["tos"] = {"date": rfc3339(terms["date"]), "ip": terms["ip"]}
    if "service_agreement" in terms:
        account["service_agreement"] = terms["service_agreement"]


def _apply_schedule(account: Json, schedule: Json) -> None:
    if "interval" not in schedule:
        return
    account["schedule"] = {"interval": schedule["interval"]}
    if schedule["interval"] == "weekly":
        days = schedule.get("weekly_payout_days") or [schedule.get("weekly_anchor", "monday")]
        account["schedule"]["weekly_payout_days"] = days
    if schedule["interval"] == "monthly":
        days = schedule.get("monthly_payout_days") or [schedule.get("monthly_anchor", 1)]
        account["schedule"]["monthly_payout_days"] = days


def _apply_person(world: World, account: Json, given: Json) -> None:
    person = account["individual"]
    names = {"first_name": "given_name", "last_name": "surname", "email": "email", "phone": "phone",
             "id_number": "id_number", "dob": "dob"}  # fmt: skip
    for name, key in names.items():
        if given.get(name):
            person[key] = given[name]
    if given.get("ssn_last_4") and not person.get("id_number"):
        person["id_number"] = f"00000{given['ssn_last_4']}"
    if given.get("address"):
        person["address"] = {**person.get("address", {}), **given["address"]}
    verification = given.get("verification") or {}
    for name, key in (("document", "document"), ("additional_document", "address_document")):
        front = (verification.get(name) or {}).get("front")
        if front:
            person[key], person["document_at"] = front, world.clock.now()


def _connected(call: Call) -> Json:
    account = records.find_connected(call.world, platform=call.platform, account_id=call.path["account"])
    if account is None and call.path["account"] == call.account:
        return records.acting(call)
    if account is None:
        raise errors.account_invalid("sk_test_", call.path["account"])
    return account


@room.get("/v1/accounts/{account}", "AccountRetrieveParams")
def retrieve_account(call: Call) -> Json:
    return render_account(call.world, _connected(call))


@room.post("/v1/accounts/{account}", "AccountUpdateParams")
def update_account(call: Call) -> Json:
    account = _connected(call)
    _apply(call, account)
    changes.settle(call.world, account, changed="identity" if "individual" in call.params else None)
    return render_account(call.world, account)


@room.delete("/v1/accounts/{account}", "AccountDeleteParams")
def delete_account(call: Call) -> Json:
    """Refused while money is on the account."""
    account = _connected(call)
    v2.close(call.world, account)
    return {"id": account["id"], "object": "account", "deleted": True}


@room.post("/v1/accounts/{account}/reject", "AccountRejectParams")
def reject_account(call: Call) -> Json:
    account = _connected(call)
    lifecycle.reject(call.world, account, reason=_V1_REASONS[call.params["reason"]])
    return render_account(call.world, account)


@room.post("/v1/accounts/{account}/unreject", "AccountUnrejectParams")
def unreject_account(call: Call) -> Json:
    account = _connected(call)
    if not account.get("rejected"):
        raise errors.refused("This account is not rejected.", param="account")
    lifecycle.enable(call.world, account)
    return render_account(call.world, account)


@room.get("/v1/accounts", "AccountListParams")
def list_accounts(call: Call) -> Json:
    page = list_objects(call, kind="account", url="/v1/accounts")
    page["data"] = [render_account(call.world, account) for account in page["data"]]
    return page


@room.get("/v1/accounts/{account}/capabilities", "AccountCapabilityListParams")
def list_capabilities(call: Call) -> Json:
    account = _connected(call)
    url = f"/v1/accounts/{account['id']}/capabilities"
    return embedded_list([render_capability(call.world, account)] if account["requested"] else [], url=url)


@room.get("/v1/accounts/{account}/capabilities/{capability}", "AccountCapabilityRetrieveParams")
def retrieve_capability(call: Call) -> Json:
    if call.path["capability"] != "transfers":
        raise errors.missing("capability", call.path["capability"])
    return render_capability(call.world, _connected(call))


@room.post("/v1/accounts/{account}/capabilities/{capability}", "AccountCapabilityUpdateParams")
def update_capability(call: Call) -> Json:
    account = _connected(call)
    if call.path["capability"] != "transfers":
        raise errors.missing("capability", call.path["capability"])
    if "requested" in call.params:
        account["requested"] = ["stripe_transfers", "payouts"] if call.params["requested"] else []
    changes.settle(call.world, account)
    return render_capability(call.world, account)
