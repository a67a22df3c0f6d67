"""Controls for accounts: what a person does on the hosted form, and what Stripe does afterwards."""

from collections.abc import Callable

from payments.sandbox.accounts import changes, lifecycle, onboarding
from payments.sandbox.accounts import v2 as accounts_v2
from payments.sandbox.controls.registry import Controls, named_object
from payments.sandbox.engine import Engine
from payments.sandbox.money import schedules
from payments.sandbox.wire import Json

controls = Controls()


@controls.add("POST", "accounts/{account}/onboard")
def onboard(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """Complete the hosted form with the given test values, good ones for the rest, and come back from it."""
    with sandbox.lock, sandbox.transaction():
        account = named_object(sandbox, holes["account"], "account")
        onboarding.complete_onboarding(sandbox.world, account, body)
        onboarding.tell_returned(sandbox.world, account)
        return _show_account(sandbox, holes["account"])


def _show_account(sandbox: Engine, account_id: str) -> Json:
    account = named_object(sandbox, account_id, "account")
    include = ["configuration.recipient", "requirements", "identity", "defaults"]
    return accounts_v2.show(sandbox.world, account, include=include)


_LIFE: dict[str, Callable[[Engine, Json, Json], object]] = {
    "demand": lambda sandbox, account, body: lifecycle.demand(
        sandbox.world,
        account,
        name=str(body.get("requirement", "identity.individual.documents.primary_verification")),
        deadline_s=float(body.get("deadline_s", 14 * 86_400)),
    ),
    "meet": lambda sandbox, account, _: lifecycle.meet_demands(sandbox.world, account),
    "reject": lambda sandbox, account, body: lifecycle.reject(
        sandbox.world, account, reason=str(body.get("reason", "fraud"))
    ),
    "restrict": lambda sandbox, account, _: lifecycle.restrict(sandbox.world, account, restricted=True),
    "enable": lambda sandbox, account, _: lifecycle.enable(sandbox.world, account),
    "manual": lambda sandbox, account, _: schedules.by_hand(sandbox.world, account),
    "live": lambda sandbox, account, _: lifecycle.go_live(sandbox.world, account),
    "close": lambda sandbox, account, _: accounts_v2.close(sandbox.world, account),
}


@controls.add("POST", "accounts/{account}/{verb}")
def live(sandbox: Engine, holes: dict[str, str], body: Json) -> Json:
    """What Stripe does to an account: demand (requirement, deadline_s), meet, reject (reason), restrict, enable,
    close, live, manual (its payouts are made by hand)."""
    if holes["verb"] not in _LIFE:
        raise ValueError(f"An account can be: onboard, {', '.join(_LIFE)}.")
    with sandbox.lock, sandbox.transaction():
        _LIFE[holes["verb"]](sandbox, named_object(sandbox, holes["account"], "account"), body)
        return _show_account(sandbox, holes["account"])


@controls.add("POST", "verify")
def recheck_accounts(sandbox: Engine, _: dict[str, str], __: Json) -> Json:
    """Finish every verification that is still running."""
    with sandbox.lock, sandbox.transaction():
        waiting = [
            account
            for account in sandbox.world.store.select("kind = 'account'")
            if account.get("verifying_until", 0) > sandbox.world.clock.now()
        ]
        for account in waiting:
            account["verifying_until"] = 0
            changes.settle(sandbox.world, account)
        return {"verified": [account["id"] for account in waiting]}
