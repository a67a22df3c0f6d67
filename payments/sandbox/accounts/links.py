"""Account links: single-use addresses of the hosted onboarding, in v2 and v1, and the express login link."""

import secrets

from payments.sandbox import errors
from payments.sandbox.accounts import records
from payments.sandbox.clock import rfc3339
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_LIVES_S = 300


@room.post("/v2/core/account_links", "v2.core.AccountLinkCreateParams")
def create_link(call: Call) -> Json:
    """A link that opens the hosted form once, within five minutes."""
    params, world = call.params, call.world
    use_case = params["use_case"]
    details = use_case.get(use_case["type"])
    if details is None:
        raise errors.invalid(
            f"Missing required param: use_case[{use_case['type']}].",
            param=f"use_case[{use_case['type']}]",
            code="parameter_missing",
        )
    account = records.find_connected(world, platform=call.platform, account_id=params["account"])
    if account is None:
        raise errors.not_found_v2(f"Account not found: {params['account']}")
    _check_open(account)
    link = _new_link(world, account, refresh_url=details["refresh_url"], return_url=details.get("return_url"))
    now = world.clock.now()
    shown_details = {
        **details,
        "collection_options": details.get("collection_options") or {"fields": "currently_due"},
    }
    return {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": rfc3339(now),
        "expires_at": rfc3339(link["expires_at"]),
        "livemode": False,
        "url": f"{world.options.base_url}/hosted/onboarding/{link['id']}",
        "use_case": {"type": use_case["type"], use_case["type"]: shown_details},
    }


@room.post("/v1/account_links", "AccountLinkCreateParams")
def create_link_v1(call: Call) -> Json:
    """The v1 twin, for platforms whose access to Accounts v2 is blocked."""
    params, world = call.params, call.world
    account = records.find_connected(world, platform=call.platform, account_id=params["account"])
    if account is None:
        raise records.no_such(call, params["account"], kind="account", param="account")
    for name in ("refresh_url", "return_url"):
        if name not in params:
            raise errors.invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    _check_open(account)
    link = _new_link(world, account, refresh_url=params["refresh_url"], return_url=params["return_url"])
    return {
        "object": "account_link",
        "created": world.now(),
        "expires_at": int(link["expires_at"]),
        "url": f"{world.options.base_url}/hosted/onboarding/{link['id']}",
    }


def _check_open(account: Json) -> None:
    if account["closed"] or account.get("rejected"):
        raise errors.refused(
            "The account has been closed or rejected.", code="account_closed", param="account"
        )


def _new_link(world: World, account: Json, *, refresh_url: str, return_url: str | None) -> Json:
    # Not drawn from the seed: whoever knows a seed must not know the next link.
    return world.store.add(
        {
            "id": f"acctlink_{secrets.token_urlsafe(18)}",
            "object": "sandbox.account_link",
            "created": world.now(),
            "account": account["id"],
            "refresh_url": refresh_url,
            "return_url": return_url,
            "expires_at": world.clock.now() + _LIVES_S,
            "state": "fresh",
        },
        account=account["id"],
    )


@room.post("/v1/accounts/{account}/login_links", "AccountLoginLinkCreateParams")
def create_login_link(call: Call) -> Json:
    """The address of the express dashboard; only for accounts that have one and have submitted their details."""
    account = records.find_connected(call.world, platform=call.platform, account_id=call.path["account"])
    if account is None:
        raise errors.missing("account", call.path["account"], param="account")
    if account["dashboard"] != "express":
        raise errors.refused("Cannot create a login link for an account that is not an Express account.")
    if not account["details_submitted"]:
        raise errors.refused("Cannot create a login link for an account that has not completed onboarding.")
    link = call.world.store.add(
        {
            "id": f"login_{secrets.token_urlsafe(18)}",
            "object": "sandbox.login_link",
            "created": call.world.now(),
            "account": account["id"],
        },
        account=account["id"],
    )
    url = f"{call.world.options.base_url}/hosted/express/{link['id']}"
    return {"object": "login_link", "created": call.world.now(), "url": url}
