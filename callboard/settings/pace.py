"""How many requests a minute: the one table. `kit/http/pacing.py` counts, `PACE_…` in the environment changes a line."""

from environ import Env

_env = Env()
# The busiest hour of a week, several times over: a company's office behind one address, a producer who answers a hundred
# applicants, a program that reads a week, a room's beats and news every few seconds.
_A_MINUTE = {
    "address": 3_000,  # whoever is behind it, logged in or not; webhooks are signed and not counted
    "account": 600,  # one person: every call of the API, and what a page sends
    "key": 1_200,  # one company's program
    "export": 5,  # one person's whole data: seconds of work
    "upload": 1_200,  # one person's recordings as they come in, a second of them a request, and what an earlier visit left
    "room": 900,  # one person in a session's room: apart, so that nothing else keeps a beat or a stop out
}


def pace(*, times: int = 1) -> dict[str, int]:
    """Requests a minute by scope; `times` as many where nobody is a stranger."""
    return {scope: _env.int(f"PACE_{scope.upper()}", most * times) for scope, most in _A_MINUTE.items()}
