"""Accounts v1: the same accounts under controller properties, and every v2 account by its id.

Source: docs.stripe.com/api/accounts and docs.stripe.com/connect/migrate-to-controller-properties.
"""

from payments.sandbox import errors
from payments.sandbox.accounts import bank_accounts, capabilities, lifecycle, records, requirements, v2
from payments.sandbox.clock import rfc3339
from payments.sandbox.expand import public
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.router import Room
from payments.sandbox.webhooks.endpoints import merge_metadata
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

# fmt: off
_PROFILE_FIELDS = (
    "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation", "name",
    "product_description", "support_address", "support_email", "support_phone", "support_url", "url",
)
# fmt: on
_V1_STATUS = {"active": "active", "pending": "pending"}
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
    capabilities.tell(world, account, "v2.core.account.created")
    capabilities.settle(world, account)
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
    capabilities.settle(call.world, account, changed="identity" if "individual" in call.params else None)
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
    return embedded_list([_render_capability(call.world, account)] if account["requested"] else [], url=url)


@room.get("/v1/accounts/{account}/capabilities/{capability}", "AccountCapabilityRetrieveParams")
def retrieve_capability(call: Call) -> Json:
    if call.path["capability"] != "transfers":
        raise errors.missing("capability", call.path["capability"])
    return _render_capability(call.world, _connected(call))


@room.post("/v1/accounts/{account}/capabilities/{capability}", "AccountCapabilityUpdateParams")
def update_capability(call: Call) -> Json:
    account = _connected(call)
    if call.path["capability"] != "transfers":
        raise errors.missing("capability", call.path["capability"])
    if "requested" in call.params:
        account["requested"] = ["stripe_transfers", "payouts"] if call.params["requested"] else []
    capabilities.settle(call.world, account)
    return _render_capability(call.world, account)


def _transfers_status(world: World, account: Json) -> str | None:
    states = capabilities.statuses(world, account)
    if "stripe_transfers" not in states:
        return None
    return _V1_STATUS.get(states["stripe_transfers"][0], "inactive")


def _render_capability(world: World, account: Json) -> Json:
    status = _transfers_status(world, account)
    return {
        "id": "transfers",
        "object": "capability",
        "account": account["id"],
        "future_requirements": _render_requirements(world, account, future=True),
        "requested": bool(account["requested"]),
        "requested_at": account["created"] if account["requested"] else None,
        "requirements": _render_requirements(world, account),
        "status": status or "unrequested",
    }


def _render_requirements(world: World, account: Json, *, future: bool = False) -> Json:
    now = world.clock.now()
    owed = [] if future or account["object"] == "platform" else capabilities.outstanding(world, account)
    currently = [name for item in owed for name in item.v1_names]
    past = [
        name
        for item in owed
        if requirements.deadline_status(item, now=now) == "past_due"
        for name in item.v1_names
    ]
    deadlines = [int(item.deadline_at) for item in owed if item.deadline_at]
    verifying = account.get("verifying_until", 0) > now and not future
    reason = None
    if account.get("rejected"):
        reason = f"rejected.{account['rejected']}"
    elif past and not future:
        reason = "requirements.past_due"
    elif verifying:
        reason = "requirements.pending_verification"
    return {
        "alternatives": [],
        "current_deadline": min(deadlines) if deadlines else None,
        "currently_due": currently,
        "disabled_reason": reason,
        "errors": [
            {
                "code": item.error,
                "reason": "The information provided could not be verified.",
                "requirement": name,
            }
            for item in owed
            if item.error
            for name in item.v1_names[:1]
        ],
        "eventually_due": currently,
        "past_due": past,
        "pending_verification": ["individual.id_number"] if verifying else [],
    }


def render_account(world: World, account: Json) -> Json:
    """The account as v1 shows it."""
    platform = account["object"] == "platform"
    bank = capabilities.bank_of(world, account)
    states = capabilities.statuses(world, account)
    transfers = _transfers_status(world, account)
    collects = account.get("collects") or ("application" if account["dashboard"] == "none" else "stripe")
    shown: Json = {
        "id": account["id"],
        "object": "account",
        "business_profile": _business_profile(account),
        "business_type": account["entity_type"],
        "capabilities": {"transfers": transfers} if transfers else {},
        "charges_enabled": platform,
        "controller": {"type": "account"} if platform else _controller(account, collects),
        "country": account["country"].upper(),
        "created": account["created"],
        "default_currency": account["currency"],
        "details_submitted": account["details_submitted"],
        "email": account["contact_email"],
        "external_accounts": embedded_list(
            [public(bank)] if bank else [], url=f"/v1/accounts/{account['id']}/external_accounts"
        ),
        "future_requirements": _render_requirements(world, account, future=True),
        "metadata": account["metadata"],
        "payouts_enabled": platform or states.get("payouts", [""])[0] == "active",
        "requirements": _render_requirements(world, account),
        "settings": _settings(account),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": account.get("type") or ("standard" if platform else "none"),
    }
    if account["individual"] and not platform:
        shown["individual"] = _person(account)
    return shown


def _controller(account: Json, collects: str) -> Json:
    return {
        "fees": {"payer": _fees_payer(account)},
        "is_controller": True,
        "losses": {"payments": account["responsibilities"].get("losses_collector", "stripe")},
        "requirement_collection": collects,
        "stripe_dashboard": {"type": account["dashboard"]},
        "type": "application",
    }


def _fees_payer(account: Json) -> str:
    collector = account["responsibilities"].get("fees_collector", "account")
    return "account" if collector == "stripe" else collector


def _business_profile(account: Json) -> Json:
    return {name: account["profile"].get(name) for name in _PROFILE_FIELDS}


def _settings(account: Json) -> Json:
    schedule: Json = {"delay_days": 2, "interval": account["schedule"]["interval"]}
    if schedule["interval"] == "weekly":
        schedule |= {
            "weekly_anchor": account["schedule"]["weekly_payout_days"][0],
            "weekly_payout_days": account["schedule"]["weekly_payout_days"],
        }
    if schedule["interval"] == "monthly":
        days = account["schedule"]["monthly_payout_days"]
        schedule |= {"monthly_anchor": days[0], "monthly_payout_days": days}
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": account["display_name"], "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": account["debit_negative_balances"],
            "schedule": schedule,
            "statement_descriptor": account["statement_descriptor"],
        },
        "sepa_debit_payments": {},
    }


def _person(account: Json) -> Json:
    person = account["individual"]
    number = person.get("id_number")
    return {
        "id": f"person_{account['id'].removeprefix('acct_')}",
        "object": "person",
        "account": account["id"],
        "address": {
            name: person.get("address", {}).get(name)
            for name in ("city", "country", "line1", "line2", "postal_code", "state")
        },
        "created": account["created"],
        "dob": {name: (person.get("dob") or {}).get(name) for name in ("day", "month", "year")},
        "first_name": person.get("given_name"),
        "id_number_provided": bool(number),
        "last_name": person.get("surname"),
        "metadata": {},
        "ssn_last_4_provided": bool(number),
        "verification": {
            "additional_document": {"back": None, "details": None, "details_code": None, "front": None},
            "details": None,
            "details_code": None,
            "document": {
                "back": None,
                "details": None,
                "details_code": None,
                "front": person.get("document"),
            },
            "status": "unverified" if _is_unverified(account) else "verified",
        },
    }


def _is_unverified(account: Json) -> bool:
    """Whether anything about the person is still owed."""
    return any(name.startswith("identity.individual") for name in account["owed"])
