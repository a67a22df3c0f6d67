"""Where events are sent: v1 webhook endpoints, v2 event destinations, and those given on the command line."""

from payments.sandbox import errors
from payments.sandbox.clock import rfc3339
from payments.sandbox.lists import list_objects, list_v2
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_EVERYONE = "*"
_HIDDEN_URL = ("webhook_endpoint.url", "webhook_endpoint.signing_secret")


def add_configured(
    world: World, *, url: str, secret: str, kind: str, enabled: list[str] | None = None
) -> Json:
    """An endpoint from the command line, for every platform; `kind` is platform, connect or thin.

    The same URL and kind is kept once, so a restart with the same arguments changes nothing but the secret.
    """
    if kind not in ("platform", "connect", "thin"):
        raise ValueError("An endpoint's kind is platform, connect or thin.")
    for endpoint in world.store.select("kind = 'webhook_endpoint' AND account = ?", (_EVERYONE,)):
        if endpoint["url"] == url and endpoint["_kind"] == kind:
            return world.store.save({**endpoint, "_secrets": [[secret, None]]})
    endpoint = _webhook_endpoint(world, url=url, enabled=enabled or ["*"], connect=kind == "connect")
    endpoint |= {"_kind": kind, "_secrets": [[secret, None]]}
    return world.store.add(endpoint, account=_EVERYONE)


def listening(world: World, *, platform: str) -> list[Json]:
    """Every enabled place that this platform's events go to."""
    found = world.store.select(
        "kind IN ('webhook_endpoint', 'v2.core.event_destination') AND account IN (?, ?)",
        (platform, _EVERYONE),
    )
    return [endpoint for endpoint in found if endpoint["status"] == "enabled"]


def wants(endpoint: Json, event: Json) -> bool:
    """Whether an endpoint is sent this event: its scope, its payload kind and its list of types."""
    thin = event["object"] == "v2.core.event"
    kind = endpoint["_kind"]
    if thin != (kind == "thin"):
        return False
    scopes = endpoint.get("events_from") or []
    if not thin and not scopes and (kind == "connect") != ("account" in event):
        return False
    if scopes and not thin and ("@accounts" if "account" in event else "@self") not in scopes:
        return False
    enabled = endpoint["enabled_events"]
    return "*" in enabled or event["type"] in enabled


def secrets(endpoint: Json, *, now: float) -> list[str]:
    """The secrets that sign now, newest first: an old one keeps signing until it expires."""
    return [secret for secret, expires_at in endpoint["_secrets"] if expires_at is None or expires_at > now]


def roll_secret(world: World, endpoint: Json, *, expire_s: float) -> str:
    """A new signing secret; the old ones sign along for `expire_s` more."""
    secret = world.ids.secret("whsec")
    until = world.clock.now() + expire_s
    old = [[old_secret, min(until, at) if at else until] for old_secret, at in endpoint["_secrets"]]
    world.store.save({**endpoint, "_secrets": [[secret, None], *old]})
    return secret


def _webhook_endpoint(world: World, *, url: str, enabled: list[str], connect: bool) -> Json:
    return {
        "id": world.ids.new("we"),
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": world.now(),
        "description": None,
        "enabled_events": enabled,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_kind": "connect" if connect else "platform",
    }


@room.post("/v1/webhook_endpoints", "WebhookEndpointCreateParams")
def create_endpoint(call: Call) -> Json:
    """The signing secret is shown this once."""
    params, world = call.params, call.world
    _check_url(params["url"])
    endpoint = _webhook_endpoint(
        world, url=params["url"], enabled=params["enabled_events"], connect=bool(params.get("connect"))
    )
    secret = world.ids.secret("whsec")
    endpoint |= {
        "api_version": params.get("api_version"),
        "description": params.get("description") or None,
        "metadata": params.get("metadata") or {},
        "_secrets": [[secret, None]],
    }
    world.store.add(endpoint, account=call.account)
    return {**endpoint, "secret": secret}


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise errors.invalid(
            "Invalid URL: URL must start with http:// or https://.", param="url", code="url_invalid"
        )


@room.get("/v1/webhook_endpoints", "WebhookEndpointListParams")
def list_endpoints(call: Call) -> Json:
    return list_objects(call, kind="webhook_endpoint", url="/v1/webhook_endpoints")


@room.get("/v1/webhook_endpoints/{id}", "WebhookEndpointRetrieveParams")
def retrieve_endpoint(call: Call) -> Json:
    return call.own("webhook_endpoint", call.path["id"], name="webhook endpoint")


@room.post("/v1/webhook_endpoints/{id}", "WebhookEndpointUpdateParams")
def update_endpoint(call: Call) -> Json:
    endpoint, params = call.own("webhook_endpoint", call.path["id"], name="webhook endpoint"), call.params
    for name in ("url", "enabled_events", "description"):
        if name in params:
            endpoint[name] = params[name]
    if "url" in params:
        _check_url(params["url"])
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], params["metadata"])
    return call.world.store.save(endpoint)


@room.delete("/v1/webhook_endpoints/{id}", "WebhookEndpointDeleteParams")
def delete_endpoint(call: Call) -> Json:
    endpoint = call.own("webhook_endpoint", call.path["id"], name="webhook endpoint")
    call.world.store.remove(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def merge_metadata(old: Json, new: Json | str | None) -> Json:
    """Stripe's way: an empty value unsets a key, an empty hash (or string) unsets them all."""
    if not isinstance(new, dict):
        return {}
    return {key: value for key, value in {**old, **new}.items() if value not in ("", None)}


@room.post("/v2/core/event_destinations", "v2.core.EventDestinationCreateParams")
def create_destination(call: Call) -> Json:
    """A v2 destination: thin or snapshot; the secret is shown when `include` asks for it."""
    params, world = call.params, call.world
    if params["type"] != "webhook_endpoint" or "webhook_endpoint" not in params:
        raise errors.invalid("This sandbox delivers to webhook endpoints only.", param="type")
    _check_url(params["webhook_endpoint"]["url"])
    now = rfc3339(world.clock.now())
    scopes = params.get("events_from", ["@self"])
    destination: Json = {
        "id": world.ids.new("ed"),
        "object": "v2.core.event_destination",
        "created": now,
        "updated": now,
        "description": params.get("description", ""),
        "enabled_events": params["enabled_events"],
        "event_payload": params["event_payload"],
        "events_from": scopes,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "name": params["name"],
        "status": "enabled",
        "type": "webhook_endpoint",
        "url": params["webhook_endpoint"]["url"],
        "_created": world.now(),
        "_kind": "thin" if params["event_payload"] == "thin" else "platform",
        "_secrets": [[world.ids.secret("whsec"), None]],
    }
    if params["event_payload"] == "snapshot":
        destination["snapshot_api_version"] = params.get("snapshot_api_version", world.options.api_version)
    world.store.add(destination, account=call.account)
    return _shown(destination, params.get("include", []))


def _shown(destination: Json, include: list[str]) -> Json:
    """A destination as the API shows it: its URL and secret only where they are asked for."""
    webhook: Json = {}
    if "webhook_endpoint.url" in include:
        webhook["url"] = destination["url"]
    if "webhook_endpoint.signing_secret" in include:
        webhook["signing_secret"] = destination["_secrets"][0][0]
    shown = {key: value for key, value in destination.items() if key != "url"}
    return {**shown, "webhook_endpoint": webhook} if webhook else shown


def _own_destination(call: Call) -> Json:
    found = call.world.store.find(call.path["id"], kind="v2.core.event_destination", account=call.account)
    if found is None:
        raise errors.not_found_v2(f"Event destination not found: {call.path['id']}")
    return found


@room.get("/v2/core/event_destinations", "v2.core.EventDestinationListParams", extra=("page",))
def list_destinations(call: Call) -> Json:
    found = call.world.store.select(
        "kind = 'v2.core.event_destination' AND account = ?", (call.account,), tail="ORDER BY seq DESC"
    )
    shown = [_shown(destination, call.params.get("include", [])) for destination in found]
    return list_v2(call.world, documents=shown, url="/v2/core/event_destinations", params=call.params)


@room.get("/v2/core/event_destinations/{id}", "v2.core.EventDestinationRetrieveParams")
def retrieve_destination(call: Call) -> Json:
    return _shown(_own_destination(call), call.params.get("include", []))


@room.post("/v2/core/event_destinations/{id}", "v2.core.EventDestinationUpdateParams")
def update_destination(call: Call) -> Json:
    destination, params = _own_destination(call), call.params
    for name in ("description", "enabled_events", "name"):
        if name in params:
            destination[name] = params[name]
    if "metadata" in params:
        destination["metadata"] = merge_metadata(destination["metadata"], params["metadata"])
    if "webhook_endpoint" in params:
        destination["url"] = params["webhook_endpoint"]["url"]
    return _shown(_touch(call, destination), params.get("include", []))


def _touch(call: Call, destination: Json) -> Json:
    return call.world.store.save({**destination, "updated": rfc3339(call.world.clock.now())})


@room.post("/v2/core/event_destinations/{id}/disable", "v2.core.EventDestinationDisableParams")
def disable_destination(call: Call) -> Json:
    changed = {
        **_own_destination(call),
        "status": "disabled",
        "status_details": {"disabled": {"reason": "user"}},
    }
    return _shown(_touch(call, changed), [])


@room.post("/v2/core/event_destinations/{id}/enable", "v2.core.EventDestinationEnableParams")
def enable_destination(call: Call) -> Json:
    destination = {key: value for key, value in _own_destination(call).items() if key != "status_details"}
    return _shown(_touch(call, {**destination, "status": "enabled"}), [])


@room.delete("/v2/core/event_destinations/{id}", "v2.core.EventDestinationDeleteParams")
def delete_destination(call: Call) -> Json:
    destination = _own_destination(call)
    call.world.store.remove(destination["id"])
    return {"id": destination["id"], "object": "v2.core.event_destination"}


@room.post("/v2/core/event_destinations/{id}/ping", "v2.core.EventDestinationPingParams")
def ping_destination(call: Call) -> Json:
    """A `v2.core.event_destination.ping`, which goes to this destination alone."""
    from payments.sandbox.webhooks.delivery import enqueue  # noqa: PLC0415 - delivery reads endpoints

    destination, world = _own_destination(call), call.world
    event: Json = {
        "id": world.ids.new("evt"),
        "object": "v2.core.event",
        "type": "v2.core.event_destination.ping",
        "created": rfc3339(world.clock.now()),
        "livemode": False,
        "related_object": {
            "id": destination["id"],
            "type": "v2.core.event_destination",
            "url": f"/v2/core/event_destinations/{destination['id']}",
        },
        "_created": world.now(),
    }
    world.store.add(event, account=call.account, group=event["type"], ref=destination["id"])
    enqueue(world, destination, event)
    return event
