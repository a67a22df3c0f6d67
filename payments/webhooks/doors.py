"""Where Stripe's webhooks arrive: verified, stored raw, acknowledged. The work comes later."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access.rules import Audience, allow
from kit import clock
from kit.http import problems
from payments.gateway.webhooks import BadSignature
from payments.webhooks import events

LARGEST = 256 * 1024


@csrf_exempt
@require_POST
@allow(Audience.MACHINE)
def stripe_webhook(request: HttpRequest, source: str) -> HttpResponse:
    """204 once the event is stored, and again for one that was stored before; 400 for one that Stripe did not sign."""
    # Read as far as an event may go, whatever the headers say of its length.
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _refused("webhook_too_large", "No event of Stripe's is this large.")
    try:
        events.receive(
            source=source,
            body=body,
            signature=request.headers.get("Stripe-Signature", ""),
            at=clock.now(),
        )
    except BadSignature as error:
        return _refused("bad_signature", str(error))
    return HttpResponse(status=204)


def _refused(code: str, detail: str) -> HttpResponse:
    return problems.respond(problems.problem(status=400, code=code, title="Not accepted", detail=detail))


urlpatterns = [
    path(source, stripe_webhook, {"source": source}, name=f"webhook_stripe_{source}")
    for source in ("platform", "connect", "thin")
]
