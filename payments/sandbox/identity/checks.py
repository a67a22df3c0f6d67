"""What becomes of a session: submitted on the hosted page or by a control, checked, verified or sent back.

Codes of what went wrong: docs.stripe.com/identity/handle-verification-outcomes.
"""

import secrets
from datetime import UTC, date, datetime

from payments.sandbox import errors
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, World

KIND = "identity.verification_session"
ADDRESS_LIVES_S = 2 * DAY_S
YOUNGEST = 16
REASONS = {
    "abandoned": "The session was abandoned before it was submitted.",
    "consent_declined": "The user declined to be verified by Stripe.",
    "country_not_supported": "The country of the document is not supported.",
    "device_not_supported": "Stripe needs a device with a camera to verify the user.",
    "document_expired": "The provided identity document has expired.",
    "document_type_not_supported": "The provided document is not one of the session's allowed types.",
    "document_unverified_other": "Stripe could not verify the provided identity document.",
    "selfie_document_missing_photo": "The provided identity document has no picture of a face.",
    "selfie_face_mismatch": "The captured face does not match the document's.",
    "selfie_manipulated": "The captured face was manipulated.",
    "selfie_unverified_other": "Stripe could not verify the provided selfie.",
    "under_supported_age": f"Stripe does not verify users under {YOUNGEST} years of age.",
}


def give_address(world: World, session: Json) -> None:
    """An address of the hosted page: it opens once, within two days."""
    token = secrets.token_urlsafe(24)
    session |= {
        "url": f"{world.options.base_url}/hosted/verify/{session['id']}?start={token}",
        "client_secret": f"{session['id']}_secret_test_{secrets.token_urlsafe(16)}",
        "_address": {"token": token, "used": False, "expires_at": world.now() + ADDRESS_LIVES_S},
    }


def is_used_up(world: World, session: Json) -> bool:
    address = session["_address"]
    return bool(address["used"] or address["expires_at"] <= world.now())


def submit(
    world: World, session: Json, *, first_name: str, last_name: str, dob: str, error: str = ""
) -> Json:
    """The person handed everything in; it is checked at once, or after `Options.verification_s`."""
    if session["status"] != "requires_input":
        raise errors.refused(f"This VerificationSession is {session['status']}.")
    if error and error not in REASONS:
        raise ValueError(f"There is no such outcome: {error}. Known are {', '.join(REASONS)}.")
    if not first_name or not last_name:
        raise ValueError("Both names stand on the document.")
    born = date.fromisoformat(dob)
    if not error and _age(world, born) < YOUNGEST:
        error = "under_supported_age"
    session |= {
        "status": "processing",
        "url": None,
        "client_secret": None,
        "last_error": None,
        "_given": {"first_name": first_name, "last_name": last_name, "dob": dob, "error": error},
    }
    world.store.save(session)
    _tell(world, session)
    if world.options.verification_s:
        due = world.now() + world.options.verification_s
        world.store.schedule(at=due, what="identity_checked", ref=session["id"])
        return session
    return _decide(world, session)


def abandon(world: World, session: Json) -> Json:
    """The person left without handing anything in, and does not come back."""
    if session["status"] != "requires_input":
        raise errors.refused(f"This VerificationSession is {session['status']}.")
    return _send_back(world, session, "abandoned")


def end(world: World, session: Json, *, status: str) -> Json:
    session |= {"status": status, "url": None, "client_secret": None}
    world.store.save(session)
    _tell(world, session)
    return session


def checked(world: World, session_id: str) -> None:
    """The clock's work: the check has come to its end."""
    session = world.store.find(session_id, kind=KIND)
    if session is not None and session["status"] == "processing":
        _decide(world, session)


def told(session: Json) -> Json:
    """As an event carries it: without the address, which is for the person alone."""
    return session | {"url": None, "client_secret": None}


def _decide(world: World, session: Json) -> Json:
    given = session.pop("_given")
    session |= {"last_verification_report": world.ids.new("vr"), "_checked_at": world.now()}
    if given["error"]:
        return _send_back(world, session, given["error"])
    year, month, day = map(int, given["dob"].split("-"))
    nothing = dict.fromkeys(
        ("address", "email", "id_number", "id_number_type", "phone", "sex", "unparsed_place_of_birth",
         "unparsed_sex")
    )  # fmt: skip
    names = {name: given[name] for name in ("first_name", "last_name")}
    session["_outputs"] = nothing | names | {"dob": {"year": year, "month": month, "day": day}}
    return end(world, session, status="verified")


def _send_back(world: World, session: Json, code: str) -> Json:
    """It requires input again, and says why."""
    session |= {"status": "requires_input", "last_error": {"code": code, "reason": REASONS[code]}}
    give_address(world, session)
    world.store.save(session)
    _tell(world, session)
    return session


def _tell(world: World, session: Json) -> None:
    account = world.store.owner(session["id"]) or ""
    events.record(world, f"{KIND}.{session['status']}", told(session), account=account)


def _age(world: World, born: date) -> int:
    today = datetime.fromtimestamp(world.now(), UTC).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


DUE = {"identity_checked": checked}
