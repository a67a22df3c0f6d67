"""Verification sessions: made, read, listed, cancelled, over the API.

Source: docs.stripe.com/identity/how-sessions-work and docs.stripe.com/identity/access-verification-results.
"""

from payments.sandbox import errors
from payments.sandbox.identity import checks
from payments.sandbox.lists import list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import Call

room = Room()

KIND = "identity.verification_session"
PATH = "/v1/identity/verification_sessions"
# Only a restricted key reads these; with one that is not bound to addresses, for two days after the check.
_SENSITIVE = {"verified_outputs.dob", "verified_outputs.id_number"}
_SENSITIVE_FOR_S = 48 * 3600


@room.post(PATH, "identity.VerificationSessionCreateParams")
def create_session(call: Call) -> Json:
    """A session that waits for its person, with an address to send them to."""
    params, world = call.params, call.world
    if params.get("type") != "document":
        raise errors.invalid("This sandbox keeps sessions of type document only.", param="type")
    session = {
        "id": world.ids.new("vs"),
        "object": KIND,
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "created": world.now(),
        "last_error": None,
        "last_verification_report": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "options": {"document": (params.get("options") or {}).get("document") or {}},
        "provided_details": params.get("provided_details"),
        "redaction": None,
        "related_customer": params.get("related_customer"),
        "related_customer_account": params.get("related_customer_account"),
        "status": "requires_input",
        "type": "document",
        "url": None,
        "_return_url": params.get("return_url"),
        "_outputs": None,
    }
    checks.give_address(world, session)
    world.store.add(session, account=call.account)
    events.record(world, f"{KIND}.created", checks.told(session), account=call.account)
    return _shown(call, session)


@room.get(PATH, "identity.VerificationSessionListParams")
def list_sessions(call: Call) -> Json:
    params = call.params
    return list_objects(
        call,
        kind=KIND,
        url=PATH,
        status=params.get("status"),
        client_reference_id=params.get("client_reference_id"),
        related_customer=params.get("related_customer"),
    )


@room.get(f"{PATH}/{{session}}", "identity.VerificationSessionRetrieveParams")
def retrieve_session(call: Call) -> Json:
    """As it stands; while it requires input, with an address that opens."""
    session = call.own(KIND, call.path["session"])
    if session["status"] == "requires_input" and checks.is_used_up(call.world, session):
        checks.give_address(call.world, session)
        call.world.store.save(session)
    return _shown(call, session)


@room.post(f"{PATH}/{{session}}/cancel", "identity.VerificationSessionCancelParams")
def cancel_session(call: Call) -> Json:
    """No more submissions. Only while it requires input."""
    session = call.own(KIND, call.path["session"])
    if session["status"] != "requires_input":
        raise errors.refused(
            f"You cannot cancel this VerificationSession because it has a status of {session['status']}. Only "
            "VerificationSessions with a status of requires_input can be canceled."
        )
    return _shown(call, checks.end(call.world, session, status="canceled"))


def _shown(call: Call, session: Json) -> Json:
    """What was verified stands there only for who asks for it, and a date of birth for fewer still."""
    asked = set(call.params.get("expand", []))
    if _SENSITIVE & asked:
        _refuse_sensitive(call, session)
    if not any(name.startswith("verified_outputs") for name in asked):
        return session
    outputs = session["_outputs"]
    hidden = {"dob", "id_number"} - {name.partition(".")[2] for name in asked}
    return session | {
        "verified_outputs": {key: value for key, value in outputs.items() if key not in hidden}
        if outputs
        else None
    }


def _refuse_sensitive(call: Call, session: Json) -> None:
    # What Stripe's refusal says word for word is unverified.
    if not call.restricted:
        raise errors.denied("Sensitive verification results take a restricted key.")
    if session["_outputs"] and call.world.now() - session["_checked_at"] > _SENSITIVE_FOR_S:
        raise errors.denied("This key reads sensitive results of the last 48 hours only.")
