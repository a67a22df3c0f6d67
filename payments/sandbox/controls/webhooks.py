"""Controls for webhooks: endpoints, disturbances, secrets, sending again."""

from payments.sandbox import errors
from payments.sandbox.controls.registry import Controls
from payments.sandbox.engine import Engine
from payments.sandbox.webhooks import delivery, endpoints
from payments.sandbox.wire import Json

controls = Controls()


@controls.add("GET", "webhooks")
def show_webhooks(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    with sandbox.lock:
        disturbance = delivery.read_disturbance(sandbox.world)
        return {
            "disturbance": {name: getattr(disturbance, name) for name in delivery.Disturbance.__slots__},
            "endpoints": [
                {"id": e["id"], "url": e["url"], "kind": e["_kind"], "status": e["status"]}
                for e in sandbox.world.store.select(
                    "kind IN ('webhook_endpoint', 'v2.core.event_destination')"
                )
            ],
            "deliveries": delivery.shown(sandbox.world),
        }


@controls.add("POST", "webhooks")
def disturb_webhooks(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """duplicate, duplicate_distinct, drop, reorder (probabilities) and delay_s for deliveries from now on."""
    with sandbox.lock, sandbox.transaction():
        delivery.disturb(sandbox.world, body)
    return show_webhooks(sandbox, holes, {})


@controls.add("POST", "webhooks/endpoints")
def add_endpoint(sandbox: Engine, _: dict[str, str], body: Json) -> Json:
    """An endpoint as on the command line: url, secret, kind platform|connect|thin, enabled_events."""
    with sandbox.lock, sandbox.transaction():
        endpoint = endpoints.add_configured(
            sandbox.world,
            url=str(body["url"]),
            secret=str(body["secret"]),
            kind=str(body.get("kind", "platform")),
            enabled=body.get("enabled_events"),
        )
        return {"id": endpoint["id"], "url": endpoint["url"], "kind": endpoint["_kind"]}


@controls.add("POST", "webhooks/{endpoint}/roll")
def roll_secret(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """A new signing secret; the old one signs along for `expire_s` seconds."""
    with sandbox.lock, sandbox.transaction():
        endpoint = sandbox.world.store.find(holes["endpoint"])
        if endpoint is None or "_secrets" not in endpoint:
            raise errors.missing("webhook endpoint", holes["endpoint"])
        secret = endpoints.roll_secret(sandbox.world, endpoint, expire_s=float(body.get("expire_s", 86_400)))
        return {"id": endpoint["id"], "secret": secret}


@controls.add("POST", "events/{event}/resend")
def resend_event(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Send an event once more, to `endpoint` or to everyone who wants it."""
    with sandbox.lock, sandbox.transaction():
        world = sandbox.world
        event = world.store.find(holes["event"])
        if event is None or event["object"] not in ("event", "v2.core.event"):
            raise errors.missing("event", holes["event"])
        owner = world.platform_of(world.store.owner(event["id"]) or "")
        chosen = [
            endpoint
            for endpoint in endpoints.listening(world, platform=owner)
            if body.get("endpoint") == endpoint["id"]
            or (body.get("endpoint") is None and endpoints.wants(endpoint, event))
        ]
        for endpoint in chosen:
            delivery.enqueue(world, endpoint, event)
        return {"event": event["id"], "deliveries": len(chosen)}
