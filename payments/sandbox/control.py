"""The controls under `/_sandbox/`: JSON in, JSON out, for tests and for the desk's buttons.

A control that cannot be carried out answers 400 (or 404) with `{"error": {"message": …}}`.
"""

import json

from payments.sandbox.controls import accounts, identity, money, service, webhooks
from payments.sandbox.engine import Engine
from payments.sandbox.errors import ApiError
from payments.sandbox.wire import Json, Reply, Request, json_reply

_CONTROLS = [
    known for room in (service, money, accounts, identity, webhooks) for known in room.controls.known
]


def answer(sandbox: Engine, request: Request) -> Reply:
    """Carry out one control."""
    known = False
    for method, regex, control in _CONTROLS:
        match = regex.fullmatch(request.path)
        if match is None:
            continue
        known = True
        if method != request.method:
            continue
        try:
            return json_reply(control(sandbox, match.groupdict(), _read_body(request)))
        except ApiError as refusal:
            return json_reply(refusal.document(), status=refusal.status)
        except (ValueError, TypeError, KeyError) as problem:
            return json_reply({"error": {"message": str(problem)}}, status=400)
    status, message = (405, "Another method is needed.") if known else (404, "There is no such control.")
    return json_reply({"error": {"message": message}}, status=status)


def _read_body(request: Request) -> Json:
    body = json.loads(request.body) if request.body.strip() else {}
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")  # noqa: TRY004 - answered as 400 like every bad value
    return body
