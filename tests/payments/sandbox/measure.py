"""How many transfers a second the sandbox serves over HTTP, on one core, with its books on disk.

    python -m tests.payments.sandbox.measure [SECONDS]

The server is held to one core where the system allows it; the callers are plain keep-alive connections, since the
SDK itself needs more time for a call than the sandbox.
"""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import urlencode

from payments.sandbox.ids import USUAL_KEY, platform_of_key

_CALLERS = 2
_HEADERS = {"Authorization": f"Bearer {USUAL_KEY}", "Stripe-Version": "2026-10-28.endive"}
_ACCOUNT = {
    "identity": {"country": "us", "entity_type": "individual"},
    "configuration": {
        "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
    },
}


def ask(connection: http.client.HTTPConnection, path: str, body: str, key: str = "") -> dict[str, object]:
    headers = {**_HEADERS, **({"Idempotency-Key": key} if key else {})}
    connection.request("POST", path, body=body.encode(), headers=headers)
    answer = connection.getresponse()
    document: dict[str, object] = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {document}")
    return document


def measure(seconds: float) -> float:
    """Transfers a second over `seconds`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "payments.sandbox",
            "--port",
            "0",
            "--data",
            folder,
            "--rate-limit",
            "0",
        ]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(server.pid, {0})
            line = server.stdout.readline() if server.stdout else ""
            port = int(re.findall(r":(\d+)", line)[0])
            return _drive(port, seconds)
        finally:
            server.terminate()
            server.wait(timeout=30)
            if server.stdout:
                server.stdout.close()


def _drive(port: int, seconds: float) -> float:
    first = http.client.HTTPConnection("127.0.0.1", port)
    account = str(ask(first, "/v2/core/accounts", json.dumps(_ACCOUNT))["id"])
    ask(first, f"/_sandbox/accounts/{account}/onboard", "{}")
    funds = {"account": platform_of_key(USUAL_KEY), "amount": 10**11}
    ask(first, "/_sandbox/balance", json.dumps(funds))
    made = [0] * _CALLERS
    until = time.monotonic() + seconds

    def call(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < until:
            order = {"amount": 7_400, "currency": "usd", "destination": account, "transfer_group": "run"}
            ask(connection, "/v1/transfers", urlencode(order), key=f"{number}-{made[number]}")
            made[number] += 1
        connection.close()

    started = time.monotonic()
    threads = [threading.Thread(target=call, args=(number,)) for number in range(_CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.close()
    return sum(made) / (time.monotonic() - started)


if __name__ == "__main__":
    rate = measure(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
    sys.stdout.write(f"{rate:.0f} transfers a second\n")
