"""Controls for the sandbox as a whole: health, clock, faults, snapshots."""

import re

from payments.sandbox.clock import read_instant, rfc3339
from payments.sandbox.controls.registry import Controls
from payments.sandbox.engine import Engine
from payments.sandbox.wire import Json

controls = Controls()


_SNAPSHOT_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@controls.add("GET", "health")
def show_health(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    return {
        "ok": True,
        "now": rfc3339(sandbox.world.clock.now()),
        "api_version": sandbox.world.options.api_version,
    }


@controls.add("GET", "clock")
def show_clock(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    clock = sandbox.world.clock
    return {
        "now": rfc3339(clock.now()),
        "unix": clock.now(),
        "offset_s": clock.offset_s,
        "frozen": clock.frozen_at is not None,
    }


@controls.add("POST", "clock")
def move_clock(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """`advance_s`, or `now` as ISO 8601 (forward only), and `frozen` true or false."""
    if body.keys() - {"advance_s", "now", "frozen"}:
        raise ValueError("Known are advance_s, now and frozen.")
    to = read_instant(body["now"]) if "now" in body else None
    by = float(body["advance_s"]) if "advance_s" in body else None
    sandbox.move_clock(to=to, by=by, frozen=body.get("frozen"))
    return show_clock(sandbox, holes, {})


@controls.add("GET", "faults")
def show_faults(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    return {"faults": sandbox.faults.shown()}


@controls.add("POST", "faults")
def add_fault(sandbox: Engine, _: dict[str, str], body: Json) -> Json:
    """Set a fault; see faults.Fault for what can be ordered."""
    sandbox.faults.add(body)
    return {"faults": sandbox.faults.shown()}


@controls.add("DELETE", "faults")
def clear_faults(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    sandbox.faults.clear()
    return {"faults": []}


def _snapshot_name(body: Json) -> str:
    name = str(body.get("name", "default"))
    if not _SNAPSHOT_NAME.fullmatch(name):
        raise ValueError("A snapshot's name has letters, digits, - and _ only.")
    return name


@controls.add("POST", "snapshot")
def take_snapshot(sandbox: Engine, _: dict[str, str], body: Json) -> Json:
    """Keep everything as it is under `name`."""
    with sandbox.lock:
        sandbox.world.store.snapshot(_snapshot_name(body))
    return {"name": _snapshot_name(body), "now": rfc3339(sandbox.world.clock.now())}


@controls.add("POST", "restore")
def restore_snapshot(sandbox: Engine, _: dict[str, str], body: Json) -> Json:
    """Everything as it was at the snapshot of that name."""
    with sandbox.lock:
        if not sandbox.world.store.restore(_snapshot_name(body)):
            raise ValueError(f"There is no snapshot named {_snapshot_name(body)}.")
        sandbox.reload()
    return {"name": _snapshot_name(body), "now": rfc3339(sandbox.world.clock.now())}
