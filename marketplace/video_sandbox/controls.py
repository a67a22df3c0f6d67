"""The controls under `/_sandbox/`: JSON in, JSON out. What people, networks and machines do."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from marketplace.video_sandbox import tokens
from marketplace.video_sandbox.clock import read_instant
from marketplace.video_sandbox.records import Room
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.wire import Json, Reply, Request, TwirpError, json_reply

Control = Callable[[Sandbox, dict[str, str], Json], Json]
_KNOWN: list[tuple[str, re.Pattern[str], Control]] = []


def _control(method: str, pattern: str) -> Callable[[Control], Control]:
    regex = re.compile("/_sandbox/" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))

    def keep(control: Control) -> Control:
        _KNOWN.append((method, regex, control))
        return control

    return keep


def answer(sandbox: Sandbox, request: Request) -> Reply:
    """Carry out one control; 400 or 404 with `{"error": …}` where it cannot be."""
    for method, regex, control in _KNOWN:
        match = regex.fullmatch(request.path)
        if match is None or method != request.method:
            continue
        try:
            return json_reply(control(sandbox, match.groupdict(), json.loads(request.body or b"{}")))
        except (ValueError, TypeError, KeyError, TwirpError, tokens.Unverified) as problem:
            return json_reply({"error": str(problem)}, status=400)
    return json_reply({"error": "There is no such control."}, status=404)


@_control("GET", "clock")
def show_clock(sandbox: Sandbox, _: dict[str, str], __: Json) -> Json:
    clock = sandbox.world.clock
    return {"unix": clock.now(), "frozen": clock.frozen_at is not None}


@_control("POST", "clock")
def set_clock(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """`now` as ISO 8601 or `advance_s`; `frozen`: it stands still there."""
    clock = sandbox.world.clock
    at = read_instant(body["now"]) if "now" in body else clock.now() + float(body.get("advance_s", 0))
    clock.set_to(at, frozen=bool(body.get("frozen", clock.frozen_at is not None)))
    sandbox.world.run_due()
    return show_clock(sandbox, holes, {})


@_control("GET", "rooms")
def show_rooms(sandbox: Sandbox, _: dict[str, str], __: Json) -> Json:
    """Every room with its node and its people."""
    rooms = sandbox.world.rooms.values()
    return {
        "rooms": [_shown(room.message()) | {"node": room.node.id, "people": _people(room)} for room in rooms]
    }


def _people(room: Room) -> list[Json]:
    return [_shown(who.message()) for who in room.participants.values()]


def _shown(message: Message) -> Json:
    document: Json = MessageToDict(message)
    return document


@_control("POST", "rooms/{room}/join")
def join(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """With a `token`, as a client would; or, as the story wants it, `identity`, `name`, `kind`, `node`, `state`, `silent`."""
    if "token" in body:
        return _shown(sandbox.admit(holes["room"], body["token"]).message())
    return _shown(sandbox.world.join(holes["room"], body.pop("identity"), **body).message())


@_control("POST", "rooms/{room}/leave")
def leave(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """`identity`, `reason` (a name of DisconnectReason), `silent`: nobody is told."""
    reason, silent = body.get("reason", "CLIENT_INITIATED"), bool(body.get("silent"))
    gone = sandbox.world.leave(holes["room"], body["identity"], reason=reason, silent=silent)
    return _shown(gone.message(reason=reason))


@_control("POST", "rooms/{room}/drop")
def drop(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """`identity` is cut off without a word; `notice_after_s`, or null for never."""
    sandbox.world.lose(holes["room"], body["identity"], notice_after_s=body.get("notice_after_s"))
    return {}


@_control("POST", "rooms/{room}/abort")
def abort(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    sandbox.world.abort(holes["room"], body["identity"])
    return {}


@_control("POST", "rooms/{room}/finish")
def finish(sandbox: Sandbox, holes: dict[str, str], _: Json) -> Json:
    """`room_finished` is sent though people are in it."""
    sandbox.world.finish(holes["room"])
    return {}


@_control("POST", "rooms/{room}/migrate")
def migrate(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    sandbox.world.migrate(holes["room"], to=body["to"])
    return {}


@_control("POST", "nodes/{node}")
def set_node(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """`skew_s`: how far its clock is ahead."""
    node = sandbox.world.nodes[holes["node"]]
    node.skew_s = float(body["skew_s"])
    return asdict(node)


@_control("POST", "nodes/{node}/restart")
def restart(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """`gracefully`: it tells of it (SERVER_SHUTDOWN); `rejoin`: its people come back under new sids."""
    node, gracefully = sandbox.world.nodes[holes["node"]].id, bool(body.get("gracefully"))
    sandbox.world.restart(node, gracefully=gracefully, rejoin=bool(body.get("rejoin")))
    return {}


@_control("GET", "webhooks")
def show_webhooks(sandbox: Sandbox, _: dict[str, str], __: Json) -> Json:
    """How many wait, and every event that ever was, the lost ones included."""
    outbox = sandbox.world.outbox
    told = [_shown(event) for event in outbox.told]
    return {"waiting": outbox.waiting + sandbox.sending, "told": told, **asdict(outbox.disturbances)}


@_control("POST", "webhooks")
def disturb(sandbox: Sandbox, holes: dict[str, str], body: Json) -> Json:
    """Disturbs deliveries from now on; see webhooks.Disturbances."""
    sandbox.world.outbox.disturbances = replace(sandbox.world.outbox.disturbances, **body)
    return asdict(sandbox.world.outbox.disturbances)


@_control("POST", "faults")
def add_fault(sandbox: Sandbox, _: dict[str, str], body: Json) -> Json:
    sandbox.faults.add(body)
    return {"faults": sandbox.faults.shown()}


@_control("DELETE", "faults")
def clear_faults(sandbox: Sandbox, _: dict[str, str], __: Json) -> Json:
    sandbox.faults.set.clear()
    return {"faults": []}
