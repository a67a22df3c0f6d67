"""Where events are sent: v1 webhook endpoints, v2 event destinations, and those given on the command line."""

from payments.sandbox import errors
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()

_EVERYONE = "*"


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
    check_url(params["url"])
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


def check_url(url: str) -> None:
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
        check_url(params["url"])
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
