"""Event destinations of the v2 API: thin or snapshot, to a webhook address."""

from payments.sandbox import errors
from payments.sandbox.clock import rfc3339
from payments.sandbox.lists import list_v2
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.webhooks.delivery import enqueue
from payments.sandbox.webhooks.endpoints import check_url
from payments.sandbox.wire import Json
from payments.sandbox.world import Call

room = Room()


_HIDDEN_URL = ("webhook_endpoint.url", "webhook_endpoint.signing_secret")


@room.post("/v2/core/event_destinations", "v2.core.EventDestinationCreateParams")
def create_destination(call: Call) -> Json:
    """A v2 destination: thin or snapshot; the secret is shown when `include` asks for it."""
    params, world = call.params, call.world
    if params["type"] != "webhook_endpoint" or "webhook_endpoint" not in params:
        raise errors.invalid("This sandbox delivers to webhook endpoints only.", param="type")
    check_url(params["webhook_endpoint"]["url"])
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
