"""The front door: one request at a time, the clock's work before each, and the faults that were ordered."""

from marketplace.video_sandbox import controls, room_service
from marketplace.video_sandbox.faults import Fault
from marketplace.video_sandbox.sandbox import Sandbox
from marketplace.video_sandbox.wire import Reply, Request, TwirpError


def handle(sandbox: Sandbox, request: Request) -> Reply:
    """Answer one request."""
    if request.path == "/":
        return Reply(200, b"OK", "text/plain")
    with sandbox.lock:
        sandbox.world.run_due()
        if request.path.startswith("/_sandbox/"):
            return controls.answer(sandbox, request)
        if request.path.startswith(room_service.PREFIX):
            return _serve(sandbox, request)
    return TwirpError("bad_route", f"no handler for path {request.path}").reply()


def _serve(sandbox: Sandbox, request: Request) -> Reply:
    fault = sandbox.faults.meet(request.path.removeprefix(room_service.PREFIX))
    if fault is not None and fault.do not in ("slow", "drop_after"):
        return _instead(fault)
    reply = room_service.answer(sandbox.world, request, key=sandbox.key, secret=sandbox.secret)
    if fault is not None:
        reply.wait_s = fault.wait_s
        reply.fate = "drop" if fault.do == "drop_after" else "answer"
    return reply


def _instead(fault: Fault) -> Reply:
    """What the caller sees of a call that was not carried out."""
    if fault.do == "drop_before":
        return Reply(0, b"", fate="drop", wait_s=fault.wait_s)
    if fault.do == "proxy_404":
        return Reply(404, b"<h1>Not here</h1>", "text/html", wait_s=fault.wait_s)
    reply = TwirpError(fault.do, "the sandbox was told to").reply()
    reply.wait_s = fault.wait_s
    return reply
