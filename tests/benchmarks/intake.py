"""Webhooks as they come in: our door, which verifies and stores each once, beside a plain view that inserts what it is sent.

Both behind the same middleware and on the same connection; only the view differs.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import count

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.access.rules import Audience, allow
from callboard.urls import urlpatterns as ours
from payments.webhooks.models import InboundEvent
from tests.benchmarks.row import Row
from tests.payments.webhooks.post import mac

ROUNDS, EVENTS = 7, 200
PLAIN = "CREATE TABLE bench_event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)"
_numbers = count()


@csrf_exempt
@allow(Audience.MACHINE)
def _plain(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_event (body) VALUES (%s)", [request.body])
    return HttpResponse(status=204)


urlpatterns = [path("bench/plain", _plain), *ours]


def rows() -> Iterator[Row]:
    """At least 0.8 times the plain view, and copies of what is there faster than what is new."""
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
    with override_settings(ROOT_URLCONF=__name__):
        client = Client()
        pairs = [_round(client) for _ in range(ROUNDS)]
    plain, new, again = (statistics.median(column) for column in zip(*pairs, strict=True))
    kept = InboundEvent.objects.count()
    said = f"ours {new:,.0f}/s  a plain INSERT {plain:,.0f}/s  {kept} kept"
    yield Row("webhook intake", new / plain, 0.8, said)
    yield Row("webhook intake, copies", again / new, 1.5, f"copies {again:,.0f}/s")


def _round(client: Client) -> tuple[float, float, float]:
    letters = [_letter() for _ in range(EVENTS)]
    plain = _per_second(
        letters, lambda body, _: client.post("/bench/plain", body, content_type="application/json")
    )

    def delivered(body: bytes, signature: str) -> object:
        headers = {"Stripe-Signature": signature}
        return client.post(
            "/webhooks/stripe/platform", body, content_type="application/json", headers=headers
        )

    return plain, _per_second(letters, delivered), _per_second(letters, delivered)


def _letter() -> tuple[bytes, str]:
    about = {"id": f"ch_{next(_numbers)}", "object": "charge", "description": "A wallet is filled. " * 40}
    event = {
        "id": f"evt_{next(_numbers)}",
        "object": "event",
        "type": "charge.updated",
        "data": {"object": about},
    }
    body, at = json.dumps(event).encode(), int(time.time())
    return body, f"t={at},v1={mac(body, door='platform', at=at)}"


def _per_second(letters: list[tuple[bytes, str]], deliver: Callable[[bytes, str], object]) -> float:
    began = time.perf_counter()
    for body, signature in letters:
        deliver(body, signature)
    return len(letters) / (time.perf_counter() - began)
