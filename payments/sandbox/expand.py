"""`expand[]`: ids replaced by the objects they name, up to four deep."""

from collections.abc import Callable

from payments.sandbox.errors import invalid
from payments.sandbox.wire import Json

LookUp = Callable[[str], Json | None]

_MAX_DEPTH = 4
# Fields that Stripe marks as expandable on the objects that this sandbox keeps (x-expandableFields of its
# OpenAPI description).
_EXPANDABLE = {
    "balance_transaction": {"source"},
    "charge": {
        "balance_transaction", "customer", "payment_intent", "refunds", "source_transfer", "transfer",
        "failure_balance_transaction", "on_behalf_of", "application", "review",
    },
    "checkout.session": {"payment_intent", "customer", "line_items", "invoice", "setup_intent", "subscription"},
    "dispute": {"charge", "payment_intent"},
    "invoice": {"customer", "payment_intent", "charge", "payments", "default_payment_method"},
    "payment_intent": {"latest_charge", "customer", "payment_method", "on_behalf_of", "application", "review"},
    "payout": {"balance_transaction", "destination", "failure_balance_transaction", "original_payout", "reversed_by"},
    "refund": {
        "balance_transaction", "charge", "payment_intent", "failure_balance_transaction",
        "source_transfer_reversal", "transfer_reversal",
    },
    "topup": {"balance_transaction"},
    "transfer": {"balance_transaction", "destination", "destination_payment", "source_transaction", "reversals"},
    "transfer_reversal": {"balance_transaction", "destination_payment_refund", "source_refund", "transfer"},
    "bank_account": {"account", "customer"},
    "payment_method": {"customer"},
}  # fmt: skip


def public(document: Json) -> Json:
    """The document without what only the sandbox knows of it (names that begin with an underscore)."""
    return {key: value for key, value in document.items() if not key.startswith("_")}


def expand(document: Json, paths: list[str], *, look_up: LookUp) -> Json:
    """`document` with the named ids replaced by what `look_up` finds; raises Stripe's error on a field that cannot be."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > _MAX_DEPTH:
            raise invalid(
                f"You cannot expand more than {_MAX_DEPTH} levels of a property ({path}).", param="expand"
            )
        _walk(look_up, document, parts, path)
    return document


def _walk(look_up: LookUp, node: Json, parts: list[str], path: str) -> None:
    head, *rest = parts
    if node.get("object") == "list" and head == "data":
        for item in node["data"]:
            if rest:
                _walk(look_up, item, rest, path)
        return
    if head not in node or not (
        isinstance(node[head], dict) or head in _EXPANDABLE.get(node.get("object", ""), ())
    ):
        raise invalid(
            f"This property cannot be expanded ({path}). You may want to try expanding its parent object or "
            "look at the API reference for what can be.",
            param="expand",
        )
    if isinstance(node[head], str):
        node[head] = look_up(node[head]) or node[head]
    if rest and isinstance(node[head], dict):
        _walk(look_up, node[head], rest, path)
