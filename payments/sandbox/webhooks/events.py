"""Events: a snapshot event for a v1 object that changed, a thin event for a v2 one.

Source: docs.stripe.com/api/events and docs.stripe.com/event-destinations.
"""

from typing import Any

from payments.sandbox import errors
from payments.sandbox.clock import rfc3339
from payments.sandbox.expand import public
from payments.sandbox.lists import list_objects, list_v2
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call, World

room = Room()


def record(world: World, kind: str, document: Json, *, account: str, previous: Json | None = None) -> Json:
    """Keep a snapshot event of `document` as it now is and offer it to the endpoints.

    `account` is whose object it is; `previous` the attributes that changed, with their old values.
    """
    data: Json = {"object": public(document)}
    if previous is not None:
        data["previous_attributes"] = previous
    platform = world.platform_of(account)
    event: Json = {
        "id": world.ids.new("evt"),
        "object": "event",
        "api_version": world.options.api_version,
        "created": world.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": world.cause.request_id, "idempotency_key": world.cause.idempotency_key},
        "type": kind,
    }
    if account != platform:
        event["account"] = account
    world.store.add(event, account=account, group=kind, ref=document.get("id"))
    if world.on_event is not None:
        world.on_event(world, event, platform)
    return event


def record_thin(
    world: World,
    kind: str,
    *,
    platform: str,
    related: Json | None = None,
    data: Json | None = None,
    changes: Json | None = None,
) -> Json:
    """Keep a thin event; `data` and `changes` are only seen by who fetches it."""
    event: Json = {
        "id": world.ids.new("evt"),
        "object": "v2.core.event",
        "type": kind,
        "created": rfc3339(world.clock.now()),
        "livemode": False,
        "_created": world.now(),
    }
    if world.cause.request_id:
        event["reason"] = {
            "type": "request",
            "request": {"id": world.cause.request_id, "idempotency_key": world.cause.idempotency_key or ""},
        }
    if related is not None:
        event["related_object"] = related
    if data is not None:
        event["data"] = data
    if changes is not None:
        event["changes"] = changes
    world.store.add(event, account=platform, group=kind, ref=related["id"] if related else None)
    if world.on_event is not None:
        world.on_event(world, event, platform)
    return event


def notification(event: Json) -> Json:
    """What a thin destination is sent: the event without what must be fetched."""
    return {key: value for key, value in public(event).items() if key not in ("data", "changes")}


@room.get("/v1/events", "EventListParams")
def list_events(call: Call) -> Json:
    """Snapshot events of the acting account; `types` narrows by up to 20 names."""
    params = call.params
    if "type" in params and "types" in params:
        raise errors.invalid("You may only specify one of these parameters: type, types.", param="types")
    kind: Any = params.get("type")
    types = params.get("types")
    if types and len(types) == 1:
        kind = types[0]
    page = list_objects(call, kind="event", url="/v1/events", group=kind)
    if types and len(types) > 1:
        page["data"] = [event for event in page["data"] if event["type"] in types]
    return page


@room.get("/v1/events/{id}", "EventRetrieveParams")
def retrieve_event(call: Call) -> Json:
    event = call.world.store.find(call.path["id"], kind="event")
    if event is None or call.world.platform_of(call.world.store.owner(event["id"]) or "") != call.platform:
        raise errors.missing("event", call.path["id"])
    return event


@room.get("/v2/core/events", "v2.core.EventListParams", extra=("page",))
def list_thin_events(call: Call) -> Json:
    """Thin events of the platform, newest first, by `object_id`, `types` and `created`."""
    params = call.params
    where, values = ["account = ?", "kind = 'v2.core.event'"], [call.account]
    if "object_id" in params:
        where.append("ref = ?")
        values.append(params["object_id"])
    found = call.world.store.select(" AND ".join(where), values, tail="ORDER BY seq DESC")
    if "types" in params:
        found = [event for event in found if event["type"] in params["types"]]
    for name, fits in (
        ("gt", str.__gt__), ("gte", str.__ge__), ("lt", str.__lt__), ("lte", str.__le__),
    ):  # fmt: skip
        bound = params.get("created", {}).get(name)
        if bound is not None:
            found = [event for event in found if fits(event["created"], bound)]
    return list_v2(call.world, documents=found, url="/v2/core/events", params=params)


@room.get("/v2/core/events/{id}", "v2.core.EventRetrieveParams")
def retrieve_thin_event(call: Call) -> Json:
    event = call.world.store.find(call.path["id"], kind="v2.core.event", account=call.platform)
    if event is None:
        raise errors.not_found_v2(f"Event not found: {call.path['id']}")
    return event
