"""Accounts and capabilities as the v1 API shows them."""

from payments.sandbox.accounts import capabilities, requirements
from payments.sandbox.accounts.requirements import Requirement
from payments.sandbox.expand import public
from payments.sandbox.lists import embedded_list
from payments.sandbox.wire import Json
from payments.sandbox.world import World

# fmt: off
_PROFILE_FIELDS = (
    "annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation", "name",
    "product_description", "support_address", "support_email", "support_phone", "support_url", "url",
)
# fmt: on


# fmt: on
_V1_STATUS = {"active": "active", "pending": "pending"}


def _transfers_status(world: World, account: Json) -> str | None:
    states = capabilities.statuses(world, account)
    if "stripe_transfers" not in states:
        return None
    return _V1_STATUS.get(states["stripe_transfers"][0], "inactive")


def render_capability(world: World, account: Json) -> Json:
    """The `transfers` capability by itself, with what it alone waits for."""
    owed = [item for item in capabilities.outstanding(world, account) if "stripe_transfers" in item.restricts]
    requirements_now = _render_requirements(world, account, owed)
    # A capability names its reasons differently from its account.
    reason = requirements_now["disabled_reason"]
    if reason is not None:
        coarse = {"requirements.past_due": "requirements.fields_needed"}
        requirements_now["disabled_reason"] = coarse.get(
            reason, "rejected.other" if reason.startswith("rejected") else "pending.review"
        )
    return {
        "id": "transfers",
        "object": "capability",
        "account": account["id"],
        "future_requirements": nothing_required(),
        "requested": bool(account["requested"]),
        "requested_at": account["created"] if account["requested"] else None,
        "requirements": requirements_now,
        "status": _transfers_status(world, account) or "unrequested",
    }


def nothing_required() -> Json:
    """Requirements of an account that owes nothing, now or later."""
    lists = ("alternatives", "currently_due", "errors", "eventually_due", "past_due", "pending_verification")
    return {**{name: [] for name in lists}, "current_deadline": None, "disabled_reason": None}


def _render_requirements(world: World, account: Json, owed: list[Requirement]) -> Json:
    now = world.clock.now()
    currently = [name for item in owed for name in item.v1_names]
    past = [
        name
        for item in owed
        if requirements.deadline_status(item, now=now) == "past_due"
        for name in item.v1_names
    ]
    deadlines = [int(item.deadline_at) for item in owed if item.deadline_at]
    verifying = account.get("verifying_until", 0) > now
    reason = None
    if account.get("rejected"):
        reason = f"rejected.{account['rejected']}"
    elif past:
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
    owed = capabilities.outstanding(world, account)
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
        "future_requirements": nothing_required(),
        "metadata": account["metadata"],
        "payouts_enabled": platform or states.get("payouts", [""])[0] == "active",
        "requirements": nothing_required() if platform else _render_requirements(world, account, owed),
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
