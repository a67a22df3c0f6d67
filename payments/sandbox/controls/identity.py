"""Controls for identity checks: what a person does on the hosted page, or does not."""

from payments.sandbox.controls.registry import Controls, named_object
from payments.sandbox.engine import Engine
from payments.sandbox.expand import public
from payments.sandbox.identity import checks
from payments.sandbox.wire import Json

controls = Controls()


@controls.add("POST", "identity/{session}/submit")
def submit_session(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Hand in a document of `first_name`, `last_name` and `dob`; with `error`, one of Stripe's codes, it fails so."""
    given = {"first_name": "Ann", "last_name": "Lee", "dob": "1990-01-01"} | body
    if given.keys() - {"first_name", "last_name", "dob", "error"}:
        raise ValueError("Known are first_name, last_name, dob and error.")
    with sandbox.lock, sandbox.transaction():
        session = named_object(sandbox, holes["session"], checks.KIND)
        return public(
            checks.submit(sandbox.world, session, **{name: str(value) for name, value in given.items()})
        )


@controls.add("POST", "identity/{session}/abandon")
def abandon_session(sandbox: Engine, holes: dict[str, str], _: Json) -> Json:
    """The person left, and Stripe has given up waiting."""
    with sandbox.lock, sandbox.transaction():
        session = named_object(sandbox, holes["session"], checks.KIND)
        return public(checks.abandon(sandbox.world, session))
