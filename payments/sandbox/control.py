"""The controls under `/_sandbox/`: JSON in, JSON out, for tests and for the desk's buttons.

A control that cannot be carried out answers 400 (or 404) with `{"error": {"message": …}}`.
"""

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from payments.sandbox import errors
from payments.sandbox.accounts import capabilities, lifecycle, onboarding
from payments.sandbox.accounts import v2 as accounts_v2
from payments.sandbox.clock import read_instant, rfc3339
from payments.sandbox.errors import ApiError
from payments.sandbox.expand import public
from payments.sandbox.money import books, checkout, disputes, payouts
from payments.sandbox.webhooks import delivery, endpoints
from payments.sandbox.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from payments.sandbox.sandbox import Sandbox

Control = Callable[["Sandbox", dict[str, str], Json], Json]

_CONTROLS: list[tuple[str, re.Pattern[str], Control]] = []
_SNAPSHOT_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _control(method: str, pattern: str) -> Callable[[Control], Control]:
    regex = re.compile("/_sandbox/" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))

    def keep(control: Control) -> Control:
        _CONTROLS.append((method, regex, control))
        return control

    return keep


def answer(sandbox: "Sandbox", request: Request) -> Reply:
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


def _object(sandbox: "Sandbox", object_id: str, kind: str) -> Json:
    found = sandbox.world.store.find(object_id, kind=kind)
    if found is None:
        raise errors.missing(kind, object_id)
    return found


@_control("GET", "health")
def show_health(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    return {
        "ok": True,
        "now": rfc3339(sandbox.world.clock.now()),
        "api_version": sandbox.world.options.api_version,
    }


@_control("GET", "clock")
def show_clock(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    clock = sandbox.world.clock
    return {
        "now": rfc3339(clock.now()),
        "unix": clock.now(),
        "offset_s": clock.offset_s,
        "frozen": clock.frozen_at is not None,
    }


@_control("POST", "clock")
def move_clock(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """`advance_s`, or `now` as ISO 8601 (forward only), and `frozen` true or false."""
    if body.keys() - {"advance_s", "now", "frozen"}:
        raise ValueError("Known are advance_s, now and frozen.")
    to = read_instant(body["now"]) if "now" in body else None
    by = float(body["advance_s"]) if "advance_s" in body else None
    sandbox.move_clock(to=to, by=by, frozen=body.get("frozen"))
    return show_clock(sandbox, holes, {})


@_control("GET", "books")
def show_books(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    """Every transfer, payout, top-up and balance, and whether the books balance."""
    with sandbox.lock:
        world, store = sandbox.world, sandbox.world.store
        balances: dict[str, Json] = {}
        for (account,) in store.db.execute(
            "SELECT DISTINCT account FROM object WHERE kind = 'balance_transaction'"
        ):
            balances[account] = {
                state: {
                    currency: sum(by_type.values())
                    for currency, by_type in books.held(world, account=account, state=state).items()
                }
                for state in ("available", "pending")
            }
        problems = books.problems(world)
        return {
            "ok": not problems,
            "problems": problems,
            "now": rfc3339(world.clock.now()),
            "transfers": [_transfer_line(t) for t in store.select("kind = 'transfer'")],
            "payouts": [
                {"account": store.owner(p["id"]), **_payout_line(p)} for p in store.select("kind = 'payout'")
            ],
            "topups": [public(topup) for topup in store.select("kind = 'topup'")],
            "charges": [
                {"account": store.owner(c["id"]), "id": c["id"], "amount": c["amount"], "status": c["status"]}
                for c in store.select("kind = 'charge' AND json_extract(body, '$.source_transfer') IS NULL")
            ],
            "balances": balances,
        }


def _transfer_line(transfer: Json) -> Json:
    names = ("id", "amount", "currency", "destination", "destination_payment", "transfer_group", "metadata",
             "reversed", "amount_reversed", "created", "description")  # fmt: skip
    return {name: transfer[name] for name in names}


def _payout_line(payout: Json) -> Json:
    names = (
        "id",
        "amount",
        "currency",
        "status",
        "automatic",
        "destination",
        "failure_code",
        "created",
        "arrival_date",
    )
    return {name: payout[name] for name in names}


@_control("POST", "accounts/{account}/onboard")
def onboard(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """Complete the hosted form with the given test values, good ones for the rest, and come back from it."""
    with sandbox.lock, sandbox.transaction():
        account = _object(sandbox, holes["account"], "account")
        onboarding.complete_onboarding(sandbox.world, account, body)
        onboarding.tell_returned(sandbox.world, account)
        return _show_account(sandbox, holes["account"])


def _show_account(sandbox: "Sandbox", account_id: str) -> Json:
    account = _object(sandbox, account_id, "account")
    include = ["configuration.recipient", "requirements", "identity", "defaults"]
    return accounts_v2.show(sandbox.world, account, include=include)


_LIFE: dict[str, Callable[["Sandbox", Json, Json], object]] = {
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
    "close": lambda sandbox, account, _: accounts_v2.close(sandbox.world, account),
}


@_control("POST", "accounts/{account}/{verb}")
def live(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """What Stripe does to an account: demand (requirement, deadline_s), meet, reject (reason), restrict, enable,
    close."""
    if holes["verb"] not in _LIFE:
        raise ValueError(f"An account can be: onboard, {', '.join(_LIFE)}.")
    with sandbox.lock, sandbox.transaction():
        _LIFE[holes["verb"]](sandbox, _object(sandbox, holes["account"], "account"), body)
        return _show_account(sandbox, holes["account"])


@_control("POST", "checkout/{session}/pay")
def pay_checkout(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """Pay a Checkout session with a test payment method; a decline is answered as Stripe words it."""
    with sandbox.lock, sandbox.transaction():
        session = _object(sandbox, holes["session"], "checkout.session")
        try:
            return public(
                checkout.pay_session(
                    sandbox.world, session, named=str(body.get("payment_method", "pm_card_bypassPending"))
                )
            )
        except ApiError as refusal:
            if refusal.keeps_effects:
                return refusal.document()
            raise


@_control("POST", "payouts/{payout}/fail")
def fail_payout(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """Let a payout fail now, whatever its bank account; `code` says why."""
    with sandbox.lock, sandbox.transaction():
        payout = _object(sandbox, holes["payout"], "payout")
        if payout["status"] in ("failed", "canceled"):
            raise ValueError(f"This payout is {payout['status']}.")
        return public(payouts.fail(sandbox.world, payout, code=str(body.get("code", "could_not_process"))))


@_control("POST", "charges/{charge}/dispute")
def dispute_charge(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """Have the customer's bank dispute a payment now."""
    with sandbox.lock, sandbox.transaction():
        charge, owner = (
            _object(sandbox, holes["charge"], "charge"),
            sandbox.world.store.owner(holes["charge"]),
        )
        if charge["status"] != "succeeded" or charge["disputed"] or owner is None:
            raise ValueError("Only a charge that succeeded and is not disputed yet can be disputed.")
        reason = str(body.get("reason", "fraudulent"))
        return disputes.open_dispute(sandbox.world, charge, account=owner, reason=reason)


@_control("POST", "balance")
def add_funds(sandbox: "Sandbox", _: dict[str, str], body: Json) -> Json:
    """Put money on an account's available balance at once: account, amount (minor units), currency, source_type."""
    account, amount = str(body["account"]), int(body["amount"])
    with sandbox.lock, sandbox.transaction():
        if sandbox.world.store.owner(account) is None:
            raise errors.missing("account", account)
        return public(
            books.record(
                sandbox.world,
                account=account,
                amount=amount,
                currency=str(body.get("currency", "usd")),
                kind="adjustment",
                category="other_adjustment",
                source=account,
                counterpart="world/banks",
                source_type=str(body.get("source_type", "card")),
                description="Added by the sandbox's controls",
            )
        )


@_control("GET", "faults")
def show_faults(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    return {"faults": sandbox.faults.shown()}


@_control("POST", "faults")
def add_fault(sandbox: "Sandbox", _: dict[str, str], body: Json) -> Json:
    """Set a fault; see faults.Fault for what can be ordered."""
    sandbox.faults.add(body)
    return {"faults": sandbox.faults.shown()}


@_control("DELETE", "faults")
def clear_faults(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    sandbox.faults.clear()
    return {"faults": []}


@_control("GET", "webhooks")
def show_webhooks(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    with sandbox.lock:
        disturbance = delivery.read_disturbance(sandbox.world)
        return {
            "disturbance": {name: getattr(disturbance, name) for name in delivery.Disturbance.__slots__},
            "endpoints": [
                {"id": e["id"], "url": e["url"], "kind": e["_kind"], "status": e["status"]}
                for e in sandbox.world.store.select(
                    "kind IN ('webhook_endpoint', 'v2.core.event_destination')"
                )
            ],
            "deliveries": delivery.shown(sandbox.world),
        }


@_control("POST", "webhooks")
def disturb_webhooks(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """duplicate, duplicate_distinct, drop, reorder (probabilities) and delay_s for deliveries from now on."""
    with sandbox.lock, sandbox.transaction():
        delivery.disturb(sandbox.world, body)
    return show_webhooks(sandbox, holes, {})


@_control("POST", "webhooks/endpoints")
def add_endpoint(sandbox: "Sandbox", _: dict[str, str], body: Json) -> Json:
    """An endpoint as on the command line: url, secret, kind platform|connect|thin, enabled_events."""
    with sandbox.lock, sandbox.transaction():
        endpoint = endpoints.add_configured(
            sandbox.world,
            url=str(body["url"]),
            secret=str(body["secret"]),
            kind=str(body.get("kind", "platform")),
            enabled=body.get("enabled_events"),
        )
        return {"id": endpoint["id"], "url": endpoint["url"], "kind": endpoint["_kind"]}


@_control("POST", "webhooks/{endpoint}/roll")
def roll_secret(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """A new signing secret; the old one signs along for `expire_s` seconds."""
    with sandbox.lock, sandbox.transaction():
        endpoint = sandbox.world.store.find(holes["endpoint"])
        if endpoint is None or "_secrets" not in endpoint:
            raise errors.missing("webhook endpoint", holes["endpoint"])
        secret = endpoints.roll_secret(sandbox.world, endpoint, expire_s=float(body.get("expire_s", 86_400)))
        return {"id": endpoint["id"], "secret": secret}


@_control("POST", "events/{event}/resend")
def resend_event(sandbox: "Sandbox", holes: dict[str, str], body: Json) -> Json:
    """Send an event once more, to `endpoint` or to everyone who wants it."""
    with sandbox.lock, sandbox.transaction():
        world = sandbox.world
        event = world.store.find(holes["event"])
        if event is None or event["object"] not in ("event", "v2.core.event"):
            raise errors.missing("event", holes["event"])
        owner = world.platform_of(world.store.owner(event["id"]) or "")
        chosen = [
            endpoint
            for endpoint in endpoints.listening(world, platform=owner)
            if body.get("endpoint") == endpoint["id"]
            or (body.get("endpoint") is None and endpoints.wants(endpoint, event))
        ]
        for endpoint in chosen:
            delivery.enqueue(world, endpoint, event)
        return {"event": event["id"], "deliveries": len(chosen)}


def _snapshot_name(body: Json) -> str:
    name = str(body.get("name", "default"))
    if not _SNAPSHOT_NAME.fullmatch(name):
        raise ValueError("A snapshot's name has letters, digits, - and _ only.")
    return name


@_control("POST", "snapshot")
def take_snapshot(sandbox: "Sandbox", _: dict[str, str], body: Json) -> Json:
    """Keep everything as it is under `name`."""
    with sandbox.lock:
        sandbox.world.store.snapshot(_snapshot_name(body))
    return {"name": _snapshot_name(body), "now": rfc3339(sandbox.world.clock.now())}


@_control("POST", "restore")
def restore_snapshot(sandbox: "Sandbox", _: dict[str, str], body: Json) -> Json:
    """Everything as it was at the snapshot of that name."""
    with sandbox.lock:
        if not sandbox.world.store.restore(_snapshot_name(body)):
            raise ValueError(f"There is no snapshot named {_snapshot_name(body)}.")
        sandbox.reload()
    return {"name": _snapshot_name(body), "now": rfc3339(sandbox.world.clock.now())}


@_control("POST", "verify")
def recheck_accounts(sandbox: "Sandbox", _: dict[str, str], __: Json) -> Json:
    """Finish every verification that is still running."""
    with sandbox.lock, sandbox.transaction():
        waiting = [
            account
            for account in sandbox.world.store.select("kind = 'account'")
            if account.get("verifying_until", 0) > sandbox.world.clock.now()
        ]
        for account in waiting:
            account["verifying_until"] = 0
            capabilities.settle(sandbox.world, account)
        return {"verified": [account["id"] for account in waiting]}
