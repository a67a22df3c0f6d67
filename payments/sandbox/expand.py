"""`expand[]`: ids replaced by the objects they name, up to four deep."""

from collections.abc import Callable

from payments.sandbox.errors import invalid
from payments.sandbox.wire import Json

LookUp = Callable[[str], Json | None]

_MAX_DEPTH = 4
# Fields that Stripe marks as expandable on the objects that this sandbox keeps, and in hashes within them by the
# hash's own name (x-expandableFields of its OpenAPI description).
EXPANDABLE = {
    "balance_transaction": {"source"},
    "charge": {
        "balance_transaction", "customer", "payment_intent", "refunds", "source_transfer", "transfer",
        "failure_balance_transaction", "on_behalf_of", "application", "review",
    },
    "capability": {"account"},
    "checkout.session": {"payment_intent", "customer", "line_items", "invoice", "setup_intent", "subscription"},
    "customer": {"default_source"},
    "customer_cash_balance_transaction": {"customer"},
    "dispute": {"charge", "payment_intent"},
    "identity.verification_session": {"last_verification_report", "verified_outputs"},
    "invoice": {
        "customer", "payments", "default_payment_method", "default_source", "latest_revision", "on_behalf_of",
    },
    "invoice_payment": {"invoice"},
    "invoice_settings": {"default_payment_method"},
    "invoiceitem": {"customer", "invoice"},
    "payment": {"payment_intent", "charge"},
    "payment_intent": {"latest_charge", "customer", "payment_method", "on_behalf_of", "application", "review"},
    "payout": {"balance_transaction", "destination", "failure_balance_transaction", "original_payout", "reversed_by"},
    "refund": {
        "balance_transaction", "charge", "payment_intent", "failure_balance_transaction",
        "source_transfer_reversal", "transfer_reversal",
    },
    "topup": {"balance_transaction"},
    "verified_outputs": {"address", "dob", "id_number"},
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


def _walk(look_up: LookUp, node: Json, parts: list[str], path: str, *, hash_name: str = "") -> None:
    head, *rest = parts
    kind = node.get("object", hash_name)
    if kind == "list" and head == "data":
        for item in node["data"]:
            if rest:
                _walk(look_up, item, rest, path)
        return
    if head not in EXPANDABLE.get(kind, ()) and not isinstance(node.get(head), dict):
        raise invalid(
            f"This property cannot be expanded ({path}). You may want to try expanding its parent object or "
            "look at the API reference for what can be.",
            param="expand",
        )
    within = node.get(head)
    if isinstance(within, str):
        within = node[head] = look_up(within) or within
    if rest and isinstance(within, dict):
        _walk(look_up, within, rest, path, hash_name=head)
